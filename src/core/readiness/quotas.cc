#include "core/readiness/quotas.h"

#include <algorithm>
#include <cmath>

#include "base/ranges.h"
#include "base/text.h"
#include "core/resources/graph.h"

namespace k3fleet::readiness {

namespace {

constexpr std::size_t at(Quota quota) { return static_cast<std::size_t>(quota); }

int count(const resources::Graph& graph, std::string_view type) {
    return static_cast<int>(std::ranges::count(graph.resources, type, &resources::Resource::type));
}

// What is really made: the graph that `cluster create` carries out. Zones do not change how many.
Result<resources::Graph> graph_of(const model::ClusterIntent& intent) {
    const resources::ClusterInput input{.scope = {.project = intent.project,
                                                  .cluster = intent.name,
                                                  .account = "000000000000",
                                                  .region = intent.region,
                                                  .home_region = intent.region},
                                        .intent = intent,
                                        .zones = {intent.region + "a", intent.region + "b"},
                                        .policy = [](std::string_view) { return resources::RolePolicies{}; },
                                        .code = {}};
    return resources::cluster_graph(input);
}

int standard_vcpus(std::string_view type, const cost::Catalogue& catalogue) {
    return is_standard(type) ? std::max(0, vcpus_of(type, catalogue)) : 0;
}

void add_pool(Needs& needs, const model::NodePool& pool, const cost::Catalogue& catalogue) {
    if (pool.instance_types.empty()) return;
    std::vector<int> sizes;
    for (const std::string& type : pool.instance_types) sizes.push_back(standard_vcpus(type, catalogue));
    const auto [smallest, largest] = std::ranges::minmax(sizes);
    const int least_spot = pool.min * pool.spot_percent / 100;
    const int most_spot = pool.max * pool.spot_percent / 100;
    Need& spot = needs[at(Quota::SpotVcpus)];
    spot.least += least_spot * smallest;
    spot.most += most_spot * largest;
    Need& on_demand = needs[at(Quota::OnDemandVcpus)];
    on_demand.least += (pool.min - least_spot) * smallest;
    on_demand.most += (pool.max - most_spot) * largest;
}

bool of_vcpus(Quota quota) { return quota == Quota::OnDemandVcpus || quota == Quota::SpotVcpus; }

// "1", "8 to 16", "none"
std::string text_of(const Need& need) {
    if (need.most == 0) return "none";
    if (need.least == need.most) return std::to_string(need.most);
    return format("{} to {}", need.least, need.most);
}

std::string text_of(const Limit& limit) {
    std::string value = format("{}", static_cast<long long>(std::floor(limit.value)));
    switch (limit.from) {
        case Limit::From::Applied: return value;
        case Limit::From::AwsDefault: return value + " (AWS's default)";
        case Limit::From::Documented: return value + " (default, not read)";
    }
    return value;
}

std::string text_of(const Use& use) {
    if (!use.not_known.empty()) return format("how many are used is not known ({})", use.not_known);
    const std::string used = format("{}{} used", use.uncounted > 0 ? "at least " : "", use.others);
    return use.own > 0 ? format("{} by others, {} held already", used, use.own) : used;
}

CheckResult judge(Quota quota, const Limit& limit, const Use& use, const Need& need) {
    if (need.most == 0) return CheckResult::Ok;
    const bool certain = limit.from != Limit::From::Documented;
    const double left = limit.value - use.others;
    if (left < need.least)
        return certain && quota != Quota::SpotVcpus ? CheckResult::Failed : CheckResult::Warning;
    if (left < need.most) return CheckResult::Warning;
    const bool all_known = certain && use.not_known.empty() && use.uncounted == 0;
    return all_known ? CheckResult::Ok : CheckResult::NotChecked;
}

std::string advice(const QuotaFact& fact, const Use& use, const Need& need, const Askers& askers) {
    return format(
        "ask for more: aws service-quotas request-service-quota-increase --service-code {} --quota-code {} "
        "--desired-value {} --region {}\n(in the console: Service Quotas, {})\n{}",
        fact.service_code, fact.code, use.others + need.most, askers.region, fact.title, fact.otherwise);
}

}  // namespace

bool is_standard(std::string_view instance_type) {
    constexpr auto kStandard =
        std::to_array<std::string_view>({"a", "c", "d", "h", "i", "im", "is", "m", "r", "t", "z"});
    const auto letters = instance_type.substr(0, instance_type.find_first_of("0123456789-."));
    return contains(kStandard, letters);
}

int vcpus_of(std::string_view instance_type, const cost::Catalogue& catalogue) {
    const cost::InstanceType* type = catalogue.find(instance_type);
    return type == nullptr ? -1 : static_cast<int>(type->cpu.count / 1000);
}

Result<Needs> needs_of(const model::ClusterIntent& intent, const cost::Catalogue& catalogue) {
    const resources::Graph graph = K3F_TRY(graph_of(intent));
    Needs needs{};
    const auto always = [&](Quota quota, int n) {
        needs[at(quota)].least += n;
        needs[at(quota)].most += n;
    };
    always(Quota::Vpcs, count(graph, "AWS::EC2::VPC"));
    always(Quota::Addresses, count(graph, "AWS::EC2::EIP"));
    always(Quota::OnDemandVcpus, intent.masters() * standard_vcpus(intent.master_type, catalogue));
    if (intent.network.egress == model::Egress::NatInstance)
        always(Quota::OnDemandVcpus, standard_vcpus(model::kNatType, catalogue));
    for (const model::NodePool& pool : intent.pools) add_pool(needs, pool, catalogue);
    return needs;
}

void add(Needs& sum, const Needs& needs) {
    for (std::size_t i = 0; i < sum.size(); ++i) {
        sum[i].least += needs[i].least;
        sum[i].most += needs[i].most;
    }
}

Check check_quota(const QuotaFact& fact, const Limit& limit, const Use& use, const Need& need,
                  const Askers& askers) {
    Check check{.name = format("quota: {}", fact.name),
                .result = judge(fact.quota, limit, use, need),
                .found = format("{}, {}; {} {}", text_of(limit), text_of(use), askers.who, text_of(need)),
                .fix = ""};
    const bool short_of = check.result == CheckResult::Failed || check.result == CheckResult::Warning;
    if (short_of) check.fix = advice(fact, use, need, askers);
    const double left = std::floor(limit.value) - use.others;
    if (short_of && of_vcpus(fact.quota) && left >= need.least)
        check.found += format(": {} are left", static_cast<long long>(left));
    return check;
}

}  // namespace k3fleet::readiness
