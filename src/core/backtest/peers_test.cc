#include "core/backtest/peers.h"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/support/backtest.h"

namespace k3fleet::backtest {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;
using support::round_nodes;

constexpr Timestamp kStart = from_unix_seconds(1'767'571'200);

// A fleet and a clock: each step is a slot of two minutes.
struct Bench {
    explicit Bench(int nodes, CapacityModel model = round_nodes()) : capacity(model), fleet(capacity) {
        fleet.start_with(nodes, kStart);
    }
    // What a monitor shows for this demand, memory in proportion.
    Observation seen(std::optional<double> demand) {
        Observation o{.now = now, .demand = demand};
        if (!demand) return o;
        o.cpu = std::min(100.0, 100 * *demand / fleet.cores());
        o.memory = o.cpu;
        o.pending = std::ceil(std::max(0.0, *demand - fleet.cores()) * 2);
        return o;
    }
    int step(Policy& policy, const Observation& o) {
        const int before = fleet.serving() + fleet.booting();
        policy.tick(o, fleet);
        const int change = fleet.serving() + fleet.booting() - before;
        now += minutes{2};
        fleet.advance(now);
        return change;
    }
    int step(Policy& policy, std::optional<double> demand) { return step(policy, seen(demand)); }
    int steps(Policy& policy, int count, std::optional<double> demand) {
        int change = 0;
        for (int i = 0; i < count; ++i) change += step(policy, demand);
        return change;
    }

    CapacityModel capacity;
    Fleet fleet;
    Timestamp now = kStart;
};

TEST(StaticPeak, NeverMoves) {
    StaticPeak policy(7);
    EXPECT_EQ(policy.start_count(3), 7);
    Bench bench(7);
    EXPECT_EQ(bench.steps(policy, 20, 1000.0), 0);
    EXPECT_EQ(bench.steps(policy, 20, 0.0), 0);
}

TEST(OriginRule, FullCpuAloneNeverAsksForMore) {
    OriginRule policy;
    Bench bench(4);
    for (int i = 0; i < 30; ++i) {
        const Observation full{.now = bench.now, .cpu = 100, .memory = 60, .pending = 0, .demand = 8};
        EXPECT_EQ(bench.step(policy, full), 0);
    }
}

TEST(OriginRule, FullCpuLooksIdleAndShrinksTheCluster) {
    OriginRule policy;
    Bench bench(4);
    int change = 0;
    for (int i = 0; i < 10; ++i) {
        const Observation full{.now = bench.now, .cpu = 100, .memory = 40, .pending = 0, .demand = 8};
        change += bench.step(policy, full);
    }
    EXPECT_EQ(change, -1);
}

TEST(OriginRule, WaitingPodsActAtTheThirdReading) {
    OriginRule policy;
    Bench bench(4);
    EXPECT_EQ(bench.steps(policy, 2, 9.0), 0);
    EXPECT_EQ(bench.step(policy, 9.0), 1);
}

TEST(OriginRule, ManyWaitingPodsBringTwo) {
    OriginRule policy;
    Bench bench(4);
    bench.steps(policy, 2, 12.0);
    EXPECT_EQ(bench.step(policy, 12.0), 2);
}

TEST(OriginRule, AScaleDownHoldsUpAnUrgentScaleUp) {
    OriginRule policy;
    Bench bench(6);
    EXPECT_EQ(bench.steps(policy, 10, 1.0), -1);  // At minute 18.
    EXPECT_EQ(bench.steps(policy, 2, 14.0), 0);   // Minutes 20 and 22: too few readings.
    EXPECT_EQ(bench.step(policy, 14.0), 2);       // Minute 24: 6 minutes after, cooled down.
    Bench sooner(6);
    OriginRule again;
    sooner.steps(again, 10, 1.0);
    for (int i = 0; i < 3; ++i) {
        sooner.now -= minutes{1};  // Ticks a minute apart.
        EXPECT_EQ(sooner.step(again, 14.0), 0) << i;
    }
}

TEST(OriginRule, ASilentMonitorGrowsTheClusterPastMax) {
    OriginRule policy;
    Bench bench(5);
    EXPECT_EQ(bench.steps(policy, 4, std::nullopt), 8);   // 5 to 13 with max 10.
    EXPECT_EQ(bench.steps(policy, 40, std::nullopt), 7);  // Until the account stops it, at 20.
}

TEST(OriginRule, AtMaxItNeverComesDown) {
    OriginRule policy;
    Bench bench(10);
    EXPECT_EQ(bench.steps(policy, 100, 0.5), 0);
    OriginRule below;
    Bench nine(9);
    EXPECT_LT(nine.steps(below, 100, 0.5), 0);
}

TEST(OriginRule, ADeficitIgnoresTheCooldown) {
    OriginRule policy;
    CapacityModel capacity = round_nodes();
    capacity.min = 4;
    Bench bench(2, capacity);
    EXPECT_EQ(bench.step(policy, 1.0), 2);
    bench.fleet.terminate(0, bench.now);
    EXPECT_EQ(bench.step(policy, 1.0), 1);
}

struct TrackCase {
    const char* name;
    int nodes;
    double cpu;
    int change;
};

TEST(TargetTracking, FollowsTheFormulaOnTheWayUp) {
    const TrackCase cases[] = {
        {"ceil(4 * 90 / 70) = 6", 4, 90, 2},
        {"within the tolerance", 4, 76, 0},
        {"just beyond it: ceil(4 * 78 / 70)", 4, 78, 1},
        {"full: ceil(5 * 100 / 70) = 8", 5, 100, 3},
        {"never above max", 9, 100, 1},
        {"at max", 10, 100, 0},
    };
    for (const TrackCase& c : cases) {
        TargetTracking policy(70);
        Bench bench(c.nodes);
        const Observation o{.now = bench.now, .cpu = c.cpu, .memory = 50, .pending = 0, .demand = 1};
        EXPECT_EQ(bench.step(policy, o), c.change) << c.name;
    }
}

TEST(TargetTracking, ShrinksOnlyToTheHighestWishOfFiveMinutes) {
    TargetTracking policy(70);
    Bench bench(8);
    EXPECT_EQ(bench.step(policy, 8 * 2 * 0.70), 0);  // Minute 0 wishes 8.
    EXPECT_EQ(bench.step(policy, 4.0), 0);           // Minutes 2 and 4: 8 is still within five minutes.
    EXPECT_EQ(bench.step(policy, 4.0), 0);
    EXPECT_EQ(bench.step(policy, 4.0), -5);  // Minute 6: ceil(8 * 25 / 70) = 3.
}

TEST(TargetTracking, NodesThatBootCountAsIdle) {
    CapacityModel slow = round_nodes();
    slow.boot = minutes{10};
    TargetTracking policy(70);
    Bench bench(4, slow);
    EXPECT_EQ(bench.step(policy, 8.0), 2);  // ceil(4 * 100 / 70) = 6.
    EXPECT_EQ(bench.step(policy, 8.0), 0);  // 4 * 100 / 6 = 66.7 %: enough is on the way.
}

TEST(TargetTracking, AGapChangesNothing) {
    TargetTracking policy(70);
    Bench bench(5);
    EXPECT_EQ(bench.steps(policy, 20, std::nullopt), 0);
}

TEST(ClusterAutoscaler, WaitingPodsBringAllTheNodesTheyNeedAtOnce) {
    ClusterAutoscaler policy;
    Bench bench(4);
    EXPECT_EQ(bench.step(policy, 13.5), 3);
    EXPECT_EQ(bench.step(policy, 1000.0), 3);
}

TEST(ClusterAutoscaler, NodesOnTheirWayCount) {
    CapacityModel slow = round_nodes();
    slow.boot = minutes{10};
    ClusterAutoscaler policy;
    Bench bench(4, slow);
    EXPECT_EQ(bench.step(policy, 12.0), 2);
    EXPECT_EQ(bench.step(policy, 12.0), 0);
}

TEST(ClusterAutoscaler, OneNodeGoesAfterTenMinutesUnderHalf) {
    ClusterAutoscaler policy;
    Bench bench(8);
    EXPECT_EQ(bench.steps(policy, 5, 4.0), 0);
    EXPECT_EQ(bench.step(policy, 4.0), -1);
    EXPECT_EQ(bench.step(policy, 4.0), -1);
    EXPECT_EQ(bench.steps(policy, 50, 4.0), -2);  // At 4 nodes of 8 cores it is half, not under it.
}

TEST(ClusterAutoscaler, NotWithinTenMinutesOfAnAdditionAndNotInAGap) {
    ClusterAutoscaler policy;
    Bench bench(4);
    bench.step(policy, 10.0);
    EXPECT_EQ(bench.steps(policy, 5, 2.0), 0);
    EXPECT_EQ(bench.step(policy, std::nullopt), 0);
    EXPECT_EQ(bench.steps(policy, 5, 2.0), 0);  // The ten minutes begin again.
    EXPECT_EQ(bench.step(policy, 2.0), -1);
}

TEST(Karpenter, ConsolidatesTenPercentAtATime) {
    CapacityModel large = round_nodes();
    large.max = 40;
    Karpenter policy;
    Bench bench(25, large);
    EXPECT_EQ(bench.step(policy, 10.0), -3);  // 10 % of 25, rounded up.
    EXPECT_EQ(bench.step(policy, 10.0), -3);  // Of 22.
    EXPECT_EQ(bench.steps(policy, 50, 10.0), -14);
    EXPECT_EQ(bench.fleet.serving(), 5);
    EXPECT_EQ(bench.step(policy, 10.1), 1);
    EXPECT_EQ(bench.step(policy, std::nullopt), 0);
}

}  // namespace
}  // namespace k3fleet::backtest
