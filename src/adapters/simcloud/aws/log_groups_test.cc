// CloudWatch Logs: groups, how long they keep, and metric filters.
#include <gtest/gtest.h>

#include "adapters/simcloud/aws/account.h"
#include "aws/gen/logs.h"
#include "base/text.h"
#include "tests/support/bare_account.h"

namespace k3fleet::simcloud {
namespace {

namespace logs = aws::logs;

struct LogGroups : ::testing::Test, support::BareAccount {
    LogGroups() { EXPECT_EQ(code(logs::CreateLogGroupRequest{.log_group_name = "shop-trail"}), ""); }
    static logs::PutMetricFilterRequest filter(std::string pattern = R"({ $.errorCode = "AccessDenied*" })") {
        logs::PutMetricFilterRequest request{.log_group_name = "shop-trail", .filter_name = "Refused"};
        request.filter_pattern = std::move(pattern);
        request.metric_transformations = {
            {.metric_name = "Refused", .metric_namespace = "shop-security", .metric_value = "1"}};
        return request;
    }
};

TEST_F(LogGroups, AreListedByPrefixInPages) {
    for (int i = 0; i < 60; ++i)
        ASSERT_EQ(code(logs::CreateLogGroupRequest{.log_group_name = format("/aws/lambda/f-{:02}", i)}), "");
    const auto first = api.call(logs::DescribeLogGroupsRequest{.log_group_name_prefix = "/aws"});
    ASSERT_EQ(first->log_groups.size(), 50U);
    const auto rest = api.call(
        logs::DescribeLogGroupsRequest{.log_group_name_prefix = "/aws", .next_token = first->next_token});
    EXPECT_EQ(rest->log_groups.size(), 10U);
    EXPECT_FALSE(rest->next_token);
    EXPECT_EQ(*rest->log_groups[0].arn,
              "arn:aws:logs:ap-southeast-1:111122223333:log-group:/aws/lambda/f-50:*");
    EXPECT_EQ(code(logs::DescribeLogGroupsRequest{.limit = 51}), "InvalidParameterException");
    EXPECT_EQ(code(logs::CreateLogGroupRequest{.log_group_name = "shop-trail"}),
              "ResourceAlreadyExistsException");
    EXPECT_EQ(code(logs::CreateLogGroupRequest{.log_group_name = "two words"}), "InvalidParameterException");
    EXPECT_EQ(code(logs::DeleteLogGroupRequest{.log_group_name = "shop-trail"}), "");
    EXPECT_EQ(code(logs::DeleteLogGroupRequest{.log_group_name = "shop-trail"}), "ResourceNotFoundException");
}

TEST_F(LogGroups, KeepForDaysOfAListOnly) {
    for (const int days : {1, 30, 90, 365, 3653})
        EXPECT_EQ(
            code(logs::PutRetentionPolicyRequest{.log_group_name = "shop-trail", .retention_in_days = days}),
            "")
            << days;
    for (const int days : {0, 2, 31, 91, 366, 5000})
        EXPECT_EQ(
            code(logs::PutRetentionPolicyRequest{.log_group_name = "shop-trail", .retention_in_days = days}),
            "InvalidParameterException")
            << days;
    EXPECT_EQ(api.call(logs::DescribeLogGroupsRequest{})->log_groups[0].retention_in_days, 3653);
    EXPECT_EQ(code(logs::PutRetentionPolicyRequest{.log_group_name = "other", .retention_in_days = 1}),
              "ResourceNotFoundException");
}

TEST_F(LogGroups, CarryTagsAndKeys) {
    const std::string arn = "arn:aws:logs:ap-southeast-1:111122223333:log-group:shop-trail";
    logs::TagResourceRequest tag{.resource_arn = arn};
    tag.tags["Project"] = "shop";
    EXPECT_EQ(code(tag), "");
    EXPECT_EQ(api.call(logs::ListTagsForResourceRequest{.resource_arn = arn})->tags.at("Project"), "shop");
    EXPECT_EQ(code(logs::ListTagsForResourceRequest{.resource_arn = arn + ":*"}),
              "InvalidParameterException");
    EXPECT_EQ(code(logs::ListTagsForResourceRequest{.resource_arn = arn + "-2"}),
              "ResourceNotFoundException");
    for (int i = 0; i < 50; ++i) tag.tags[std::to_string(i)] = "v";
    EXPECT_EQ(code(tag), "TooManyTagsException");
    const char* key = "arn:aws:kms:ap-southeast-1:111122223333:key/1";
    EXPECT_EQ(code(logs::AssociateKmsKeyRequest{.log_group_name = "shop-trail", .kms_key_id = "1"}),
              "InvalidParameterException");
    EXPECT_EQ(code(logs::AssociateKmsKeyRequest{.log_group_name = "shop-trail", .kms_key_id = key}), "");
    EXPECT_EQ(api.call(logs::DescribeLogGroupsRequest{})->log_groups[0].kms_key_id, key);
}

TEST_F(LogGroups, FiltersCountWhatTheyFind) {
    EXPECT_EQ(refusal(filter()), "");
    EXPECT_EQ(refusal(filter("ERROR")), "") << "the same name again";
    const auto shown = api.call(logs::DescribeMetricFiltersRequest{.log_group_name = "shop-trail"});
    ASSERT_EQ(shown->metric_filters.size(), 1U);
    EXPECT_EQ(shown->metric_filters[0].filter_pattern, "ERROR");
    EXPECT_EQ(shown->metric_filters[0].metric_transformations[0].metric_namespace, "shop-security");
    EXPECT_FALSE(shown->metric_filters[0].metric_transformations[0].default_value);
    EXPECT_EQ(api.call(logs::DescribeLogGroupsRequest{})->log_groups[0].metric_filter_count, 1);
    EXPECT_EQ(code(logs::DescribeMetricFiltersRequest{.log_group_name = "other"}),
              "ResourceNotFoundException");
    const logs::DeleteMetricFilterRequest remove{.log_group_name = "shop-trail", .filter_name = "Refused"};
    EXPECT_EQ(code(remove), "");
    EXPECT_EQ(code(remove), "ResourceNotFoundException");
}

TEST_F(LogGroups, FiltersAreChecked) {
    for (const char* pattern :
         {"", "ERROR", "{ ($.a = 1) || ($.b NOT EXISTS) }", R"("a { quoted" -b)", "[ip, user]"})
        EXPECT_EQ(refusal(filter(pattern)), "") << pattern;
    for (const char* pattern : {"{ $.a = 1", "{ ($.a = 1 }", "{ a = 1 }", R"(an "open quote)"})
        EXPECT_EQ(code(filter(pattern)), "InvalidParameterException") << pattern;
    auto value = filter();
    value.metric_transformations[0].metric_value = "one";
    EXPECT_EQ(code(value), "InvalidParameterException");
    value.metric_transformations[0].metric_value = "$.bytes";
    EXPECT_EQ(code(value), "");
    value.metric_transformations[0].metric_namespace = "AWS/CloudTrail";
    EXPECT_EQ(code(value), "InvalidParameterException");
    auto two = filter();
    two.metric_transformations.push_back(two.metric_transformations[0]);
    EXPECT_EQ(code(two), "InvalidParameterException");
    auto named = filter();
    named.filter_name = "a:b";
    EXPECT_EQ(code(named), "InvalidParameterException");
    for (int i = 0; i < 100; ++i) {
        named.filter_name = std::to_string(i);
        EXPECT_EQ(code(named), i < 99 ? "" : "LimitExceededException") << i;
    }
}

}  // namespace
}  // namespace k3fleet::simcloud
