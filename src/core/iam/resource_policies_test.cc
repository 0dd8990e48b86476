#include "core/iam/resource_policies.h"

#include <gtest/gtest.h>

#include <set>

#include "base/json.h"
#include "tests/support/golden.h"

namespace k3fleet::iam {
namespace {

Site site(std::vector<std::string> clusters = {"eu", "us"}) {
    Site made{.scope = {.project = model::ProjectName("shop"),
                        .cluster = model::ClusterName("eu"),
                        .account = "123456789012",
                        .region = "eu-west-1",
                        .home_region = ""},
              .clusters = {},
              .keys = Keys::Customer};
    for (std::string& name : clusters) made.clusters.emplace_back(std::move(name));
    return made;
}

struct Case {
    std::string_view name;
    Value (*policy)(const Site&);
    std::size_t limit;  // AWS's, in characters.
};
constexpr Case kCases[] = {
    {"state-bucket", state_bucket_policy, 20'480},
    {"snapshots-bucket", snapshots_bucket_policy, 20'480},
    {"trail-bucket", trail_bucket_policy, 20'480},
    {"queue", queue_policy, 262'144},
    {"failed-queue", failed_queue_policy, 262'144},
    {"worker-queue", worker_queue_policy, 262'144},
    {"alerts-topic", alerts_topic_policy, 30'720},
    {"security-topic", security_topic_policy, 30'720},
    {"key", key_policy, 32'768},
    {"snapshots-key", snapshots_key_policy, 32'768},
};

TEST(ResourcePolicies, AreAsTheyWereRead) {
    Value all = Value::object();
    for (const Case& c : kCases) all.set(c.name, c.policy(site()));
    Value permissions = Value::array();
    for (const FunctionPermission& p : function_permissions(site()))
        permissions.push(Value::object({{"FunctionName", p.function},
                                        {"StatementId", p.id},
                                        {"Principal", p.principal},
                                        {"SourceArn", p.source_arn},
                                        {"SourceAccount", p.source_account}}));
    all.set("functions", std::move(permissions));
    testing_support::expect_golden("iam/resource-policies.json", json::write_pretty(all));
}

// G-24: no confused deputy.
TEST(ResourcePolicies, LetServicesInForOurAccountAndOurThingsOnly) {
    for (const Case& c : kCases) {
        const Value policy = c.policy(site());
        for (const Value& statement : policy.find("Statement")->items()) {
            if (statement.string_at("Effect") != "Allow" || statement.path("Principal.Service") == nullptr)
                continue;
            const std::string sid = statement.string_at("Sid");
            if (sid == "LogGroups") {
                // Logs sends the log group as encryption context instead.
                EXPECT_NE(json::write(statement).find("log-group:/aws/lambda/shop-controller"),
                          std::string::npos);
                continue;
            }
            const Value* condition = statement.find("Condition");
            ASSERT_NE(condition, nullptr) << c.name << " " << sid;
            EXPECT_NE(json::write(*condition).find(R"("aws:SourceAccount":"123456789012")"),
                      std::string::npos)
                << sid;
            const Value* like = condition->find("ArnLike");
            ASSERT_NE(like, nullptr) << sid;
            ASSERT_NE(like->find("aws:SourceArn"), nullptr) << sid;
            EXPECT_FALSE(like->find("aws:SourceArn")->items().empty()) << sid;
        }
    }
    for (const FunctionPermission& permission : function_permissions(site())) {
        EXPECT_EQ(permission.source_account, "123456789012");
        EXPECT_TRUE(permission.source_arn.starts_with("arn:aws:sns:eu-west-1:123456789012:"));
    }
}

TEST(ResourcePolicies, DenyWhatComesWithoutTlsEverywhereButOnKeys) {
    for (const Case& c : kCases) {
        if (c.name.ends_with("key")) continue;  // KMS takes TLS only.
        EXPECT_NE(json::write(c.policy(site())).find(R"("aws:SecureTransport":"false")"), std::string::npos)
            << c.name;
    }
}

TEST(ResourcePolicies, HaveUniqueSidsAndFit) {
    for (const Site& at : {site(), site({}), site(std::vector<std::string>(1, "node-fleet-cluster"))}) {
        for (const Case& c : kCases) {
            std::set<std::string> seen;
            const Value policy = c.policy(at);
            EXPECT_LE(size_of(policy), c.limit) << c.name;
            for (const Value& statement : policy.find("Statement")->items()) {
                EXPECT_TRUE(seen.insert(statement.string_at("Sid")).second) << statement.string_at("Sid");
                EXPECT_EQ(json::write(statement).find("[]"), std::string::npos) << json::write(statement);
            }
        }
    }
}

}  // namespace
}  // namespace k3fleet::iam
