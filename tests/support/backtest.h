// Nodes and demands for tests of the backtest: round numbers that can be checked by hand.
#pragma once

#include <vector>

#include "core/backtest/capacity.h"
#include "core/backtest/demand.h"
#include "core/model/intent.h"

namespace k3fleet::support {

// Nodes of two cores, all usable, at $0.05 ($0.02 on spot), Ready after a minute; 2 to 10 of them.
backtest::CapacityModel round_nodes();

// A demand with these cores in slots of two minutes, from a Monday; Demand::kUnknown for a gap.
backtest::Demand demand_of(std::vector<double> cores);

// A cluster with one pool of such nodes, with the capacity's limits.
model::ClusterIntent cluster_of(const backtest::CapacityModel& capacity);

// The same values again and again.
std::vector<double> times(std::size_t count, double value);
std::vector<double> operator+(std::vector<double> a, const std::vector<double>& b);

}  // namespace k3fleet::support
