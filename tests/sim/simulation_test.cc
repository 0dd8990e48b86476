// That the simulator is what it says: the same run for the same seed, and eyes that see.
#include "tests/sim/simulation.h"

#include <gtest/gtest.h>

#include <set>
#include <vector>

#include "tests/sim/canary.h"
#include "tests/sim/fiber.h"
#include "tests/sim/standard.h"

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
    EXPECT_TRUE(one.findings.empty())
        << to_string(one.findings.front().invariant) << one.findings.front().what;
}

TEST(Simulation, WithoutAnyFaultNothingFailsAndNobodyDies) {
    const Outcome calm = simulate(reduced(draw(5), {}));
    EXPECT_TRUE(calm.findings.empty());
    for (const auto& row : Figures(calm.figures).rows())
        if (row.group == "call" || row.group == "start" || row.group == "world") {
            EXPECT_EQ(*row.count, 0) << row.name;
        }
    EXPECT_EQ(calm.figures.deaths, 0);
    EXPECT_GT(calm.figures.launches, 0);
}

std::set<Invariant> broken(const Scenario& scenario) {
    std::set<Invariant> seen;
    for (const Finding& finding : simulate(scenario).findings) seen.insert(finding.invariant);
    return seen;
}

// What controllers are told differs from what they should do: that is seen.
TEST(Simulation, SeesCooldownsAndBudgetsThatAreNotKept) {
    Scenario scenario = quiet_scenario(7, std::chrono::minutes{60}, {{0, 0.3}, {20, 7.0}});
    EXPECT_EQ(broken(scenario), std::set<Invariant>{});
    Scenario hasty = scenario;
    hasty.tamper = [](model::ClusterIntent& told) { told.autoscaling.thresholds.cooldown_up = {}; };
    EXPECT_EQ(broken(hasty), std::set{Invariant::CooldownsKept});
    Scenario poor = scenario;
    poor.intent.budget.usd_per_month = 100;
    EXPECT_EQ(broken(poor), std::set<Invariant>{});
    poor.tamper = [](model::ClusterIntent& told) { told.budget.usd_per_month.reset(); };
    EXPECT_EQ(broken(poor), std::set{Invariant::BudgetKept});
}

TEST(Simulation, SeesASecretWhereNoneMayBe) {
    Scenario scenario = quiet_scenario(8, std::chrono::minutes{15}, {{0, 0.3}});
    const std::string secret = canary(scenario.seed);
    scenario.intent.pools.front().name = model::PoolName(secret);
    EXPECT_TRUE(broken(scenario).contains(Invariant::NoSecret));
    scenario.intent.pools.front().name = model::PoolName(secret.substr(1));
    EXPECT_FALSE(broken(scenario).contains(Invariant::NoSecret));
}

TEST(Figures, CountWhatReallyHappened) {
    Scenario scenario = quiet_scenario(9, std::chrono::minutes{40}, {{0, 0.3}});
    const Timestamp at = scenario.start + std::chrono::minutes{20};
    using simcloud::FaultKind;
    for (const auto kind : {FaultKind::NodeFlap, FaultKind::SpotInterruption, FaultKind::MetricsOutage})
        scenario.faults.push_back({.at = at, .kind = kind, .duration = std::chrono::minutes{3}});
    const Figures figures = simulate(scenario).figures;
    EXPECT_EQ(figures.world[FaultKind::NodeFlap], 1);
    EXPECT_EQ(figures.world[FaultKind::SpotInterruption], 0) << "no spot instance was there to be taken";
    EXPECT_GE(figures.world[FaultKind::MetricsOutage], 1);
    EXPECT_GT(figures.judged[Invariant::OneWriter], 50);
    EXPECT_EQ(figures.judged[Invariant::DrainedFirst], 0);
    EXPECT_EQ(figures.seen[Seen::AtRestInTime], 1);
}

TEST(Simulation, NobodyActsByAClockThatIsOffByMinutes) {
    Scenario scenario = quiet_scenario(11, std::chrono::minutes{60}, {{0, 0.3}, {20, 7.0}});
    scenario.starts.skew = std::chrono::minutes{15};
    scenario.starts.skewed = 0.5;
    const Outcome outcome = simulate(scenario);
    EXPECT_TRUE(outcome.findings.empty())
        << to_string(outcome.findings.front().invariant) << outcome.findings.front().what;
    EXPECT_GT(outcome.figures.starts[Start::ClockFarOff], 10);
    EXPECT_GT(outcome.figures.seen[Seen::ClockRefused], 10);
    EXPECT_GT(outcome.figures.seen[Seen::SignatureRefused], 5);
    EXPECT_GT(outcome.figures.launches, 0) << "whose clock is right goes on";
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
    for (const Finding& finding : outcome.findings)
        seen = seen || finding.invariant == Invariant::NeverAboveMax;
    EXPECT_TRUE(seen);
}

}  // namespace
}  // namespace k3fleet::sim
