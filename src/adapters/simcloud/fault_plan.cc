#include "adapters/simcloud/fault_plan.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "base/text.h"

namespace k3fleet::simcloud {
namespace {

constexpr auto minutes(std::int64_t n) { return std::chrono::minutes{n}; }

// "spot" of "*/*/spot": what is sold out, in words.
std::string scarcity(const std::string& pattern) {
    const auto parts = split(pattern, '/');
    if (parts.size() != 3) return "no capacity";
    std::string text = "no capacity";
    if (parts[2] != "*") text = format("no {} capacity", parts[2]);
    if (parts[0] != "*") text += " for " + parts[0];
    if (parts[1] != "*") text += " in " + parts[1];
    return text;
}

// What becomes of the calls that a fault strikes.
std::string_view fate(CallFault fault) {
    switch (fault) {
        case CallFault::Throttled: return "are throttled";
        case CallFault::ServerError: return "end with a server error";
        case CallFault::Unsent: return "find no connection";
        case CallFault::LostAnswer: return "lose their answer";
        case CallFault::Slow: return "are slow";
        case CallFault::Expired: return "find their credentials expired";
        case CallFault::Conflict: return "meet a conflict";
        case CallFault::Stale: return "get an old answer";
        case CallFault::Nonsense: return "get numbers that make no sense";
        case CallFault::Reset: return "get rates of counters that began anew";
    }
    return "";
}

}  // namespace

Fault draw_fault(Dice dice, Timestamp from, Timestamp to, const Targets& targets) {
    struct Choice {
        FaultKind kind;
        Duration longest;
    };
    static constexpr Choice kChoices[] = {
        {FaultKind::MetricsOutage, minutes(60)},    {FaultKind::ApiDown, minutes(20)},
        {FaultKind::SlowToShow, minutes(90)},       {FaultKind::ShortPages, minutes(90)},
        {FaultKind::VcpuQuota, minutes(60)},        {FaultKind::NoCapacity, minutes(60)},
        {FaultKind::ZoneDown, minutes(60)},         {FaultKind::NodeFlap, minutes(4)},
        {FaultKind::NodeFlap, minutes(4)},          {FaultKind::MachineDies, minutes(30)},
        {FaultKind::MachineDies, minutes(30)},      {FaultKind::SpotInterruption, minutes(30)},
        {FaultKind::SpotInterruption, minutes(30)}, {FaultKind::NeverJoins, minutes(120)},
    };
    const Choice choice = dice.one_of(kChoices);
    Fault fault{.kind = choice.kind};
    if (fault.kind == FaultKind::ZoneDown && targets.losable_zones.empty()) fault.kind = FaultKind::NodeFlap;
    fault.at = from + dice.span(Duration::zero(), to - from);
    fault.duration = dice.span(minutes(1), choice.longest);
    fault.duration = std::min<Duration>(fault.duration, to - fault.at + std::chrono::seconds{1});
    switch (fault.kind) {
        case FaultKind::NoCapacity:
            fault.argument = dice.one_of(std::vector<std::string>{
                "*/*/spot", format("*/{}/*", targets.zones.front()), "*/*/*", targets.type + "/*/*"});
            break;
        case FaultKind::ZoneDown: fault.argument = dice.one_of(targets.losable_zones); break;
        case FaultKind::VcpuQuota: fault.argument = dice.one_of({"", "spot", "on-demand"}); break;
        case FaultKind::MachineDies:
            fault.argument = targets.masters_die
                                 ? dice.one_of({"worker", "worker", "worker", "nat", "master"})
                                 : dice.one_of({"worker", "worker", "worker", "nat"});
            break;
        default: break;
    }
    return fault;
}

CallTrouble draw_trouble(Dice dice, Timestamp from, Timestamp to) {
    static constexpr std::array<const char*, 6> kServices{"", "ec2", "dynamodb", "s3", "kubernetes", "sns"};
    CallTrouble trouble;
    trouble.fault = static_cast<CallFault>(dice.from_to(0, static_cast<int>(CallFault::Stale)));
    trouble.service = kServices[static_cast<std::size_t>(dice.from_to(0, 5))];
    if (trouble.fault == CallFault::Conflict) trouble.service = "kubernetes";
    if (trouble.fault == CallFault::Stale) trouble.service = dice.chance(0.7) ? "kubernetes" : "prometheus";
    if (trouble.service == "ec2" && dice.chance(0.5))
        trouble.operation = dice.one_of({"RunInstances", "TerminateInstances", "DescribeInstances"});
    trouble.from = from + dice.span(Duration::zero(), to - from);
    trouble.until = std::min(to, trouble.from + dice.span(minutes(2), minutes(60)));
    trouble.chance = dice.one_of({0.02, 0.1, 0.3, 0.7, 1.0});
    return trouble;
}

Fortune draw_fortune(const Starts& starts, Prng& dice) {
    Fortune fortune;
    if (dice.chance(starts.crashed)) fortune.dies_at = static_cast<int>(dice.below(60));
    if (dice.chance(starts.frozen)) {
        fortune.freezes_at = static_cast<int>(dice.below(20));
        fortune.freezes_for = Duration{static_cast<std::int64_t>(1'000 + dice.below(240'000))};
    }
    if (starts.skew > Duration::zero() && (starts.skewed >= 1 || dice.chance(starts.skewed)))
        fortune.skew = Duration{
            static_cast<std::int64_t>((2 * dice.uniform() - 1) * static_cast<double>(starts.skew.count()))};
    return fortune;
}

