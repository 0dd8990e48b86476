#include "core/backtest/decide_policy.h"

#include <gtest/gtest.h>

#include "core/backtest/backtest.h"
#include "tests/support/backtest.h"

namespace k3fleet::backtest {
namespace {

using support::cluster_of;
using support::demand_of;
using support::round_nodes;
using support::times;
using support::operator+;

constexpr double kSlot = 0.05 * 2 / 60;  // Dollars of a node for a slot.

PolicyResult run(const std::vector<double>& cores, const CapacityModel& capacity = round_nodes()) {
    DecidePolicy own(cluster_of(capacity), {capacity.node});
    return run_policy(own, demand_of(cores), capacity);
}

// 4 nodes of 8 cores at 75 %: above 70 % in 3 readings, the fifth node comes after slot 3 and the load is
// at 60 %.
TEST(DecidePolicy, ScalesUpAfterThreeReadingsAsTheProductDoes) {
    const PolicyResult result = run(times(1, 8.0) + times(9, 6.0));
    EXPECT_EQ(result.launches, 1);
    EXPECT_EQ(result.nodes_max, 5);
    EXPECT_EQ(result.removals, 0);
    // The first slot is a reading too: 100 %, 75 %, 75 %.
    EXPECT_NEAR(result.usd, (3 * 4 + 7 * 5) * kSlot, 1e-9);
}

// A pod without a place acts at once: at the first reading, by two as the CPU is at 100 %.
TEST(DecidePolicy, WaitingPodsActAtTheFirstReading) {
    const PolicyResult result = run(std::vector<double>{8, 12} + times(4, 8.1));
    EXPECT_EQ(result.nodes_max, 6);
    EXPECT_EQ(result.scale_events, 1);
    // 4 cores short for the slot that surprised, and for the minute in which two nodes boot (0.1 cores).
    EXPECT_NEAR(result.unserved_node_minutes, (4 * 2 + 0.1) / 2, 1e-9);
}

// Ten quiet readings, then one node at a time, ten minutes apart: a drained node is paid for one slot more.
TEST(DecidePolicy, ScalesDownByOneAfterTenQuietReadings) {
    const PolicyResult result = run(times(1, 12.0) + times(18, 1.0));
    EXPECT_EQ(result.removals, 2);
    EXPECT_EQ(result.nodes_min, 4);
    EXPECT_EQ(result.launches, 0);
    EXPECT_EQ(result.scale_events, 2);
    // Drained at the end of slot 10 and paid through 11; the next at the end of slot 15, paid through 16.
    EXPECT_NEAR(result.usd, (12 * 6 + 5 * 5 + 2 * 4) * kSlot, 1e-9);
}

TEST(DecidePolicy, AGapInTheHistoryHoldsTheClusterWhateverItsLength) {
    const auto gap = times(200, Demand::kUnknown);
    const PolicyResult result = run(times(5, 12.0) + gap + times(2, 1.0));
    EXPECT_EQ(result.removals, 0);
    EXPECT_EQ(result.nodes_min, 6);
    EXPECT_EQ(result.hold_slots, 200);
}

TEST(DecidePolicy, ReadingsBeforeAGapDoNotCountAfterIt) {
    const PolicyResult result =
        run(times(1, 12.0) + times(8, 1.0) + times(3, Demand::kUnknown) + times(9, 1.0));
    EXPECT_EQ(result.removals, 0);
}

TEST(DecidePolicy, StaysWithinMinAndMax) {
    const PolicyResult high = run(times(60, 100.0));
    EXPECT_EQ(high.nodes_max, 10);
    const PolicyResult low = run(times(1, 20.0) + times(300, 0.0));
    EXPECT_EQ(low.nodes_min, 2);
}

TEST(DecidePolicy, KeepsTheSpotShareOfThePool) {
    CapacityModel mixed = round_nodes();
    mixed.spot_percent = 50;
    Fleet fleet(mixed);
    fleet.start_with(2, from_unix_seconds(1'767'571'200));
    DecidePolicy own(cluster_of(mixed), {mixed.node});
    Timestamp now = from_unix_seconds(1'767'571'320);
    for (int i = 0; i < 40; ++i, now += std::chrono::minutes{2}) {
        fleet.advance(now);
        own.tick({.now = now, .cpu = 100, .memory = 100, .pending = 9, .demand = 40}, fleet);
    }
    EXPECT_EQ(fleet.paid(), 10);
    EXPECT_EQ(fleet.price(), mixed.price_of(10));
    EXPECT_EQ(own.world().nodes->size(), 10U);
}

TEST(DecidePolicy, TheWorldItShowsFollowsTheFleet) {
    const CapacityModel capacity = round_nodes();
    Fleet fleet(capacity);
    fleet.start_with(4, from_unix_seconds(1'767'571'200));
    DecidePolicy own(cluster_of(capacity), {capacity.node});
    Timestamp now = from_unix_seconds(1'767'571'320);
    for (int i = 0; i < 200; ++i, now += std::chrono::minutes{2}) {
        fleet.advance(now);
        const double load = i % 50 < 25 ? 95 : 5;
        own.tick({.now = now, .cpu = load, .memory = load, .pending = 0, .demand = load}, fleet);
        int staying = 0;
        for (const FleetNode& node : fleet.nodes()) staying += node.state == NodeState::Draining ? 0 : 1;
        ASSERT_EQ(static_cast<int>(own.world().instances->size()), staying) << i;
        ASSERT_EQ(static_cast<int>(own.world().nodes->size()), fleet.serving()) << i;
    }
    EXPECT_GT(fleet.counts().launches, 0);
    EXPECT_GT(fleet.counts().removals, 0);
}

TEST(DecidePolicy, InAGapNothingIsShownNotEvenThatNoPodWaits) {
    const CapacityModel capacity = round_nodes();
    Fleet fleet(capacity);
    fleet.start_with(3, from_unix_seconds(1'767'571'200));
    DecidePolicy own(cluster_of(capacity), {capacity.node});
    own.tick({.now = from_unix_seconds(1'767'571'320)}, fleet);
    EXPECT_FALSE(own.world().signals.cpu || own.world().signals.memory || own.world().signals.pending);
    EXPECT_FALSE(own.world().pods);
    EXPECT_EQ(own.world().signals.cpu.why(), "a gap in the recorded history");
    own.tick({.now = from_unix_seconds(1'767'571'440), .cpu = 1, .memory = 1, .pending = 0, .demand = 1},
             fleet);
    EXPECT_TRUE(own.world().pods);
}

TEST(DecidePolicy, SeveralPoolsAreScaledTogether) {
    const CapacityModel capacity = round_nodes();
    model::ClusterIntent intent = cluster_of(capacity);
    intent.pools[0].max = 4;
    intent.pools.push_back(intent.pools[0]);
    intent.pools[1].name = model::PoolName("second");
    CapacityModel both = capacity;
    both.min = 4;
    both.max = 8;
    DecidePolicy own(intent, {capacity.node});
    const PolicyResult result = run_policy(own, demand_of(times(100, 30.0)), both);
    EXPECT_EQ(result.nodes_max, 8);
}

}  // namespace
}  // namespace k3fleet::backtest
