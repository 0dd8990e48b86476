#include "core/backtest/backtest.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "base/text.h"
#include "core/backtest/decide_policy.h"
#include "core/backtest/peers.h"
#include "core/backtest/synthetic.h"
#include "tests/support/backtest.h"

namespace k3fleet::backtest {
namespace {

using support::cluster_of;
using support::demand_of;
using support::round_nodes;
using support::times;
using support::operator+;

// Everything in a report that a person or a program sees, as text: equal texts are equal to the byte.
std::string dump(const Report& report) {
    std::string text = report.conclusion;
    for (const auto& line : report.assumptions) text += "\n" + line;
    auto rows = report.policies;
    rows.push_back(report.oracle);
    for (const PolicyResult& p : rows) {
        text += format("\n{} {:a} {:a} {:a} {:a} {:a} {} {} {:a} {} {} {} {} {}", p.name, p.usd,
                       p.unserved_node_minutes, p.abandoned_node_minutes, p.waiting_node_minutes,
                       p.p95_wait_s, p.nodes_min, p.nodes_max, p.nodes_mean, p.launches, p.removals,
                       p.scale_events, p.flaps, p.hold_slots);
        for (const double point : p.timeline) text += format(" {:a}", point);
    }
    return text;
}

Demand synthetic(std::uint64_t seed, const CapacityModel& capacity, double factor = 1,
                 Timestamp start = SyntheticShape{}.start) {
    SyntheticShape shape{.start = start};
    DemandOptions options;
    options.unit = Unit::Cores;
    History history = make_synthetic(seed, shape);
    for (Sample& sample : history.samples) *sample.value *= factor * 12;
    return *make_demand(history, options, capacity, std::chrono::minutes{2});
}

Report report_on(const Demand& demand, const CapacityModel& capacity) {
    DecidePolicy own(cluster_of(capacity), {capacity.node});
    return run_backtest(own, demand, capacity, 70, {});
}

TEST(Backtest, ComparesTheStatedPoliciesInAStatedOrder) {
    const Report report = report_on(demand_of(times(20, 6.0)), round_nodes());
    std::vector<std::string> names;
    for (const PolicyResult& p : report.policies) names.push_back(p.name);
    EXPECT_EQ(names, (std::vector<std::string>{"k3fleet", "static", "origin", "hpa-like", "ca-like",
                                               "karpenter-like"}));
    EXPECT_EQ(report.oracle.name, "oracle");
}

TEST(Backtest, AStaticFleetCostsItsNodesAndNothingElse) {
    const CapacityModel capacity = round_nodes();
    StaticPeak policy(5);
    const PolicyResult result = run_policy(policy, demand_of(times(30, 9.5)), capacity);
    EXPECT_NEAR(result.usd, 0.05 * 5, 1e-9);  // An hour.
    EXPECT_NEAR(result.usd_per_week, 0.05 * 5 * 168, 1e-9);
    EXPECT_EQ(result.unserved_node_minutes, 0);
    EXPECT_EQ(result.nodes_min, 5);
    EXPECT_EQ(result.nodes_max, 5);
}

// 12 cores asked of 10 for two slots: 8 core-minutes are short, 4 node-minutes, and served in the quiet
// slots after.
TEST(Backtest, WorkWithoutRoomIsCountedInMinutesOfANode) {
    StaticPeak policy(5);
    const PolicyResult result = run_policy(policy, demand_of(times(2, 12.0) + times(10, 2.0)), round_nodes());
    EXPECT_NEAR(result.unserved_node_minutes, 4, 1e-9);
    EXPECT_EQ(result.abandoned_node_minutes, 0);
    EXPECT_EQ(result.waiting_node_minutes, 0);
    EXPECT_GT(result.p95_wait_s, 40);
    EXPECT_LT(result.p95_wait_s, 48);  // The longest wait is 8 core-minutes at 10 cores.
}

TEST(Backtest, IsDeterministicToTheByte) {
    const CapacityModel capacity = round_nodes();
    const Demand demand = synthetic(1, capacity);
    EXPECT_EQ(dump(report_on(demand, capacity)), dump(report_on(demand, capacity)));
}

TEST(Backtest, AnotherWeekOfTheSameLoadIsTheSameResult) {
    const CapacityModel capacity = round_nodes();
    const Timestamp later = SyntheticShape{}.start + std::chrono::days{70};
    EXPECT_EQ(dump(report_on(synthetic(2, capacity), capacity)),
              dump(report_on(synthetic(2, capacity, 1, later), capacity)));
}

TEST(Backtest, DoubleTheLoadIsNeverCheaperForTheOracleAndTheStaticFleet) {
    const CapacityModel capacity = round_nodes();
    for (const std::uint64_t seed : {1, 2, 3}) {
        const Report once = report_on(synthetic(seed, capacity, 0.5), capacity);
        const Report twice = report_on(synthetic(seed, capacity, 1), capacity);
        EXPECT_GT(twice.oracle.usd, once.oracle.usd) << seed;
        EXPECT_GE(twice.policies[1].usd, once.policies[1].usd) << seed;
    }
}

TEST(Backtest, NoPolicyThatLeavesNothingWithoutRoomIsCheaperThanTheOracle) {
    const CapacityModel capacity = round_nodes();
    for (const std::uint64_t seed : {1, 2, 3, 4, 5}) {
        const Report report = report_on(synthetic(seed, capacity, 0.6), capacity);
        for (const PolicyResult& p : report.policies) {
            if (p.unserved_node_minutes <= report.oracle.unserved_node_minutes + 1e-9) {
                EXPECT_GE(p.usd, report.oracle.usd - 1e-9) << p.name << " seed " << seed;
            }
        }
        // Ours never buys more than the fixed fleet that max allows.
        EXPECT_LE(report.policies[0].usd_per_week, capacity.price_of(capacity.max).dollars() * 168 + 1e-9);
    }
}

RC_GTEST_PROP(Backtest, FewerNodesNeverServeMore, ()) {
    std::vector<double> cores;
    const int count = *rc::gen::inRange(2, 80);
    for (int i = 0; i < count; ++i) cores.push_back(*rc::gen::inRange(0, 250) / 10.0);
    const int fewer = *rc::gen::inRange(1, 9);
    StaticPeak small(fewer);
    StaticPeak large(fewer + 1);
    const CapacityModel capacity = round_nodes();
    const PolicyResult a = run_policy(small, demand_of(cores), capacity);
    const PolicyResult b = run_policy(large, demand_of(cores), capacity);
    RC_ASSERT(b.unserved_node_minutes <= a.unserved_node_minutes + 1e-9);
    RC_ASSERT(b.p95_wait_s <= a.p95_wait_s + 1e-6);
}

RC_GTEST_PROP(Backtest, GapsNeverShrinkTheClusterUnderOurs, ()) {
    std::vector<double> cores;
    const int stretches = *rc::gen::inRange(2, 8);
    for (int i = 0; i < stretches; ++i) {
        const double load = *rc::gen::inRange(0, 200) / 10.0;
        cores = std::move(cores) + times(static_cast<std::size_t>(*rc::gen::inRange(1, 40)), load);
        cores =
            std::move(cores) + times(static_cast<std::size_t>(*rc::gen::inRange(1, 40)), Demand::kUnknown);
    }
    const CapacityModel capacity = round_nodes();
    const Demand demand = demand_of(cores);
    DecidePolicy own(cluster_of(capacity), {capacity.node});
    struct Watch final : Policy {
        explicit Watch(DecidePolicy& inner) : inner_(inner) {}
        std::string_view name() const override { return "watched"; }
        std::string_view rule() const override { return ""; }
        void tick(const Observation& seen, Fleet& fleet) override {
            const int before = fleet.serving() + fleet.booting();
            inner_.tick(seen, fleet);
            if (!seen.demand && fleet.serving() + fleet.booting() < before) shrank = true;
        }
        DecidePolicy& inner_;
        bool shrank = false;
    } watch(own);
    run_policy(watch, demand, capacity);
    RC_ASSERT(!watch.shrank);
}

PolicyResult row(const char* name, double usd, double unserved) {
    return {.name = name, .usd_per_week = usd, .unserved_node_minutes = unserved};
}

TEST(Backtest, TheConclusionIsHonest) {
    Report report;
    report.policies = {row("k3fleet", 50, 10), row("static", 70, 0)};
    EXPECT_EQ(
        conclude(report),
        "k3fleet would have cost $50.00 a week, 29 % less than a fleet fixed at the peak ($70.00), with 10.0 "
        "node-minutes of work without room when it came and no wait at the 95th percentile. Less work waits, "
        "but "
        "dearer: static ($70.00, 0.0 node-minutes).");
    report.policies.push_back(row("hpa-like", 40, 9));
    EXPECT_NE(
        conclude(report).find("It is not the best here: hpa-like ($40.00, 9.0 node-minutes) costs no more"),
        std::string::npos)
        << conclude(report);
    report.policies = {row("k3fleet", 50, 0), row("static", 70, 0)};
    EXPECT_NE(conclude(report).find("No policy here is cheaper or serves more."), std::string::npos);
    report.policies = {row("k3fleet", 80, 0), row("static", 70, 0)};
    EXPECT_NE(conclude(report).find("14 % more than a fleet fixed at the peak"), std::string::npos);
    EXPECT_NE(conclude(report).find("not the best here: static"), std::string::npos);
}

}  // namespace
}  // namespace k3fleet::backtest
