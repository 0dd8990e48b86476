#include "tests/sim/scenario.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "adapters/simcloud/dice.h"
#include "base/prng.h"
#include "base/ranges.h"
#include "base/text.h"
#include "core/intent/intent.h"
#include "core/model/names.h"

namespace k3fleet::sim {
namespace {

using simcloud::Dice;

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
        return format("{} a person pauses the cluster for {}{}", when, k3fleet::to_string(pause->length),
                      pause->when == Pause::When::InAPlan ? ", in the middle of a plan" : "");
    return format("{} a person deletes the cluster", when);
}

// What came later, in scenarios by events alone: the others mean what they meant.
void draw_later_kinds(Dice dice, Timestamp from, Scenario& scenario) {
    const auto moment = [&] { return from + dice.span(Duration::zero(), scenario.calm() - from); };
    if (dice.chance(0.3)) {
        simcloud::CallTrouble nonsense{.fault = simcloud::CallFault::Nonsense, .service = "prometheus"};
        nonsense.from = moment();
        nonsense.until = std::min(scenario.calm(), nonsense.from + dice.span(minutes(5), minutes(90)));
        nonsense.chance = dice.one_of({0.1, 0.5, 1.0});
        scenario.troubles.push_back(std::move(nonsense));
    }
    for (std::int64_t collisions = dice.chance(0.3) ? dice.from_to(1, 5) : 0; collisions > 0; --collisions)
        scenario.faults.push_back(
            {.at = moment(), .kind = simcloud::FaultKind::WriteCollision, .duration = minutes(30)});
}

// A limit that the pools would pass at their largest, in some scenarios.
void draw_budget(Dice dice, model::ClusterIntent& intent) {
    if (!dice.chance(0.1)) return;
    intent.budget.usd_per_month = std::round(dice.between(60, 260));
    intent.digest = intent::digest(intent);
}

void draw_region_loss(Dice& dice, Timestamp at, Scenario& scenario) {
    const Timestamp until = std::min(scenario.calm(), at + dice.span(minutes(5), minutes(60)));
    scenario.region_lost = {at, until};
    for (const char* service : {"", "kubernetes", "prometheus"})
        scenario.troubles.push_back({.fault = simcloud::CallFault::Unsent,
                                     .service = service,
                                     .from = at,
                                     .until = until,
                                     .chance = 1});
    if (dice.chance(0.5)) return;
    for (const std::string& zone : scenario.intent.zones)
        scenario.faults.push_back(
            {.at = at, .kind = simcloud::FaultKind::ZoneDown, .duration = until - at, .argument = zone});
}

// What came last: each is rare, so that most seeds mean what they meant.
void draw_rare_kinds(Dice dice, Timestamp from, Scenario& scenario) {
    const auto moment = [&] { return from + dice.span(Duration::zero(), scenario.calm() - from); };
    if (dice.chance(0.1))
        scenario.faults.push_back({.at = moment(),
                                   .kind = simcloud::FaultKind::StaleReads,
                                   .duration = dice.span(minutes(5), minutes(90))});
    if (dice.chance(0.08)) {
        simcloud::CallTrouble reset{.fault = simcloud::CallFault::Reset, .service = "prometheus"};
        reset.from = moment();
        reset.until = std::min(scenario.calm(), reset.from + dice.span(minutes(2), minutes(40)));
        reset.chance = dice.one_of({0.1, 0.5, 1.0});
        scenario.troubles.push_back(std::move(reset));
    }
    if (dice.chance(0.06)) {
        scenario.operations.push_back(
            {.at = moment(),
             .what = Pause{.length = dice.span(minutes(3), minutes(40)), .when = Pause::When::InAPlan}});
        std::ranges::stable_sort(scenario.operations, {}, &Operation::at);
    }
    if (dice.chance(0.06)) scenario.by_persons = dice.one_of({0.1, 0.5});
    if (dice.chance(0.03)) draw_region_loss(dice, moment(), scenario);
}

}  // namespace

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
    const simcloud::Targets targets{.zones = scenario.intent.zones,
                                    .losable_zones = scenario.intent.zones,
                                    .type = "t3.medium",
                                    .masters_die = true};
    const std::int64_t faults = dice.from_to(0, 6);
    for (std::int64_t i = 0; i < faults; ++i)
        scenario.faults.push_back(simcloud::draw_fault(Dice(root.fork(100 + static_cast<std::uint64_t>(i))),
                                                       from, scenario.calm(), targets));
    const std::int64_t troubles = dice.from_to(0, 6);
    for (std::int64_t i = 0; i < troubles; ++i)
        scenario.troubles.push_back(simcloud::draw_trouble(
            Dice(root.fork(200 + static_cast<std::uint64_t>(i))), from, scenario.calm()));
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
    // A clock that is off by minutes is a machine's, among others that are right.
    if (starts.chance(0.08)) {
        scenario.starts.skew = minutes(starts.one_of({1, 4, 15}));
        scenario.starts.skewed = starts.one_of({0.1, 0.4});
    }
    scenario.keeps_cases = seed % 8 == 0;
    draw_budget(Dice(root.fork(5)), scenario.intent);
    scenario.by_events = seed % 4 == 2;
    if (scenario.by_events) draw_later_kinds(Dice(root.fork(6)), from, scenario);
    draw_rare_kinds(Dice(root.fork(7)), from, scenario);
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
    clear(scenario.by_persons);
    if (dropped(0)) scenario.starts.skew = Duration::zero();
    return scenario;
}

std::vector<std::string> describe(const Scenario& scenario) {
    std::vector<std::string> lines;
    const auto add = [&](std::string text) { lines.push_back(format("{:>2}: {}", lines.size(), text)); };
    for (const auto& fault : scenario.faults)
        add(format("{} {} for {} {}", clock(fault.at), simcloud::to_string(fault.kind),
                   k3fleet::to_string(fault.duration), fault.argument));
    for (const auto& trouble : scenario.troubles)
        add(format("{} {} of {} {} until {}, chance {:.2f}", clock(trouble.from),
                   simcloud::to_string(trouble.fault), trouble.service.empty() ? "AWS" : trouble.service,
                   trouble.operation, clock(trouble.until), trouble.chance));
    for (const auto& operation : scenario.operations) add(describe(operation, scenario.intent));
    const auto share = [&](std::string_view what, double value) {
        add(format("starts that are {}: {:.0f} %", what, 100 * value));
    };
    share("skipped", scenario.starts.skipped);
    share("late", scenario.starts.late);
    share("doubled", scenario.starts.doubled);
    share("frozen", scenario.starts.frozen);
    share("crashed", scenario.starts.crashed);
    share("a person's program", scenario.by_persons);
    const bool skewed = scenario.starts.skew > Duration::zero();
    add(format("starts whose clock is off by up to {}: {:.0f} %", k3fleet::to_string(scenario.starts.skew),
               skewed ? 100 * scenario.starts.skewed : 0));
    return lines;
}

}  // namespace k3fleet::sim
