// What is asked of an account by who looks whether a cluster fits into it.
#include <gtest/gtest.h>

#include "aws/gen/dynamodb.h"
#include "aws/gen/ec2.h"
#include "aws/gen/s3.h"
#include "aws/gen/service-quotas.h"
#include "core/readiness/quotas.h"
#include "tests/support/bare_account.h"

namespace k3fleet::simcloud {
namespace {

using Ask = aws::service_quotas::GetServiceQuotaRequest;

TEST(Quotas, AreThoseThatEc2KeepsTo) {
    support::BareAccount bare;
    for (const auto& quota : readiness::kQuotas) {
        const auto answer = bare.api.call(Ask{.service_code = quota.service_code, .quota_code = quota.code});
        ASSERT_TRUE(answer) << quota.code;
        EXPECT_EQ(answer->quota->quota_name, quota.title);
    }
    bare.account().ec2.most_vpcs = 1;
    EXPECT_EQ(bare.api.call(Ask{.service_code = "vpc", .quota_code = "L-F678F1CE"})->quota->value, 1);
    EXPECT_EQ(bare.code(aws::ec2::CreateVpcRequest{.cidr_block = "10.0.0.0/16"}), "");
    EXPECT_EQ(bare.code(aws::ec2::CreateVpcRequest{.cidr_block = "10.1.0.0/16"}), "VpcLimitExceeded");
    EXPECT_EQ(bare.code(Ask{.service_code = "ec2", .quota_code = "L-F678F1CE"}), "NoSuchResourceException");
}

TEST(Tables, AreListedInPages) {
    support::BareAccount bare;
    for (const char* name : {"b-table", "a-table", "c-table"}) {
        aws::dynamodb::CreateTableRequest request{.table_name = name, .billing_mode = "PAY_PER_REQUEST"};
        request.attribute_definitions.push_back({.attribute_name = "k", .attribute_type = "S"});
        request.key_schema.push_back({.attribute_name = "k", .key_type = "HASH"});
        ASSERT_EQ(bare.refusal(request), "");
    }
    const auto first = bare.api.call(aws::dynamodb::ListTablesRequest{.limit = 2});
    ASSERT_TRUE(first);
    ASSERT_EQ(first->table_names.size(), 2U);
    EXPECT_EQ(first->table_names[0], "a-table");
    EXPECT_EQ(first->last_evaluated_table_name, "b-table");
    const auto rest =
        bare.api.call(aws::dynamodb::ListTablesRequest{.exclusive_start_table_name = "b-table", .limit = 2});
    ASSERT_EQ(rest->table_names.size(), 1U);
    EXPECT_EQ(rest->table_names[0], "c-table");
    EXPECT_FALSE(rest->last_evaluated_table_name);
    EXPECT_EQ(bare.code(aws::dynamodb::ListTablesRequest{.limit = 0}), "ValidationException");
}

TEST(Buckets, AreListedWhateverTheirRegion) {
    support::BareAccount bare;
    SimApi elsewhere(bare.engine, "arn:aws:iam::111122223333:root", nullptr, "eu-west-1");
    for (const auto& [api, name, region] : {std::tuple(&bare.api, "b-here", "ap-southeast-1"),
                                            std::tuple(&elsewhere, "a-there", "eu-west-1")}) {
        aws::s3::CreateBucketRequest request{.bucket = name};
        request.create_bucket_configuration.emplace().location_constraint = region;
        ASSERT_TRUE(api->call(request));
    }
    const auto listed = bare.api.call(aws::s3::ListBucketsRequest{});
    ASSERT_TRUE(listed);
    ASSERT_EQ(listed->buckets.size(), 2U);
    EXPECT_EQ(listed->buckets[0].name, "a-there");
    EXPECT_EQ(listed->buckets[1].creation_date, bare.engine.now());
}

}  // namespace
}  // namespace k3fleet::simcloud
