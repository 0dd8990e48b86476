#include "tests/sim/scenario.h"

#include <algorithm>
#include <array>

#include "base/prng.h"
#include "base/ranges.h"
#include "base/text.h"
#include "core/intent/intent.h"
#include "core/model/names.h"

namespace k3fleet::sim {
namespace {

using simcloud::FaultKind;

// Draws in the order of the code, so a new draw belongs at the end of a function with a fork of its own.
class Dice {
public:
    explicit Dice(Prng prng) : prng_(prng) {}
    std::int64_t from_to(std::int64_t low, std::int64_t high) {
        return low + static_cast<std::int64_t>(prng_.below(static_cast<std::uint64_t>(high - low + 1)));
    }
    double between(double low, double high) { return low + (high - low) * prng_.uniform(); }
    bool chance(double share) { return prng_.chance(share); }
    template <typename T, std::size_t n>
    T one_of(const T (&items)[n]) {
        return items[prng_.below(n)];
    }
    Duration span(Duration low, Duration high) { return Duration{from_to(low.count(), high.count())}; }

private:
    Prng prng_;
};

constexpr auto minutes(std::int64_t n) { return std::chrono::minutes{n}; }

model::ClusterIntent draw_intent(Dice dice) {
    model::ClusterIntent intent;
    intent.project = model::ProjectName("shop");
    intent.name = model::ClusterName("demo");
    intent.region = "ap-southeast-1";
    intent.zones = {"ap-southeast-1a", "ap-southeast-1b"};
    intent.mode = dice.chance(0.25) ? model::ClusterMode::Ha : model::ClusterMode::Dev;
    intent.k3s_version = "v1.36.1+k3s1";
    intent.network.egress = dice.chance(0.6) ? model::Egress::NatInstance : model::Egress::NatGateway;
    const std::int64_t pools = dice.chance(0.8) ? 1 : 2;
    for (std::int64_t i = 0; i < pools; ++i) {
        model::NodePool pool{.name = model::PoolName(i == 0 ? "default" : "batch")};
        pool.min = static_cast<int>(dice.from_to(i == 0 ? 1 : 0, 3));
        pool.max = pool.min + static_cast<int>(dice.from_to(1, 6));
        pool.instance_types = {dice.chance(0.5) ? "t3.medium" : "t4g.medium"};
        if (dice.chance(0.4)) pool.instance_types.emplace_back("t3.large");
        pool.spot_percent = dice.one_of({0, 0, 50, 70, 100});
        intent.pools.push_back(std::move(pool));
    }
    intent.digest = intent::digest(intent);
    return intent;
}

simcloud::Workload draw_workload(Dice dice, const model::ClusterIntent& intent) {
    int most = 0;
    for (const auto& pool : intent.pools) most += pool.max;
    simcloud::Workload workload;
    auto& load = workload.load.synthetic;
    load.seed = static_cast<std::uint64_t>(dice.from_to(1, 1'000'000));
    // From far below what the pools can take to somewhat above.
    load.peak_cores = dice.between(0.2, 2.2) * most;
    load.crowds_per_day = dice.chance(0.5) ? dice.between(0.2, 1) : 0;
    workload.deployments.clear();
    const std::int64_t deployments = dice.from_to(1, 3);
    for (std::int64_t i = 0; i < deployments; ++i) {
        simcloud::Deployment deployment{.name = format("app-{}", i)};
        deployment.cpu = Millicores{dice.one_of({250, 500, 1000})};
        deployment.memory = Mebibytes{dice.one_of({200, 400, 900})};
        deployment.max_replicas = 40;
        if (dice.chance(0.6)) deployment.max_unavailable = static_cast<int>(dice.from_to(0, 2));
        workload.deployments.push_back(std::move(deployment));
    }
    return workload;
}

simcloud::Fault draw_fault(Dice dice, Timestamp from, Timestamp to) {
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
    simcloud::Fault fault{.kind = choice.kind};
    fault.at = from + dice.span(Duration::zero(), to - from);
    fault.duration = dice.span(minutes(1), choice.longest);
    fault.duration = std::min<Duration>(fault.duration, to - fault.at + std::chrono::seconds{1});
    switch (fault.kind) {
        case FaultKind::NoCapacity:
            fault.argument = dice.one_of({"*/*/spot", "*/ap-southeast-1a/*", "*/*/*", "t3.medium/*/*"});
            break;
        case FaultKind::ZoneDown: fault.argument = dice.one_of({"ap-southeast-1a", "ap-southeast-1b"}); break;
        case FaultKind::VcpuQuota: fault.argument = dice.one_of({"", "spot", "on-demand"}); break;
        case FaultKind::MachineDies:
            fault.argument = dice.one_of({"worker", "worker", "worker", "nat", "master"});
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

Operation draw_operation(Dice dice, const Scenario& scenario) {
    Operation operation;
    operation.at = scenario.start + dice.span(minutes(10), scenario.active - minutes(5));
    const double kind = dice.between(0, 1);
    if (kind < 0.15) {
        operation.what = Pause{dice.span(minutes(3), minutes(40))};
    } else if (kind < 0.2) {
        operation.what = Delete{};
    } else {
        Resize resize{.pool = static_cast<std::size_t>(
                          dice.from_to(0, static_cast<std::int64_t>(scenario.intent.pools.size()) - 1))};
        resize.min = static_cast<int>(dice.from_to(0, 4));
        resize.max = resize.min + static_cast<int>(dice.from_to(0, 6));
        operation.what = resize;
    }
    return operation;
}

std::string clock(Timestamp at) { return to_rfc3339(at).substr(11, 8); }

std::string describe(const Operation& operation, const model::ClusterIntent& intent) {
    const std::string when = clock(operation.at);
    if (const auto* resize = std::get_if<Resize>(&operation.what))
        return format("{} a person resizes pool {} to {}..{}", when, intent.pools[resize->pool].name.str(),
                      resize->min, resize->max);
    if (const auto* pause = std::get_if<Pause>(&operation.what))
        return format("{} a person pauses the cluster for {}", when, k3fleet::to_string(pause->length));
    return format("{} a person deletes the cluster", when);
}

}  // namespace

std::string_view to_string(CallFault fault) {
    switch (fault) {
        case CallFault::Throttled: return "throttled";
        case CallFault::ServerError: return "server error";
        case CallFault::Unsent: return "no connection";
        case CallFault::LostAnswer: return "lost answer";
        case CallFault::Slow: return "slow";
        case CallFault::Expired: return "expired credentials";
        case CallFault::Conflict: return "conflict";
        case CallFault::Stale: return "stale answer";
    }
    return "";
}

Scenario draw(std::uint64_t seed) {
    const Prng root(seed);
    Dice dice(root.fork(1));
    Scenario scenario{.seed = seed};
    // Any hour of any day, so that night, day and week's end come up.
    scenario.start = from_unix_seconds(1'790'000'000 + dice.from_to(0, 28) * 6 * 3600);
    scenario.active = dice.span(minutes(90), minutes(360));
    scenario.quiet = minutes(60);
    scenario.intent = draw_intent(Dice(root.fork(2)));
    scenario.workload = draw_workload(Dice(root.fork(3)), scenario.intent);
    const Timestamp from = scenario.start + minutes(dice.chance(0.2) ? 0 : 12);
    const std::int64_t faults = dice.from_to(0, 6);
    for (std::int64_t i = 0; i < faults; ++i)
        scenario.faults.push_back(
            draw_fault(Dice(root.fork(100 + static_cast<std::uint64_t>(i))), from, scenario.calm()));
    const std::int64_t troubles = dice.from_to(0, 6);
    for (std::int64_t i = 0; i < troubles; ++i)
        scenario.troubles.push_back(
            draw_trouble(Dice(root.fork(200 + static_cast<std::uint64_t>(i))), from, scenario.calm()));
    const std::int64_t operations = dice.chance(0.5) ? dice.from_to(1, 3) : 0;
    for (std::int64_t i = 0; i < operations; ++i)
        scenario.operations.push_back(
            draw_operation(Dice(root.fork(300 + static_cast<std::uint64_t>(i))), scenario));
    std::ranges::sort(scenario.operations, {}, &Operation::at);
    Dice starts(root.fork(4));
    scenario.starts.skipped = starts.one_of({0.0, 0.02, 0.2});
    scenario.starts.late = starts.one_of({0.0, 0.1, 0.3});
    scenario.starts.doubled = starts.one_of({0.0, 0.05, 0.3});
    scenario.starts.frozen = starts.one_of({0.0, 0.0, 0.02});
    scenario.starts.crashed = starts.one_of({0.0, 0.05, 0.3});
    if (starts.chance(0.1)) scenario.starts.skew = std::chrono::seconds{5};
    scenario.keeps_cases = seed % 8 == 0;
    return scenario;
}

Scenario reduced(Scenario scenario, const std::vector<std::size_t>& kept) {
    std::size_t part = 0;
    const auto dropped = [&](const auto&) { return !std::ranges::binary_search(kept, part++); };
    std::erase_if(scenario.faults, dropped);
    std::erase_if(scenario.troubles, dropped);
    std::erase_if(scenario.operations, dropped);
    const auto clear = [&](double& share) {
        if (dropped(0)) share = 0;
    };
    clear(scenario.starts.skipped);
    clear(scenario.starts.late);
    clear(scenario.starts.doubled);
    clear(scenario.starts.frozen);
    clear(scenario.starts.crashed);
    return scenario;
}

std::vector<std::string> describe(const Scenario& scenario) {
    std::vector<std::string> lines;
    const auto add = [&](std::string text) { lines.push_back(format("{:>2}: {}", lines.size(), text)); };
    for (const auto& fault : scenario.faults)
        add(format("{} {} for {} {}", clock(fault.at), simcloud::to_string(fault.kind),
                   k3fleet::to_string(fault.duration), fault.argument));
    for (const auto& trouble : scenario.troubles)
        add(format("{} {} of {} {} until {}, chance {:.2f}", clock(trouble.from), to_string(trouble.fault),
                   trouble.service.empty() ? "AWS" : trouble.service, trouble.operation, clock(trouble.until),
                   trouble.chance));
    for (const auto& operation : scenario.operations) add(describe(operation, scenario.intent));
    const auto share = [&](std::string_view what, double value) {
        add(format("starts that are {}: {:.0f} %", what, 100 * value));
    };
    share("skipped", scenario.starts.skipped);
    share("late", scenario.starts.late);
    share("doubled", scenario.starts.doubled);
    share("frozen", scenario.starts.frozen);
    share("crashed", scenario.starts.crashed);
    return lines;
}

}  // namespace k3fleet::sim
