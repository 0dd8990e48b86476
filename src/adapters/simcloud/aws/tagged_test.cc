// The Resource Groups Tagging API: which things it shows, in which pages, and when.
#include <gtest/gtest.h>

#include "adapters/simcloud/aws/tags.h"
#include "aws/gen/ec2.h"
#include "aws/gen/iam.h"
#include "aws/gen/logs.h"
#include "aws/gen/resourcegroupstaggingapi.h"
#include "aws/gen/sns.h"
#include "aws/gen/sqs.h"
#include "base/text.h"
#include "tests/support/bare_account.h"

namespace k3fleet::simcloud {
namespace {

namespace tagging = aws::resourcegroupstaggingapi;
using std::chrono::seconds;

struct Tagged : ::testing::Test, support::BareAccount {
    void queue(const std::string& name, const std::string& project) {
        aws::sqs::CreateQueueRequest request{.queue_name = name};
        if (!project.empty()) request.tags["Project"] = project;
        EXPECT_EQ(refusal(request), "");
    }
    void topic(const std::string& name, const std::string& cluster) {
        aws::sns::CreateTopicRequest request{.name = name};
        request.tags = {{.key = "Project", .value = "shop"}, {.key = "Cluster", .value = cluster}};
        EXPECT_EQ(refusal(request), "");
    }
    static tagging::GetResourcesRequest with(std::initializer_list<tagging::TagFilter> filters) {
        tagging::GetResourcesRequest request;
        request.tag_filters = filters;
        return request;
    }
    // The last parts of the ARNs, in their order.
    std::string names(const tagging::GetResourcesRequest& request) {
        const auto answer = api.call(request);
        if (!answer) return answer.error().provider_code;
        std::string all;
        for (const auto& one : answer->resource_tag_mapping_list)
            all += (all.empty() ? "" : " ") + one.resource_arn->substr(one.resource_arn->rfind(':') + 1);
        return all;
    }
};

TEST_F(Tagged, AreFoundByKeyValueAndType) {
    queue("a", "shop");
    queue("b", "other");
    queue("c", "");
    topic("d", "demo");
    ASSERT_EQ(refusal(aws::logs::CreateLogGroupRequest{.log_group_name = "e"}), "");
    aws::logs::TagResourceRequest tag{.resource_arn = "arn:aws:logs:ap-southeast-1:111122223333:log-group:e"};
    tag.tags["Project"] = "shop";
    ASSERT_EQ(refusal(tag), "");
    pass(seconds{5});
    EXPECT_EQ(names({}), "e d a b") << "by ARN; without tags there is nothing to show";
    EXPECT_EQ(names(with({{.key = "Project"}})), "e d a b");
    EXPECT_EQ(names(with({{.key = "Project", .values = {"shop"}}})), "e d a");
    EXPECT_EQ(names(with({{.key = "Project", .values = {"shop", "other"}}})), "e d a b");
    EXPECT_EQ(names(with({{.key = "Project", .values = {"shop"}}, {.key = "Cluster", .values = {"demo"}}})),
              "d");
    tagging::GetResourcesRequest typed;
    typed.resource_type_filters = {"sqs"};
    EXPECT_EQ(names(typed), "a b");
    typed.resource_type_filters = {"logs:log-group", "sns"};
    EXPECT_EQ(names(typed), "e d");
    typed.resource_type_filters = {"kms:key"};
    EXPECT_EQ(names(typed), "");
}

TEST_F(Tagged, OfIamShowInOneRegionAlone) {
    namespace idm = aws::iam;
    idm::CreateInstanceProfileRequest profile{.instance_profile_name = "p"};
    profile.tags = {{.key = "Project", .value = "shop"}};
    ASSERT_EQ(refusal(profile), "");
    aws::ec2::CreateVpcRequest network{.cidr_block = "10.0.0.0/16"};
    network.tag_specifications = {{.resource_type = "vpc", .tags = {{.key = "Project", .value = "shop"}}}};
    ASSERT_EQ(refusal(network), "");
    pass(seconds{5});
    EXPECT_TRUE(names({}).starts_with("vpc/vpc-")) << names({});
    SimApi elsewhere = SimApi::root(engine, "us-east-1");
    const auto seen = elsewhere.call(tagging::GetResourcesRequest{});
    ASSERT_EQ(seen->resource_tag_mapping_list.size(), 1U);
    EXPECT_EQ(seen->resource_tag_mapping_list[0].resource_arn,
              "arn:aws:iam::111122223333:instance-profile/p");
}

TEST_F(Tagged, ComeInPages) {
    for (int i = 0; i < 205; ++i) queue(format("q-{:03}", i), "shop");
    pass(seconds{5});
    tagging::GetResourcesRequest request;
    int pages = 0;
    std::size_t count = 0;
    do {
        const auto answer = api.call(request);
        ASSERT_TRUE(answer.has_value());
        count += answer->resource_tag_mapping_list.size();
        request.pagination_token = answer->pagination_token;
        ++pages;
    } while (!request.pagination_token->empty());
    EXPECT_EQ(pages, 3);
    EXPECT_EQ(count, 205U);
    request.resources_per_page = 101;
    EXPECT_EQ(code(request), "InvalidParameterException");
    request.resources_per_page = 2;
    EXPECT_EQ(names(request), "q-000 q-001");
    request.pagination_token = "made up";
    EXPECT_EQ(code(request), "PaginationTokenExpiredException");
}

TEST_F(Tagged, ShowSomeSecondsLate) {
    for (int i = 0; i < 20; ++i) queue(format("q-{:02}", i), "shop");
    const auto count = [&] {
        return api.call(tagging::GetResourcesRequest{})->resource_tag_mapping_list.size();
    };
    EXPECT_EQ(count(), 0U);
    pass(seconds{2});
    const std::size_t some = count();
    EXPECT_GT(some, 0U);
    EXPECT_LT(some, 20U);
    pass(seconds{3});
    EXPECT_EQ(count(), 20U);
    const auto url = api.call(aws::sqs::GetQueueUrlRequest{.queue_name = "q-00"})->queue_url;
    ASSERT_EQ(refusal(aws::sqs::DeleteQueueRequest{.queue_url = url}), "");
    EXPECT_EQ(count(), 20U) << "what was told a moment ago";
    pass(seconds{5});
    EXPECT_EQ(count(), 19U);
}

TEST_F(Tagged, KeepForSomeSecondsWhatWasToldLast) {
    queue("q", "shop");
    pass(seconds{5});
    const auto of = [](const char* project) { return with({{.key = "Project", .values = {project}}}); };
    EXPECT_EQ(names(of("shop")), "q");
    const auto url = api.call(aws::sqs::GetQueueUrlRequest{.queue_name = "q"})->queue_url;
    aws::sqs::TagQueueRequest tag{.queue_url = url};
    tag.tags["Project"] = "other";
    ASSERT_EQ(refusal(tag), "");
    EXPECT_EQ(names(of("shop")), "q") << "as it was tagged before";
    EXPECT_EQ(names(of("other")), "");
    pass(seconds{5});
    EXPECT_EQ(names(of("shop")), "");
    EXPECT_EQ(names(of("other")), "q");
    ASSERT_EQ(refusal(aws::sqs::DeleteQueueRequest{.queue_url = url}), "");
    EXPECT_EQ(names(of("other")), "q") << "it is gone";
    pass(seconds{5});
    EXPECT_EQ(names(of("other")), "");
}

TEST(Tags, HaveLimits) {
    const Tags has{{"a", "1"}};
    EXPECT_EQ(wrong_tags({{"a", "2"}}, has), "");
    EXPECT_EQ(wrong_tags({{"k", std::string(256, 'v')}}), "");
    EXPECT_NE(wrong_tags({{"k", std::string(257, 'v')}}), "");
    EXPECT_NE(wrong_tags({{std::string(129, 'k'), ""}}), "");
    EXPECT_NE(wrong_tags({{"", "v"}}), "");
    EXPECT_NE(wrong_tags({{"AWS:k", "v"}}), "");
    Tags many;
    for (int i = 0; i < 50; ++i) many[std::to_string(i)];
    EXPECT_EQ(wrong_tags(many), "");
    EXPECT_EQ(wrong_tags({{"0", "again"}}, many), "");
    EXPECT_NE(wrong_tags({{"one more", ""}}, many), "");
}

}  // namespace
}  // namespace k3fleet::simcloud
