#include "core/backtest/oracle.h"

#include <algorithm>
#include <vector>

namespace k3fleet::backtest {

OracleResult run_oracle(const Demand& demand, const CapacityModel& capacity) {
    constexpr double kMillisPerHour = 3'600'000;
    const double slot_hours = static_cast<double>(demand.slot.count()) / kMillisPerHour;
    const double slot_minutes = slot_hours * 60;
    const double boot_hours = static_cast<double>(capacity.boot.count()) / kMillisPerHour;
    const auto marginal = [&](int level) {  // Price of the level-th node.
        return (capacity.price_of(level).dollars() - capacity.price_of(level - 1).dollars());
    };
    // When each level was last needed; the slot after it.
    std::vector<std::size_t> free_since(static_cast<std::size_t>(capacity.max) + 1, 0);
    OracleResult result{.fewest = capacity.max, .most = 0};
    double node_slots = 0;
    int before = -1;
    for (std::size_t k = 0; k < demand.cores.size(); ++k) {
        int need = capacity.min;
        if (demand.known(k)) {
            need = std::clamp(capacity.nodes_for(demand.cores[k]), capacity.min, capacity.max);
            result.short_core_minutes +=
                std::max(0.0, demand.cores[k] - need * capacity.cores_per_node()) * slot_minutes;
        }
        if (before < 0) before = need;  // The first slot's nodes are there, as for every policy.
        for (int level = before + 1; level <= need; ++level) {
            const double pause =
                static_cast<double>(k - free_since[static_cast<std::size_t>(level)]) * slot_hours;
            const bool never = free_since[static_cast<std::size_t>(level)] == 0;
            result.usd += marginal(level) * (never ? boot_hours : std::min(pause, boot_hours));
            if (!never && pause <= boot_hours)
                --result.removals;  // It was kept.
            else
                ++result.launches;
        }
        for (int level = need + 1; level <= before; ++level) {
            free_since[static_cast<std::size_t>(level)] = k;
            ++result.removals;
        }
        result.usd += capacity.price_of(need).dollars() * slot_hours;
        result.fewest = std::min(result.fewest, need);
        result.most = std::max(result.most, need);
        node_slots += need;
        before = need;
    }
    result.mean_nodes = node_slots / static_cast<double>(demand.cores.size());
    return result;
}

}  // namespace k3fleet::backtest
