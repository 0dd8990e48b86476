#include "core/backtest/capacity.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace k3fleet::backtest {

int CapacityModel::nodes_for(double cores) const {
    constexpr double kHair = 1e-9;
    const double nodes = std::ceil(cores / cores_per_node() - kHair);
    return static_cast<int>(std::clamp(nodes, 0.0, 1e9));
}

}  // namespace k3fleet::backtest
