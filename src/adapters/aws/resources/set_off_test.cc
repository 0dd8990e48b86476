// What sets off what, made, changed and taken away on the simulated account with an operator's rights and no
// others: functions with all that belongs to them, rules, schedules, alarms.
#include <gtest/gtest.h>

#include "adapters/aws/resources/aws_resources.h"
#include "aws/gen/iam.h"
#include "aws/gen/sqs.h"
#include "base/crypto.h"
#include "base/json.h"
#include "base/text.h"
#include "base/zip.h"
#include "core/resources/compare.h"
#include "tests/support/fakes.h"
#include "tests/support/sim_account.h"
#include "tests/support/sim_roles.h"

namespace k3fleet::resources {
namespace {

using std::chrono::seconds;

struct Row {
    const char* id;
    const char* type;
    const char* properties;
    const char* change = "{}";  // Properties of the second version.
};

const std::vector<Row> kRows = {
    {"Function", "AWS::Lambda::Function",
     R"({"FunctionName": "shop-controller", "Runtime": "provided.al2023", "Handler": "bootstrap",
         "Role": "arn:aws:iam::111122223333:role/shopControllerLambdaRole", "Timeout": 60, "MemorySize": 128,
         "Architectures": ["arm64"], "Environment": {"Variables": {"K3FLEET_PROJECT": "shop"}},
         "Description": "ticks"})",
     R"({"Timeout": 30, "Description": "ticks faster"})"},
    {"Permission", "AWS::Lambda::Permission",
     R"({"FunctionName": "shop-controller", "Action": "lambda:InvokeFunction",
         "Principal": "events.amazonaws.com", "SourceAccount": "111122223333",
         "SourceArn": "arn:aws:events:ap-southeast-1:111122223333:rule/shop-spot"})",
     R"({"SourceArn": "arn:aws:events:ap-southeast-1:111122223333:rule/shop-instances"})"},
    {"Invoke", "AWS::Lambda::EventInvokeConfig",
     R"({"FunctionName": "shop-controller", "Qualifier": "$LATEST", "MaximumRetryAttempts": 0,
         "MaximumEventAgeInSeconds": 60})",
     R"({"MaximumRetryAttempts": 1})"},
    {"Source", "AWS::Lambda::EventSourceMapping",
     R"({"FunctionName": "shop-controller", "EventSourceArn": "arn:aws:sqs:ap-southeast-1:111122223333:mine",
         "BatchSize": 10, "Enabled": true, "FunctionResponseTypes": ["ReportBatchItemFailures"],
         "ScalingConfig": {"MaximumConcurrency": 2}})",
     R"({"BatchSize": 5})"},
    {"Rule", "AWS::Events::Rule",
     R"({"Name": "shop-spot", "State": "ENABLED", "Description": "spot notices",
         "EventPattern": {"source": ["aws.ec2"], "detail-type": ["EC2 Spot Instance Interruption Warning"]},
         "Targets": [{"Id": "ticks", "Arn": "arn:aws:sqs:ap-southeast-1:111122223333:shop-ticks"}]})",
     R"({"Description": "notices of spot", "State": "DISABLED"})"},
    {"Group", "AWS::Scheduler::ScheduleGroup", R"({"Name": "shop"})"},
    {"Schedule", "AWS::Scheduler::Schedule",
     R"j({"Name": "controller", "GroupName": "shop", "ScheduleExpression": "rate(5 minutes)",
         "FlexibleTimeWindow": {"Mode": "OFF"}, "State": "ENABLED", "Target": {
           "Arn": "arn:aws:lambda:ap-southeast-1:111122223333:function:shop-controller",
           "RoleArn": "arn:aws:iam::111122223333:role/shopSchedulerRole",
           "Input": "{}", "RetryPolicy": {"MaximumRetryAttempts": 0, "MaximumEventAgeInSeconds": 60}}})j",
     R"j({"ScheduleExpression": "rate(2 minutes)"})j"},
    {"Alarm", "AWS::CloudWatch::Alarm",
     R"({"AlarmName": "RootAccountUsage", "Namespace": "shop/CloudTrail", "MetricName": "RootAccountUsage",
         "Statistic": "Sum", "Period": 300, "EvaluationPeriods": 1, "Threshold": 1,
         "ComparisonOperator": "GreaterThanOrEqualToThreshold", "TreatMissingData": "notBreaching",
         "AlarmActions": ["arn:aws:sns:ap-southeast-1:111122223333:security-alerts"]})",
     R"({"Threshold": 2})"},
};

