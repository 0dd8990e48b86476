// What a node is in a backtest: how much it carries, how long it takes to boot, what it costs. Every
// figure here is an assumption that the report prints.
#pragma once

#include <string>
#include <vector>

#include "base/time.h"
#include "base/units.h"
#include "core/model/world.h"

namespace k3fleet::backtest {

// One instance type as nodes of it serve pods.
struct NodeType {
    std::string name;
    Millicores allocatable_cpu;  // What pods can have: the machine less what the system keeps for itself.
    Mebibytes allocatable_memory;
    int allocatable_pods = 0;
    UsdPerHour on_demand;
    UsdPerHour spot;

    friend bool operator==(const NodeType&, const NodeType&) = default;
};

struct CapacityModel {
    NodeType node;  // Of every policy that counts nodes; the product's own may choose among `offerings`.
    int min = 2;
    int max = 10;
    int spot_percent = 0;  // Goal: floor(nodes * spot_percent / 100) on spot.

    Duration boot = std::chrono::seconds{75};  // From launch to Ready.
    double usable = 0.9;                       // Of the allocatable cores; the rest is gaps and DaemonSets.
    Millicores pod{500};                       // Size of the pods that wait when there is no room.
    double memory_share = 1.0;                 // Memory in use, as a share of the CPU in use: proportional.
    Duration patience = std::chrono::minutes{30};  // Work that waited this long gives up.
    Duration flap_window = std::chrono::minutes{30};
    int account_limit = 0;  // Nodes the account can start at all; 0: twice max.

    // Cores one node really gives to the load.
    double cores_per_node() const { return static_cast<double>(node.allocatable_cpu.count) / 1000 * usable; }
    int nodes_at_most() const { return account_limit > 0 ? account_limit : 2 * max; }
    // Nodes needed to carry that many cores, at least 0. A hair of rounding does not ask for one more.
    int nodes_for(double cores) const;
    // How many of so many nodes are on spot.
    int on_spot(int nodes) const {
        return static_cast<int>(static_cast<long long>(nodes) * spot_percent / 100);
    }
    // Price of so many nodes with the wanted mix.
    UsdPerHour price_of(int nodes) const {
        return node.spot * on_spot(nodes) + node.on_demand * (nodes - on_spot(nodes));
    }
};

}  // namespace k3fleet::backtest
