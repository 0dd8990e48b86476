// The nodes of one policy in a backtest: who boots, who serves, what it costs, what happened so far.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include "base/time.h"
#include "core/backtest/capacity.h"

namespace k3fleet::backtest {

enum class NodeState { Booting, Serving, Draining };

struct FleetNode {
    int id = 0;
    NodeState state = NodeState::Booting;
    model::Market market = model::Market::OnDemand;
    Timestamp ready_at;
    double cores = 0;  // Usable ones.
    UsdPerHour price;
};

struct FleetCounts {
    std::int64_t launches = 0;  // Nodes.
    std::int64_t removals = 0;
    std::int64_t flaps =
        0;           // Removals that a launch followed within the flap window; each launch undoes one.
    int fewest = 0;  // Nodes paid for, over time.
    int most = 0;
};

// A node is paid for from its launch to its termination. It serves from ready to drain.
class Fleet {
public:
    explicit Fleet(const CapacityModel& capacity) : capacity_(&capacity) {}

    const CapacityModel& capacity() const { return *capacity_; }
    const std::vector<FleetNode>& nodes() const { return nodes_; }  // Oldest first.
    int paid() const { return static_cast<int>(nodes_.size()); }
    int serving() const { return serving_; }
    int booting() const { return booting_; }
    double cores() const { return cores_; }  // Of the serving nodes.
    UsdPerHour price() const { return price_; }
    const FleetCounts& counts() const { return counts_; }

    // One node more, Ready after the boot time. Gives its id.
    int launch(Timestamp now, model::Market market, double cores, UsdPerHour price);
    void drain(int id);    // Serves no longer; still paid for. Idempotent.
    void undrain(int id);  // Serves again.
    void terminate(int id, Timestamp now);

    // For policies that only count: nodes of the model's type, the market chosen so that the spot goal
    // holds. Launches no more than the account can start; gives how many. Removal drains now and
    // terminates at the next tick (drain_done), taking the newest of the market that is above its goal.
    int launch_many(int count, Timestamp now);
    int remove_many(int count);
    void drain_done(Timestamp now);

    // The nodes that history starts with: Ready, and no event.
    void start_with(int count, Timestamp now);

    // Time passes: nodes whose boot is over by then serve. next_ready: the first one still to come.
    void advance(Timestamp to);
    std::optional<Timestamp> next_ready() const;

private:
    FleetNode* find(int id);
    model::Market market_of_next() const;
    int add(Timestamp ready_at, model::Market market, double cores, UsdPerHour price);
    void note_size();

    const CapacityModel* capacity_;
    std::vector<FleetNode> nodes_;
    std::deque<Timestamp> removed_at_;  // Of removals that no launch has undone yet.
    FleetCounts counts_;
    UsdPerHour price_;
    double cores_ = 0;
    int serving_ = 0;
    int booting_ = 0;
    int next_id_ = 0;
};

}  // namespace k3fleet::backtest
