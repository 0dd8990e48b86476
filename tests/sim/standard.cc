#include "tests/sim/standard.h"

#include <utility>

#include "core/intent/intent.h"

namespace k3fleet::sim {
namespace {

using simcloud::FaultKind;
using std::chrono::minutes;

constexpr minutes kRest{50};  // Five cycles to come to rest, and twenty to stay there.

// Things happen from this minute to the end of the active time.
Standard standard(std::string name, Scenario scenario, minutes from) {
    scenario.title = name;
    scenario.intent.digest = intent::digest(scenario.intent);
    scenario.orders.from = scenario.start + from;
    scenario.orders.until = scenario.calm();
    return {.name = std::move(name), .scenario = std::move(scenario)};
}

Standard first_worker() {
    return standard("first-worker", quiet_scenario(1, minutes{14}, {{0, 0.3}}), minutes{0});
}

Standard scale_out() {
    Scenario scenario = quiet_scenario(2, minutes{44}, {{0, 0.4}, {24, 3.5}});
    scenario.intent.pools.front().spot_percent = 100;
    scenario.intent.pools.front().instance_types = {"t3.medium", "t3.large"};
    scenario.faults.push_back({.at = scenario.start + minutes{20},
                               .kind = FaultKind::NoCapacity,
                               .duration = minutes{24},
                               .argument = "*/*/spot"});
    return standard("scale-out", std::move(scenario), minutes{24});
}

Standard scale_in() {
    Scenario scenario = quiet_scenario(3, minutes{44}, {{0, 0.8}});
    scenario.intent.pools.front().min = 3;
    scenario.workload.deployments.front().min_replicas = 4;
    scenario.operations.push_back({.at = scenario.start + minutes{24}, .what = Resize{.min = 1, .max = 2}});
    return standard("scale-in", std::move(scenario), minutes{24});
}

Standard lost_answer() {
    Scenario scenario = quiet_scenario(4, minutes{24}, {{0, 0.3}});
    scenario.intent.mode = model::ClusterMode::Ha;
    scenario.troubles.push_back({.fault = simcloud::CallFault::LostAnswer,
                                 .service = "ec2",
                                 .operation = "RunInstances",
                                 .from = scenario.start,
                                 .until = scenario.start + minutes{6},
                                 .chance = 1});
    return standard("lost-answer", std::move(scenario), minutes{0});
}

Standard deletion() {
    Scenario scenario = quiet_scenario(5, minutes{38}, {{0, 0.3}});
    scenario.operations.push_back({.at = scenario.start + minutes{24}, .what = Delete{}});
    return standard("deletion", std::move(scenario), minutes{24});
}

Standard spot_notice() {
    Scenario scenario = quiet_scenario(6, minutes{40}, {{0, 0.4}});
    scenario.intent.pools.front().spot_percent = 100;
    scenario.intent.pools.front().min = 2;
    scenario.faults.push_back(
        {.at = scenario.start + minutes{24}, .kind = FaultKind::SpotInterruption, .duration = minutes{1}});
    return standard("spot-notice", std::move(scenario), minutes{24});
}

}  // namespace

Scenario quiet_scenario(std::uint64_t seed, minutes active, const std::vector<Step>& load) {
    Scenario scenario{.seed = seed};
    scenario.start = from_unix_seconds(1'790'000'000);
    scenario.active = active;
    scenario.quiet = kRest;
    model::ClusterIntent& intent = scenario.intent;
    intent.project = model::ProjectName("shop");
    intent.name = model::ClusterName("demo");
    intent.region = "ap-southeast-1";
    intent.zones = {"ap-southeast-1a", "ap-southeast-1b"};
    intent.k3s_version = "v1.36.1+k3s1";
    intent.pools.push_back({.name = model::PoolName("default"), .min = 1, .max = 4});
    intent.pools.front().instance_types = {"t3.medium"};
    intent.digest = intent::digest(intent);
    simcloud::RecordedLoad& recorded = scenario.workload.load.recorded;
    recorded.start = scenario.start;
    for (std::size_t i = 0; i < load.size(); ++i) {
        const int next = i + 1 < load.size() ? load[i + 1].minute : load[i].minute + 1;
        for (int minute = load[i].minute; minute < next; ++minute)
            recorded.cores.emplace_back(static_cast<std::int64_t>(load[i].cores * 1000));
    }
    return scenario;
}

std::vector<Standard> standard_scenarios() {
    return {first_worker(), scale_out(), scale_in(), lost_answer(), deletion(), spot_notice()};
}

}  // namespace k3fleet::sim
