// What a graph costs a month while nothing happens on it, line by line, with the cheaper switch beside it.
// Prices are model/aws-prices.csv and the catalogue of instance types; free tiers are not counted.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/model/intent.h"
#include "core/resources/graph.h"

namespace k3fleet::resources {

struct PriceLine {
    LogicalId id;               // Of the resource; empty for machines, which are in no graph.
    std::string what;           // "NAT gateway shop-test-nat"
    std::optional<double> usd;  // A month; empty: not known here (how says why).
    std::string how;            // "730 h at $0.059"
    std::string cheaper;        // "network.egress: nat-instance saves about $35"; empty: there is none.
};

// Lines that cost nothing are left out.
std::vector<PriceLine> price_lines(const Graph& graph);
// Masters and the NAT instance, with their disks: what lifecycle starts for this intent, before workers.
std::vector<PriceLine> machine_lines(const model::ClusterIntent& intent);

struct PriceSum {
    double usd = 0;
    std::size_t unknown = 0;  // Lines without a price.
};
PriceSum sum(const std::vector<PriceLine>& lines);

// "$4.64", "?" for unknown.
std::string money(std::optional<double> usd);

// What one thing that is there costs an hour by being there.
struct StandingCost {
    std::optional<double> usd_per_hour;  // Empty: by use, or not known.
    bool by_use = false;
};
StandingCost standing_cost(const Observed& observed, std::string_view region);

// A price of the table; empty in regions that are not in it.
std::optional<double> unit_price(std::string_view key, std::string_view region);

}  // namespace k3fleet::resources
