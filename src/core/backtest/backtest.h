// What policies would have done on a recorded load: each one alone against the same demand and the same
// nodes.
//
// Life of a slot: nodes boot and serve, the load flows through them (flow.h), the slot is paid for, the
// signals are taken, the policy looks at them once and acts. Every policy starts with the nodes that carry
// the first slot.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "core/backtest/capacity.h"
#include "core/backtest/demand.h"
#include "core/backtest/policy.h"

namespace k3fleet::backtest {

struct PolicyResult {
    std::string name;
    std::string rule;
    double usd = 0;  // Of the whole history.
    double usd_per_week = 0;
    double unserved_node_minutes = 0;   // Work that found no room when it came, in minutes of one node.
    double abandoned_node_minutes = 0;  // Of it: gave up waiting.
    double waiting_node_minutes = 0;    // Of it: still waits at the end.
    double p95_wait_s = 0;
    int nodes_min = 0;
    int nodes_max = 0;
    double nodes_mean = 0;
    long long launches = 0;  // Nodes.
    long long removals = 0;
    long long scale_events = 0;  // Slots in which nodes were launched or taken away.
    long long flaps = 0;
    long long hold_slots = 0;  // Slots with an unknown signal in which nothing was changed.
    bool hit_account_limit = false;
    std::vector<double> timeline;  // Mean nodes paid for, in equal parts of the history.
};

struct Report {
    std::string history;
    Timestamp from;
    Timestamp to;
    Duration slot{};
    long long slots = 0;
    long long unknown_slots = 0;
    double peak_nodes = 0;  // Of the demand, in nodes of the model.
    double p99_nodes = 0;
    double mean_nodes = 0;
    std::vector<double> timeline;  // Mean demand in nodes, in the same parts; NaN where nothing is known.
    std::vector<std::string> assumptions;
    PolicyResult oracle;
    std::vector<PolicyResult> policies;  // The product's own first.
    std::string conclusion;
};

inline constexpr std::size_t kTimelineParts = 56;

// One policy over the whole demand.
PolicyResult run_policy(Policy& policy, const Demand& demand, const CapacityModel& capacity);

// The policies to compare with, in the order of the table: static, origin, hpa-like, ca-like, karpenter-like.
std::vector<std::unique_ptr<Policy>> peer_policies(const Demand& demand, const CapacityModel& capacity,
                                                   double target_cpu_percent);

// `own` and its peers over the same demand. `assumptions` of the caller come after the model's.
Report run_backtest(Policy& own, const Demand& demand, const CapacityModel& capacity,
                    double target_cpu_percent, const std::vector<std::string>& assumptions);

// One or two sentences, computed; says so when another policy is both cheaper and serves better than the
// first one.
std::string conclude(const Report& report);

}  // namespace k3fleet::backtest
