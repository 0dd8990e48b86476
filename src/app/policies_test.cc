#include "app/policies.h"

#include <gtest/gtest.h>

#include "core/resources/test_graphs.h"

namespace k3fleet::app {
namespace {

using namespace k3fleet::resources;

// The checklist's names, on real policies, within what AWS takes.
TEST(Policies, FillTheGraphsOfAnAccountAndAClusterByName) {
    AccountInput account = test::account();
    account.scope.project = account.intent.name = model::ProjectName("node-fleet");
    account.clusters = {model::ClusterName("node-fleet")};
    account.policy = policies_for(site_of(account));
    const Graph base = account_graph(account);
    for (const char* id : {"ControllerRole", "NotifierRole", "SchedulerRole", "TrailRole", "FlowLogsRole"}) {
        const Resource* role = base.find(LogicalId(id));
        ASSERT_NE(role, nullptr) << id;
        EXPECT_GT(role->properties.find("Policies")->items().size() +
                      role->properties.find("ManagedPolicyArns")->items().size(),
                  0u)
            << id;
    }
    ClusterInput cluster = test::cluster();
    cluster.scope = account.scope;
    cluster.scope.cluster = cluster.intent.name = model::ClusterName("node-fleet");
    cluster.policy = policies_for({.scope = cluster.scope, .clusters = {cluster.scope.cluster}});
    const Graph own = *cluster_graph(cluster);
    const auto policy_name = [&](const char* id) {
        return own.find(LogicalId(id))->properties.find("Policies")->items().at(0).string_at("PolicyName");
    };
    EXPECT_EQ(policy_name("AutoscalerRole"), "node-fleetAutoscalerLambdaPolicy");  // N-1
    EXPECT_EQ(policy_name("NodeRole"), "node-fleetK3sNodePolicy");                 // N-2
}

}  // namespace
}  // namespace k3fleet::app
