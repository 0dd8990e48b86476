// What the cheapest fleet costs that knows the future, serves everything that max allows at once, and pays
// for the boot of each node it starts: the room that is left to any policy that makes nothing wait.
//
// The levels 1, 2, 3 … of the fleet can be looked at one by one: level n is needed in each slot that needs
// n nodes or more. Between two such stretches the cheaper of two things is done: keep the node, or end it
// and pay for one boot before it is needed again. So the cost of a level is its needed time plus, for each
// pause, min(pause, boot).
#pragma once

#include "core/backtest/capacity.h"
#include "core/backtest/demand.h"

namespace k3fleet::backtest {

struct OracleResult {
    double usd = 0;
    double short_core_minutes = 0;  // What even max nodes could not carry.
    double mean_nodes = 0;
    int fewest = 0;
    int most = 0;
    long long launches = 0;
    long long removals = 0;
};

// Where the load is unknown, min nodes are paid for.
OracleResult run_oracle(const Demand& demand, const CapacityModel& capacity);

}  // namespace k3fleet::backtest
