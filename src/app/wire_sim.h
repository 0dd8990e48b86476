// The simulated cloud's part of the wiring; app/wire.cc and wire_sim.cc share it.
#pragma once

#include <optional>

#include "adapters/simcloud/load.h"
#include "adapters/simcloud/state.h"
#include "app/sim_load.h"
#include "app/wire.h"

namespace k3fleet::app {

simcloud::Load load_of(const std::optional<SimulatedLoad>& load);
// InvalidArgument: no such kind of fault.
Result<simcloud::Fault> fault_of(const SimulatedFault& fault);

}  // namespace k3fleet::app
