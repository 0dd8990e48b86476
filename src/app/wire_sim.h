// The simulated cloud's part of the wiring; app/wire.cc and wire_sim.cc share it.
#pragma once

#include <optional>

#include "adapters/simcloud/load.h"
#include "app/sim_load.h"

namespace k3fleet::app {

simcloud::Load load_of(const std::optional<SimulatedLoad>& load);

}  // namespace k3fleet::app
