#include "core/backtest/demand.h"

#include <gtest/gtest.h>

#include "base/text.h"
#include "tests/support/backtest.h"

namespace k3fleet::backtest {
namespace {

using std::chrono::minutes;
using support::round_nodes;

constexpr Timestamp kStart = from_unix_seconds(1'767'571'200);

History every(Duration step, std::vector<std::optional<double>> values) {
    History history{.name = "test"};
    for (std::size_t i = 0; i < values.size(); ++i)
        history.samples.push_back({kStart + step * static_cast<std::int64_t>(i), values[i]});
    return history;
}

Result<Demand> cores(const History& history, DemandOptions options = {}) {
    options.unit = Unit::Cores;
    return make_demand(history, options, round_nodes(), minutes{2});
}

TEST(Demand, ASlotIsTheMeanOfTheLineThroughThePoints) {
    const auto demand = cores(every(minutes{2}, {0, 4, 4, 2}));
    ASSERT_TRUE(demand);
    EXPECT_EQ(demand->cores, (std::vector<double>{2, 4, 3}));
    EXPECT_EQ(demand->peak, 4);
    EXPECT_EQ(demand->mean, 3);
    EXPECT_EQ(demand->start, kStart);
}

TEST(Demand, CoarsePointsAreBridgedAndFineOnesAveraged) {
    const auto coarse = cores(every(minutes{4}, {0, 8}));
    ASSERT_TRUE(coarse);
    EXPECT_EQ(coarse->cores, (std::vector<double>{2, 6}));
    const auto fine = cores(every(std::chrono::seconds{30}, {1, 3, 1, 3, 1, 3, 1, 3, 1}));
    ASSERT_TRUE(fine);
    EXPECT_EQ(fine->cores, (std::vector<double>{2, 2}));
}

TEST(Demand, SlotsBeginAtWholeMultiplesAsInProduction) {
    History history = every(minutes{1}, {1, 1, 1, 1, 1, 1, 1});
    for (Sample& sample : history.samples) sample.at += std::chrono::seconds{30};
    const auto demand = cores(history);
    ASSERT_TRUE(demand);
    EXPECT_EQ(demand->start, kStart + minutes{2});
    EXPECT_EQ(demand->cores.size(), 2U);
}

TEST(Demand, ALongGapIsUnknownAndAShortOneALine) {
    std::vector<std::optional<double>> values(60, 4.0);
    for (int i = 10; i < 14; ++i)
        values[static_cast<std::size_t>(i)] = std::nullopt;  // 10 minutes between points.
    for (int i = 30; i < 45; ++i) values[static_cast<std::size_t>(i)] = std::nullopt;  // 32 minutes.
    const auto demand = cores(every(minutes{2}, values));
    ASSERT_TRUE(demand);
    EXPECT_EQ(demand->bridged, 1);
    EXPECT_EQ(demand->gaps, 1);
    EXPECT_EQ(demand->unknown_slots, 16);
    EXPECT_TRUE(demand->known(28));
    EXPECT_FALSE(demand->known(29));
    EXPECT_FALSE(demand->known(44));
    EXPECT_TRUE(demand->known(45));
    EXPECT_EQ(demand->mean, 4);
    EXPECT_NE(join(demand->assumptions, "\n").find("unknown for 16 slots"), std::string::npos);

    DemandOptions strict;
    strict.gap_limit = minutes{5};
    EXPECT_EQ(cores(every(minutes{2}, values), strict)->gaps, 2);
}

TEST(Demand, UnitsAreTurnedIntoCoresAsStated) {
    const History history = every(minutes{2}, {50, 50, 50});
    DemandOptions percent{.unit = Unit::Percent, .nodes = 4};
    EXPECT_EQ(make_demand(history, percent, round_nodes(), minutes{2})->peak, 4);  // Half of 4 times 2 cores.
    DemandOptions requests{.unit = Unit::Requests, .cores_per_request = 0.1};
    EXPECT_EQ(make_demand(history, requests, round_nodes(), minutes{2})->peak, 5);
    DemandOptions scaled{.unit = Unit::Scaled, .nodes = 6};
    EXPECT_EQ(make_demand(history, scaled, round_nodes(), minutes{2})->p99, 12);
    EXPECT_DOUBLE_EQ(make_demand(history, {}, round_nodes(), minutes{2})->p99, 14);  // 0.7 of max 10 nodes.
}

TEST(Demand, OnlyTheNewestPartIfAskedFor) {
    DemandOptions options;
    options.last = minutes{8};
    EXPECT_EQ(cores(every(minutes{2}, {1, 2, 3, 4, 5, 6, 7, 8}), options)->cores,
              (std::vector<double>{4.5, 5.5, 6.5, 7.5}));
}

struct BadCase {
    const char* name;
    History history;
    DemandOptions options;
    const char* message;
};

TEST(Demand, WhatCannotBeFollowedIsRefusedWithTheReason) {
    History backwards = every(minutes{2}, {1, 2, 3});
    std::swap(backwards.samples[0], backwards.samples[2]);
    const BadCase cases[] = {
        {"out of order", backwards, {}, "out of order"},
        {"one point", every(minutes{2}, {1}), {}, "1 known point"},
        {"all missing", every(minutes{2}, {std::nullopt, std::nullopt}), {}, "0 known points"},
        {"negative", every(minutes{2}, {1, -1, 1}), {}, "finite number of 0 or more"},
        {"too short", every(minutes{1}, {1, 1, 1}), {}, "less than two slots"},
        {"all gap", every(minutes{60}, {1, 1, 1}), {.gap_limit = minutes{30}}, "nothing is known"},
        {"percent of what", every(minutes{2}, {1, 1, 1}), {.unit = Unit::Percent}, "--history-nodes"},
        {"requests of what", every(minutes{2}, {1, 1, 1}), {.unit = Unit::Requests}, "--cores-per-request"},
        {"nothing to scale", every(minutes{2}, {0, 0, 0}), {}, "99th percentile is 0"},
        {"too long", every(std::chrono::days{3650}, {1, 1, 1}), {}, "at most 5000000"},
    };
    for (const BadCase& c : cases) {
        const auto demand = make_demand(c.history, c.options, round_nodes(), minutes{2});
        ASSERT_FALSE(demand) << c.name;
        EXPECT_EQ(demand.error().code, ErrorCode::InvalidArgument) << c.name;
        EXPECT_NE(demand.error().message.find(c.message), std::string::npos) << demand.error().message;
    }
}

}  // namespace
}  // namespace k3fleet::backtest
