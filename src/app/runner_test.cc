// Rounds of ticks: when a loop is due, what ends a run, and how a deletion ends.
#include "app/runner.h"

#include <gtest/gtest.h>

#include "app/clusters.h"
#include "tests/support/fake_site.h"

namespace k3fleet::app {
namespace {

struct Runner : ::testing::Test {
    testing::FakeSite<Wiring> site{"test:1"};
    const Doer doer{.who = "tester", .at = testing::kNoon};
    RunEvents events;
    std::vector<Timestamp> workers;  // When the loop #workers was ticked.

    void SetUp() override {
        site.bench.cluster.load(50, 40, 0, testing::kNoon);
        events.ticked = [this](const model::ClusterIntent&, const TickReport& report) {
            if (report.loop == model::Loop::Workers) workers.push_back(report.at);
            site.bench.cloud.now = site.bench.clock.at;
            site.bench.cluster.join_all(site.bench.clock.at);
            return Next::Continue;
        };
    }
    void create() {
        ASSERT_TRUE(
            create_cluster(site.objects(), *check_cluster_file(testing::kShopFile, "shop.yaml"), doer));
    }
};

TEST_F(Runner, OneRoundTicksBothLoopsOnce) {
    create();
    const auto outcome = run(site, {}, events);
    ASSERT_TRUE(outcome) << outcome.error().message;
    EXPECT_EQ(outcome->ticks, 2);
    EXPECT_EQ(workers.size(), 1U);
}

TEST_F(Runner, LooksAgainAfterEveryAtTheLatestAndStopsInTime) {
    create();
    const RunPlan plan{.length = RunPlan::Length::UntilStopped,
                       .every = std::chrono::minutes{2},
                       .until = testing::kNoon + std::chrono::minutes{20}};
    const auto outcome = run(site, plan, events);
    ASSERT_TRUE(outcome) << outcome.error().message;
    EXPECT_EQ(outcome->end, RunOutcome::End::Finished);
    ASSERT_GE(workers.size(), 10U);
    EXPECT_LT(workers.back(), *plan.until);
    for (std::size_t i = 1; i < workers.size(); ++i) {
        EXPECT_LE(workers[i] - workers[i - 1], plan.every);
        EXPECT_GE(workers[i] - workers[i - 1], std::chrono::seconds{1});
    }
}

TEST_F(Runner, ADeletedClusterIsForgottenOnlyWhenNothingIsLeft) {
    create();
    ASSERT_TRUE(run(
        site, {.length = RunPlan::Length::UntilStopped, .until = testing::kNoon + std::chrono::minutes{10}},
        events));
    EXPECT_EQ(site.bench.cluster.alive(), 4) << "the NAT instance, a master and two workers";
    ASSERT_TRUE(mark_deleting(site.objects(), model::ClusterName("shop"), doer));
    std::vector<std::string> deleted;
    events.deleted = [&](const model::ClusterName& name) {
        deleted.push_back(name.str());
        EXPECT_EQ(site.bench.cluster.alive(), 0);
    };
    const auto outcome = run(
        site, {.length = RunPlan::Length::UntilStopped, .until = site.bench.clock.at + std::chrono::hours{1}},
        events);
    ASSERT_TRUE(outcome) << outcome.error().message;
    EXPECT_EQ(outcome->end, RunOutcome::End::NothingLeft);
    EXPECT_EQ(deleted, std::vector<std::string>{"shop"});
    EXPECT_EQ(site.forgotten, std::vector<std::string>{"shop"});
    EXPECT_TRUE(list_clusters(site.objects())->empty());
    EXPECT_EQ(site.bench.cluster.alive(), 0);
}

// On AWS networks, roles and secrets are left, which `cluster delete` takes away: until then the cluster's
// file says that there is one.
TEST_F(Runner, AClusterWithMoreThanMachinesIsNotForgottenAndItsEndIsToldOnce) {
    site.more_than_machines = true;
    create();
    const auto other = std::string(testing::kShopFile).replace(testing::kShopFile.find("shop"), 4, "zoo");
    ASSERT_TRUE(create_cluster(site.objects(), *check_cluster_file(other, "zoo.yaml"), doer));
    ASSERT_TRUE(mark_deleting(site.objects(), model::ClusterName("shop"), doer));
    std::vector<std::string> gone, deleted;
    events.machines_gone = [&](const model::ClusterName& name) { gone.push_back(name.str()); };
    events.deleted = [&](const model::ClusterName& name) { deleted.push_back(name.str()); };
    // The bench has one fleet for all clusters: the other one is somebody else's at the moment.
    for (const auto loop : {model::Loop::Infra, model::Loop::Workers})
        ASSERT_TRUE(site.state().acquire({.cluster = model::ClusterName("zoo"), .loop = loop},
                                         model::HolderId("other:7"), std::chrono::hours{1}, testing::kNoon));
    const auto outcome = run(
        site, {.length = RunPlan::Length::UntilStopped, .until = testing::kNoon + std::chrono::minutes{20}},
        events);
    ASSERT_TRUE(outcome) << outcome.error().message;
    EXPECT_EQ(outcome->end, RunOutcome::End::Finished) << "another cluster is there";
    EXPECT_EQ(gone, std::vector<std::string>{"shop"});
    EXPECT_TRUE(deleted.empty());
    EXPECT_TRUE(site.forgotten.empty());
    EXPECT_EQ(list_clusters(site.objects())->size(), 2U) << "whoever takes the rest away forgets it then";
}

TEST_F(Runner, EndsWhenOnlyMoreThanMachinesIsLeftOfAllClusters) {
    site.more_than_machines = true;
    create();
    ASSERT_TRUE(mark_deleting(site.objects(), model::ClusterName("shop"), doer));
    int gone = 0;
    events.machines_gone = [&](const model::ClusterName&) { ++gone; };
    for (const int told : {1, 2}) {  // Another run tells it again.
        const auto outcome = run(site, {.length = RunPlan::Length::UntilStopped}, events);
        ASSERT_TRUE(outcome) << outcome.error().message;
        EXPECT_EQ(outcome->end, RunOutcome::End::NothingLeft);
        EXPECT_EQ(gone, told);
    }
    EXPECT_EQ(list_clusters(site.objects())->size(), 1U);
}

TEST_F(Runner, AHeldLeaseEndsTheRunAndNamesTheHolder) {
    create();
    ASSERT_TRUE(site.state().acquire({.cluster = model::ClusterName("shop"), .loop = model::Loop::Infra},
                                     model::HolderId("other:7"), std::chrono::minutes{1}, testing::kNoon));
    const auto outcome = run(site, {}, events);
    ASSERT_FALSE(outcome);
    EXPECT_EQ(outcome.error().code, ErrorCode::Conflict);
    EXPECT_NE(outcome.error().message.find("other:7"), std::string::npos) << outcome.error().message;
    EXPECT_TRUE(workers.empty());
}

TEST_F(Runner, WhatIsNotThereIsSaid) {
    EXPECT_EQ(run(site, {}, events).error().code, ErrorCode::NotFound);
    create();
    EXPECT_EQ(run(site, {.clusters = {model::ClusterName("other")}}, events).error().code,
              ErrorCode::NotFound);
}

TEST_F(Runner, StopsWhenNobodyWantsMore) {
    create();
    events.proceed = [this] { return workers.size() < 3 ? Next::Continue : Next::Stop; };
    const auto outcome = run(site, {.length = RunPlan::Length::UntilStopped}, events);
    ASSERT_TRUE(outcome);
    EXPECT_EQ(outcome->end, RunOutcome::End::Stopped);
    EXPECT_EQ(workers.size(), 3U);
}

}  // namespace
}  // namespace k3fleet::app
