// That drills try what they say, and would see it.
#include "tests/sim/drills.h"

#include <gtest/gtest.h>

#include <set>

#include "adapters/simcloud/aws/sim_api.h"
#include "aws/gen/sqs.h"
#include "tests/sim/schedules.h"
#include "tests/sim/setup_drills.h"
#include "tests/sim/standard.h"

namespace k3fleet::sim {
namespace {

// Controllers of so many steps each, in one order: who made which step.
std::vector<std::size_t> play(Scheduler& order, std::vector<int> steps) {
    std::vector<std::size_t> made;
    std::optional<std::size_t> running;
    while (true) {
        std::vector<std::size_t> able;
        for (std::size_t i = 0; i < steps.size(); ++i)
            if (steps[i] > 0) able.push_back(i);
        if (able.empty()) return made;
        running = order.next(able, running);
        made.push_back(*running);
        if (--steps[*running] == 0) running.reset();
    }
}

std::size_t different_orders(int preemptions, const std::vector<int>& steps) {
    AllSchedules orders(preemptions);
    std::set<std::vector<std::size_t>> seen;
    do EXPECT_TRUE(seen.insert(play(orders, steps)).second);
    while (orders.advance());
    return seen.size();
}

TEST(AllSchedules, AreAllOrdersOnce) {
    EXPECT_EQ(different_orders(9, {3, 4}), 35U);     // 7 over 3.
    EXPECT_EQ(different_orders(9, {2, 2, 2}), 90U);  // 6! / (2! 2! 2!)
    EXPECT_EQ(different_orders(0, {3, 4}), 2U);      // One after the other.
    EXPECT_EQ(different_orders(0, {2, 2, 2}), 6U);
    // One of two is interrupted after one of its steps, and goes on when the other has ended; or the other is
    // interrupted in its turn, which is a second preemption.
    EXPECT_EQ(different_orders(1, {3, 4}), 2U + 2U + 3U);
}

TEST(AllSchedules, GoThroughTheSameOrderAgain) {
    AllSchedules orders(2);
    for (int i = 0; i < 3; ++i) ASSERT_TRUE((play(orders, {3, 3}), orders.advance()));
    const auto first = play(orders, {3, 3});
    orders.again();
    EXPECT_EQ(play(orders, {3, 3}), first);
    EXPECT_EQ(orders.decisions(), 6);
}

TEST(DrawnSchedule, ChangesItsMindAtFewPoints) {
    std::set<std::vector<std::size_t>> seen;
    for (std::uint64_t seed = 0; seed < 200; ++seed) {
        DrawnSchedule order(Prng(seed), 2, 3, 8);
        const auto made = play(order, {4, 4});
        int changes = 0;
        for (std::size_t i = 1; i < made.size(); ++i) changes += made[i] != made[i - 1] ? 1 : 0;
        EXPECT_LE(changes, 3);  // Two change points, and one has ended.
        seen.insert(made);
    }
    EXPECT_GT(seen.size(), 20U);
}

TEST(Crash, HappensAtEachPointOnce) {
    const Scenario scenario = standard_scenarios().front().scenario;
    const Outcome undisturbed = simulate(scenario);
    EXPECT_EQ(undisturbed.figures.deaths, 0);
    EXPECT_GT(undisturbed.counted_calls, 50);
    std::set<std::uint64_t> traces;
    for (const std::int64_t point : {std::int64_t{0}, std::int64_t{1}, 2 * undisturbed.counted_calls - 1}) {
        Scenario broken = scenario;
        broken.orders.deaths = {point};
        const Outcome outcome = simulate(broken);
        EXPECT_EQ(outcome.figures.deaths, 1) << point;
        EXPECT_TRUE(traces.insert(outcome.trace).second) << point;
    }
    Scenario beyond = scenario;
    beyond.orders.deaths = {2 * undisturbed.counted_calls};
    EXPECT_EQ(simulate(beyond).trace, undisturbed.trace);
}

TEST(Crash, OfAControllerThatDoesOtherwiseThanItShouldIsSeen) {
    Scenario scenario = standard_scenarios().front().scenario;
    scenario.tamper = [](model::ClusterIntent& told) {
        for (auto& pool : told.pools) pool.min = pool.max += 3;
    };
    Tally tally;
    try_crash_points("tampered", scenario, 0, 1'000'000, tally);
    EXPECT_EQ(tally.runs, 2);
    EXPECT_EQ(tally.points, 1);
    EXPECT_EQ(tally.broken.size(), 2U);
    EXPECT_GT(tally.story.size(), 10U);
}

// Of two controllers of one loop, one has the lease and the other nothing to say, whoever is first.
TEST(Round, GivesEachCallItsTurn) {
    Scenario scenario = standard_scenarios().front().scenario;
    const Outcome alone = simulate(scenario);
    ASSERT_FALSE(alone.deeds.empty());
    AllSchedules one_preemption(1);
    std::set<std::uint64_t> traces;
    int runs = 0;
    do {
        scenario.orders.round = Round{.at = alone.deeds.front().begun,
                                      .controllers = {alone.deeds.front().loop, alone.deeds.front().loop},
                                      .order = &one_preemption};
        const Outcome outcome = simulate(scenario);
        EXPECT_TRUE(outcome.findings.empty());
        EXPECT_EQ(outcome.figures.ticks, alone.figures.ticks + 1);
        EXPECT_EQ(outcome.figures.launches, alone.figures.launches);
        traces.insert(outcome.trace);
        ++runs;
    } while (runs < 6 && one_preemption.advance());
    EXPECT_GT(traces.size(), 3U);
}

// All points are tried by the tier sim.drills.
TEST(SetupDrill, WhatWasKilledIsFinishedByTheSameCommand) {
    for (const SetupCommand command :
         {SetupCommand::Init, SetupCommand::Create, SetupCommand::Delete, SetupCommand::Uninit}) {
        Tally tally;
        try_setup_deaths(command, 7, 211, tally);
        try_setup_troubles(command, 5, tally);
        EXPECT_GT(tally.points, 1) << to_string(command);
        EXPECT_TRUE(tally.broken.empty()) << tally.broken.front();
    }
}

TEST(SetupDrill, SeesWhatIsLeftOver) {
    auto before = world_before(SetupCommand::Init);
    ASSERT_TRUE(before) << before.error().describe();
    const auto bare = census(before->account);
    simcloud::Engine engine(*std::move(before));
    simcloud::SimApi root = simcloud::SimApi::root(engine);
    ASSERT_TRUE(root.call(aws::sqs::CreateQueueRequest{.queue_name = "left-over"}));
    const auto now = census(engine.state().account);
    EXPECT_EQ(now.at("queues"), bare.at("queues") + 1);
    EXPECT_NE(now, bare);
}

TEST(Exercises, AreOfEachKind) {
    std::set<std::string> kinds;
    for (const Exercise& each : exercises(Volume::Daily))
        kinds.insert(each.drill.substr(0, each.drill.find(' ')));
    EXPECT_EQ(kinds, (std::set<std::string>{"burst", "crash", "outage", "schedule", "setup"}));
}

}  // namespace
}  // namespace k3fleet::sim
