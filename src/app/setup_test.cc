#include "app/setup.h"

#include <gtest/gtest.h>

#include "core/resources/test_graphs.h"
#include "tests/support/fake_resources.h"
#include "tests/support/fakes.h"

namespace k3fleet::app {
namespace {

using namespace k3fleet::resources;

// The leases live in the table, which the set-up itself makes and removes.
class StateInTable final : public testing::MemoryLoopState {
public:
    StateInTable(testing::CrashPoints& points, testing::FakeResources& account)
        : MemoryLoopState(points), account_(account) {}
    Result<ports::LoopItem> acquire(const ports::LoopKey& key, const model::HolderId& holder, Duration lease,
                                    Timestamp now) override {
        for (const Observed& thing : account_.things)
            if (thing.type == "AWS::DynamoDB::Table")
                return MemoryLoopState::acquire(key, holder, lease, now);
        return fail(ErrorCode::NotFound, "there is no such table");
    }

private:
    testing::FakeResources& account_;
};

struct Bench {
    testing::FakeResources account;
    testing::SteppingClock clock;
    testing::BackwardExecutor executor;
    testing::CrashPoints points;
    StateInTable state{points, account};

    SetupSite site(const std::string& who = "ann") {
        return {.scope = test::scope(),
                .provisioning = {.resources = account, .executor = executor, .clock = clock, .run = who},
                .state = state,
                .holder = model::HolderId(who)};
    }
};

Graph account() { return account_graph(test::account()); }

TEST(Setup, MakesTheTableFirstAndTheRestUnderTheLease) {
    Bench bench;
    SetupSite site = bench.site();
    SetupPlan plan = *plan_setup(site, account(), **survey_project(site));
    const auto outcome = carry_out_setup(site, plan);
    ASSERT_TRUE(outcome && outcome->complete());
    EXPECT_EQ(outcome->done, plan.graph.resources.size());
    std::vector<std::string> creates;
    for (const std::string& call : bench.account.calls)
        if (call.starts_with("create ")) creates.push_back(call);
    EXPECT_EQ(creates.front(), "create StateTable");
    EXPECT_TRUE(bench.state.acquire(project_lease(), model::HolderId("bob"), {}, bench.clock.now()))
        << "the lease was given back";
    EXPECT_TRUE(plan_setup(site, account(), **survey_project(site))->plan.empty());
}

// What was seen before the lease may be old: somebody else was quicker.
TEST(Setup, LooksAgainOnceItHasTheLease) {
    Bench bench;
    SetupSite ann = bench.site("ann");
    SetupPlan plan = *plan_setup(ann, account(), **survey_project(ann));
    SetupSite bob = bench.site("bob");
    bob.provisioning.may_go_on = [&]() -> Status {
        if (bench.account.things.size() < 10) return {};
        return fail(ErrorCode::Cancelled, "killed");
    };
    const Graph graph = account();
    Sight nothing = *see(graph, bob.provisioning);
    EXPECT_FALSE(carry_out(*plan_changes(graph, nothing), graph, nothing, bob.provisioning).complete());
    std::erase_if(bench.account.things, [](const Observed& o) { return o.type == "AWS::DynamoDB::Table"; });
    const std::size_t there = bench.account.things.size();
    ASSERT_GE(there, 5u);
    const auto outcome = carry_out_setup(ann, plan);
    ASSERT_TRUE(outcome && outcome->complete());
    EXPECT_EQ(outcome->done, plan.graph.resources.size() - there) << "nothing of bob's is made again";
}

TEST(Setup, LeavesItToWhoHoldsTheLease) {
    Bench bench;
    SetupSite ann = bench.site("ann");
    SetupPlan plan = *plan_setup(ann, account(), **survey_project(ann));
    ASSERT_TRUE(carry_out_setup(ann, plan)->complete());
    bench.account.find(*plan.graph.find(LogicalId("Queue")))->properties.set("VisibilityTimeout", 1);
    ASSERT_TRUE(bench.state.acquire(project_lease(), model::HolderId("bob"), std::chrono::minutes{5},
                                    bench.clock.now()));
    SetupPlan repair = *plan_setup(ann, account(), **survey_project(ann));
    EXPECT_EQ(repair.plan.changes.size(), 1u);
    const auto refused = carry_out_setup(ann, repair);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::Conflict);
    (void)bench.clock.sleep_until(bench.clock.now() + std::chrono::minutes{6});  // Bob was killed.
    EXPECT_TRUE(carry_out_setup(ann, repair)->complete());
}

TEST(Setup, PlansTheSameForTheSameAccountAndAnotherForAnother) {
    Bench bench;
    SetupSite site = bench.site();
    SetupPlan plan = *plan_setup(site, account(), **survey_project(site));
    EXPECT_EQ(plan.digest, plan_setup(site, account(), **survey_project(site))->digest);
    ASSERT_TRUE(carry_out_setup(site, plan)->complete());
    EXPECT_NE(plan.digest, plan_setup(site, account(), **survey_project(site))->digest);
}

TEST(Takedown, IsRefusedWhileClustersHaveAnything) {
    Bench bench;
    SetupSite site = bench.site();
    SetupPlan plan = *plan_setup(site, account(), **survey_project(site));
    ASSERT_TRUE(carry_out_setup(site, plan)->complete());
    const Graph cluster = *cluster_graph(test::cluster());
    Sight nothing = *see(cluster, site.provisioning);
    ASSERT_TRUE(carry_out(*plan_changes(cluster, nothing), cluster, nothing, site.provisioning).complete());
    const auto refused = plan_takedown(site, account(), Purge::Yes, **survey_project(site));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::Refused);
    EXPECT_NE(refused.error().message.find("cluster delete test"), std::string::npos);
}

TEST(Takedown, KeepsTheAuditTrailUnlessPurged) {
    Bench bench;
    SetupSite site = bench.site();
    SetupPlan plan = *plan_setup(site, account(), **survey_project(site));
    ASSERT_TRUE(carry_out_setup(site, plan)->complete());
    SetupPlan down = *plan_takedown(site, account(), Purge::No, **survey_project(site));
    const auto outcome = carry_out_setup(site, down);
    ASSERT_TRUE(outcome && outcome->complete());
    EXPECT_EQ(outcome->kept.size(), 1u) << "the secret, for its recovery window";
    EXPECT_EQ(bench.account.things.size(), 5u)
        << "trail bucket, its policy, log group, two service-linked roles";
    SetupPlan purge = *plan_takedown(site, account(), Purge::Yes, **survey_project(site));
    ASSERT_TRUE(carry_out_setup(site, purge)->complete());
    EXPECT_EQ(bench.account.things.size(), 2u);
}

}  // namespace
}  // namespace k3fleet::app
