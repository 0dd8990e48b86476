// Standard scenarios: small ones without chance, each about one thing that a controller does. Drills try
// everything that may happen at each of their calls.
#pragma once

#include <string>
#include <vector>

#include "tests/sim/scenario.h"

namespace k3fleet::sim {

struct Standard {
    std::string name;
    Scenario scenario;  // Its orders say in which time things happen.
};

// The first worker; more of them while there is no spot capacity; fewer, with a budget in the way; masters
// whose launches are not answered; a cluster that is deleted; a spot notice.
std::vector<Standard> standard_scenarios();

// A load that stands still but for steps: from that minute on so many cores.
struct Step {
    int minute = 0;
    double cores = 0;
};
// A cluster of one master and one pool that nothing happens to: it is active for so long.
Scenario quiet_scenario(std::uint64_t seed, std::chrono::minutes active, const std::vector<Step>& load);

}  // namespace k3fleet::sim
