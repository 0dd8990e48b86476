// What a tick remembers of the load, and the window that later ticks judge.
#include "core/scaling/readings.h"

#include <gtest/gtest.h>

#include <limits>

#include "tests/support/world.h"

namespace k3fleet::scaling {
namespace {

using namespace model;
using std::chrono::minutes;
using std::chrono::seconds;
using testing::a_memory;
using testing::an_intent;
using testing::kNoon;
using testing::WorldBuilder;

Memory recorded(const ClusterIntent& intent, const World& world, const Memory& memory = {},
                Timestamp now = kNoon) {
    core::Draft draft(Loop::Workers, intent, world, memory, now);
    record_reading(draft);
    return draft.memory();
}

Reading read(const World& world, const ClusterIntent& intent = an_intent()) {
    return recorded(intent, world).readings.back();
}

TEST(Readings, TakeNumbersThatCanBeALoadAndNoOthers) {
    WorldBuilder world;
    world.load(0, 100, 3);
    const Reading whole = read(world);
    EXPECT_EQ(whole.cpu, 0.0);
    EXPECT_EQ(whole.memory, 100.0);
    EXPECT_EQ(whole.pending, 3.0);
    EXPECT_EQ(whole.at, kNoon);
    EXPECT_EQ(whole.slot, kNoon.time_since_epoch() / minutes{2});
    using Limits = std::numeric_limits<double>;
    for (const double no_load : {-0.1, Limits::quiet_NaN(), Limits::infinity(), -Limits::infinity()}) {
        world.load(no_load, no_load, no_load);
        world.world().pods = Unknown{"away"};
        const Reading none = read(world);
        EXPECT_FALSE(none.cpu || none.memory || none.pending) << no_load;
    }
}

TEST(Readings, PendingPodsComeFromWhoeverKnowsMore) {
    WorldBuilder world;
    world.worker("a").pod("runs", "a").pod("waits", "").pod("waits-too", "");
    world.load(10, 10, 1);
    EXPECT_EQ(read(world).pending, 2.0);
    world.load(10, 10, 5);
    EXPECT_EQ(read(world).pending, 5.0);
    world.no_metrics();
    EXPECT_EQ(read(world).pending, 2.0);
    // Those that are not judged yet, have a place, have ended or leave do not wait.
    auto pods = *world.world().pods;
    pods[1].terminating = true;
    pods[2].phase = PodPhase::Failed;
    pods.push_back(pods[0]);
    pods.back().unschedulable = true;
    pods.push_back({.name = "young", .phase = PodPhase::Pending});
    world.pods(pods);
    EXPECT_EQ(read(world).pending, 0.0);
    world.world().pods = Unknown{"away"};
    EXPECT_FALSE(read(world).pending);
    world.load(10, 10, 4);
    EXPECT_EQ(read(world).pending, 4.0);
}

TEST(Readings, OneCustomMetricOverItsLimitIsEnoughAndOneUnknownIsNotNo) {
    ClusterIntent intent = an_intent();
    EXPECT_EQ(read(WorldBuilder(), intent).custom_over, false) << "there are none";
    intent.autoscaling.custom = {{.name = "a", .query = "q", .limit = 10},
                                 {.name = "b", .query = "q", .limit = 20}};
    const auto over = [&](std::optional<double> a, std::optional<double> b) {
        WorldBuilder world;
        if (a) world.world().signals.custom["a"] = {*a, kNoon};
        if (b) world.world().signals.custom["b"] = {*b, kNoon};
        return read(world, intent).custom_over;
    };
    EXPECT_EQ(over(10, 20), false) << "at the limit is not over it";
    EXPECT_EQ(over(10.5, 0), true);
    EXPECT_EQ(over(0, 20.5), true);
    EXPECT_EQ(over(0, {}), std::nullopt);
    EXPECT_EQ(over({}, 0), std::nullopt);
    EXPECT_EQ(over(11, {}), true);
    EXPECT_EQ(over({}, 21), true);
    EXPECT_EQ(over(-1, 0), std::nullopt) << "no load";
}

TEST(Readings, ALaterTickOfTheSlotReplacesAndAClockThatWentBackIsNotBelieved) {
    const Memory before = a_memory(3);
    const Memory first = recorded(an_intent(), WorldBuilder().load(11, 0, 0), before);
    EXPECT_EQ(first.readings.size(), 4U);
    const Memory again = recorded(an_intent(), WorldBuilder().load(12, 0, 0), first, kNoon + seconds{119});
    ASSERT_EQ(again.readings.size(), 4U);
    EXPECT_EQ(again.readings.back().cpu, 12.0);
    EXPECT_EQ(recorded(an_intent(), WorldBuilder(), first, kNoon + seconds{120}).readings.size(), 5U);
    EXPECT_EQ(recorded(an_intent(), WorldBuilder(), before, kNoon - minutes{4}).readings.size(), 2U);
}

TEST(Readings, NoMoreThanSoManyAreKept) {
    ClusterIntent intent = an_intent();
    intent.autoscaling.thresholds.window_down = 10;
    const Memory full = a_memory(10);
    const Memory next = recorded(intent, WorldBuilder(), full);
    ASSERT_EQ(next.readings.size(), 10U) << "the widest window is scale-down's";
    EXPECT_EQ(next.readings.front(), full.readings[1]);
    const Memory room = a_memory(9);
    EXPECT_EQ(recorded(intent, WorldBuilder(), room).readings.front(), room.readings.front());
    intent.autoscaling.thresholds.window_down = 2;
    const Memory narrowed = recorded(intent, WorldBuilder(), full);
    ASSERT_EQ(narrowed.readings.size(), 3U) << "scale-up's now, at once";
    EXPECT_EQ(narrowed.readings.front(), full.readings[8]);
    intent.autoscaling.thresholds.window_pending = kMaxReadings;
    EXPECT_EQ(recorded(intent, WorldBuilder(), a_memory(kMaxReadings + 5)).readings.size(),
              static_cast<std::size_t>(kMaxReadings));
}

TEST(Window, HasASlotEachAndEmptyOnesWhereNothingWasRead) {
    const auto window_of = [](const Memory& memory, int count) {
        return window(memory, kNoon, minutes{2}, count);
    };
    EXPECT_TRUE(window_of({}, 5).empty());
    Memory memory = a_memory(4);  // The slots -4 to -1.
    memory.readings.erase(memory.readings.begin() + 1);
    const std::int64_t now = kNoon.time_since_epoch() / minutes{2};
    const auto all = window_of(memory, 10);
    ASSERT_EQ(all.size(), 5U) << "none before the first";
    for (std::size_t i = 0; i < all.size(); ++i)
        EXPECT_EQ(all[i].slot, now - 4 + static_cast<std::int64_t>(i));
    EXPECT_TRUE(all[0].cpu && !all[1].cpu && all[2].cpu && all[3].cpu && !all[4].cpu);
    const auto two = window_of(memory, 2);
    ASSERT_EQ(two.size(), 2U);
    EXPECT_EQ(two[0], memory.readings.back());
    EXPECT_EQ(two[1].slot, now);
    const auto one = window_of(memory, 1);
    ASSERT_EQ(one.size(), 1U);
    EXPECT_EQ(one[0].slot, now);
    Memory young;
    young.readings = {{.slot = now, .at = kNoon, .cpu = 5}};
    ASSERT_EQ(window_of(young, 10).size(), 1U);
    EXPECT_EQ(window_of(young, 10)[0].cpu, 5.0);
    // Readings from the future, after a clock went back, are in no window.
    EXPECT_TRUE(window(memory, kNoon - minutes{20}, minutes{2}, 3).empty());
}

}  // namespace
}  // namespace k3fleet::scaling
