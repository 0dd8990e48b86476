#include "tests/support/backtest.h"

#include <algorithm>

namespace k3fleet::support {

using backtest::CapacityModel;
using backtest::Demand;

CapacityModel round_nodes() {
    CapacityModel capacity;
    capacity.node = {.name = "round.large",
                     .allocatable_cpu = Millicores{2000},
                     .allocatable_memory = Mebibytes{4096},
                     .allocatable_pods = 110,
                     .on_demand = {.micro_usd = 50'000},
                     .spot = {.micro_usd = 20'000}};
    capacity.boot = std::chrono::seconds{60};
    capacity.usable = 1;
    return capacity;
}

Demand demand_of(std::vector<double> cores) {
    Demand demand{.name = "by hand",
                  .start = from_unix_seconds(1'767'571'200),
                  .slot = std::chrono::minutes{2},
                  .cores = std::move(cores)};
    double sum = 0;
    int known = 0;
    for (std::size_t k = 0; k < demand.cores.size(); ++k) {
        if (!demand.known(k)) {
            ++demand.unknown_slots;
            continue;
        }
        demand.peak = std::max(demand.peak, demand.cores[k]);
        sum += demand.cores[k];
        ++known;
    }
    demand.p99 = demand.peak;
    demand.mean = known > 0 ? sum / known : 0;
    return demand;
}

model::ClusterIntent cluster_of(const CapacityModel& capacity) {
    model::ClusterIntent intent;
    intent.project = model::ProjectName("demo");
    intent.name = model::ClusterName("shop");
    intent.zones = {"zone-a", "zone-b", "zone-c"};
    intent.pools.push_back({.name = model::PoolName("default"),
                            .min = capacity.min,
                            .max = capacity.max,
                            .instance_types = {capacity.node.name},
                            .spot_percent = capacity.spot_percent});
    return intent;
}

std::vector<double> times(std::size_t count, double value) { return std::vector<double>(count, value); }

std::vector<double> operator+(std::vector<double> a, const std::vector<double>& b) {
    a.insert(a.end(), b.begin(), b.end());
    return a;
}

}  // namespace k3fleet::support
