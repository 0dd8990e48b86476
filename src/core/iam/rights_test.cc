// What roles may and may not do in the end, judged by the evaluator: rows of the origin documents.
#include <gtest/gtest.h>

#include "base/json.h"
#include "base/text.h"
#include "core/iam/evaluate.h"
#include "core/iam/policies.h"

namespace k3fleet::iam {
namespace {

using enum Principal;

Site site() {
    return {.scope = {.project = model::ProjectName("node-fleet"),
                      .cluster = model::ClusterName("node-fleet"),
                      .account = "123456789012",
                      .region = "ap-southeast-1",
                      .home_region = ""},
            .clusters = {model::ClusterName("node-fleet")},
            .keys = Keys::Aws};
}

IdentityPolicies policies_of(Principal who) {
    IdentityPolicies all;
    for (const Document& document : identity_policies(who, site())) {
        const Status added = all.add(document.name, document.policy);
        EXPECT_TRUE(added.has_value()) << added.error().describe();
    }
    for (const std::string& name : attached_policies(who))
        EXPECT_TRUE(all.add(name, ssm_managed_instance_core()).has_value());
    return all;
}

std::string ec2(std::string_view what) { return format("arn:aws:ec2:ap-southeast-1:123456789012:{}", what); }
std::string secret(std::string_view name) {
    return format("arn:aws:secretsmanager:ap-southeast-1:123456789012:secret:{}-AbCdEf", name);
}
std::string state(std::string_view key) {
    return format("arn:aws:s3:::node-fleet-state-123456789012-ap-southeast-1/{}", key);
}
std::string role(std::string_view name) { return format("arn:aws:iam::123456789012:role/{}", name); }

// What AWS sends with a launch of a worker, and of an existing machine.
Context launch(std::string project = "node-fleet", std::string role = "k3s-worker") {
    return {{"aws:RequestTag/Project", {std::move(project)}},
            {"aws:RequestTag/Cluster", {"node-fleet"}},
            {"aws:RequestTag/Role", {std::move(role)}},
            {"aws:TagKeys", {"Project", "Cluster", "Role", "Name", "ManagedBy", "k3fleet:token"}},
            {"ec2:MetadataHttpTokens", {"required"}},
            {"ec2:MetadataHttpPutResponseHopLimit", {"1"}},
            {"ec2:Encrypted", {"true"}}};
}
Context without(Context context, std::string_view key) {
    context.set(key, {});
    return context;
}
Context with(Context context, std::string_view key, std::string value) {
    context.set(key, {std::move(value)});
    return context;
}
Context machine(std::string role, std::string cluster = "node-fleet", std::string project = "node-fleet") {
    return {{"aws:ResourceTag/Project", {std::move(project)}},
            {"aws:ResourceTag/Cluster", {std::move(cluster)}},
            {"aws:ResourceTag/Role", {std::move(role)}}};
}
const Context kS3{{"s3:ResourceAccount", {"123456789012"}}};

const std::string kBucket = "arn:aws:s3:::node-fleet-state-123456789012-ap-southeast-1";
Context listing(std::string prefix) { return with(kS3, "s3:prefix", std::move(prefix)); }

struct Case {
    std::string_view row;
    Principal who;
    std::string action, resource;
    Context context;
    bool expected;
};

void expect_all(const std::vector<Case>& cases) {
    for (const Case& c : cases) {
        const Decision decision = policies_of(c.who).evaluate({c.action, c.resource, c.context});
        EXPECT_EQ(decision.allowed(), c.expected) << c.row << ": " << facts_of(c.who).name << " " << c.action
                                                  << " on " << c.resource << ": " << decision.describe();
    }
}

TEST(Rights, ToLaunchAskForWhatAMachineMustBe) {
    expect_all({
        {"N-1", Autoscaler, "ec2:RunInstances", ec2("instance/*"), launch(), true},
        {"N-3", Autoscaler, "ec2:RunInstances", ec2("instance/*"), {}, false},
        {"N-3", Autoscaler, "ec2:RunInstances", ec2("instance/*"), launch("other"), false},
        {"N-3", Autoscaler, "ec2:RunInstances", ec2("instance/*"), launch("node-fleet", "k3s-master"), false},
        {"N-3", Autoscaler, "ec2:RunInstances", ec2("instance/*"),
         without(launch(), "ec2:MetadataHttpTokens"), false},
        {"N-3", Autoscaler, "ec2:RunInstances", ec2("instance/*"),
         with(launch(), "ec2:MetadataHttpPutResponseHopLimit", "2"), false},
        {"N-3", Autoscaler, "ec2:RunInstances", ec2("instance/*"),
         without(launch(), "ec2:MetadataHttpPutResponseHopLimit"), false},
        {"G-1", Controller, "ec2:RunInstances", ec2("instance/*"),
         with(launch("node-fleet", "k3s-master"), "ec2:MetadataHttpPutResponseHopLimit", "2"), false},
        {"N-12", Autoscaler, "ec2:RunInstances", ec2("volume/*"), launch(), true},
        {"N-12", Autoscaler, "ec2:RunInstances", ec2("volume/*"), with(launch(), "ec2:Encrypted", "false"),
         false},
        {"N-7", Autoscaler, "ec2:RunInstances", ec2("network-interface/*"),
         with(launch(), "ec2:AssociatePublicIpAddress", "false"), true},
        {"N-7", Autoscaler, "ec2:RunInstances", ec2("network-interface/*"), launch(), true},
        {"N-7", Autoscaler, "ec2:RunInstances", ec2("network-interface/*"),
         with(launch(), "ec2:AssociatePublicIpAddress", "true"), false},
        // All of a machine stands in the request (ADR 8):
        // nothing comes from a template that somebody changed.
        {"N-3", Autoscaler, "ec2:RunInstances", ec2("launch-template/lt-1"), machine(""), false},
        {"N-3", Controller, "ec2:RunInstances", ec2("launch-template/lt-1"), machine(""), false},
        {"N-3", Operator, "ec2:CreateLaunchTemplate", ec2("launch-template/*"), launch(), false},
        {"N-1", Autoscaler, "ec2:CreateFleet", ec2("fleet/*"), launch(), false},
        {"N-1",
         Autoscaler,
         "ec2:RunInstances",
         "arn:aws:ec2:ap-southeast-1::image/ami-1",
         {{"ec2:Owner", {"amazon"}}},
         true},
        {"N-1",
         Autoscaler,
         "ec2:RunInstances",
         "arn:aws:ec2:ap-southeast-1::image/ami-1",
         {{"ec2:Owner", {"666666666666"}}},
         false},
        {"N-1", Autoscaler, "ec2:RunInstances", ec2("subnet/subnet-1"), machine("x"), true},
        {"N-3", Autoscaler, "ec2:RunInstances", ec2("subnet/subnet-1"), {}, false},
        {"G-1", Controller, "ec2:RunInstances", ec2("instance/*"), launch("node-fleet", "k3s-master"), true},
        {"G-1", Controller, "ec2:RunInstances", ec2("instance/*"), launch("node-fleet", "k3s-nat"), true},
        {"G-1", Controller, "ec2:RunInstances", ec2("instance/*"), launch(), false},
        // With an interface that is there already: the tags of the request are those of what it makes.
        {"G-1", Controller, "ec2:RunInstances", ec2("network-interface/eni-1"), machine(""), true},
        {"G-1", Controller, "ec2:RunInstances", ec2("network-interface/eni-1"), {}, false},
        {"G-1", Autoscaler, "ec2:RunInstances", ec2("network-interface/eni-1"), machine(""), false},
    });
}

TEST(Rights, OfTheAutoscalerEndAtItsOwnWorkers) {
    expect_all({
        {"N-1", Autoscaler, "ec2:DescribeInstances", "*", {}, true},
        {"N-1", Autoscaler, "ec2:TerminateInstances", ec2("instance/i-1"), machine("k3s-worker"), true},
        {"N-3", Autoscaler, "ec2:TerminateInstances", ec2("instance/i-1"), {}, false},
        {"G-1", Autoscaler, "ec2:TerminateInstances", ec2("instance/i-1"), machine("k3s-master"), false},
        {"G-1", Autoscaler, "ec2:TerminateInstances", ec2("instance/i-1"), machine("k3s-worker", "other"),
         false},
        {"N-1", Autoscaler, "ec2:CreateTags", ec2("instance/i-1"),
         with(launch(), "ec2:CreateAction", "RunInstances"), true},
        {"N-3", Autoscaler, "ec2:CreateTags", ec2("instance/i-1"), launch(), false},
        {"N-1",
         Autoscaler,
         "iam:PassRole",
         role("node-fleetK3sNodeRole"),
         {{"iam:PassedToService", {"ec2.amazonaws.com"}}},
         true},
        {"G-1",
         Autoscaler,
         "iam:PassRole",
         role("node-fleetK3sMasterRole"),
         {{"iam:PassedToService", {"ec2.amazonaws.com"}}},
         false},
        {"G-1",
         Autoscaler,
         "iam:PassRole",
         role("node-fleetK3sNodeRole"),
         {{"iam:PassedToService", {"lambda.amazonaws.com"}}},
         false},
        {"G-1", Autoscaler, "ssm:SendCommand", ec2("instance/i-1"), machine("k3s-master"), false},
        {"N-1", Autoscaler, "secretsmanager:GetSecretValue", secret("node-fleet/autoscaler-kube"), {}, true},
        {"N-1", Autoscaler, "secretsmanager:GetSecretValue", secret("node-fleet/k3s-token"), {}, false},
        {"N-1",
         Autoscaler,
         "dynamodb:PutItem",
         "arn:aws:dynamodb:ap-southeast-1:123456789012:table/node-fleet-state",
         {{"dynamodb:LeadingKeys", {"node-fleet#workers"}}},
         true},
        {"G-8",
         Autoscaler,
         "dynamodb:PutItem",
         "arn:aws:dynamodb:ap-southeast-1:123456789012:table/node-fleet-state",
         {{"dynamodb:LeadingKeys", {"other#workers"}}},
         false},
        {"N-21",
         Autoscaler,
         "sns:Publish",
         "arn:aws:sns:ap-southeast-1:123456789012:security-alerts",
         {},
         false},
        {"G-7", Autoscaler, "s3:PutObject", state("journal/chain/node-fleet/workers/1"), kS3, true},
        {"G-7", Autoscaler, "s3:PutObject", state("clusters/node-fleet.yaml"), kS3, false},
        {"G-7", Autoscaler, "s3:DeleteObject", state("journal/chain/node-fleet/workers/1"), kS3, false},
        {"G-7", Autoscaler, "s3:GetObject", state("clusters/node-fleet.yaml"), {}, false},
        {"G-7", Autoscaler, "s3:GetObject", state("clusters/node-fleet.yaml"), kS3, true},
        {"G-7", Autoscaler, "s3:GetObject", state("clusters/other.yaml"), kS3, false},
        // Who may not list a name is told 403 of what is missing there: a tick may find the file gone.
        {"G-7", Autoscaler, "s3:ListBucket", kBucket, listing("clusters/node-fleet.yaml"), true},
        {"G-7", Autoscaler, "s3:ListBucket", kBucket, listing("clusters/other.yaml"), false},
        {"G-7", Controller, "s3:ListBucket", kBucket, listing("clusters/"), true},
        {"G-7", Controller, "s3:ListBucket", kBucket, listing("binaries/"), false},
        {"G-7", Controller, "s3:ListBucket", kBucket, kS3, false},
        // ENI rights are Lambda's, not the code's.
        {"N-10", Autoscaler, "ec2:CreateNetworkInterface", ec2("subnet/subnet-1"), {}, true},
        {"N-10",
         Autoscaler,
         "ec2:CreateNetworkInterface",
         ec2("subnet/subnet-1"),
         {{"lambda:SourceFunctionArn",
           {"arn:aws:lambda:ap-southeast-1:123456789012:function:node-fleet-autoscaler"}}},
         false},
    });
}

TEST(Rights, OfMachinesAreHarmless) {
    const std::string parameter = "arn:aws:ssm:ap-southeast-1:123456789012:parameter/somebody/password";
    expect_all({
        {"N-2", Node, "secretsmanager:GetSecretValue", secret("node-fleet/k3s-token"), {}, true},
        {"N-2", Node, "secretsmanager:GetSecretValue", secret("node-fleet/server-token"), {}, false},
        {"N-3", Node, "secretsmanager:GetSecretValue", secret("node-fleet/autoscaler-kube"), {}, false},
        {"N-3", Node, "ec2:RunInstances", ec2("instance/*"), launch(), false},
        {"N-3", Node, "ec2:TerminateInstances", ec2("instance/i-1"), machine("k3s-worker"), false},
        {"N-2", Node, "ec2:DescribeTags", "*", {}, true},
        {"N-2", Node, "cloudwatch:PutMetricData", "*", {{"cloudwatch:namespace", {"node-fleet"}}}, true},
        {"N-2",
         Node,
         "cloudwatch:PutMetricData",
         "*",
         {{"cloudwatch:namespace", {"node-fleet-security"}}},
         false},
        {"N-2",
         Node,
         "ecr:BatchGetImage",
         "arn:aws:ecr:ap-southeast-1:123456789012:repository/app",
         {},
         true},
        {"G-2", Node, "ssmmessages:OpenDataChannel", "*", {}, true},
        {"G-2", Node, "ssm:GetParameter", parameter, {}, false},
        {"G-2", Node, "ssm:GetParameters", parameter, {}, false},
        {"G-2", Master, "ssm:GetParameter", parameter, {}, false},
        {"G-7", Node, "s3:PutObject", state("binaries/k3s"), kS3, false},
        {"N-2b", Master, "secretsmanager:GetSecretValue", secret("node-fleet/server-token"), {}, true},
        {"N-34", Master, "secretsmanager:PutSecretValue", secret("node-fleet/autoscaler-kube"), {}, true},
        {"N-34", Master, "secretsmanager:GetSecretValue", secret("node-fleet/autoscaler-kube"), {}, false},
        {"G-7", Master, "s3:PutObject",
         "arn:aws:s3:::node-fleet-snapshots-123456789012-ap-southeast-1/node-fleet/1", kS3, true},
        {"G-7", Master, "s3:PutObject",
         "arn:aws:s3:::node-fleet-snapshots-123456789012-ap-southeast-1/other/1", kS3, false},
    });
}

TEST(Rights, NoFunctionWritesIdentitiesOrCode) {
    for (const Principal who : {Controller, Autoscaler, Notifier, Auditor}) {
        const IdentityPolicies all = policies_of(who);
        for (const char* action : {"iam:CreateRole", "iam:PutRolePolicy", "iam:AttachRolePolicy",
                                   "iam:UpdateAssumeRolePolicy", "iam:CreateUser", "iam:CreateAccessKey"})
            EXPECT_FALSE(all.evaluate({action, role("node-fleetK3sNodeRole"), {}}).allowed()) << action;
        for (const char* action : {"lambda:UpdateFunctionCode", "lambda:UpdateFunctionConfiguration",
                                   "lambda:AddPermission", "lambda:CreateFunction"})
            EXPECT_FALSE(
                all.evaluate({action,
                              "arn:aws:lambda:ap-southeast-1:123456789012:function:node-fleet-controller",
                              {}})
                    .allowed())
                << action;
    }
}

// A user without second factor, whose other rights are an administrator's.
TEST(Rights, WithoutASecondFactorAreToGetOne) {
    IdentityPolicies user;
    ASSERT_TRUE(user.add("mfa", deny_without_mfa(site())).has_value());
    IdentityPolicies admin = user;
    ASSERT_TRUE(admin
                    .add("admin", *json::parse(R"({"Version":"2012-10-17","Statement":[)"
                                               R"({"Effect":"Allow","Action":"*","Resource":"*"}]})"))
                    .has_value());
    const Context none{{"aws:username", {"ann"}}};
    const Context with_mfa{{"aws:username", {"ann"}}, {"aws:MultiFactorAuthPresent", {"true"}}};
    const std::string ann = "arn:aws:iam::123456789012:user/ann", bob = "arn:aws:iam::123456789012:user/bob";
    const std::string device = "arn:aws:iam::123456789012:mfa/ann";
    struct Attempt {
        const IdentityPolicies& who;
        std::string action, resource;
        const Context& context;
        bool expected;
    };
    const Attempt cases[] = {
        {user, "iam:CreateVirtualMFADevice", device, none, true},
        {user, "iam:EnableMFADevice", ann, none, true},
        {user, "iam:ChangePassword", ann, none, true},
        {user, "iam:DeleteVirtualMFADevice", device, none, true},
        {user, "iam:ListMFADevices", ann, none, true},
        {user, "ec2:DescribeInstances", "*", with_mfa, false},
        {admin, "ec2:DescribeInstances", "*", none, false},
        {admin, "ec2:DescribeInstances", "*", with_mfa, true},
        {admin, "iam:EnableMFADevice", bob, none, false},
        {admin, "iam:DeactivateMFADevice", ann, none, false},
        {admin, "sts:GetSessionToken", "*", none, true},
        {admin, "sts:AssumeRole", role("node-fleetResponderRole"), none, true},
        {admin, "sts:AssumeRole", role("somebody"), none, false},
        {admin, "sts:AssumeRole", role("somebody"), with_mfa, true},
    };
    for (const Attempt& c : cases) {
        const Decision decision = c.who.evaluate({c.action, c.resource, c.context});
        EXPECT_EQ(decision.allowed(), c.expected)
            << c.action << " on " << c.resource << ": " << decision.describe();
    }
}

TEST(Rights, ToBreakTheGlassLeaveTheRecordAlone) {
    expect_all({
        {"N-35",
         BreakGlass,
         "ssm:StartSession",
         ec2("instance/i-1"),
         {{"ssm:resourceTag/Project", {"node-fleet"}}},
         true},
        {"N-35",
         BreakGlass,
         "lambda:PutFunctionConcurrency",
         "arn:aws:lambda:ap-southeast-1:123456789012:function:node-fleet-autoscaler",
         {},
         true},
        {"N-35",
         BreakGlass,
         "cloudtrail:StopLogging",
         "arn:aws:cloudtrail:ap-southeast-1:123456789012:trail/node-fleet-trail",
         {},
         false},
        {"N-35", BreakGlass, "s3:DeleteObject", state("journal/chain/x"), kS3, false},
        {"N-35",
         BreakGlass,
         "events:DeleteRule",
         "arn:aws:events:ap-southeast-1:123456789012:rule/node-fleet-break-glass",
         {},
         false},
        {"N-35", BreakGlass, "iam:PutRolePolicy", role("node-fleetK3sNodeRole"), {}, false},
    });
}

// Whoever asks often keeps the statements about one action only.
TEST(Rights, StatementsAboutAnActionDecideAsAllOfThem) {
    for (const Principal who : {Operator, Controller, Autoscaler, Node, Master}) {
        const IdentityPolicies all = policies_of(who);
        for (const char* action : {"s3:PutObject", "ec2:RunInstances", "iam:CreateUser",
                                   "dynamodb:UpdateItem", "secretsmanager:GetSecretValue"}) {
            const IdentityPolicies some = all.about(action);
            for (const std::string& resource :
                 {std::string("*"), state("journal/chain/node-fleet/workers/1"), ec2("instance/*"),
                  secret("node-fleet/k3s-token"), state("binaries/k3s")}) {
                const Request request{.action = action, .resource = resource, .context = {}};
                EXPECT_EQ(some.evaluate(request).describe(), all.evaluate(request).describe())
                    << action << " on " << resource;
            }
        }
    }
}

}  // namespace
}  // namespace k3fleet::iam
