#include "core/model/resource_names.h"

#include <gtest/gtest.h>

#include <fstream>
#include <functional>
#include <map>
#include <set>

#include "base/text.h"
#include "tests/support/golden.h"

namespace k3fleet::model {
namespace {

const Scope kNodeFleet{.project = ProjectName("node-fleet"),
                       .cluster = ClusterName("node-fleet"),
                       .account = "123456789012",
                       .region = "ap-southeast-1",
                       .home_region = "ap-southeast-1"};
const Scope kShopTest{.project = ProjectName("shop"),
                      .cluster = ClusterName("test"),
                      .account = "123456789012",
                      .region = "eu-west-1",
                      .home_region = "eu-west-1"};

// The second origin document's names, to the letter.
TEST(ResourceNames, AreTheChecklistsForTheClusterNamedLikeItsProject) {
    const Scope& s = kNodeFleet;
    EXPECT_EQ(names::autoscaler_role(s), "node-fleetAutoscalerLambdaRole");
    EXPECT_EQ(names::policy_of(names::autoscaler_role(s)), "node-fleetAutoscalerLambdaPolicy");
    EXPECT_EQ(names::node_role(s), "node-fleetK3sNodeRole");
    EXPECT_EQ(names::policy_of(names::node_role(s)), "node-fleetK3sNodePolicy");
    EXPECT_EQ(names::table(s), "node-fleet-state");
    EXPECT_EQ(names::join_secret(s), "node-fleet/k3s-token");
    EXPECT_EQ(names::alerts_topic(s), "node-fleet-alerts");
    EXPECT_EQ(names::autoscaler_function(s), "node-fleet-autoscaler");
    EXPECT_EQ(names::function_log(names::autoscaler_function(s)), "/aws/lambda/node-fleet-autoscaler");
    EXPECT_EQ(names::master_group(s), "node-fleet-master-sg");
    EXPECT_EQ(names::worker_group(s), "node-fleet-worker-sg");
    EXPECT_EQ(names::trail(s), "node-fleet-trail");
    EXPECT_EQ(names::worker_profile(s), "node-fleet-ssm-instance-profile");
}

TEST(ResourceNames, CarryTheClusterAndOutsideTheHomeRegionTheRegionWhereTheyAreGlobal) {
    EXPECT_EQ(prefix(kShopTest), "shop-test");
    EXPECT_EQ(names::node_role(kShopTest), "shop-testK3sNodeRole");
    Scope away = kShopTest;
    away.home_region = "us-east-1";
    EXPECT_EQ(names::node_role(away), "shop-testK3sNodeRole-eu-west-1");
    EXPECT_EQ(names::policy_of(names::node_role(away)), "shop-testK3sNodePolicy-eu-west-1");
    EXPECT_EQ(names::autoscaler_function(away), "shop-test-autoscaler");
    EXPECT_EQ(names::state_bucket(away), "shop-state-123456789012-eu-west-1");
}

// The lists of [arns], with the placeholders filled in.
std::map<std::string, std::set<std::string>> arns_of_the_table(const Scope& scope) {
    std::ifstream file(testing_support::source_path("model/aws-operations.toml"));
    EXPECT_TRUE(file.good());
    const std::map<std::string, std::string> values{
        {"{project}", scope.project.str()}, {"{cluster}", scope.cluster.str()},
        {"{prefix}", prefix(scope)},        {"{abroad}", ""},
        {"{account}", scope.account},       {"{region}", scope.region}};
    std::map<std::string, std::set<std::string>> lists;
    bool within = false;
    std::string list;
    for (std::string line; std::getline(file, line);) {
        if (line.starts_with("[")) within = line == "[arns]";
        if (!within) continue;
        const auto equals = line.find(" = [");
        if (equals != std::string::npos) list = line.substr(0, equals);
        const auto words = split(line, '"');
        for (std::size_t i = 1; i < words.size(); i += 2) {
            std::string arn = words[i];
            for (const auto& [placeholder, value] : values)
                for (auto at = arn.find(placeholder); at != std::string::npos; at = arn.find(placeholder))
                    arn.replace(at, placeholder.size(), value);
            lists[list].insert(arn);
        }
    }
    return lists;
}

TEST(ResourceNames, AreTheOnesThatTheTableOfOperationsGrants) {
    using Names = std::vector<std::string>;
    for (const Scope& s : {kNodeFleet, kShopTest}) {
        const auto table = arns_of_the_table(s);
        const auto as = [&](std::string_view service, std::string_view before, const Names& all,
                            std::string_view after = "") {
            std::set<std::string> arns;
            for (const std::string& name : all)
                arns.insert(arn(s, service, format("{}{}{}", before, name, after)));
            return arns;
        };
        const auto global = [&](std::string_view before, const Names& all) {
            std::set<std::string> arns;
            for (const std::string& name : all)
                arns.insert(format("arn:aws:iam::{}:{}{}", s.account, before, name));
            return arns;
        };
        using namespace names;
        const std::map<std::string, std::set<std::string>> expected{
            {"roles",
             global("role/", {controller_role(s), notifier_role(s), auditor_role(s), fixer_role(s),
                              responder_role(s), break_glass_role(s), scheduler_role(s), trail_role(s),
                              flow_logs_role(s), autoscaler_role(s), node_role(s), master_role(s)})},
            {"profiles", global("instance-profile/", {worker_profile(s), master_profile(s)})},
            {"group", global("group/", {operators_group(s)})},
            {"mfa-policy", global("policy/", {mfa_policy(s)})},
            {"buckets",
             {bucket_arn(state_bucket(s)), bucket_arn(snapshots_bucket(s)), bucket_arn(trail_bucket(s))}},
            {"table", as("dynamodb", "table/", {names::table(s)})},
            {"secrets", as("secretsmanager", "secret:",
                           {join_secret(s), server_secret(s), kube_secret(s), webhook_secret(s)}, "-??????")},
            {"queues", as("sqs", "", {queue(s), failed_queue(s), worker_queue(s)})},
            {"topics", as("sns", "", {alerts_topic(s), security_topic()})},
            {"functions",
             as("lambda", "function:",
                {controller_function(s), notifier_function(s), auditor_function(s), autoscaler_function(s)})},
            {"rules", as("events", "rule/",
                         {instances_rule(s), spot_rule(s), foreign_launch_rule(s), break_glass_rule(s)})},
            {"schedule-group", as("scheduler", "schedule-group/", {schedule_group(s)})},
            {"schedules", as("scheduler", "schedule/", {schedule_group(s)}, "/*")},
            {"alarms",
             as("cloudwatch", "alarm:",
                {"UnauthorizedAPICalls", "RootAccountUsage", "IAMPolicyChanges", autoscaler_alarm(s, "*")})},
            {"log-groups", as("logs", "log-group:",
                              {function_log(controller_function(s)), function_log(notifier_function(s)),
                               function_log(auditor_function(s)), function_log(autoscaler_function(s)),
                               trail_log(s), flow_log(s)})},
            {"trail", as("cloudtrail", "trail/", {trail(s)})},
            {"key-aliases", as("kms", "", {key_alias(s), snapshots_key_alias(s)})},
            {"documents", as("ssm", "document/", {run_document(s, "*")})},
            {"session-documents", as("ssm", "document/", {session_document(s, "*")})},
            {"sign-documents", as("ssm", "document/", {sign_document(s, "*")})},
        };
        for (const auto& [list, arns] : expected) {
            ASSERT_TRUE(table.contains(list)) << list;
            EXPECT_EQ(table.at(list), arns) << list;
        }
    }
}

}  // namespace
}  // namespace k3fleet::model
