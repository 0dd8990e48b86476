// The generated client as its users see it: structs, descriptors, the list of operations.
#include <gtest/gtest.h>

#include <algorithm>
#include <tuple>

#include "aws/gen/dynamodb.h"
#include "aws/gen/ec2.h"
#include "aws/gen/registry.h"

namespace k3fleet::aws {
namespace {

const Member* member(const Type& type, std::string_view name) {
    for (const Member& field : type.fields()) {
        if (field.name == name) return &field;
    }
    return nullptr;
}

TEST(GeneratedTest, ARequestIsFilledInByNameAndReachedThroughItsDescriptor) {
    ec2::DescribeInstancesRequest request{.instance_ids = {"i-1", "i-2"}, .max_results = 5};
    const Operation& operation = ec2::DescribeInstancesRequest::operation();
    EXPECT_STREQ(operation.name, "DescribeInstances");
    EXPECT_STREQ(operation.service->id, "ec2");
    EXPECT_EQ(operation.service->protocol, Protocol::Ec2);
    EXPECT_EQ(operation.repeat, Repeat::Safe);

    const Member* ids = member(*operation.input, "InstanceIds");
    ASSERT_NE(ids, nullptr);
    EXPECT_STREQ(ids->wire, "InstanceId");
    ASSERT_TRUE(ids->access->present(ids->in(&request)));
    const void* list = ids->access->get(ids->in(&request));
    ASSERT_EQ(ids->type->list->size(list), 2U);
    EXPECT_EQ(*static_cast<const std::string*>(ids->type->list->at(list, 1)), "i-2");
    const Member* filters = member(*operation.input, "Filters");
    EXPECT_FALSE(filters->access->present(filters->in(&request)));
}

TEST(GeneratedTest, PagesHaveTheirTokens) {
    const Pagination* pages = ec2::DescribeInstancesRequest::operation().pagination;
    ASSERT_NE(pages, nullptr);
    ASSERT_EQ(pages->tokens.size(), 1U);
    EXPECT_STREQ(pages->tokens[0].input, "NextToken");
    EXPECT_STREQ(pages->result_key, "Reservations");
}

TEST(GeneratedTest, AStructureThatContainsItselfIsCopiedDeep) {
    dynamodb::AttributeValue inner{.s = "deep"};
    dynamodb::AttributeValue outer;
    outer.l = {inner};
    outer.m.insert_or_assign("key", inner);
    dynamodb::AttributeValue copy = outer;
    copy.m.at("key").s = "changed";
    EXPECT_EQ(outer.m.at("key").s, "deep");
    EXPECT_EQ(copy.l[0].s, "deep");
}

TEST(GeneratedTest, EveryOperationOfTheTableIsFoundByNameAndCanBeMade) {
    auto all = registered_operations();
    EXPECT_GT(all.size(), 150U);
    EXPECT_TRUE(std::is_sorted(all.begin(), all.end(), [](const auto& a, const auto& b) {
        return std::tie(a.service, a.name) < std::tie(b.service, b.name);
    }));
    for (const RegisteredOperation& entry : all) {
        const Operation* found = find_operation(entry.service, entry.name);
        ASSERT_EQ(found, &entry.operation()) << entry.name;
        EXPECT_EQ(found->name, entry.name);
        EXPECT_EQ(found->service->id, entry.service);
        for (const Type* type : {found->input, found->output}) {
            if (type != nullptr) type->destroy(type->make());
        }
    }
    EXPECT_EQ(find_operation("ec2", "LaunchRocket"), nullptr);
    EXPECT_EQ(find_operation("nasa", "DescribeInstances"), nullptr);
}

}  // namespace
}  // namespace k3fleet::aws
