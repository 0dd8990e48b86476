// What is asked of CloudWatch Logs: groups, how long they keep, tags, metric filters.
#pragma once

#include "aws/gen/logs.h"
#include "base/text.h"
#include "tests/contract/api/served.h"

namespace k3fleet::contract {

template <typename Backend>
class LogGroupsApi : public Served<Backend> {
protected:
    LogGroupsApi() {
        aws::logs::CreateLogGroupRequest request{.log_group_name = name()};
        request.tags["Project"] = "shop";
        this->done(request);
    }
    std::string name() const { return this->backend_.fresh + "-trail"; }
    aws::logs::LogGroup shown() {
        const auto all = this->done(aws::logs::DescribeLogGroupsRequest{.log_group_name_prefix = name()});
        EXPECT_EQ(all.log_groups.size(), 1U);
        return all.log_groups.empty() ? aws::logs::LogGroup{} : all.log_groups[0];
    }
};

TYPED_TEST_SUITE_P(LogGroupsApi);

TYPED_TEST_P(LogGroupsApi, AreMadeOnceAndKeepForDays) {
    namespace logs = aws::logs;
    EXPECT_EQ(this->code(logs::CreateLogGroupRequest{.log_group_name = this->name()}),
              "ResourceAlreadyExistsException");
    EXPECT_FALSE(this->shown().retention_in_days);
    this->done(logs::PutRetentionPolicyRequest{.log_group_name = this->name(), .retention_in_days = 90});
    EXPECT_EQ(this->shown().retention_in_days, 90);
    EXPECT_EQ(
        this->code(logs::PutRetentionPolicyRequest{.log_group_name = this->name(), .retention_in_days = 91}),
        this->unless_moto("InvalidParameterException", ""));
    const std::string key = format("arn:aws:kms:{}:{}:key/1", this->backend_.region, this->backend_.account);
    EXPECT_EQ(this->code(logs::AssociateKmsKeyRequest{.log_group_name = this->name(), .kms_key_id = key}),
              this->unless_moto("", "500"));
    EXPECT_EQ(this->shown().kms_key_id.value_or("none"), this->unless_moto(key, "none"));
    this->done(logs::DeleteLogGroupRequest{.log_group_name = this->name()});
    EXPECT_EQ(this->code(logs::DeleteLogGroupRequest{.log_group_name = this->name()}),
              "ResourceNotFoundException");
    EXPECT_EQ(
        this->code(logs::PutRetentionPolicyRequest{.log_group_name = this->name(), .retention_in_days = 1}),
        "ResourceNotFoundException");
}

TYPED_TEST_P(LogGroupsApi, CarryTags) {
    namespace logs = aws::logs;
    const std::string arn = format("arn:aws:logs:{}:{}:log-group:{}", this->backend_.region,
                                   this->backend_.account, this->name());
    EXPECT_EQ(this->shown().arn, arn + ":*");
    logs::TagResourceRequest tag{.resource_arn = arn};
    tag.tags["Name"] = "trail";
    this->done(tag);
    const auto tags = this->done(logs::ListTagsForResourceRequest{.resource_arn = arn}).tags;
    EXPECT_EQ(tags.size(), 2U);
    EXPECT_EQ(tags.at("Project"), "shop");
    EXPECT_EQ(this->code(logs::ListTagsForResourceRequest{.resource_arn = arn + "-other"}),
              this->unless_moto("ResourceNotFoundException", ""));
}

TYPED_TEST_P(LogGroupsApi, HaveMetricFilters) {
    namespace logs = aws::logs;
    logs::PutMetricFilterRequest put{.log_group_name = this->name(), .filter_name = "Refused"};
    put.filter_pattern = R"({ ($.errorCode = "*UnauthorizedOperation") || ($.errorCode = "AccessDenied*") })";
    put.metric_transformations = {
        {.metric_name = "Refused", .metric_namespace = "shop-security", .metric_value = "1"}};
    this->done(put);
    const auto list = this->done(logs::DescribeMetricFiltersRequest{.log_group_name = this->name()});
    ASSERT_EQ(list.metric_filters.size(), 1U);
    EXPECT_EQ(list.metric_filters[0].filter_pattern, put.filter_pattern);
    EXPECT_EQ(list.metric_filters[0].metric_transformations[0].metric_name, "Refused");
    put.filter_pattern = "{ $.a = 1";
    EXPECT_EQ(this->code(put), this->unless_moto("InvalidParameterException", ""));
    put.filter_pattern = "ERROR";
    put.log_group_name = this->name() + "-other";
    EXPECT_EQ(this->code(put), this->unless_moto("ResourceNotFoundException", ""));
    EXPECT_EQ(this->code(logs::DescribeMetricFiltersRequest{.log_group_name = this->name() + "-third"}),
              this->unless_moto("ResourceNotFoundException", ""));
    const logs::DeleteMetricFilterRequest remove{.log_group_name = this->name(), .filter_name = "Refused"};
    this->done(remove);
    EXPECT_EQ(this->code(remove), this->unless_moto("ResourceNotFoundException", ""));
}

REGISTER_TYPED_TEST_SUITE_P(LogGroupsApi, AreMadeOnceAndKeepForDays, CarryTags, HaveMetricFilters);

}  // namespace k3fleet::contract
