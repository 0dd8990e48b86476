#include "app/doctor.h"

#include <algorithm>
#include <array>

#include "app/machine.h"
#include "base/ranges.h"
#include "base/text.h"

namespace k3fleet::app {

namespace {

// AWS refuses signatures whose time is more than five minutes off
// (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-troubleshooting.html). The client corrects
// itself, but tokens and certificates do not.
constexpr Duration kClockWarning = std::chrono::seconds{30};
constexpr Duration kClockLimit = std::chrono::minutes{5};
constexpr Duration kSoon = std::chrono::minutes{15};

// One right that the program needs, and a call that shows whether it is there.
struct Probe {
    const char* name;
    const char* service;
    const char* operation;
    enum class Kind { Read, DryRun } kind;
    Value request;
};

std::vector<Probe> probes() {
    const auto dry = [](Value request) {
        request.set("DryRun", true);
        return request;
    };
    const Value tag = Value::object({{"Key", "Project"}, {"Value", "k3fleet-doctor"}});
    const auto tagged = [&](const char* kind) {
        return Value::array({Value::object({{"ResourceType", kind}, {"Tags", Value::array({tag})}})});
    };
    using enum Probe::Kind;
    return {
        {"see instances", "ec2", "DescribeInstances", Read, Value::object({{"MaxResults", 5}})},
        {"see roles", "iam", "ListRoles", Read, Value::object({{"MaxItems", 1}})},
        {"see tables", "dynamodb", "ListTables", Read, Value::object({{"Limit", 1}})},
        {"see functions", "lambda", "ListFunctions", Read, Value::object({{"MaxItems", 1}})},
        {"see buckets", "s3", "ListBuckets", Read, Value::object({})},
        {"make a network", "ec2", "CreateVpc", DryRun,
         dry(Value::object({{"CidrBlock", "10.255.0.0/28"}, {"TagSpecifications", tagged("vpc")}}))},
        {"take an address", "ec2", "AllocateAddress", DryRun,
         dry(Value::object({{"Domain", "vpc"}, {"TagSpecifications", tagged("elastic-ip")}}))},
    };
}

std::string lasting(Timestamp until, Timestamp now) {
    return format("valid for {}", to_rough_string(until - now));
}

Check check_region(ports::AwsAccount& account) {
    if (account.region().empty())
        return {"region", CheckResult::Failed, "none is chosen",
                "give --region, or set AWS_REGION, or 'region = ...' in the profile"};
    return {"region", CheckResult::Ok, account.region(), ""};
}

Check check_credentials(ports::AwsAccount& account, Timestamp now) {
    const auto found = account.credentials();
    if (!found) {
        const auto lines = split(found.error().message, '\n');
        std::string fix;
        for (std::size_t i = 1; i < lines.size(); ++i) fix += (i > 1 ? "\n" : "") + lines[i];
        return {"credentials", CheckResult::Failed, lines.front(), fix};
    }
    std::string text = format("{}, key {}", found->source, found->access_key_id);
    if (!found->expires_at) return {"credentials", CheckResult::Ok, text, ""};
    text += ", " + lasting(*found->expires_at, now);
    if (*found->expires_at - now < kSoon)
        return {"credentials", CheckResult::Warning, text, "renew them before anything that takes longer"};
    return {"credentials", CheckResult::Ok, text, ""};
}

// Reachable, accepted, and who: one call says all three.
Check check_identity(ports::AwsAccount& account) {
    const auto url = account.endpoint("sts");
    const std::string where = url ? *url : "sts";
    const auto answer = account.call("sts", "GetCallerIdentity", Value::object());
    if (!answer) {
        const Error& error = answer.error();
        if (error.code == ErrorCode::Unavailable || error.code == ErrorCode::DeadlineExceeded)
            return {"connection", CheckResult::Failed, format("{}: {}", where, error.describe()),
                    "check the network, HTTPS_PROXY and AWS_ENDPOINT_URL"};
        return {"identity", CheckResult::Failed, error.describe(),
                "these credentials are not valid there: log in again, or choose another --profile"};
    }
    const std::string arn = answer->string_at("Arn");
    const std::string id = answer->string_at("Account");
    if (arn.empty() || id.empty())
        return {"identity", CheckResult::Failed, format("{} gave an answer without account and ARN", where),
                "is AWS_ENDPOINT_URL that of AWS?"};
    if (arn.ends_with(":root"))
        return {"identity", CheckResult::Warning, format("the root user of account {}", id),
                "use a role or an IAM user: root's rights cannot be limited"};
    return {"identity", CheckResult::Ok, format("account {}, {}", id, arn), ""};
}

Check check_clock(const ports::AwsAccount& account) {
    const auto offset = account.clock_offset();
    if (!offset) return {"clock", CheckResult::NotChecked, "no answer carried a time", ""};
    const Duration off = std::chrono::abs(*offset);
    if (off < std::chrono::seconds{2}) return {"clock", CheckResult::Ok, "agrees with AWS", ""};
    const std::string found =
        format("{} {} AWS", to_rough_string(off), offset->count() > 0 ? "behind" : "ahead of");
    const char* fix = "set the clock: 'timedatectl set-ntp true' on most systems";
    if (off >= kClockLimit) return {"clock", CheckResult::Failed, found, fix};
    if (off >= kClockWarning) return {"clock", CheckResult::Warning, found, fix};
    return {"clock", CheckResult::Ok, found, ""};
}

Check check_right(ports::AwsAccount& account, const Probe& probe) {
    const std::string name = format("may {}", probe.name);
    const std::string action = format("{}:{}", probe.service, probe.operation);
    const auto answer = account.call(probe.service, probe.operation, probe.request);
    const std::string how = probe.kind == Probe::Kind::DryRun ? action + ", dry run" : action;
    if (answer && probe.kind == Probe::Kind::DryRun)
        return {name, CheckResult::Warning, how + " was carried out: this server ignores DryRun",
                "remove what it made; AWS itself would not have made it"};
    if (answer) return {name, CheckResult::Ok, how, ""};
    const Error& error = answer.error();
    // AWS's way to say yes: "Request would have succeeded, but DryRun flag is set".
    if (error.provider_code == "DryRunOperation") return {name, CheckResult::Ok, how, ""};
    if (error.code == ErrorCode::PermissionDenied)
        return {name, CheckResult::Failed, format("{}: denied", how), format("allow {}", action)};
    return {name, CheckResult::NotChecked, format("{}: {}", how, error.describe()), ""};
}

}  // namespace

Check check_plugin(const Result<std::string>& version) {
    if (!version) return {"session plugin", CheckResult::Warning, "none here", plugin_advice()};
    const std::string found = format("session-manager-plugin {}", *version);
    if (plugin_suffices(*version)) return {"session plugin", CheckResult::Ok, found, ""};
    return {"session plugin", CheckResult::Warning, found + " is too old", plugin_advice()};
}

bool answered(const std::vector<Check>& checks) {
    constexpr auto kNeeded =
        std::to_array<std::string_view>({"region", "credentials", "connection", "identity"});
    return std::ranges::none_of(checks, [&](const Check& check) {
        return check.result == CheckResult::Failed && contains(kNeeded, check.name);
    });
}

std::vector<Check> examine(ports::AwsAccount& account, ports::Clock& clock) {
    std::vector<Check> checks;
    const auto stop_at = [&](Check check) {
        const bool failed = check.result == CheckResult::Failed;
        checks.push_back(std::move(check));
        return failed;
    };
    bool stopped = stop_at(check_region(account)) || stop_at(check_credentials(account, clock.now()));
    if (!stopped) {
        stopped = stop_at(check_identity(account));
        checks.push_back(check_clock(account));  // May be why AWS refused.
    }
    for (const Probe& probe : probes()) {
        if (stopped)
            checks.push_back({format("may {}", probe.name), CheckResult::NotChecked, "see above", ""});
        else
            checks.push_back(check_right(account, probe));
    }
    return checks;
}

}  // namespace k3fleet::app
