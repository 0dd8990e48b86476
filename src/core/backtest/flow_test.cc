#include "core/backtest/flow.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>

namespace k3fleet::backtest {
namespace {

using std::chrono::minutes;

constexpr double kExact = 1e-9;

TEST(Flow, WorkThatFitsNeverWaits) {
    Flow flow(minutes{30});
    EXPECT_NEAR(flow.run(10, 1, 2), 10, kExact);
    EXPECT_EQ(flow.short_core_minutes(), 0);
    EXPECT_EQ(flow.wait_quantile(0.95), 0);
}

// Two cores ask, one serves, for a minute: what came at s is served at 2s, so the waits are even between 0
// and 60 s.
TEST(Flow, WaitsOfOneOverloadAreEvenlySpread) {
    Flow flow(minutes{30});
    EXPECT_NEAR(flow.run(1, 2, 1), 1, kExact);
    EXPECT_NEAR(flow.waiting_core_minutes(), 1, kExact);
    EXPECT_NEAR(flow.run(1, 0, 1), 1, kExact);
    EXPECT_NEAR(flow.short_core_minutes(), 1, kExact);
    EXPECT_NEAR(flow.waiting_core_minutes(), 0, kExact);
    EXPECT_NEAR(flow.wait_quantile(0.5), 30, 1e-6);
    EXPECT_NEAR(flow.wait_quantile(0.95), 57, 1e-6);
}

// Nothing serves for a minute, then two cores while one asks: the backlog waits 60 to 30 s, what comes
// after it 30 to 0 s until service has caught up at minute 2, the rest not at all. Of 4 core-minutes 1, 1
// and 2.
TEST(Flow, ServiceCatchesUpFirstComeFirstServed) {
    Flow flow(minutes{30});
    EXPECT_NEAR(flow.run(1, 1, 0), 0, kExact);
    EXPECT_NEAR(flow.run(3, 1, 2), 4, kExact);
    EXPECT_NEAR(flow.wait_quantile(0.5), 0, 1e-6);
    EXPECT_NEAR(flow.wait_quantile(0.75), 30, 1e-6);
    EXPECT_NEAR(flow.wait_quantile(0.95), 54, 1e-6);
    EXPECT_NEAR(flow.wait_quantile(1), 60, 1e-6);
}

TEST(Flow, TheSameHoldsWhateverTheStretchesAre) {
    Flow whole(minutes{30});
    whole.run(1, 3, 1);
    whole.run(4, 0.5, 1);
    Flow pieces(minutes{30});
    for (int i = 0; i < 10; ++i) pieces.run(0.1, 3, 1);
    for (int i = 0; i < 40; ++i) pieces.run(0.1, 0.5, 1);
    EXPECT_NEAR(whole.served_core_minutes(), pieces.served_core_minutes(), 1e-6);
    EXPECT_NEAR(whole.short_core_minutes(), pieces.short_core_minutes(), 1e-6);
    for (const double share : {0.3, 0.6, 0.95}) {
        EXPECT_NEAR(whole.wait_quantile(share), pieces.wait_quantile(share), 0.6) << share;
    }
}

TEST(Flow, WorkGivesUpAfterItsPatience) {
    Flow flow(minutes{5});
    for (int i = 0; i < 5; ++i) flow.run(2, 1, 0);
    EXPECT_NEAR(flow.abandoned_core_minutes(), 5, kExact);
    EXPECT_NEAR(flow.waiting_core_minutes(), 5, kExact);
    EXPECT_NEAR(flow.wait_quantile(1), 301, 1.001);
    flow.run(2, 0, 100);
    EXPECT_NEAR(flow.served_core_minutes(), 5, kExact);
    EXPECT_NEAR(flow.waiting_core_minutes(), 0, kExact);
}

TEST(Flow, WhatIsLostSightOfHasWaitedSoFar) {
    Flow flow(minutes{30});
    flow.run(2, 1, 0);
    flow.lose_sight();
    EXPECT_EQ(flow.waiting_core_minutes(), 0);
    EXPECT_EQ(flow.abandoned_core_minutes(), 0);
    EXPECT_NEAR(flow.wait_quantile(0.5), 60, 1e-6);
}

struct Stretch {
    double demand, capacity;
};

std::vector<Stretch> any_stretches() {
    const auto count = *rc::gen::inRange(1, 30);
    std::vector<Stretch> stretches;
    for (int i = 0; i < count; ++i)
        stretches.push_back({*rc::gen::inRange(0, 50) / 10.0, *rc::gen::inRange(0, 50) / 10.0});
    return stretches;
}

RC_GTEST_PROP(Flow, NoWorkIsLostOrMade, ()) {
    Flow flow(minutes{7});
    double came = 0;
    for (const Stretch& s : any_stretches()) {
        flow.run(2, s.demand, s.capacity);
        came += 2 * s.demand;
    }
    const double accounted =
        flow.served_core_minutes() + flow.waiting_core_minutes() + flow.abandoned_core_minutes();
    RC_ASSERT(std::abs(came - accounted) < 1e-6);
    RC_ASSERT(flow.waiting_core_minutes() > -1e-9);
}

RC_GTEST_PROP(Flow, MoreCapacityNeverServesLess, ()) {
    Flow small(minutes{7});
    Flow large(minutes{7});
    for (const Stretch& s : any_stretches()) {
        small.run(2, s.demand, s.capacity);
        large.run(2, s.demand, s.capacity + *rc::gen::inRange(0, 20) / 10.0);
    }
    RC_ASSERT(large.served_core_minutes() >= small.served_core_minutes() - 1e-6);
    RC_ASSERT(large.short_core_minutes() <= small.short_core_minutes() + 1e-6);
}

}  // namespace
}  // namespace k3fleet::backtest