class SetOff : public ::testing::Test {
protected:
    SetOff() {
        for (const auto& [role, service] : {std::pair("shopControllerLambdaRole", "lambda.amazonaws.com"),
                                            std::pair("shopSchedulerRole", "scheduler.amazonaws.com")}) {
            done(aws::iam::CreateRoleRequest{.role_name = role,
                                             .assume_role_policy_document = support::trusting(service)});
            done(aws::iam::PutRolePolicyRequest{
                .role_name = role, .policy_name = "all", .policy_document = support::kEverything});
        }
        aws::sqs::CreateQueueRequest queue{.queue_name = "mine"};
        queue.attributes["VisibilityTimeout"] = "60";
        done(queue);
    }
    template <typename Request>
    void done(const Request& request) {
        const auto answer = account_.api.call(request);
        EXPECT_TRUE(answer.has_value()) << (answer ? "" : answer.error().describe());
    }
    Resource resource(const Row& row) const {
        Resource made;
        made.id = LogicalId(row.id);
        made.type = row.type;
        made.properties = *json::parse(row.properties);
        if (kind_of(row.type).tagging == Tagging::Yes) made.tags = {{"Project", "shop"}};
        if (made.type == "AWS::Lambda::Function") {
            made.content = zip_;
            made.properties.set("Code", Value::object({{"Sha256", digest_of(*zip_)}}));
        }
        return made;
    }
    static std::string digest_of(const std::string& zip) {
        const auto digest = crypto::sha256(zip);
        return crypto::to_base64({reinterpret_cast<const char*>(digest.data()), digest.size()});
    }
    // What only has to wait is tried again; what is under way is waited for.
    template <typename Step>
    auto patiently(const Resource& wanted, Step step) -> decltype(step()) {
        auto made = step();
        for (int i = 0; i < 50 && !made && made.error().code == ErrorCode::Unavailable; ++i) {
            account_.pass(seconds{5});
            made = step();
        }
        for (int i = 0; i < 50 && made && made->pending; ++i) {
            account_.pass(seconds{5});
            auto now = resources_.read(wanted);
            if (!now || !*now) return fail(ErrorCode::Internal, "it is not there any more");
            made = **now;
        }
        return made;
    }

    support::SimAccount account_;
    std::unique_ptr<aws::Api> api_ = account_.as(iam::Principal::Operator);
    testing::InlineExecutor executor_;
    AwsResources resources_{*api_, account_.clock, executor_, account_.scope};
    std::shared_ptr<const std::string> zip_ = std::make_shared<const std::string>(zip_of("bootstrap", "one"));
    const model::Token token_ = model::Token("0123456789abcdef0123456789abcdef");
};

TEST_F(SetOff, IsMadeChangedAndTakenAwayWithAnOperatorsRights) {
    std::vector<Observed> all;
    for (const Row& row : kRows) {
        Resource wanted = resource(row);
        auto made = patiently(wanted, [&] { return resources_.create(wanted, token_); });
        ASSERT_TRUE(made) << row.id << ": " << made.error().describe();
        EXPECT_TRUE(differences(kind_of(wanted.type), wanted, *made).empty()) << row.id;
        if (wanted.content != nullptr) {
            zip_ = std::make_shared<const std::string>(zip_of("bootstrap", "two"));
            wanted = resource(row);
        }
        const Value change = *json::parse(row.change);
        for (const auto& [key, position, value] : change.members()) wanted.properties.set(key, value);
        for (int i = 0; i < 4 && !differences(kind_of(wanted.type), wanted, *made).empty(); ++i) {
            made = patiently(wanted, [&] { return resources_.update(*made, wanted); });
            ASSERT_TRUE(made) << row.id << ": " << made.error().describe();
        }
        EXPECT_TRUE(differences(kind_of(wanted.type), wanted, *made).empty()) << row.id;
        all.push_back(*made);
    }
    for (auto it = all.rbegin(); it != all.rend(); ++it) {
        auto removal = resources_.remove(*it);
        for (int i = 0; i < 50 && removal && removal->state == Removal::State::Going; ++i) {
            account_.pass(seconds{5});
            removal = resources_.remove(*it);
        }
        ASSERT_TRUE(removal) << it->type << ": " << removal.error().describe();
        EXPECT_EQ(removal->state, Removal::State::Gone) << it->type << ": " << removal->waiting_for;
    }
    const auto& left = account_.engine.state().account;
    EXPECT_TRUE(left.functions.functions.empty() && left.event_rules.rules.empty() &&
                left.alarms.alarms.empty());
}

// Lambda takes a change of a mapping when the last one is through.
TEST_F(SetOff, AMappingThatIsInUseIsWorthAnotherTry) {
    const Resource function = resource(kRows[0]);
    ASSERT_TRUE(patiently(function, [&] { return resources_.create(function, token_); }));
    Resource source = resource(kRows[3]);
    const auto made = resources_.create(source, token_);
    ASSERT_TRUE(made) << made.error().describe();
    source.properties.set("BatchSize", 5);
    const auto early = resources_.update(*made, source);
    ASSERT_FALSE(early);
    EXPECT_EQ(early.error().code, ErrorCode::Unavailable);
    EXPECT_TRUE(early.error().retry_after);
    account_.pass(seconds{40});
    EXPECT_TRUE(resources_.update(*made, source));
}

}  // namespace
}  // namespace k3fleet::resources
