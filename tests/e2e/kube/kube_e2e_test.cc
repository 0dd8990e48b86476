// RestKubernetes against a real kube-apiserver with its scheduler, controllers and kwok (run.py starts them).
//
// K3FLEET_E2E_DIR holds one kubeconfig for each kind of account; the cluster's content is made by run.py and
// described there. Tests that change something have a node and an application of their own.
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <functional>
#include <iostream>
#include <thread>

#include "adapters/kube/kubeconfig.h"
#include "adapters/kube/rest_kubernetes.h"
#include "core/scaling/drain.h"

namespace k3fleet::kube {
namespace {

using ports::EvictionAnswer;
using std::chrono::seconds;

std::string folder() {
    const char* value = std::getenv("K3FLEET_E2E_DIR");
    return value == nullptr ? "" : value;
}

std::unique_ptr<RestKubernetes> as(const std::string& account, RestOptions options = {}) {
    auto connection = load_kubeconfig(folder() + "/" + account + ".kubeconfig");
    if (!connection) {
        ADD_FAILURE() << connection.error().describe();
        std::abort();
    }
    return connect(std::move(*connection), options);
}

template <typename T>
T must(Result<T> result) {
    if (!result) {
        ADD_FAILURE() << result.error().describe();
        std::abort();
    }
    return std::move(*result);
}

// Asks again until it holds: the controllers of the real cluster take their time. False when time is up.
bool eventually(const std::function<bool()>& holds, seconds within = seconds{60}) {
    const auto end = std::chrono::steady_clock::now() + within;
    while (!holds()) {
        if (std::chrono::steady_clock::now() > end) return false;
        std::this_thread::sleep_for(std::chrono::milliseconds{50});
    }
    return true;
}

std::vector<model::Pod> pods_of(RestKubernetes& kube, const std::string& app) {
    auto pods = must(kube.pods());
    std::erase_if(pods, [&](const model::Pod& pod) {
        const auto found = pod.labels.find("app");
        return found == pod.labels.end() || found->second != app;
    });
    return pods;
}

std::optional<model::Node> node_called(RestKubernetes& kube, const std::string& name) {
    for (auto& node : must(kube.nodes()))
        if (node.name.str() == name) return node;
    return std::nullopt;
}

model::Evict evict_request(const model::Pod& pod) {
    return {pod.namespace_name, pod.name, pod.uid, pod.node};
}

TEST(KubeE2e, ListsNodesAsTheyAre) {
    auto kube = as("admin");
    const auto worker = node_called(*kube, "worker-a");
    ASSERT_TRUE(worker);
    EXPECT_EQ(worker->instance.str(), "i-0aaa");
    EXPECT_EQ(worker->role, model::Role::Worker);
    EXPECT_TRUE(worker->ready);
    EXPECT_TRUE(worker->schedulable);
    EXPECT_EQ(worker->allocatable_cpu.count, 4000);
    EXPECT_EQ(worker->allocatable_memory.count, 8192);
    EXPECT_EQ(worker->allocatable_pods, 110);
    EXPECT_FALSE(worker->uid.empty());
    EXPECT_GT(to_unix_seconds(worker->created_at), 1'700'000'000);
    EXPECT_EQ(node_called(*kube, "master-a")->role, model::Role::Master);
}

TEST(KubeE2e, PagesGiveTheSameListsAsOneAnswer) {
    auto whole = as("admin");
    auto paged = as("admin", {.page_size = 1});
    EXPECT_EQ(must(paged->nodes()).size(), must(whole->nodes()).size());
    EXPECT_EQ(must(paged->disruption_budgets()), must(whole->disruption_budgets()));
    const auto names = [](const std::vector<model::Pod>& pods) {
        std::vector<std::string> result;
        for (const auto& pod : pods) result.push_back(pod.namespace_name + "/" + pod.name);
        return result;
    };
    const auto all = names(must(whole->pods()));
    EXPECT_GT(all.size(), 5U);
    EXPECT_EQ(names(must(paged->pods())), all);
}

TEST(KubeE2e, ListsPodsWithOwnersRequestsAndTheReasonTheyWait) {
    auto kube = as("admin");
    const auto web = pods_of(*kube, "held");
    ASSERT_EQ(web.size(), 2U);
    EXPECT_EQ(web[0].owner_kind, "ReplicaSet");
    EXPECT_EQ(web[0].phase, model::PodPhase::Running);
    // 100m in the container, 50m in the sidecar; 64 MiB in the container, 80 MiB in the init container.
    EXPECT_EQ(web[0].cpu.count, 150);
    EXPECT_EQ(web[0].memory.count, 80);
    EXPECT_EQ(pods_of(*kube, "daemon").at(0).owner_kind, "DaemonSet");
    ASSERT_TRUE(eventually([&] { return pods_of(*kube, "huge").at(0).unschedulable; }));
    const auto huge = pods_of(*kube, "huge").at(0);
    EXPECT_EQ(huge.phase, model::PodPhase::Pending);
    EXPECT_TRUE(huge.node.empty());
    EXPECT_EQ(huge.owner_kind, "");
    EXPECT_TRUE(eventually([&] { return pods_of(*kube, "job").at(0).finished(); }));
}

TEST(KubeE2e, ListsBudgetsWithTheirSelectors) {
    auto kube = as("admin");
    const auto find = [&](const std::string& name) {
        for (auto& one : must(kube->disruption_budgets()))
            if (one.name == name) return one;
        return model::DisruptionBudget{};
    };
    ASSERT_TRUE(eventually([&] { return find("by-expression").disruptions_allowed == 1; }));
    const auto budget = find("by-expression");
    EXPECT_TRUE(budget.match_labels.empty());
    ASSERT_EQ(budget.match_expressions.size(), 1U);
    EXPECT_TRUE(scaling::covers(budget, pods_of(*kube, "free").at(0)));
    EXPECT_FALSE(scaling::covers(budget, pods_of(*kube, "held").at(0)));
    EXPECT_EQ(find("held").disruptions_allowed, 0);
}

TEST(KubeE2e, CordonsAndUncordons) {
    auto kube = as("admin");
    const auto node = *node_called(*kube, "worker-b");
    ASSERT_TRUE(kube->cordon({node.name, node.uid}));
    EXPECT_FALSE(node_called(*kube, "worker-b")->schedulable);
    ASSERT_TRUE(kube->cordon({node.name, node.uid}));  // Again: no error.
    ASSERT_TRUE(kube->cordon({node.name, node.uid, model::Cordon::To::Schedulable}));
    EXPECT_TRUE(node_called(*kube, "worker-b")->schedulable);
}

TEST(KubeE2e, NeverTouchesANodeWithAnotherUid) {
    auto kube = as("admin");
    const auto node = *node_called(*kube, "worker-b");
    const auto cordoned = kube->cordon({node.name, model::Uid("00000000-0000-0000-0000-000000000000")});
    ASSERT_FALSE(cordoned);
    EXPECT_EQ(cordoned.error().code, ErrorCode::NotFound) << cordoned.error().describe();
    EXPECT_TRUE(node_called(*kube, "worker-b")->schedulable);
    EXPECT_EQ(kube->cordon({model::NodeName("no-such-node"), node.uid}).error().code, ErrorCode::NotFound);

    EXPECT_TRUE(kube->delete_node({node.name, model::Uid("00000000-0000-0000-0000-000000000000")}));
    EXPECT_EQ(node_called(*kube, "worker-b")->uid, node.uid);
}

TEST(KubeE2e, EvictsAndIsToldWhenThePodIsGone) {
    auto kube = as("admin");
    ASSERT_TRUE(eventually([&] { return pods_of(*kube, "free").size() == 3; }));
    const auto pod = pods_of(*kube, "free").at(0);
    EXPECT_EQ(must(kube->evict(evict_request(pod))).kind, EvictionAnswer::Kind::Accepted);
    ASSERT_TRUE(eventually([&] {
        for (const auto& one : pods_of(*kube, "free"))
            if (one.uid == pod.uid) return false;
        return true;
    }));
    EXPECT_EQ(must(kube->evict(evict_request(pod))).kind, EvictionAnswer::Kind::Gone);
}

// On a pod without a budget: the server takes a disruption off the budget before it looks at the uid, and
// gives it back only after two minutes.
TEST(KubeE2e, NeverEvictsAPodWithAnotherUid) {
    auto kube = as("admin");
    auto another = pods_of(*kube, "daemon").at(0);
    another.uid = model::Uid("00000000-0000-0000-0000-000000000000");
    EXPECT_EQ(must(kube->evict(evict_request(another))).kind, EvictionAnswer::Kind::Gone);
    const auto still = pods_of(*kube, "daemon");
    EXPECT_TRUE(std::any_of(still.begin(), still.end(), [&](const model::Pod& pod) {
        return pod.name == another.name && !pod.terminating;
    }));
}

TEST(KubeE2e, ABudgetBlocksAnEvictionInTheServersWords) {
    auto kube = as("admin");
    const auto pod = pods_of(*kube, "held").at(0);
    const auto answer = must(kube->evict(evict_request(pod)));
    EXPECT_EQ(answer.kind, EvictionAnswer::Kind::Blocked);
    EXPECT_EQ(answer.why, "The disruption budget held needs 2 healthy pods and has 2 currently");
    // The server looks at the budget before the uid; we must not call another's pod "blocked".
    auto another = pod;
    another.uid = model::Uid("00000000-0000-0000-0000-000000000000");
    EXPECT_EQ(must(kube->evict(evict_request(another))).kind, EvictionAnswer::Kind::Gone);
}

TEST(KubeE2e, TwoBudgetsOverOnePodAreAnErrorThatSaysSo) {
    auto kube = as("admin");
    const auto answer = kube->evict(evict_request(pods_of(*kube, "twice").at(0)));
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().code, ErrorCode::Refused);
    EXPECT_NE(answer.error().describe().find("more than one PodDisruptionBudget"), std::string::npos);
}

TEST(KubeE2e, TheAutoscalersAccountMayDoItsWorkAndNoMore) {
    auto kube = as("autoscaler");
    EXPECT_FALSE(must(kube->nodes()).empty());
    EXPECT_FALSE(must(kube->pods()).empty());
    EXPECT_FALSE(must(kube->disruption_budgets()).empty());
    const auto node = *node_called(*kube, "worker-b");
    EXPECT_TRUE(kube->cordon({node.name, node.uid, model::Cordon::To::Schedulable}));
    EXPECT_EQ(must(kube->evict(evict_request(pods_of(*kube, "held").at(0)))).kind,
              EvictionAnswer::Kind::Blocked);
    EXPECT_TRUE(kube->delete_node({model::NodeName("no-such-node"), model::Uid("x")}));
}

TEST(KubeE2e, AWeakAccountIsToldWhichRightIsMissing) {
    auto kube = as("reader");
    const auto pod = pods_of(*kube, "held").at(0);
    const auto node = *node_called(*kube, "worker-b");
    const auto expect_denied = [](const Error& error, const std::string& call, const std::string& right) {
        EXPECT_EQ(error.code, ErrorCode::PermissionDenied) << error.describe();
        for (const std::string& part : {call, right, std::string("N-19")})
            EXPECT_NE(error.describe().find(part), std::string::npos) << error.describe();
    };
    expect_denied(kube->cordon({node.name, node.uid}).error(), "patch nodes",
                  "nodes: get, list, watch, patch, delete");
    expect_denied(kube->delete_node({node.name, node.uid}).error(), "delete nodes", "delete");
    expect_denied(kube->evict(evict_request(pod)).error(), "create pods/eviction", "pods/eviction: create");
    expect_denied(kube->disruption_budgets().error(), "list poddisruptionbudgets",
                  "poddisruptionbudgets.policy");
    EXPECT_TRUE(node_called(*kube, "worker-b")->schedulable);
}

TEST(KubeE2e, AStaleTokenIsRefusedAndNotShown) {
    const auto nodes = as("stale")->nodes();
    ASSERT_FALSE(nodes);
    EXPECT_EQ(nodes.error().code, ErrorCode::PermissionDenied);
    EXPECT_NE(nodes.error().describe().find("401"), std::string::npos) << nodes.error().describe();
    EXPECT_NE(nodes.error().describe().find("stale.kubeconfig"), std::string::npos)
        << nodes.error().describe();
}

TEST(KubeE2e, AnotherCaThanThePinnedOneIsNotSpokenTo) {
    const auto nodes = as("wrong-ca")->nodes();
    ASSERT_FALSE(nodes);
    EXPECT_EQ(nodes.error().code, ErrorCode::Unavailable) << nodes.error().describe();
    EXPECT_NE(nodes.error().describe().find("certificate"), std::string::npos) << nodes.error().describe();
}

// The whole drain, with the real server as its judge. The machine is ours to end: here it is a flag.
TEST(KubeE2e, ADrainEmptiesTheNodeAndRemovesIt) {
    auto kube = as("autoscaler");
    model::Instance machine;
    machine.id = model::InstanceId("i-0ddd");
    machine.state = model::InstanceState::Running;
    const auto node = *node_called(*kube, "worker-d");
    const auto wall = [] { return std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now()); };
    std::optional<model::Drain> drain = scaling::begin_drain(machine, node, "the test drains it", wall(),
                                                             seconds{90}, model::Drain::AtDeadline::Abandon);
    const auto on_node = [&] {
        int count = 0;
        for (const auto& pod : must(kube->pods()))
            count += scaling::movable(pod) && pod.node == node.name ? 1 : 0;
        return count;
    };
    ASSERT_EQ(on_node(), 3);
    const auto carry_out = [&](const model::Action& action) {
        Status status;
        if (const auto* cordon = std::get_if<model::Cordon>(&action.what)) status = kube->cordon(*cordon);
        if (const auto* evict = std::get_if<model::Evict>(&action.what)) must(kube->evict(*evict));
        if (const auto* gone = std::get_if<model::DeleteNode>(&action.what))
            status = kube->delete_node(*gone);
        EXPECT_TRUE(status) << status.error().describe();
        if (!std::holds_alternative<model::Terminate>(action.what)) return;
        EXPECT_EQ(on_node(), 0);
        machine.state = model::InstanceState::ShuttingDown;
    };
    auto ended = scaling::DrainStep::Ended::No;
    ASSERT_TRUE(eventually([&] {
        const Timestamp now = wall();
        model::World world;
        world.instances = {{machine}, now};
        world.nodes = {must(kube->nodes()), now};
        world.pods = {must(kube->pods()), now};
        world.budgets = {must(kube->disruption_budgets()), now};
        const auto step = scaling::advance_drain(*drain, world, now);
        for (const auto& action : step.actions) {
            std::cout << action.reason << "\n";
            carry_out(action);
        }
        ended = step.ended;
        if (step.next) drain = step.next;
        return !step.next.has_value();
    }));
    EXPECT_EQ(ended, scaling::DrainStep::Ended::Done);
    EXPECT_FALSE(node_called(*kube, "worker-d"));
}

}  // namespace
}  // namespace k3fleet::kube

int main(int argc, char** argv) {
    testing::InitGoogleTest(&argc, argv);
    if (k3fleet::kube::folder().empty()) {
        std::cerr
            << "K3FLEET_E2E_DIR is not set: run tests/e2e/kube/run.py with this program as its argument\n";
        return 1;
    }
    return RUN_ALL_TESTS();
}
