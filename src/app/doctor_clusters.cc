#include "app/doctor_clusters.h"

#include <algorithm>
#include <set>
#include <utility>

#include "app/zones.h"
#include "base/ranges.h"
#include "base/text.h"
#include "core/model/resource_names.h"
#include "core/readiness/k3s_age.h"
#include "core/readiness/offerings.h"
#include "core/readiness/quotas.h"

namespace k3fleet::app {

namespace {

using readiness::Check;
using readiness::CheckResult;
using readiness::Limit;
using readiness::Quota;
using readiness::Use;
using Intents = std::vector<model::ClusterIntent>;
using Limits = std::array<Limit, readiness::kQuotas.size()>;
using Uses = std::array<Use, readiness::kQuotas.size()>;

constexpr int kMaxPages = 100;
constexpr int kPage = 1000;

// Every item of every page. OutOfRange is no error of AWS: there is more than anybody wants to see.
Result<std::vector<Value>> read_all(ports::AwsAccount& account, const std::string& operation, Value request,
                                    std::string_view member) {
    std::vector<Value> items;
    for (int page = 0; page < kMaxPages; ++page) {
        const Value answer = K3F_TRY(account.call("ec2", operation, request));
        if (const Value* list = answer.find(member); list != nullptr && list->is_array())
            items.insert(items.end(), list->items().begin(), list->items().end());
        const std::string next = answer.string_at("NextToken");
        if (next.empty()) return items;
        request.set("NextToken", next);
    }
    return fail(ErrorCode::Refused, format("more than {} pages of {}", kMaxPages, operation));
}

Value filter(std::string_view name, const std::vector<std::string>& values) {
    Value list = Value::array();
    for (const std::string& value : values) list.push(value);
    return Value::object({{"Name", name}, {"Values", std::move(list)}});
}

std::string tag(const Value& item, std::string_view key) {
    const Value* tags = item.find("Tags");
    if (tags == nullptr || !tags->is_array()) return "";
    for (const Value& each : tags->items())
        if (each.string_at("Key") == key) return each.string_at("Value");
    return "";
}

bool belongs(const Value& item, const Intents& clusters) {
    namespace names = model::names;
    return std::ranges::any_of(clusters, [&](const model::ClusterIntent& intent) {
        return tag(item, names::kProjectTag) == intent.project.str() &&
               tag(item, names::kClusterTag) == intent.name.str();
    });
}

Use& of(Uses& uses, Quota quota) { return uses[static_cast<std::size_t>(quota)]; }

Use count(const Result<std::vector<Value>>& items, const Intents& clusters) {
    Use use;
    if (!items) {
        use.not_known = items.error().describe();
        return use;
    }
    for (const Value& item : *items) ++(belongs(item, clusters) ? use.own : use.others);
    return use;
}

void count_machine(const Value& machine, const Intents& clusters, Uses& uses) {
    const std::string type = machine.string_at("InstanceType");
    if (!readiness::is_standard(type)) return;
    const bool spot = machine.string_at("InstanceLifecycle") == "spot";
    Use& use = of(uses, spot ? Quota::SpotVcpus : Quota::OnDemandVcpus);
    const int vcpus = readiness::vcpus_of(type, cost::Catalogue::builtin());
    if (vcpus < 0)
        ++use.uncounted;
    else
        (belongs(machine, clusters) ? use.own : use.others) += vcpus;
}

Uses read_uses(ports::AwsAccount& account, const Intents& clusters) {
    Uses uses;
    const Value paged = Value::object({{"MaxResults", kPage}});
    of(uses, Quota::Vpcs) = count(read_all(account, "DescribeVpcs", paged, "Vpcs"), clusters);
    of(uses, Quota::Addresses) =
        count(read_all(account, "DescribeAddresses", Value::object(), "Addresses"), clusters);
    Value running = paged;
    running.set("Filters", Value::array({filter("instance-state-name", {"pending", "running"})}));
    const auto reservations = read_all(account, "DescribeInstances", std::move(running), "Reservations");
    if (!reservations) {
        for (const Quota quota : {Quota::OnDemandVcpus, Quota::SpotVcpus})
            of(uses, quota).not_known = reservations.error().describe();
        return uses;
    }
    for (const Value& reservation : *reservations)
        if (const Value* machines = reservation.find("Instances");
            machines != nullptr && machines->is_array())
            for (const Value& machine : machines->items()) count_machine(machine, clusters, uses);
    return uses;
}

// That no quota is applied to this account is no failure: then AWS's default holds. `operation`: asked last.
Result<Limit> read_limit(ports::AwsAccount& account, const readiness::QuotaFact& fact,
                         std::string& operation) {
    const Value request = Value::object({{"ServiceCode", fact.service_code}, {"QuotaCode", fact.code}});
    Limit::From from = Limit::From::Applied;
    operation = "GetServiceQuota";
    auto answer = account.call("service-quotas", operation, request);
    if (!answer && answer.error().provider_code == "NoSuchResourceException") {
        from = Limit::From::AwsDefault;
        operation = "GetAWSDefaultServiceQuota";
        answer = account.call("service-quotas", operation, request);
    }
    if (!answer) return std::unexpected(answer.error());
    const Value* quota = answer->find("Quota");
    const Value* value = quota == nullptr ? nullptr : quota->find("Value");
    if (value == nullptr || !value->as_double())
        return fail(ErrorCode::Corrupt, format("AWS's answer has no value of quota {}", fact.code));
    return Limit{.value = *value->as_double(), .from = from};
}

// What cannot be read stays at what AWS documents. The first failure is told, and what may have failed for
// the same reason is not asked for.
Check read_limits(ports::AwsAccount& account, Limits& limits) {
    Check check{.name = "may read quotas",
                .result = CheckResult::Ok,
                .found = "servicequotas:GetServiceQuota",
                .fix = ""};
    for (std::size_t i = 0; i < limits.size(); ++i) {
        const readiness::QuotaFact& fact = readiness::kQuotas[i];
        limits[i] = {.value = static_cast<double>(fact.documented), .from = Limit::From::Documented};
        if (check.result != CheckResult::Ok) continue;
        std::string operation;
        const auto limit = read_limit(account, fact, operation);
        if (limit) {
            limits[i] = *limit;
            continue;
        }
        const bool denied = limit.error().code == ErrorCode::PermissionDenied;
        check.result = denied ? CheckResult::Warning : CheckResult::NotChecked;
        check.found = format("servicequotas:{}: {}", operation, denied ? "denied" : limit.error().describe());
        if (denied) check.fix = format("allow servicequotas:{}", operation);
    }
    return check;
}

std::string askers(const Intents& clusters, bool usual) {
    if (usual) return "a dev cluster needs";
    std::vector<std::string> names;
    for (const model::ClusterIntent& intent : clusters) names.push_back(intent.name.str());
    return format("{} {}", join(names, ", "), names.size() == 1 ? "needs" : "need");
}

void check_quotas(ports::AwsAccount& account, const Intents& clusters, bool usual,
                  std::vector<Check>& checks) {
    readiness::Needs needs{};
    for (const model::ClusterIntent& intent : clusters) {
        const auto need = readiness::needs_of(intent, cost::Catalogue::builtin());
        if (need) {
            readiness::add(needs, *need);
            continue;
        }
        checks.push_back({intent.name.str() + ": network", CheckResult::Failed, need.error().describe(), ""});
    }
    Limits limits;
    checks.push_back(read_limits(account, limits));
    const Uses uses = read_uses(account, clusters);
    for (std::size_t i = 0; i < limits.size(); ++i)
        checks.push_back(
            readiness::check_quota(readiness::kQuotas[i], limits[i], uses[i], needs[i],
                                   {.who = askers(clusters, usual), .region = account.region()}));
}

Result<readiness::OfferedIn> read_offerings(ports::AwsAccount& account, const Intents& clusters) {
    std::set<std::string> types;
    for (const model::ClusterIntent& intent : clusters) types.merge(readiness::types_of(intent));
    const Value request =
        Value::object({{"LocationType", "availability-zone"},
                       {"Filters", Value::array({filter("instance-type", {types.begin(), types.end()})})}});
    readiness::OfferedIn offered;
    const auto rows =
        K3F_TRY(read_all(account, "DescribeInstanceTypeOfferings", request, "InstanceTypeOfferings"));
    for (const Value& row : rows) offered[row.string_at("InstanceType")].insert(row.string_at("Location"));
    return offered;
}

void check_zones(ports::AwsAccount& account, const Intents& clusters, std::vector<Check>& checks) {
    const auto zones = read_zones(account);
    const auto offered = zones ? read_offerings(account, clusters) : readiness::OfferedIn{};
    if (!zones || !offered) {
        const Error& error = zones ? offered.error() : zones.error();
        checks.push_back({"zones", CheckResult::NotChecked, error.describe(), ""});
        return;
    }
    for (const model::ClusterIntent& intent : clusters) {
        auto found = readiness::check_offerings(intent, *zones, *offered);
        std::ranges::move(found, std::back_inserter(checks));
    }
}

}  // namespace

model::ClusterIntent usual_cluster(const std::string& region) {
    model::ClusterIntent intent{
        .project = model::ProjectName("dev"), .name = model::ClusterName("dev"), .region = region};
    intent.pools = {{.name = model::PoolName("default"), .instance_types = {"t4g.medium"}}};
    return intent;
}

std::vector<Check> examine_clusters(ports::AwsAccount& account, Asking asking, const Intents& clusters,
                                    Timestamp now) {
    const bool usual = clusters.empty();
    std::vector<Check> checks;
    Intents here;
    for (const model::ClusterIntent& intent : usual ? Intents{usual_cluster(account.region())} : clusters) {
        if (asking == Asking::Pointless || intent.region == account.region())
            here.push_back(intent);
        else
            checks.push_back({intent.name.str() + ": region", CheckResult::Failed,
                              format("its file says {}, and this is {}", intent.region, account.region()),
                              "add --region " + intent.region});
    }
    if (asking == Asking::Pointless) {
        for (const char* name : {"quotas", "zones"})
            checks.push_back({name, CheckResult::NotChecked, "see above", ""});
    } else if (!here.empty()) {
        check_quotas(account, here, usual, checks);
        check_zones(account, here, checks);
    }
    const readiness::K3sVersions& versions = readiness::k3s_versions();
    if (usual) checks.push_back(readiness::maintained_k3s(versions, now));
    for (const model::ClusterIntent& intent : clusters)
        checks.push_back(
            readiness::check_k3s(intent.name.str() + ": K3s", intent.k3s_version, versions, now));
    return checks;
}

}  // namespace k3fleet::app