std::string in_words(const Fault& fault) {
    switch (fault.kind) {
        case FaultKind::MetricsOutage: return "Prometheus does not answer";
        case FaultKind::ApiDown: return "the API server does not answer";
        case FaultKind::CloudDown: return "AWS does not answer";
        case FaultKind::SlowToShow: return "AWS shows changes up to a minute late";
        case FaultKind::ShortPages: return "AWS lists in pages of two";
        case FaultKind::StaleReads: return "DynamoDB reads are ten seconds old";
        case FaultKind::AgentOffline: return "Systems Manager reaches no machine";
        case FaultKind::VcpuQuota:
            return format("the quota of virtual processors{} is used up",
                          fault.argument.empty() ? "" : " for " + fault.argument);
        case FaultKind::NoCapacity: return scarcity(fault.argument);
        case FaultKind::WriteCollision: return "a write to S3 collides with another";
        case FaultKind::ZoneDown: return format("zone {} is lost", fault.argument);
        case FaultKind::NodeFlap: return "a node is not Ready for a while";
        case FaultKind::MachineDies:
            return format("a {} dies", fault.argument.empty() ? "machine" : fault.argument);
        case FaultKind::SpotInterruption: return "AWS takes a spot instance back";
        case FaultKind::NeverJoins: return "a new worker never joins";
        case FaultKind::LostAnswer: return format("the answer to a {} is lost", fault.argument);
        case FaultKind::Crash: return "a process is killed";
    }
    return "";
}

std::string target_of(const CallTrouble& trouble) {
    static constexpr std::array<std::pair<std::string_view, std::string_view>, 7> kNames{{
        {"", "AWS"},
        {"ec2", "EC2"},
        {"dynamodb", "DynamoDB"},
        {"s3", "S3"},
        {"sns", "SNS"},
        {"kubernetes", "the API server"},
        {"prometheus", "Prometheus"},
    }};
    const auto name = std::ranges::find(kNames, trouble.service, [](const auto& each) { return each.first; });
    return name == kNames.end() ? trouble.service : std::string(name->second);
}

std::string in_words(const CallTrouble& trouble) {
    return format("{} calls{} to {} {}", trouble.chance < 1 ? "some" : "all",
                  trouble.operation.empty() ? "" : " of " + trouble.operation, target_of(trouble),
                  fate(trouble.fault));
}

FaultPlan draw_plan(FaultLevel level, std::uint64_t seed, Timestamp from, Timestamp until,
                    const Targets& targets) {
    FaultPlan plan{.until = until};
    if (level == FaultLevel::None) return plan;
    const bool heavy = level == FaultLevel::Heavy;
    const Prng root(seed);
    constexpr Duration kDay = std::chrono::hours{24};
    std::uint64_t day = 0;
    for (Timestamp begin = from; begin < until; begin += kDay, ++day) {
        const Timestamp end = std::min(begin + kDay, until);
        const Prng of_day = root.fork(day);
        for (std::uint64_t i = 0; i < (heavy ? 6U : 1U); ++i)
            plan.faults.push_back(draw_fault(Dice(of_day.fork(100 + i)), begin, end, targets));
        for (std::uint64_t i = 0; i < (heavy ? 4U : 1U); ++i) {
            plan.troubles.push_back(draw_trouble(Dice(of_day.fork(200 + i)), begin, end));
            if (!heavy) plan.troubles.back().chance = std::min(plan.troubles.back().chance, 0.1);
        }
    }
    plan.starts =
        heavy ? Starts{.skipped = 0.02, .late = 0.02, .doubled = 0.02, .frozen = 0.002, .crashed = 0.02}
              : Starts{.skipped = 0.002, .late = 0.002, .doubled = 0.002, .crashed = 0.002};
    return plan;
}

}  // namespace k3fleet::simcloud
