#include "core/backtest/oracle.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "tests/support/backtest.h"

namespace k3fleet::backtest {
namespace {

using support::demand_of;
using support::round_nodes;
using support::times;
using support::operator+;

constexpr double kSlot = 0.05 * 2 / 60;  // Dollars of a node for a slot.
constexpr double kBoot = 0.05 / 60;      // For a boot of a minute.

TEST(Oracle, PaysForWhatIsNeededAndForEachBoot) {
    // Nodes needed: 2, 4, 4, 2, 3: two boots going to 4, one going to 3.
    const OracleResult result = run_oracle(demand_of({4, 8, 7, 1, 6}), round_nodes());
    EXPECT_NEAR(result.usd, 15 * kSlot + 3 * kBoot, 1e-12);
    EXPECT_EQ(result.launches, 3);
    EXPECT_EQ(result.fewest, 2);
    EXPECT_EQ(result.most, 4);
    EXPECT_EQ(result.short_core_minutes, 0);
}

TEST(Oracle, KeepsANodeThroughAPauseThatIsShorterThanABoot) {
    CapacityModel slow = round_nodes();
    slow.boot = std::chrono::minutes{5};
    // The third node is not needed for 2 slots (4 minutes), then for 3 (6 minutes).
    const auto demand = demand_of(std::vector<double>{6, 4, 4, 6, 4, 4, 4, 6});
    const OracleResult result = run_oracle(demand, slow);
    EXPECT_NEAR(result.usd, (2 * 8 + 3) * kSlot + 2 * kSlot + 5 * kBoot, 1e-12);
    EXPECT_EQ(result.launches, 1);
}

TEST(Oracle, CountsWhatMaxCannotCarryAndPaysMinWhereNothingIsKnown) {
    const OracleResult result = run_oracle(demand_of({4, 23, Demand::kUnknown}), round_nodes());
    EXPECT_NEAR(result.short_core_minutes, 3 * 2, 1e-9);
    EXPECT_NEAR(result.usd, (2 + 10 + 2) * kSlot + 8 * kBoot, 1e-12);
}

TEST(Oracle, TakesTheMixOfMarketsIntoAccount) {
    CapacityModel mixed = round_nodes();
    mixed.spot_percent = 50;
    EXPECT_NEAR(run_oracle(demand_of(times(3, 8.0)), mixed).usd, 3 * (2 * 0.05 + 2 * 0.02) / 30, 1e-12);
}

RC_GTEST_PROP(Oracle, DoubleTheLoadIsNeverCheaper, ()) {
    std::vector<double> cores = {0};  // The first slot's nodes are free of their boot: the same few for both.
    const int count = *rc::gen::inRange(2, 60);
    for (int i = 0; i < count; ++i) cores.push_back(*rc::gen::inRange(0, 300) / 10.0);
    std::vector<double> twice = cores;
    for (double& c : twice) c *= 2;
    CapacityModel capacity = round_nodes();
    capacity.boot = std::chrono::minutes{*rc::gen::inRange(0, 9)};
    RC_ASSERT(run_oracle(demand_of(twice), capacity).usd >=
              run_oracle(demand_of(cores), capacity).usd - 1e-9);
}

}  // namespace
}  // namespace k3fleet::backtest
