// Plans carried out against an account in memory: to the end, side by side, and gone on with after a kill at
// any point.
#include "app/provision.h"

#include <gtest/gtest.h>

#include "core/resources/test_graphs.h"
#include "tests/support/fake_resources.h"

namespace k3fleet::app {
namespace {

using namespace k3fleet::resources;
using testing::FakeResources;

struct Bench {
    FakeResources account;
    testing::SteppingClock clock;
    testing::BackwardExecutor executor;
    int run = 0;

    Provisioning with() {
        return {.resources = account, .executor = executor, .clock = clock, .run = std::to_string(++run)};
    }
    // Sees, plans, carries out.
    Outcome bring_to(const Graph& graph) {
        Provisioning p = with();
        Sight sight = *see(graph, p);
        return carry_out(*plan_changes(graph, sight), graph, sight, p);
    }
    Outcome take_away(const Graph& graph, Purge purge = Purge::Yes) {
        Provisioning p = with();
        Sight sight = *see(graph, p);
        return carry_out(plan_removal(graph, sight, purge), graph, sight, p);
    }
    bool settled(const Graph& graph) {
        Provisioning p = with();
        return plan_changes(graph, *see(graph, p))->empty();
    }
};

Graph cluster(model::Egress egress = model::Egress::NatInstance) {
    return *cluster_graph(test::cluster(model::ClusterMode::Ha, egress));
}

TEST(Provision, MakesEverythingSideBySideAndThenHasNothingToDo) {
    for (const Graph& graph : {account_graph(test::account()), cluster()}) {
        Bench bench;
        const Outcome outcome = bench.bring_to(graph);
        EXPECT_TRUE(outcome.complete());
        EXPECT_EQ(outcome.done, graph.resources.size());
        EXPECT_EQ(bench.account.things.size(), graph.resources.size());
        EXPECT_GT(bench.executor.widest, 5u);
        EXPECT_TRUE(bench.settled(graph));
    }
}

TEST(Provision, RemovesEverythingWithoutTryingWhatIsStillNeeded) {
    for (const Graph& graph : {account_graph(test::account()), cluster(model::Egress::NatGateway)}) {
        Bench bench;
        bench.bring_to(graph);
        const Outcome outcome = bench.take_away(graph);
        EXPECT_TRUE(outcome.complete());
        EXPECT_EQ(bench.account.held, 0);
        for (const Observed& left : bench.account.things)
            EXPECT_EQ(left.type, "AWS::IAM::ServiceLinkedRole") << left.physical_id;
        const bool secrets = graph.find(LogicalId("Webhooks")) || graph.find(LogicalId("JoinSecret"));
        EXPECT_EQ(!outcome.kept.empty(), secrets);
    }
}

TEST(Provision, WaitsForWhatIsSlowAndTellsSo) {
    Bench bench;
    bench.account.slow = {"AWS::EC2::NatGateway", "AWS::Lambda::Function"};
    const Graph graph = cluster(model::Egress::NatGateway);
    Provisioning p = bench.with();
    std::set<std::string> waited;
    Duration most{};
    p.tell = [&](const ProvisionProgress& progress) {
        for (const std::string& text : progress.waiting) waited.insert(text);
        most = std::max(most, progress.remaining);
    };
    Sight sight = *see(graph, p);
    EXPECT_TRUE(carry_out(*plan_changes(graph, sight), graph, sight, p).complete());
    EXPECT_TRUE(waited.contains("NAT gateway shop-test-nat: becomes usable"));
    EXPECT_GE(most, std::chrono::seconds{60});
    EXPECT_TRUE(bench.take_away(graph).complete());
}

TEST(Provision, TriesAgainWhatPassesAndGivesUpOnWhatDoesNot) {
    Bench bench;
    const Error passing{.code = ErrorCode::Unavailable, .message = "the role is not known yet"};
    const Error lasting{.code = ErrorCode::PermissionDenied, .message = "you may not"};
    bench.account.refusals["NotifierFunction"] = {passing, passing};
    bench.account.refusals["TrailBucket"] = {lasting};
    const Graph graph = account_graph(test::account());
    const Outcome outcome = bench.bring_to(graph);
    ASSERT_EQ(outcome.failed.size(), 1u);
    EXPECT_EQ(outcome.failed[0].change.id, LogicalId("TrailBucket"));
    EXPECT_EQ(outcome.skipped, 2u) << "its policy, and the trail";
    EXPECT_EQ(outcome.done, graph.resources.size() - 3);
    EXPECT_TRUE(bench.bring_to(graph).complete()) << "the same command goes on";
    EXPECT_TRUE(bench.settled(graph));

    std::vector<Error> forever(1000, passing);
    Bench other;
    other.account.refusals["Queue"] = forever;
    const Outcome given_up = other.bring_to(graph);
    ASSERT_EQ(given_up.failed.size(), 1u);
    EXPECT_EQ(given_up.failed[0].error.code, ErrorCode::Unavailable);
}

TEST(Provision, StopsBetweenCallsWhenAskedTo) {
    Bench bench;
    const Graph graph = cluster();
    Provisioning p = bench.with();
    Sight sight = *see(graph, p);
    int rounds = 0;
    p.may_go_on = [&]() -> Status {
        if (++rounds < 3) return {};
        return fail(ErrorCode::Conflict, "the lease is lost");
    };
    const Outcome outcome = carry_out(*plan_changes(graph, sight), graph, sight, p);
    ASSERT_TRUE(outcome.stopped);
    EXPECT_EQ(outcome.stopped->code, ErrorCode::Conflict);
    EXPECT_GT(outcome.done, 0u);
    EXPECT_LT(outcome.done, graph.resources.size());
}

// The process is killed at every single call; the same command then makes the same account, nothing twice.
TEST(Provision, GoesOnAfterAKillAtAnyPoint) {
    const Graph graph = cluster();
    Bench whole;
    whole.bring_to(graph);
    const auto calls = static_cast<int>(whole.account.calls.size());
    for (int kill = 1; kill <= calls; kill += 7) {
        Bench bench;
        bench.account.kill_at = kill;
        EXPECT_THROW(bench.bring_to(graph), testing::Killed);
        bench.account.kill_at = -1;
        EXPECT_TRUE(bench.bring_to(graph).complete()) << kill;
        EXPECT_EQ(bench.account.things.size(), graph.resources.size()) << kill;
        EXPECT_TRUE(bench.settled(graph));
    }
}

TEST(Provision, GoesOnRemovingAfterAKillAtAnyPoint) {
    const Graph graph = cluster();
    Bench whole;
    whole.bring_to(graph);
    const auto before = static_cast<int>(whole.account.calls.size());
    whole.take_away(graph);
    const auto calls = static_cast<int>(whole.account.calls.size());
    for (int kill = before + 1; kill <= calls; kill += 7) {
        Bench bench;
        bench.bring_to(graph);
        bench.account.kill_at = kill;
        EXPECT_THROW(bench.take_away(graph), testing::Killed);
        bench.account.kill_at = -1;
        EXPECT_TRUE(bench.take_away(graph).complete()) << kill;
        EXPECT_TRUE(bench.account.things.empty()) << kill;
    }
}

TEST(Provision, TakesAwayASecondThingOfTheSameId) {
    Bench bench;
    const Graph graph = cluster();
    bench.bring_to(graph);
    Observed twin = *bench.account.find(*graph.find(LogicalId("NatAddress")));
    twin.physical_id = "NatAddress-twin";  // Made by a call whose answer was lost.
    bench.account.things.push_back(twin);
    EXPECT_FALSE(bench.settled(graph));
    EXPECT_TRUE(bench.bring_to(graph).complete());
    EXPECT_EQ(bench.account.things.size(), graph.resources.size());
}

TEST(Provision, LeavesOtherClustersAlone) {
    Bench bench;
    const Graph account = account_graph(test::account());
    bench.bring_to(account);
    bench.bring_to(cluster());
    EXPECT_TRUE(bench.settled(account)) << "what carries a cluster's tag is none of the account's";
    bench.take_away(cluster());
    EXPECT_EQ(bench.account.things.size(), account.resources.size());
}

}  // namespace
}  // namespace k3fleet::app
