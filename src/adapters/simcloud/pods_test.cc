// Pods, budgets, eviction and the signals.
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "tests/support/sim_world.h"

namespace k3fleet::simcloud {
namespace {

using Kind = ports::EvictionAnswer::Kind;
using model::PodPhase;

class Pods : public SimWorld {
protected:
    void change_workload(const std::function<void(Workload&)>& change) {
        ClusterSetup setup = small_cluster();
        change(setup.workload);
        ASSERT_TRUE(sim->add_cluster(setup));
    }
    Status cordon(const model::Node& node, model::Cordon::To to = model::Cordon::To::Unschedulable) {
        return kubernetes->cordon({.node = node.name, .node_uid = node.uid, .to = to});
    }
    long running() {
        return std::ranges::count_if(web_pods(),
                                     [](const model::Pod& pod) { return pod.phase == PodPhase::Running; });
    }
};

TEST_F(Pods, ReplicasFollowTheLoadUpAtOnceAndDownAfterAWhile) {
    RecordedLoad load{.start = kStart};
    for (int minute = 0; minute < 60; ++minute)
        load.cores.push_back(Millicores{minute < 20 || minute > 30 ? 1000 : 2000});
    change_workload([&](Workload& workload) { workload.load.recorded = load; });
    bring_up(3);
    // One core at 0.8 of half a core each.
    EXPECT_EQ(running(), 3);
    pass(kStart + minutes{21} - sim->now());
    EXPECT_EQ(running(), 5);
    pass(kStart + minutes{33} - sim->now());
    EXPECT_EQ(running(), 5) << "not while it may come back";
    pass(minutes{4});
    EXPECT_EQ(running(), 3);
}

TEST_F(Pods, EveryNodeGetsItsDaemonAndMastersNothingElse) {
    change_workload([](Workload& workload) { workload.load = steady(2); });
    bring_up(2);
    std::set<std::string> with_daemon;
    std::set<std::string> with_web;
    for (const model::Pod& pod : pods()) {
        EXPECT_EQ(pod.phase, PodPhase::Running);
        (pod.owner_kind == "DaemonSet" ? with_daemon : with_web).insert(pod.node.str());
    }
    EXPECT_EQ(with_daemon.size(), 3U);
    std::set<std::string> worker_names;
    for (const model::Node& node : workers()) worker_names.insert(node.name.str());
    EXPECT_EQ(with_web, worker_names) << "spread over both";
}

TEST_F(Pods, ListsAreSortedAndNamesAreTheirOwn) {
    change_workload([](Workload& workload) {
        workload.load = steady(4);
        workload.deployments.push_back({.namespace_name = "batch", .name = "jobs"});
    });
    bring_up(4);
    const auto all = pods();
    EXPECT_TRUE(std::ranges::is_sorted(
        all, {}, [](const model::Pod& p) { return std::pair(p.namespace_name, p.name); }));
    std::set<std::string> names;
    std::set<model::Uid> uids;
    for (const model::Pod& pod : all) {
        names.insert(pod.namespace_name + "/" + pod.name);
        uids.insert(pod.uid);
        EXPECT_EQ(pod.uid.str().size(), 36U);
    }
    EXPECT_EQ(names.size(), all.size());
    EXPECT_EQ(uids.size(), all.size());
}

TEST_F(Pods, WhatDoesNotFitIsUnschedulableUntilThereIsRoom) {
    change_workload([](Workload& workload) { workload.load = steady(3); });
    bring_up(1);  // 2 cores: 3 pods of half a core beside the daemon.
    EXPECT_EQ(running(), 3);
    const auto waiting = std::ranges::count_if(web_pods(), &model::Pod::unschedulable);
    EXPECT_EQ(waiting, 5);
    EXPECT_EQ(metrics->signals({}, sim->now()).pending.value(), 5);
    launch(worker("more"));
    pass(minutes{3});
    EXPECT_EQ(running(), 6);
    EXPECT_EQ(metrics->signals({}, sim->now()).pending.value(), 2);
    EXPECT_GT(sim->report(demo).value().totals.unscheduled_pod_minutes, 5);
    EXPECT_GT(sim->report(demo).value().totals.unserved_core_minutes, 0);
}

TEST_F(Pods, PodsTakeSecondsToStart) {
    bring_up(2);
    const auto before = web_pods().size();
    change_workload([](Workload& workload) { workload.load = steady(1.1); });
    pass(minutes{1} - seconds{(sim->now() - kStart).count() / 1000 % 60});  // The next whole minute.
    const auto web = web_pods();
    ASSERT_EQ(web.size(), before);
    change_workload([](Workload& workload) { workload.load = steady(1.3); });
    pass(minutes{1});
    EXPECT_NE(std::ranges::count(web_pods(), PodPhase::Pending, &model::Pod::phase), 0);
    pass(seconds{8});
    EXPECT_EQ(std::ranges::count(web_pods(), PodPhase::Pending, &model::Pod::phase), 0);
}

TEST_F(Pods, CordonKeepsNewPodsAwayAndLeavesTheOldOnes) {
    change_workload([](Workload& workload) { workload.load = steady(1.6); });
    bring_up(2);
    const auto list = workers();
    const model::Node node = list[0].name == busiest().name ? list[1] : list[0];
    const auto pods_here = [&] { return std::ranges::count(web_pods(), node.name, &model::Pod::node); };
    ASSERT_EQ(running(), 4);
    ASSERT_EQ(pods_here(), 1);
    ASSERT_TRUE(cordon(node));
    EXPECT_EQ(std::ranges::count(nodes(), false, &model::Node::schedulable), 1);
    change_workload([](Workload& workload) { workload.load = steady(2.4); });
    pass(minutes{2});
    EXPECT_EQ(pods_here(), 1);
    EXPECT_EQ(std::ranges::count_if(web_pods(), &model::Pod::unschedulable), 2);
    ASSERT_TRUE(cordon(node, model::Cordon::To::Schedulable));
    EXPECT_EQ(pods_here(), 3);
    EXPECT_EQ(std::ranges::count_if(web_pods(), &model::Pod::unschedulable), 0);

    const model::Cordon wrong{.node = node.name, .node_uid = model::Uid("another")};
    EXPECT_EQ(kubernetes->cordon(wrong).error().code, ErrorCode::NotFound);
}

TEST_F(Pods, AnEvictedPodIsReplacedElsewhere) {
    bring_up(2);
    const model::Node node = busiest();
    ASSERT_TRUE(cordon(node));
    for (const model::Pod& pod : web_pods()) {
        if (pod.node != node.name) continue;
        ASSERT_EQ(kubernetes->evict(eviction_of(pod)).value().kind, Kind::Accepted);
        EXPECT_EQ(kubernetes->evict(eviction_of(pod)).value().kind, Kind::Accepted) << "while it is going";
        pass(seconds{20});
        EXPECT_EQ(kubernetes->evict(eviction_of(pod)).value().kind, Kind::Gone);
    }
    EXPECT_EQ(running(), 3);
    EXPECT_EQ(std::ranges::count(web_pods(), node.name, &model::Pod::node), 0);
    model::Evict other = eviction_of(web_pods().front());
    other.pod_uid = web_pods().back().uid;
    EXPECT_EQ(kubernetes->evict(other).value().kind, Kind::Gone) << "name and uid must belong together";
}

TEST_F(Pods, ABudgetBlocksTheSecondEvictionAndSaysItsNumbers) {
    bring_up(2);
    ASSERT_EQ(kubernetes->disruption_budgets().value().size(), 1U);
    const model::DisruptionBudget budget = kubernetes->disruption_budgets().value().front();
    EXPECT_EQ(budget.name, "web-budget");
    EXPECT_EQ(budget.disruptions_allowed, 1);
    EXPECT_EQ(budget.match_labels, web_pods().front().labels);
    const auto web = web_pods();
    ASSERT_EQ(web.size(), 3U);
    ASSERT_EQ(kubernetes->evict(eviction_of(web[0])).value().kind, Kind::Accepted);
    EXPECT_EQ(kubernetes->disruption_budgets().value().front().disruptions_allowed, 0);
    const auto blocked = kubernetes->evict(eviction_of(web[1])).value();
    EXPECT_EQ(blocked.kind, Kind::Blocked);
    EXPECT_NE(blocked.why.find("The disruption budget web-budget needs 2 healthy pods and has 2 currently"),
              std::string::npos)
        << blocked.why;
    EXPECT_EQ(running(), 3) << "two that stay, and the one that is going";
    pass(seconds{15});
    EXPECT_EQ(kubernetes->evict(eviction_of(web[1])).value().kind, Kind::Accepted) << "the replacement runs";
    EXPECT_EQ(sim->report(demo).value().totals.evictions_blocked, 1);
}

TEST_F(Pods, ABudgetOfAllBlocksForEverButNotAPodThatWaits) {
    change_workload([](Workload& workload) {
        workload.load = steady(3);
        workload.deployments = {{.min_available = 8}};
    });
    bring_up(1);
    for (const model::Pod& pod : web_pods()) {
        const auto answer = kubernetes->evict(eviction_of(pod)).value();
        EXPECT_EQ(answer.kind, pod.phase == PodPhase::Running ? Kind::Blocked : Kind::Accepted);
    }
}

TEST_F(Pods, PodsOfALostNodeComeBackElsewhere) {
    bring_up(2);
    const model::Node lost = busiest();
    ASSERT_GT(std::ranges::count(web_pods(), lost.name, &model::Pod::node), 0);
    ASSERT_TRUE(sim->cloud().terminate(demo, end_of(seen(lost.instance))));
    pass(minutes{2});
    EXPECT_GT(std::ranges::count(web_pods(), lost.name, &model::Pod::node), 0)
        << "tolerated for five minutes";
    ASSERT_TRUE(kubernetes->delete_node({.node = lost.name, .node_uid = lost.uid}));
    EXPECT_GT(std::ranges::count(web_pods(), lost.name, &model::Pod::node), 0)
        << "the collector takes a while";
    pass(minutes{2});
    EXPECT_EQ(std::ranges::count(pods(), lost.name, &model::Pod::node), 0);
    EXPECT_EQ(running(), 3);
}

TEST_F(Pods, AnUnreachableNodesPodsAreReplacedButStayTerminating) {
    bring_up(2);
    const model::Node lost = busiest();
    ASSERT_TRUE(sim->cloud().terminate(demo, end_of(seen(lost.instance))));
    pass(minutes{10});
    long stuck = 0;
    for (const model::Pod& pod : web_pods()) {
        if (pod.node == lost.name) stuck += pod.terminating ? 1 : 0;
    }
    EXPECT_GT(stuck, 0);
    EXPECT_EQ(running() - stuck, 3);
}

TEST_F(Pods, SignalsAreSharesOfWhatIsReady) {
    change_workload([](Workload& workload) { workload.load = steady(2); });
    const model::Signals nothing = metrics->signals({}, sim->now());
    EXPECT_FALSE(nothing.cpu.known());
    EXPECT_FALSE(nothing.pending.known());
    bring_up(2);
    const model::Signals two = metrics->signals({}, sim->now());
    EXPECT_NEAR(two.cpu.value(), 100 * (2 + 2 * 0.08 + 2 * 0.025) / 4, 0.5);
    EXPECT_GT(two.memory.value(), 30);
    EXPECT_EQ(two.cpu.as_of(), sim->now());
    launch(worker("w8"));
    launch(worker("w9"));
    pass(minutes{3});
    const model::Signals four = metrics->signals({}, sim->now());
    EXPECT_NEAR(four.cpu.value(), two.cpu.value() / 2, 3);
    EXPECT_LT(four.memory.value(), two.memory.value());
}

TEST_F(Pods, CustomMetricsAreTheTwoItKnows) {
    bring_up(1);
    const std::vector<model::CustomMetric> custom{{.name = "load", .query = "sim_load_cores"},
                                                  {.name = "x", .query = "up"}};
    const model::Signals signals = metrics->signals(custom, sim->now());
    EXPECT_NEAR(signals.custom.at("load").value(), 1, 1e-9);
    EXPECT_FALSE(signals.custom.at("x").known());
    EXPECT_EQ(sim->metrics(model::ClusterName("nowhere"))->signals(custom, sim->now()).cpu.known(), false);
}

TEST_F(Pods, SeveralClustersLiveSideBySide) {
    ASSERT_TRUE(sim->add_cluster(small_cluster("second", 2)));
    bring_up(2);
    launch(master("sm0", 0, "second"));
    launch(worker("sw0", "second"));
    pass(minutes{5});
    EXPECT_EQ(sim->kubernetes(model::ClusterName("second"))->nodes().value().size(), 2U);
    EXPECT_EQ(kubernetes->nodes().value().size(), 3U);
    EXPECT_EQ(sim->cloud().instances(demo).value().size(), 3U);
    EXPECT_EQ(sim->kubernetes(model::ClusterName("third"))->nodes().error().code, ErrorCode::NotFound);
}

TEST_F(Pods, SenselessWorkloadsAreRefused) {
    const std::vector<std::function<void(ClusterSetup&)>> changes{
        [](auto& s) { s.workload.deployments[0].cpu = Millicores{0}; },
        [](auto& s) { s.workload.deployments[0].memory = Mebibytes{-1}; },
        [](auto& s) { s.workload.deployments[0].share = -1; },
        [](auto& s) { s.workload.deployments[0].max_replicas = 1; },
        [](auto& s) { s.workload.deployments[0].min_available = 1; },
        [](auto& s) { s.workload.daemons[0].cpu = Millicores{-5}; },
        [](auto& s) { s.workload.load.recorded.cores = {Millicores{-1}}; },
        [](auto& s) { s.workload.load.recorded.step = Duration{0}; },
        [](auto& s) { s.workload.load.synthetic.peak_cores = -1; },
        [](auto& s) { s.zones = {}; },
        [](auto& s) { s.project = {}; },
    };
    for (std::size_t i = 0; i < changes.size(); ++i) {
        ClusterSetup setup = small_cluster("third");
        changes[i](setup);
        const Status refused = sim->add_cluster(setup);
        ASSERT_FALSE(refused) << i;
        EXPECT_EQ(refused.error().code, ErrorCode::InvalidArgument) << i;
    }
    ClusterSetup moved = small_cluster();
    moved.region = "eu-west-1";
    EXPECT_EQ(sim->add_cluster(moved).error().code, ErrorCode::Conflict);
}

}  // namespace
}  // namespace k3fleet::simcloud
