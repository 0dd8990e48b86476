#include "cli/backtest_view.h"

#include <gtest/gtest.h>

#include "base/json.h"
#include "base/text.h"
#include "core/backtest/decide_policy.h"
#include "core/backtest/synthetic.h"
#include "tests/support/backtest.h"
#include "tests/support/cli_host.h"
#include "tests/support/golden.h"

namespace k3fleet::cli {
namespace {

// Two days of a made-up load on round nodes, with a gap of an hour.
backtest::Report two_days() {
    backtest::CapacityModel capacity = support::round_nodes();
    backtest::SyntheticShape shape{.length = std::chrono::days{2}};
    backtest::History history = backtest::make_synthetic(4, shape);
    for (std::size_t i = 1800; i < 1860; ++i) history.samples[i].value.reset();
    const auto demand = backtest::make_demand(history, {}, capacity, std::chrono::minutes{2});
    backtest::DecidePolicy own(support::cluster_of(capacity), {capacity.node});
    return backtest::run_backtest(own, *demand, capacity, 70, {"this is a test"});
}

TEST(BacktestView, ShowsTheLoadTheTableAndWhatWasAssumed) {
    const std::string text = render_backtest(two_days(), Colours::Plain);
    for (const char* part :
         {"synthetic:4: 2026-01-05 00:00 to 2026-01-07 00:00 UTC, 1440 slots of 2m\n", "  - this is a test\n",
          "\nPOLICY ", "\nk3fleet ", "\nstatic ", "\norigin ", "\nhpa-like ", "\nca-like ",
          "\nkarpenter-like ", "\noracle ", "1 gap is longer than 15m", "k3fleet would have cost $"}) {
        EXPECT_NE(text.find(part), std::string::npos) << part << " in\n" << text;
    }
    for (const std::string& line : split(text, '\n')) {
        EXPECT_TRUE(line.empty() || line.back() != ' ') << line;
    }
}

TEST(BacktestView, IsTheSameToTheByteEveryTime) {
    EXPECT_EQ(render_backtest(two_days(), Colours::Plain), render_backtest(two_days(), Colours::Plain));
    EXPECT_EQ(json::write(backtest_document(two_days())), json::write(backtest_document(two_days())));
}

TEST(BacktestView, TheDocumentKeepsItsShape) {
    const Value document = backtest_document(two_days());
    std::vector<std::string> keys;
    for (const Member& member : document.members()) keys.push_back(member.key);
    EXPECT_EQ(keys, (std::vector<std::string>{"history", "from", "to", "slot_seconds", "slots",
                                              "unknown_slots", "demand_nodes", "assumptions", "policies",
                                              "lower_bound", "conclusion"}));
    std::vector<std::string> figures;
    for (const Member& member : document.find("policies")->items().front().members())
        figures.push_back(member.key);
    EXPECT_EQ(figures, (std::vector<std::string>{
                           "name", "rule", "usd_per_week", "usd", "unserved_node_minutes",
                           "abandoned_node_minutes", "waiting_node_minutes", "p95_wait_seconds", "nodes_min",
                           "nodes_max", "nodes_mean", "launches", "removals", "scale_events", "flaps",
                           "hold_slots", "hit_account_limit", "timeline"}));
    EXPECT_EQ(document.find("unknown_slots")->as_int(), 31);
    bool unknown_is_null = false;
    for (const Value& point : document.path("demand_nodes.timeline")->items())
        unknown_is_null = unknown_is_null || point.is_null();
    EXPECT_TRUE(unknown_is_null);
}

// A day in steps of ten minutes, with a crowd in the evening and an hour that was not recorded.
TEST(BacktestView, TheReportOnAPinnedLoadIsAsItWasRead) {
    const std::string load = testing_support::source_path("tests/golden/backtest/load.csv").string();
    const std::string cluster = testing_support::source_path("examples/cluster-dev.yaml").string();
    for (const char* format : {"table", "json"}) {
        support::MemoryHost process;
        process.variables["HOME"] = "/nonexistent";
        const ExitCode code = process.run({"backtest", "-f", cluster, "--history", "csv:" + load, "--unit",
                                           "cores", "--boot", "90s", "-o", format});
        EXPECT_EQ(code, ExitCode::Done) << process.err.text();
        testing_support::expect_golden(std::string("backtest/report.") + format, process.out.text());
    }
}

TEST(BacktestView, NamesFromOutsideCannotMoveTheCursor) {
    backtest::Report report = two_days();
    report.history = "csv:\x1b[2Jload";
    const std::string text = render_backtest(report, Colours::Plain);
    EXPECT_EQ(text.find('\x1b'), std::string::npos);
}

}  // namespace
}  // namespace k3fleet::cli
