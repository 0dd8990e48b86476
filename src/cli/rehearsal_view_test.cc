#include "cli/rehearsal_view.h"

#include <gtest/gtest.h>

#include "base/text.h"

namespace k3fleet::cli {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

const Timestamp kStart = *parse_timestamp("2026-03-02T00:00:00Z");

app::RehearsalReport a_report() {
    app::RehearsalReport report{.cluster = "shop",
                                .from = kStart,
                                .until = kStart + hours{48},
                                .faults = "heavy",
                                .seed = 7,
                                .assumptions = {"a load"}};
    report.incidents = {{kStart + hours{1}, kStart + hours{2}, "the API server does not answer"},
                        {kStart + hours{9}, kStart + hours{9} + minutes{30}, "no spot capacity"},
                        {kStart + hours{5}, kStart + hours{6}, "the API server does not answer"},
                        {kStart + hours{7}, kStart + hours{8}, "some calls to EC2 are slow", "EC2"},
                        {kStart + hours{7}, kStart + hours{9}, "all calls to EC2 are throttled", "EC2"}};
    report.failed_calls = {{"slow", 3}, {"throttled", 20}};
    report.calls = 1000;
    report.processes_killed = 4;
    report.ticks = 300;
    report.failed_ticks = {{"unavailable", 2}};
    report.last.launches = 5;
    report.usd_workers = 3;
    report.usd_rest = 1;
    report.usd_at_min = 2;
    report.usd_at_max = 9;
    report.pod_minutes = 2000;
    report.waiting_pod_minutes = 20;
    report.worst = {{.from = kStart + hours{9},
                     .until = kStart + hours{9} + minutes{20},
                     .most_pods = 3,
                     .pod_minutes = 20,
                     .story = {{kStart + hours{9}, "workers: scale up by 2"}},
                     .in_force = {"no spot capacity"}}};
    report.pools = {{.name = model::PoolName("default"),
                     .min = 1,
                     .max = 4,
                     .fewest = 1,
                     .most = 3,
                     .mean = 2.25,
                     .at_max = {},
                     .below_min = minutes{90}}};
    report.load_cores = {1, 2, 3};
    report.workers = {1, 2, 2};
    report.story = {{kStart + hours{1}, "FAULT"}, {kStart + hours{2}, "\x1b[31m hello"}};
    return report;
}

TEST(RehearsalView, SaysWhatBrokeWhatWasDoneWhatItCostAndWhoWaited) {
    const std::string text = render_rehearsal(a_report(), Colours::Plain);
    for (const char* part : {
             "rehearsal of shop: 2026-03-02 00:00 to 2026-03-04 00:00 UTC, faults heavy, seed 7\n",
             "  - a load\n",
             "2.0 cores on average, at most 3.0\n",
             "the API server does not answer                        2      2h\n",
             "calls to EC2 fail, are slow or get wrong answers      2      3h\n",
             "a process killed in the middle of a tick              4       -\n",
             "23 of 1000 calls went wrong: slow 3, throttled 20\n",
             "300 ticks decided, 2 ended before that (unavailable 2)\n",
             "default      1-4    1-3   2.2       -     1h 30m\n",
             "$4.00 in all, $2.00 a day: $3.00 for workers",
             "$2.00 at the minimum, $9.00 at the maximum\n",
             "20 of 2000 pod-minutes were spent waiting for a node (1.00 %)\n",
             "2026-03-02 09:00 UTC, for 20m: up to 3 pods, 20 pod-minutes\n",
             "  at that time: no spot capacity\n",
             "  09:00:00  workers: scale up by 2\n",
             "all held: ",
         })
        EXPECT_NE(text.find(part), std::string::npos) << part << " in\n" << text;
    for (const std::string& line : split(text, '\n')) EXPECT_TRUE(line.empty() || line.back() != ' ') << line;
}

TEST(RehearsalView, PutsTheMostFrequentFaultFirst) {
    const std::string text = render_rehearsal(a_report(), Colours::Plain);
    EXPECT_LT(text.find("the API server does not answer"), text.find("no spot capacity"));
}

TEST(RehearsalView, SaysSoWhereNothingWentWrongAndNobodyWaited) {
    app::RehearsalReport report = a_report();
    report.incidents.clear();
    report.failed_calls.clear();
    report.processes_killed = 0;
    report.waiting_pod_minutes = 0;
    report.worst.clear();
    const std::string text = render_rehearsal(report, Colours::Plain);
    EXPECT_NE(text.find("Nothing went wrong"), std::string::npos) << text;
    EXPECT_NE(text.find("none of 2000 pod-minutes was spent waiting"), std::string::npos) << text;
    EXPECT_EQ(text.find("worst"), std::string::npos) << text;
}

TEST(RehearsalView, BrokenPromisesAreNamedAndCalledABug) {
    app::RehearsalReport report = a_report();
    report.broken = {"2026-03-02T10:00:00Z pool default has 9 workers, at most 4 are allowed"};
    const std::string text = render_rehearsal(report, Colours::Plain);
    EXPECT_NE(text.find("pool default has 9 workers"), std::string::npos) << text;
    EXPECT_NE(text.find("bug"), std::string::npos) << text;
    EXPECT_EQ(text.find("all held"), std::string::npos) << text;
    EXPECT_EQ(rehearsal_document(report).find("broken")->items().size(), 1U);
}

TEST(RehearsalView, TellsItsStoryALineEachAndHarmlessToTheTerminal) {
    EXPECT_EQ(render_story(a_report()).substr(0, 23), "03-02T01:00:00  FAULT\n0");
    EXPECT_EQ(render_story(a_report()).find('\x1b'), std::string::npos);
}

}  // namespace
}  // namespace k3fleet::cli
