// The world in which a scenario begins: an account with a cluster's network, a stranger's machine in it,
// secrets that nobody may tell, and who may do what.
#pragma once

#include <cstdio>
#include <string>

#include "adapters/simcloud/aws/rights.h"
#include "adapters/simcloud/engine.h"
#include "base/check.h"
#include "base/result.h"
#include "core/iam/policies.h"
#include "core/model/resource_names.h"
#include "tests/sim/scenario.h"

namespace k3fleet::sim {

// Setting the stage cannot fail; if it does, there is nothing to simulate.
template <typename Thing>
void must(const Result<Thing>& result) {
    if (!result) std::fprintf(stderr, "the simulation cannot begin: %s\n", result.error().describe().c_str());
    K3F_CHECK(result.has_value());
}

model::Scope scope_of(const Scenario& scenario);
simcloud::WorldState world_of(const Scenario& scenario);

// All scenarios have the same account and names: what was decided for one holds for the next, too.
const simcloud::Rights& rights_of(iam::Principal who, const model::Scope& scope);

// Everything that is there before the first tick, and the faults to come. Gives the stranger's machine: in
// the same network, and nobody of ours may touch it.
std::string set_scene(simcloud::Engine& engine, const Scenario& scenario, const model::Scope& scope);

}  // namespace k3fleet::sim
