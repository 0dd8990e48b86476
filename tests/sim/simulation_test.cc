// That the simulator is what it says: the same run for the same seed, and eyes that see.
#include "tests/sim/simulation.h"

#include <gtest/gtest.h>

#include <vector>

#include "tests/sim/fiber.h"

namespace k3fleet::sim {
namespace {

TEST(Fiber, StopsInTheMiddleAndGoesOn) {
    std::vector<int> seen;
    Fiber fiber([&] {
        seen.push_back(1);
        Fiber::yield();
        seen.push_back(3);
    });
    fiber.resume();
    seen.push_back(2);
    EXPECT_FALSE(fiber.ended());
    fiber.resume();
    EXPECT_TRUE(fiber.ended());
    EXPECT_EQ(seen, (std::vector<int>{1, 2, 3}));
}

TEST(Fiber, RunsInsideAnother) {
    std::vector<int> seen;
    Fiber outer([&] {
        Fiber inner([&] {
            seen.push_back(1);
            Fiber::yield();
            seen.push_back(3);
        });
        inner.resume();
        seen.push_back(2);
        Fiber::yield();
        inner.resume();
    });
    outer.resume();
    outer.resume();
    EXPECT_EQ(seen, (std::vector<int>{1, 2, 3}));
}

TEST(Scenario, IsDrawnFromItsSeedAlone) {
    EXPECT_EQ(describe(draw(7)), describe(draw(7)));
    EXPECT_NE(describe(draw(7)), describe(draw(8)));
    const Scenario whole = draw(7);
    const Scenario bare = reduced(whole, {});
    EXPECT_TRUE(bare.faults.empty() && bare.troubles.empty() && bare.operations.empty());
    EXPECT_EQ(bare.starts.crashed, 0);
    EXPECT_EQ(bare.intent, whole.intent);
}

TEST(Simulation, GivesTheSameRunForTheSameSeed) {
    const Outcome one = simulate(draw(3), Story::Told);
    const Outcome two = simulate(draw(3), Story::Told);
    EXPECT_EQ(one.trace, two.trace);
    EXPECT_EQ(one.story, two.story);
    EXPECT_GT(one.figures.ticks, 50);
    EXPECT_TRUE(one.findings.empty()) << one.findings.front().invariant << one.findings.front().what;
}

TEST(Simulation, WithoutAnyFaultNothingFailsAndNobodyDies) {
    const Outcome calm = simulate(reduced(draw(5), {}));
    EXPECT_TRUE(calm.findings.empty());
    EXPECT_TRUE(calm.figures.struck.empty());
    EXPECT_EQ(calm.figures.deaths, 0);
    EXPECT_GT(calm.figures.launches, 0);
}

// A limit that no cluster can keep shows that the eyes are open: more workers than the file allows.
TEST(Simulation, SeesAWorkerTooMany) {
    Scenario scenario = reduced(draw(5), {});
    scenario.tamper = [](model::ClusterIntent& told) {
        for (auto& pool : told.pools) pool.max += 5;
        for (auto& pool : told.pools) pool.min = pool.max;
    };
    const Outcome outcome = simulate(scenario);
    bool seen = false;
    for (const Finding& finding : outcome.findings) seen = seen || finding.invariant == "never-above-max";
    EXPECT_TRUE(seen);
}

}  // namespace
}  // namespace k3fleet::sim
