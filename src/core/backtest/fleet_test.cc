#include "core/backtest/fleet.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/support/backtest.h"

namespace k3fleet::backtest {
namespace {

using model::Market;
using std::chrono::minutes;
using std::chrono::seconds;
using support::round_nodes;

constexpr Timestamp kStart = from_unix_seconds(1'767'571'200);

TEST(Fleet, ANodeIsPaidFromItsLaunchAndServesAfterItsBoot) {
    const CapacityModel capacity = round_nodes();
    Fleet fleet(capacity);
    fleet.start_with(2, kStart);
    EXPECT_EQ(fleet.cores(), 4);
    fleet.launch_many(1, kStart);
    EXPECT_EQ(fleet.price().micro_usd, 150'000);
    EXPECT_EQ(fleet.next_ready(), kStart + seconds{60});
    fleet.advance(kStart + seconds{59});
    EXPECT_EQ(fleet.serving(), 2);
    fleet.advance(kStart + seconds{60});
    EXPECT_EQ(fleet.serving(), 3);
    EXPECT_EQ(fleet.cores(), 6);
    EXPECT_FALSE(fleet.next_ready());
}

TEST(Fleet, ARemovedNodeServesNoLongerAndIsPaidUntilItsDrainIsDone) {
    const CapacityModel capacity = round_nodes();
    Fleet fleet(capacity);
    fleet.start_with(3, kStart);
    EXPECT_EQ(fleet.remove_many(1), 1);
    EXPECT_EQ(fleet.cores(), 4);
    EXPECT_EQ(fleet.paid(), 3);
    fleet.drain_done(kStart + minutes{2});
    EXPECT_EQ(fleet.paid(), 2);
    EXPECT_EQ(fleet.price().micro_usd, 100'000);
    EXPECT_EQ(fleet.counts().removals, 1);
    EXPECT_EQ(fleet.counts().fewest, 2);
    EXPECT_EQ(fleet.counts().most, 3);
}

TEST(Fleet, ADrainThatIsGivenUpBringsTheNodeBack) {
    const CapacityModel capacity = round_nodes();
    Fleet fleet(capacity);
    fleet.start_with(2, kStart);
    fleet.drain(0);
    fleet.drain(0);
    EXPECT_EQ(fleet.cores(), 2);
    fleet.undrain(0);
    fleet.advance(kStart + minutes{2});
    EXPECT_EQ(fleet.cores(), 4);
}

TEST(Fleet, SpotIsTheStatedShareRoundedDownAtEverySize) {
    CapacityModel capacity = round_nodes();
    capacity.spot_percent = 70;
    Fleet fleet(capacity);
    const auto spot = [&] {
        return std::count_if(fleet.nodes().begin(), fleet.nodes().end(), [](const FleetNode& node) {
            return node.market == Market::Spot && node.state != NodeState::Draining;
        });
    };
    for (int size = 1; size <= 10; ++size) {
        fleet.launch_many(1, kStart);
        EXPECT_EQ(spot(), size * 70 / 100) << size;
        EXPECT_EQ(fleet.price(), capacity.price_of(size)) << size;
    }
    for (int size = 9; size >= 0; --size) {
        fleet.remove_many(1);
        fleet.drain_done(kStart);
        EXPECT_EQ(spot(), size * 70 / 100) << size;
        EXPECT_EQ(fleet.price(), capacity.price_of(size)) << size;
    }
}

struct FlapCase {
    const char* name;
    std::vector<int> minutes_of_removals;
    std::vector<int> minutes_of_launches;
    int flaps;
};

TEST(Fleet, ARemovalFollowedByALaunchWithinTheWindowIsAFlap) {
    const FlapCase cases[] = {
        {"soon after", {0}, {10}, 1},
        {"just within", {0}, {30}, 1},
        {"too late", {0}, {31}, 0},
        {"one launch undoes one removal", {0, 0}, {10}, 1},
        {"two undo two", {0, 5}, {10, 12}, 2},
        {"a launch alone", {}, {10, 12}, 0},
    };
    for (const FlapCase& c : cases) {
        const CapacityModel capacity = round_nodes();
        Fleet fleet(capacity);
        fleet.start_with(5, kStart);
        int victim = 0;
        for (const int at : c.minutes_of_removals) fleet.terminate(victim++, kStart + minutes{at});
        for (const int at : c.minutes_of_launches) fleet.launch_many(1, kStart + minutes{at});
        EXPECT_EQ(fleet.counts().flaps, c.flaps) << c.name;
    }
}

TEST(Fleet, TheAccountStartsNoMoreThanItsLimit) {
    CapacityModel capacity = round_nodes();
    capacity.account_limit = 4;
    Fleet fleet(capacity);
    EXPECT_EQ(fleet.launch_many(9, kStart), 4);
    EXPECT_EQ(fleet.launch_many(1, kStart), 0);
}

}  // namespace
}  // namespace k3fleet::backtest
