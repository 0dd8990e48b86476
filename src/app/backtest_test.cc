#include "app/backtest.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "base/text.h"
#include "tests/support/backtest.h"
#include "tests/support/temp_dir.h"

namespace k3fleet::app {
namespace {

using backtest::PolicyResult;
using backtest::Report;
using backtest::Sample;

model::ClusterIntent shop() {
    model::ClusterIntent intent = support::cluster_of(support::round_nodes());
    intent.region = "ap-southeast-1";
    intent.pools[0].instance_types = {"t4g.medium"};
    return intent;
}

// What no report may ever say, whatever the load was.
void expect_sane(const Report& report, const std::string& about) {
    const auto& fixed = report.policies[1];
    ASSERT_EQ(fixed.name, "static") << about;
    for (const PolicyResult& p : report.policies) {
        for (const double figure :
             {p.usd, p.usd_per_week, p.unserved_node_minutes, p.p95_wait_s, p.nodes_mean}) {
            EXPECT_TRUE(std::isfinite(figure) && figure >= 0) << about << " " << p.name;
        }
        EXPECT_LE(p.flaps, p.launches) << about << " " << p.name;
        if (p.name != "origin") {
            EXPECT_LE(p.nodes_max, 11) << about << " " << p.name;  // One may be draining.
        }
        EXPECT_GE(p.nodes_min, 2) << about << " " << p.name;
        // Cheaper than the bound is only who lets more work wait.
        if (p.usd < report.oracle.usd - 1e-9) {
            EXPECT_GT(p.unserved_node_minutes, report.oracle.unserved_node_minutes) << about << " " << p.name;
        }
    }
    EXPECT_LE(report.oracle.usd, fixed.usd * 1.0001) << about;
    // The fixed fleet carries what max can carry.
    EXPECT_NEAR(fixed.unserved_node_minutes, report.oracle.unserved_node_minutes, 1e-6) << about;
    // Ours may pay for a node that drains on top of a fleet that is as large as the fixed one, never more.
    const double most = support::round_nodes().max + 1;
    EXPECT_LE(report.policies[0].usd, report.policies[1].usd / fixed.nodes_mean * most) << about;
    EXPECT_FALSE(report.conclusion.empty()) << about;
}

TEST(Backtest, ASyntheticLoadNeedsNothingFromOutside) {
    const auto report = run_backtest(shop(), {.history = "synthetic:1"});
    ASSERT_TRUE(report) << report.error().message;
    EXPECT_EQ(report->slots, 5040);
    EXPECT_EQ(report->history, "synthetic:1");
    expect_sane(*report, "synthetic:1");
}

TEST(Backtest, AFileIsReadWithItsColumn) {
    const support::TempDir folder;
    const std::string path = (folder.path() / "load.csv").string();
    std::ofstream(path) << "time,cpu,memory\n0,50,1\n600,50,1\n1200,50,1\n";
    BacktestOptions options{.history = "csv:" + path + "#cpu"};
    options.demand.unit = backtest::Unit::Percent;
    options.demand.nodes = 4;
    const auto report = run_backtest(shop(), options);
    ASSERT_TRUE(report) << report.error().message;
    EXPECT_EQ(report->history, "csv:load.csv#cpu");
    EXPECT_NEAR(report->peak_nodes, 0.5 * 4 / 0.9, 1e-9);
}

TEST(Backtest, PrometheusIsAskedForTheRangeThatWasMeant) {
    std::vector<RangeQuery> asked;
    const RangeReader reader = [&](const RangeQuery& query) -> Result<std::vector<Sample>> {
        asked.push_back(query);
        std::vector<Sample> samples;
        for (Timestamp at = query.to - std::chrono::days{1}; at <= query.to; at += query.step)
            samples.push_back({at, 3.0});  // Prometheus was set up yesterday.
        return samples;
    };
    BacktestOptions options{.history =
                                "prometheus:http://127.0.0.1:9090?query=sum(rate(x[5m])) by (a?query=b)"};
    options.now = from_unix_seconds(1'767'571'200);
    options.demand.unit = backtest::Unit::Cores;
    options.demand.last = std::chrono::days{700};
    const auto report = run_backtest(shop(), options, reader);
    ASSERT_TRUE(report) << report.error().message;
    ASSERT_EQ(asked.size(), 1U);
    EXPECT_EQ(asked[0].url, "http://127.0.0.1:9090");
    EXPECT_EQ(asked[0].promql, "sum(rate(x[5m])) by (a?query=b)");
    EXPECT_EQ(asked[0].to, options.now);
    EXPECT_EQ(asked[0].to - asked[0].from, Duration{std::chrono::days{700}});
    EXPECT_EQ(asked[0].step, Duration{std::chrono::minutes{2}});  // A million points at most.
    EXPECT_NEAR(report->peak_nodes, 3 / 1.8, 1e-9);
}

TEST(Backtest, AFailingReaderIsNamed) {
    const RangeReader reader = [](const RangeQuery&) -> Result<std::vector<Sample>> {
        return fail(ErrorCode::Unavailable, "nobody answers");
    };
    const auto report = run_backtest(shop(), {.history = "prometheus:http://p?query=up"}, reader);
    ASSERT_FALSE(report);
    EXPECT_EQ(report.error().code, ErrorCode::Unavailable);
    EXPECT_NE(report.error().describe().find("asking http://p for the history"), std::string::npos);
}

struct BadCase {
    BacktestOptions options;
    const char* message;
};

TEST(Backtest, RefusesWhatItCannotUse) {
    BadCase cases[] = {
        {{.history = ""}, "is no history"},
        {{.history = "load.csv"}, "write csv:FILE"},
        {{.history = "csv:"}, "names no file"},
        {{.history = "csv:/nowhere/load.csv"}, "cannot be read"},
        {{.history = "synthetic:one"}, "is no seed"},
        {{.history = "prometheus:http://p"}, "?query=PROMQL"},
        {{.history = "prometheus:http://p?query=up"}, "without a Prometheus reader"},
        {{.history = "synthetic:1", .boot = std::chrono::hours{2}}, "between 0s and 1h"},
        {{.history = "synthetic:1", .usable_percent = 0}, "above 0"},
        {{.history = "synthetic:1", .spot_price_percent = 120}, "at most 100 percent"},
    };
    for (const BadCase& c : cases) {
        const auto report = run_backtest(shop(), c.options);
        ASSERT_FALSE(report) << c.options.history;
        EXPECT_NE(report.error().message.find(c.message), std::string::npos) << report.error().message;
    }
}

TEST(Backtest, AFileThatIsNoHistoryIsRefusedWithItsNameAndLine) {
    const support::TempDir folder;
    const std::string path = (folder.path() / "load.csv").string();
    std::ofstream(path) << "time,value\n0,1\n5,much\n";
    const auto report = run_backtest(shop(), {.history = "csv:" + path});
    ASSERT_FALSE(report);
    EXPECT_NE(report.error().describe().find("line 3: \"much\""), std::string::npos);
    EXPECT_NE(report.error().describe().find("reading " + path), std::string::npos);
}

TEST(Backtest, ARegionWithoutPricesNeedsOne) {
    model::ClusterIntent intent = shop();
    intent.region = "sa-east-1";
    const auto refused = run_backtest(intent, {.history = "synthetic:1"});
    ASSERT_FALSE(refused);
    EXPECT_NE(refused.error().message.find("--price"), std::string::npos);
    const auto priced =
        run_backtest(intent, {.history = "synthetic:1", .price = UsdPerHour::from_dollars(0.1)});
    ASSERT_TRUE(priced) << priced.error().message;
    EXPECT_NEAR(priced->policies[1].usd_per_week, 0.1 * 168 * priced->policies[1].nodes_mean, 1e-6);
}

TEST(Backtest, SeveralPoolsAndSpotAreStatedAmongTheAssumptions) {
    model::ClusterIntent intent = shop();
    intent.pools[0].spot_percent = 70;
    intent.pools.push_back(intent.pools[0]);
    intent.pools[1].name = model::PoolName("large");
    intent.pools[1].instance_types = {"t4g.large"};
    intent.autoscaling.custom.push_back({.name = "queue", .query = "q", .limit = 1});
    const auto report = run_backtest(intent, {.history = "synthetic:2"});
    ASSERT_TRUE(report) << report.error().message;
    const std::string all = join(report->assumptions, "\n");
    EXPECT_NE(all.find("spot is taken to cost 40 %"), std::string::npos) << all;
    EXPECT_NE(all.find("2 pools of the file"), std::string::npos) << all;
    EXPECT_NE(all.find("custom metrics are not in the history"), std::string::npos) << all;
}

// Recorded loads from real systems, if they are on this machine: K3FLEET_TRACES, or shared/data/traces
// beside the checkout.
std::filesystem::path trace_folder() {
    if (const char* named = std::getenv("K3FLEET_TRACES"))
        return named;  // tidy: allow(environment): because it is a test's input
    return std::filesystem::current_path() / "../shared/data/traces";
}

TEST(Backtest, RealTracesGiveSaneReports) {
    const auto folder = trace_folder();
    std::error_code error;
    std::vector<std::filesystem::path> traces;
    for (const auto& entry : std::filesystem::directory_iterator(folder, error))
        if (entry.path().extension() == ".csv") traces.push_back(entry.path());
    if (traces.empty())
        GTEST_SKIP() << "no recorded loads in " << folder.string()
                     << ": set K3FLEET_TRACES to a folder of CSV files";
    std::ranges::sort(traces);
    for (const auto& trace : traces) {
        BacktestOptions options{.history = "csv:" + trace.string()};
        options.demand.last = std::chrono::days{7};  // So that a build without optimisation is done in time.
        const auto report = run_backtest(shop(), options);
        ASSERT_TRUE(report) << trace << ": " << report.error().describe();
        expect_sane(*report, trace.filename().string());
    }
}

}  // namespace
}  // namespace k3fleet::app
