#include "app/rehearsal_figures.h"

#include <gtest/gtest.h>

namespace k3fleet::app {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

const Timestamp kStart = from_unix_seconds(1'790'000'000);

// A stage on which nothing happens: figures come from the views that a test gives.
class EmptyStage final : public RehearsalStage {
public:
    explicit EmptyStage(StageView last) : last_(std::move(last)) {}
    Timestamp now() override { return kStart + hours{24}; }
    void advance(Timestamp) override {}
    std::vector<Duration> starts() override { return {}; }
    Services& process(model::Loop, Timestamp) override { std::abort(); }
    bool died(model::Loop) const override { return false; }
    StageView look() override { return last_; }
    std::vector<Incident> incidents() const override {
        return {{.from = kStart + hours{2}, .until = kStart + hours{3}, .what = "a fault"},
                {.from = kStart + hours{9}, .until = kStart + hours{10}, .what = "another"},
                {.from = kStart, .until = kStart + hours{24}, .what = "no victim", .happened = false}};
    }
    std::map<std::string, std::int64_t> failed_calls() const override { return {}; }
    std::int64_t calls() const override { return 0; }
    std::vector<std::string> assumptions() const override { return {}; }

private:
    StageView last_;
};

model::ClusterIntent shop() {
    model::ClusterIntent intent;
    intent.name = model::ClusterName("shop");
    intent.region = "ap-southeast-1";
    intent.pools.push_back(
        {.name = model::PoolName("default"), .min = 1, .max = 2, .instance_types = {"t4g.medium"}});
    return intent;
}

StageView with_workers(int ready, int booting = 0) {
    StageView view;
    for (int i = 0; i < ready + booting; ++i)
        view.workers.push_back({.id = model::InstanceId("i-" + std::to_string(i)),
                                .pool = model::PoolName("default"),
                                .ready = i < ready});
    return view;
}

class Figures : public testing::Test {
protected:
    // One view a minute, from that hour on.
    void watch(int from_hour, int for_minutes, const StageView& view) {
        for (int i = 0; i < for_minutes; ++i) figures.sample(kStart + hours{from_hour} + minutes{i}, view);
    }
    RehearsalReport end(StageView last = with_workers(1)) {
        EmptyStage stage(std::move(last));
        return figures.conclude(stage);
    }

    model::ClusterIntent intent = shop();
    RehearsalFigures figures{intent, {.start = kStart, .length = std::chrono::hours{24}}};
};

TEST_F(Figures, WaitsAreTimesWithWaitingPodsAndTheWorstComesFirst) {
    StageView waiting = with_workers(1);
    waiting.pods_running = 8;
    waiting.pods_waiting = 2;
    StageView calm = with_workers(1);
    calm.pods_running = 10;
    watch(1, 60, calm);
    watch(2, 10, waiting);
    watch(3, 60, calm);
    waiting.pods_waiting = 5;
    watch(5, 10, waiting);
    watch(6, 60, calm);
    const RehearsalReport report = end();
    ASSERT_EQ(report.worst.size(), 2U);
    EXPECT_EQ(report.worst[0].most_pods, 5);
    EXPECT_EQ(report.worst[0].from, kStart + hours{5});
    EXPECT_EQ(report.worst[0].until, kStart + hours{5} + minutes{9});
    EXPECT_TRUE(report.worst[0].in_force.empty());
    EXPECT_EQ(report.worst[1].in_force, std::vector<std::string>{"a fault"});
    EXPECT_GT(report.pod_minutes, report.waiting_pod_minutes);
}

TEST_F(Figures, WaitsAreCountedByWhatHeldTheControllerBack) {
    TickReport report;
    report.plan.blocked = {{.what = "scale up by 1", .by = "max"}, {.what = "scale down by 1", .by = "min"}};
    figures.ticked(report);
    StageView waiting = with_workers(2);
    waiting.pods_waiting = 3;
    figures.sample(kStart + hours{1}, with_workers(2));
    figures.sample(kStart + hours{1} + minutes{2}, waiting);
    report.plan.blocked.clear();
    figures.ticked(report);
    figures.sample(kStart + hours{1} + minutes{3}, waiting);
    const RehearsalReport done = end();
    EXPECT_EQ(done.held_back_by, (std::map<std::string, double>{{"max", 6}}));
    EXPECT_EQ(done.waiting_pod_minutes, 9);
}

TEST_F(Figures, AWaitOfTheFirstHalfHourDoesNotCount) {
    StageView waiting = with_workers(0);
    waiting.pods_waiting = 9;
    watch(0, 29, waiting);
    const RehearsalReport report = end();
    EXPECT_TRUE(report.worst.empty());
    EXPECT_EQ(report.waiting_pod_minutes, 0);
}

TEST_F(Figures, ShortRestsDoNotEndAWait) {
    StageView waiting = with_workers(1);
    waiting.pods_waiting = 1;
    watch(1, 5, waiting);
    figures.sample(kStart + hours{1} + minutes{5}, with_workers(1));
    figures.sample(kStart + hours{1} + minutes{6}, waiting);
    figures.sample(kStart + hours{1} + minutes{20}, with_workers(1));
    const RehearsalReport report = end();
    ASSERT_EQ(report.worst.size(), 1U);
    EXPECT_EQ(report.worst[0].until, kStart + hours{1} + minutes{6});
}

TEST_F(Figures, CountTheTimeAtAndBeyondTheLimits) {
    watch(1, 61, with_workers(2));
    watch(3, 1, with_workers(0));
    watch(4, 1, with_workers(1));
    const RehearsalReport report = end();
    ASSERT_EQ(report.pools.size(), 1U);
    EXPECT_EQ(report.pools[0].fewest, 0);
    EXPECT_EQ(report.pools[0].most, 2);
    EXPECT_EQ(report.pools[0].at_max, hours{1});
    EXPECT_EQ(report.pools[0].below_min, hours{1}) << "from the view before, two hours, to this one";
    EXPECT_TRUE(report.broken.empty());
}

TEST_F(Figures, APoolAboveItsMaximumIsABrokenPromiseBootingOnesIncluded) {
    watch(1, 3, with_workers(1, 2));
    const RehearsalReport report = end();
    ASSERT_EQ(report.broken.size(), 1U) << "said once";
    EXPECT_NE(report.broken[0].find("pool default has 3 workers, at most 2"), std::string::npos);
}

TEST_F(Figures, WhatLeavesDoesNotCountAgainstTheMaximum) {
    StageView view = with_workers(3);
    view.workers[0].taken_back = true;
    watch(1, 3, view);
    TickReport report;
    report.plan.memory.drains.push_back({.instance = model::InstanceId("i-1")});
    figures.ticked(report);
    watch(2, 3, with_workers(3));
    EXPECT_TRUE(end().broken.empty());
}

TEST_F(Figures, TooFewWorkersAtTheEndAreABrokenPromise) {
    const RehearsalReport report = end(with_workers(0, 1));
    ASSERT_EQ(report.broken.size(), 1U);
    EXPECT_NE(report.broken[0].find("pool default has 0 Ready workers"), std::string::npos);
}

TEST_F(Figures, ErrorsOfOurOwnAreBrokenPromisesAndThoseOfTheWorldAreNot) {
    figures.tick_failed(kStart, model::Loop::Workers, {.code = ErrorCode::Unavailable, .message = "AWS"});
    figures.tick_failed(kStart, model::Loop::Workers, {.code = ErrorCode::Conflict, .message = "lease"});
    figures.tick_failed(kStart, model::Loop::Infra, {.code = ErrorCode::Corrupt, .message = "memory"});
    const RehearsalReport report = end();
    ASSERT_EQ(report.broken.size(), 1U);
    EXPECT_NE(report.broken[0].find("a tick of infra failed: memory"), std::string::npos);
    EXPECT_EQ(report.failed_ticks.size(), 3U);
}

TEST_F(Figures, MoneyIsCountedByTheMinute) {
    StageView view = with_workers(1);
    view.usd_an_hour_workers = 0.6;
    view.usd_an_hour_rest = 0.06;
    watch(1, 61, view);
    const RehearsalReport report = end();
    EXPECT_NEAR(report.usd_workers, 0.6, 1e-9);
    EXPECT_NEAR(report.usd_rest, 0.06, 1e-9);
    EXPECT_NEAR(report.usd_at_max, 2 * report.usd_at_min, 1e-9);
    EXPECT_GT(report.usd_at_min, 0);
}

TEST_F(Figures, WhatIsSaidAgainWithOtherNumbersIsToldOnce) {
    TickReport report{.at = kStart};
    for (const char* summary : {"not done: 4m43s to wait", "not done: 4m to wait", "not done: 28s to wait"}) {
        report.plan.summary = summary;
        figures.ticked(report);
    }
    report.plan.summary = "nothing to do";
    figures.ticked(report);
    std::vector<std::string> told;
    for (const StoryLine& line : end().story)
        if (line.text.starts_with("workers")) told.push_back(line.text);
    EXPECT_EQ(told, (std::vector<std::string>{"workers: not done: 4m43s to wait", "workers: nothing to do"}));
}

TEST_F(Figures, AccidentsWithoutAVictimAreNotTold) {
    const RehearsalReport report = end();
    ASSERT_EQ(report.incidents.size(), 2U);
    EXPECT_EQ(report.incidents[0].what, "a fault");
}

}  // namespace
}  // namespace k3fleet::app
