// Screens of plans, as people see them: golden files below tests/golden/cli/plan.
#include "cli/plan_view.h"

#include <gtest/gtest.h>

#include "core/resources/test_graphs.h"
#include "tests/support/fake_resources.h"
#include "tests/support/golden.h"

namespace k3fleet::cli {
namespace {

using namespace k3fleet::resources;
using testing_support::expect_golden;

struct Bench {
    k3fleet::testing::FakeResources account;
    k3fleet::testing::SteppingClock clock;
    k3fleet::testing::BackwardExecutor executor;
    app::Provisioning with{.resources = account, .executor = executor, .clock = clock, .run = "1"};

    app::SetupPlan plan(Graph graph) {
        app::SetupPlan plan{.graph = std::move(graph)};
        plan.sight = *app::see(plan.graph, with);
        plan.plan = *plan_changes(plan.graph, plan.sight);
        plan.prices = price_lines(plan.graph);
        plan.digest = plan.plan.digest();
        return plan;
    }
    app::Outcome make(app::SetupPlan& plan) {
        return app::carry_out(plan.plan, plan.graph, plan.sight, with);
    }
};

TEST(PlanView, ShowsWhatIsMadeWithWhatItCosts) {
    Bench bench;
    expect_golden("cli/plan/init.txt", plan_text(bench.plan(account_graph(test::account())), Colours::Plain));
    const auto gateway = cluster_graph(test::cluster(model::ClusterMode::Dev, model::Egress::NatGateway));
    expect_golden("cli/plan/prepare.txt", plan_text(bench.plan(*gateway), Colours::Plain));
}

TEST(PlanView, ShowsDriftPropertyByPropertyAndReplacementsInOneLine) {
    Bench bench;
    app::SetupPlan made = bench.plan(*cluster_graph(test::cluster()));
    ASSERT_TRUE(bench.make(made).complete());
    const auto change = [&](std::string_view id, std::string_view property, Value value) {
        bench.account.find(*made.graph.find(LogicalId(std::string(id))))
            ->properties.set(property, std::move(value));
    };
    change("WorkerQueue", "VisibilityTimeout", 30);
    change("AutoscalerRole", "Policies", Value::array());
    change("PrivateSubnet2", "AvailabilityZone", "ap-southeast-1c");
    const app::SetupPlan plan = bench.plan(*cluster_graph(test::cluster()));
    expect_golden("cli/plan/drift.txt", plan_text(plan, Colours::Plain));
    const Value data = plan_value(plan);
    EXPECT_EQ(data.find("changes")->items().size(), 5u);
    EXPECT_EQ(data.string_at("plan"), plan.digest);
}

TEST(PlanView, SaysWhatFailedWhatAwsKeepsAndWhatIsWaitedFor) {
    app::Outcome outcome{.done = 3, .skipped = 2};
    outcome.failed.push_back({{.type = "AWS::S3::Bucket", .name = "shop-trail"},
                              {.code = ErrorCode::PermissionDenied, .message = "you may not"}});
    outcome.kept.push_back(
        {"AWS::SecretsManager::Secret", "shop/webhooks", from_unix_seconds(1'800'000'000)});
    EXPECT_EQ(outcome_text(outcome, Colours::Plain),
              "failed: bucket shop-trail: you may not\n"
              "not tried, for want of these: 2 others\n"
              "AWS keeps the secret shop/webhooks until 2027-01-15T08:00:00Z; making it again before then "
              "restores it\n");
    app::ProvisionProgress progress{.done = 12, .total = 62, .remaining = std::chrono::minutes{2}};
    EXPECT_EQ(progress_line(progress), "12 of 62 done, about 2m left");
    progress.waiting = {"NAT gateway shop-nat: gets its address", "role x: not known yet"};
    EXPECT_EQ(
        progress_line(progress),
        "12 of 62 done, about 2m left; waiting for the NAT gateway shop-nat: gets its address and 1 more");
}

}  // namespace
}  // namespace k3fleet::cli
