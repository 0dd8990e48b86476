// CloudWatch: alarms.
#include <gtest/gtest.h>

#include <cmath>

#include "adapters/simcloud/aws/account.h"
#include "aws/gen/cloudwatch.h"
#include "base/text.h"
#include "tests/support/bare_account.h"

namespace k3fleet::simcloud {
namespace {

namespace cloudwatch = aws::cloudwatch;

struct Alarms : ::testing::Test, support::BareAccount {
    static cloudwatch::PutMetricAlarmRequest put(std::string name = "errors") {
        cloudwatch::PutMetricAlarmRequest request{.alarm_name = std::move(name)};
        request.namespace_ = "AWS/Lambda";
        request.metric_name = "Errors";
        request.dimensions.push_back({.name = "FunctionName", .value = "shop-demo-autoscaler"});
        request.statistic = "Sum";
        request.period = 300;
        request.evaluation_periods = 3;
        request.threshold = 1;
        request.comparison_operator = "GreaterThanOrEqualToThreshold";
        request.treat_missing_data = "notBreaching";
        request.alarm_actions = {"arn:aws:sns:ap-southeast-1:111122223333:alerts"};
        request.tags.push_back({.key = "Project", .value = "shop"});
        return request;
    }
    aws::List<cloudwatch::MetricAlarm> shown(cloudwatch::DescribeAlarmsRequest request = {}) {
        return api.call(request)->metric_alarms;
    }
};

TEST_F(Alarms, AreReplacedAsAWhole) {
    auto request = put();
    request.alarm_description = "it failed";
    ASSERT_EQ(refusal(request), "");
    auto alarm = shown({.alarm_names = {"errors"}})[0];
    EXPECT_EQ(alarm.alarm_arn, "arn:aws:cloudwatch:ap-southeast-1:111122223333:alarm:errors");
    EXPECT_EQ(alarm.state_value, "INSUFFICIENT_DATA");
    EXPECT_EQ(alarm.actions_enabled, true);
    EXPECT_EQ(alarm.dimensions[0].value, "shop-demo-autoscaler");
    EXPECT_EQ(alarm.threshold, 1.0);
    request = put();
    request.threshold = 2;
    request.alarm_actions.clear();
    request.tags[0].value = "other";
    ASSERT_EQ(refusal(request), "");
    alarm = shown()[0];
    EXPECT_EQ(alarm.threshold, 2.0);
    EXPECT_FALSE(alarm.alarm_description.has_value());
    EXPECT_TRUE(alarm.alarm_actions.empty());
    const auto tags = api.call(cloudwatch::ListTagsForResourceRequest{.resource_arn = alarm.alarm_arn})->tags;
    EXPECT_EQ(tags[0].value, "shop") << "tags of an alarm that is there are not touched";
    cloudwatch::TagResourceRequest tag{.resource_arn = alarm.alarm_arn};
    tag.tags.push_back({.key = "Cluster", .value = "demo"});
    EXPECT_EQ(refusal(tag), "");
    EXPECT_EQ(api.call(cloudwatch::ListTagsForResourceRequest{.resource_arn = alarm.alarm_arn})->tags.size(),
              2U);
    tag.resource_arn = "arn:aws:cloudwatch:ap-southeast-1:111122223333:alarm:none";
    EXPECT_EQ(code(tag), "ResourceNotFoundException");
}

TEST_F(Alarms, AreListedByNameAndPrefix) {
    for (const char* name : {"shop-a", "shop-b", "other"}) ASSERT_EQ(refusal(put(name)), "");
    EXPECT_EQ(shown().size(), 3U);
    EXPECT_EQ(shown({.alarm_name_prefix = "shop-"}).size(), 2U);
    EXPECT_EQ(shown({.alarm_names = {"shop-b", "none"}}).size(), 1U);
    const auto page = api.call(cloudwatch::DescribeAlarmsRequest{.max_records = 2});
    EXPECT_EQ(page->metric_alarms.size(), 2U);
    EXPECT_EQ(shown({.max_records = 2, .next_token = page->next_token}).size(), 1U);
    EXPECT_EQ(code(cloudwatch::DescribeAlarmsRequest{.max_records = 101}), "ValidationError");
    EXPECT_EQ(code(cloudwatch::DescribeAlarmsRequest{.alarm_names = {"a"}, .alarm_name_prefix = "b"}),
              "InvalidParameterCombination");
}

TEST_F(Alarms, AreDeletedAsFarAsTheyAreThere) {
    ASSERT_EQ(refusal(put()), "");
    EXPECT_EQ(code(cloudwatch::DeleteAlarmsRequest{.alarm_names = {"none"}}), "ResourceNotFound");
    EXPECT_EQ(code(cloudwatch::DeleteAlarmsRequest{.alarm_names = {"none", "errors"}}), "");
    EXPECT_EQ(shown().size(), 0U);
}

TEST_F(Alarms, RefuseWhatCloudWatchRefuses) {
    struct Row {
        const char* what;
        void (*spoil)(cloudwatch::PutMetricAlarmRequest&);
        const char* code;
    };
    for (const auto& [what, spoil, expected] : {
             Row{"nothing", [](auto&) {}, ""},
             Row{"no threshold", [](auto& r) { r.threshold.reset(); }, "MissingParameter"},
             Row{"no metric", [](auto& r) { r.metric_name.reset(); }, "MissingParameter"},
             Row{"no name", [](auto& r) { r.alarm_name = ""; }, "ValidationError"},
             Row{"statistic", [](auto& r) { r.statistic = "Median"; }, "ValidationError"},
             Row{"comparison", [](auto& r) { r.comparison_operator = "More"; }, "ValidationError"},
             Row{"missing data", [](auto& r) { r.treat_missing_data = "bad"; }, "ValidationError"},
             Row{"period", [](auto& r) { r.period = 45; }, "ValidationError"},
             Row{"short period", [](auto& r) { r.period = 10; }, ""},
             Row{"no periods", [](auto& r) { r.evaluation_periods = 0; }, "ValidationError"},
             Row{"more than a day", [](auto& r) { r.evaluation_periods = 289; }, "ValidationError"},
             Row{"a day", [](auto& r) { r.evaluation_periods = 288; }, ""},
             Row{"a week",
                 [](auto& r) {
                     r.period = 3'600;
                     r.evaluation_periods = 168;
                 },
                 ""},
             Row{"datapoints", [](auto& r) { r.datapoints_to_alarm = 4; }, "ValidationError"},
             Row{"threshold", [](auto& r) { r.threshold = INFINITY; }, "ValidationError"},
             Row{"no ARN", [](auto& r) { r.alarm_actions = {"alerts"}; }, "ValidationError"},
             Row{"region", [](auto& r) { r.alarm_actions = {"arn:aws:sns:eu-west-1:111122223333:a"}; },
                 "ValidationError"},
             Row{"six actions",
                 [](auto& r) {
                     for (int i = 0; i < 5; ++i) r.alarm_actions.push_back(r.alarm_actions[0]);
                 },
                 "ValidationError"},
             Row{"dimension twice", [](auto& r) { r.dimensions.push_back(r.dimensions[0]); },
                 "ValidationError"},
             Row{"tag twice", [](auto& r) { r.tags.push_back(r.tags[0]); }, "InvalidParameterValue"},
             Row{"percentile", [](auto& r) { r.extended_statistic = "p99"; }, "InvalidParameterCombination"},
         }) {
        auto request = put();
        spoil(request);
        EXPECT_EQ(code(request), expected) << what;
    }
}

}  // namespace
}  // namespace k3fleet::simcloud
