#include "cli/story.h"

#include <gtest/gtest.h>

#include "base/text.h"
#include "tests/support/golden.h"
#include "tests/support/world.h"

namespace k3fleet::cli {
namespace {

using app::TickReport;
using model::Outcome;
using testing::an_intent;
using testing::kNoon;
using testing::WorldBuilder;

TickReport a_look(int minute, std::string summary) {
    const Timestamp at = kNoon + std::chrono::minutes{minute};
    TickReport report{.at = at,
                      .world = WorldBuilder(at).worker("0a").worker("0b").worker("0c").load(29, 30, 0)};
    report.plan.summary = std::move(summary);
    return report;
}

TickReport silence(int minute, std::string summary = "HOLD: CPU and memory are unknown") {
    TickReport report = a_look(minute, std::move(summary));
    report.world.signals = {};
    report.plan.blocked = {{"judge the load", "unknown", report.plan.summary.substr(6)}};
    return report;
}

void did(TickReport& report, decltype(model::Action::what) what, std::string reason, std::string detail = "",
         Outcome outcome = Outcome::Done) {
    const int ordinal = static_cast<int>(report.plan.actions.size());
    report.plan.actions.push_back({.what = std::move(what), .reason = std::move(reason)});
    report.results.push_back({.ordinal = ordinal, .outcome = outcome, .detail = std::move(detail)});
}

const std::string kQuiet = "CPU below 30 %, memory below 50 % and no pod pending in the last 10 readings";

std::vector<TickReport> the_end_of_a_worker() {
    const model::NodeName node("i-0c");
    std::vector<TickReport> looks{a_look(0, "nothing to do: the load is within the limits"),
                                  a_look(2, "scale down by 1: " + kQuiet),
                                  a_look(3, "not done: scale down by 1: " + kQuiet + ", but 2 workers …"),
                                  a_look(4, "nothing to do: the load is within the limits"),
                                  a_look(5, "nothing to do: the load is within the limits")};
    did(looks[1], model::Cordon{.node = node}, kQuiet);
    for (const char* pod : {"web-1", "web-2"})
        did(looks[1], model::Evict{.namespace_name = "shop", .pod = pod, .node = node}, kQuiet, "accepted");
    for (const char* pod : {"web-3", "web-4"})
        did(looks[2], model::Evict{.namespace_name = "shop", .pod = pod, .node = node}, kQuiet,
            "needs 2 healthy pods and has 2", Outcome::Blocked);
    looks[2].plan.blocked = {{"scale down by 1", "min", kQuiet + ", but 2 workers …"},
                             {"drain i-0c", "pdb", "pod shop/web-3 is held by its budget"}};
    did(looks[3], model::Terminate{.instance = model::InstanceId("i-0c")}, "nothing is left to move");
    did(looks[3], model::Notify{.severity = model::Severity::P2, .title = "worker i-0d did not join"},
        "people should");
    looks[4].settled = "finished";
    looks[4].settled_results = {{.detail = "launched i-0e"}};
    return looks;
}

std::string told(const std::vector<TickReport>& looks, Story::Detail detail) {
    Story story(Colours::Plain, detail);
    std::string text;
    for (const TickReport& look : looks) text += story.tick(an_intent(), look);
    return text + story.rest();
}

TEST(Story, SaysAThingOnce) {
    std::vector<TickReport> looks = the_end_of_a_worker();
    for (int minute : {6, 8, 10, 12}) looks.push_back(silence(minute));
    looks.push_back(a_look(14, "nothing to do: the load is within the limits"));
    testing_support::expect_golden("cli/story.txt", told(looks, Story::Detail::Quiet));
}

TEST(Story, TellsEverythingWhenAskedTo) {
    std::vector<TickReport> looks = the_end_of_a_worker();
    looks[1].plan.notes = {"drain of i-0b is complete"};
    for (int minute : {6, 8}) looks.push_back(silence(minute));
    testing_support::expect_golden("cli/story-verbose.txt", told(looks, Story::Detail::Full));
}

TEST(Story, CountsTheLooksOfOneHoldOnly) {
    Story story(Colours::Plain, Story::Detail::Quiet);
    EXPECT_NE(story.tick(an_intent(), silence(0)), "");
    EXPECT_EQ(story.tick(an_intent(), silence(2)), "");
    const std::string other = story.tick(an_intent(), silence(4, "HOLD: the instances are unknown"));
    EXPECT_TRUE(other.starts_with("          … 1 more look, the same\n")) << other;
    EXPECT_TRUE(other.contains("HOLD: the instances are unknown")) << other;
    EXPECT_EQ(story.rest(), "");
}

TEST(Story, AHoldIsHeardOfEveryThirtyLooks) {
    Story story(Colours::Plain, Story::Detail::Quiet);
    int shown = 0;
    for (int look = 0; look < 61; ++look) {
        const std::string text = story.tick(an_intent(), silence(2 * look));
        if (text.empty()) continue;
        EXPECT_EQ(text.contains("… 29 more looks, the same\n"), shown > 0) << text;
        ++shown;
    }
    EXPECT_EQ(shown, 3);
}

TEST(Story, ClustersAreCountedApartAndNamed) {
    Story story(Colours::Plain, Story::Detail::Quiet);
    model::ClusterIntent other = an_intent();
    other.name = model::ClusterName("forum");
    for (int minute : {0, 2, 4}) {
        EXPECT_EQ(story.tick(an_intent(), silence(minute)).empty(), minute > 0);
        EXPECT_EQ(story.tick(other, silence(minute)).empty(), minute > 0);
    }
    EXPECT_EQ(story.rest(),
              "          … 2 more looks at forum, the same\n          … 2 more looks at shop, the same\n");
}

}  // namespace
}  // namespace k3fleet::cli
