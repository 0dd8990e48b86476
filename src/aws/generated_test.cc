// The generated client as its users see it: structs, descriptors, the list of operations.
#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <tuple>

#include "aws/gen/dynamodb.h"
#include "aws/gen/ec2.h"
#include "aws/gen/registry.h"
#include "aws/value.h"
#include "base/json.h"
#include "base/text.h"

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

// A text in the answer by a path of names; through lists their first element. Null if there is none.
Value holding(std::span<const std::string_view> path, const Type& type, std::string_view text) {
    if (type.kind == Kind::List) return Value::array({holding(path, *type.element, text)});
    if (path.empty()) return std::string(text);
    const Member* next = member(type, path.front());
    if (next == nullptr) return {};
    return Value::object({{std::string(path.front()), holding(path.subspan(1), *next->type, text)}});
}

TEST(GeneratedTest, WhatLetsSomebodyInIsNotShown) {
    const struct {
        std::string_view service, operation;
        std::vector<std::string_view> path;
    } rows[] = {
        {"sts", "AssumeRole", {"Credentials", "SecretAccessKey"}},
        {"sts", "AssumeRole", {"Credentials", "SessionToken"}},
        {"sts", "AssumeRoleWithWebIdentity", {"Credentials", "SecretAccessKey"}},
        {"sts", "AssumeRoleWithWebIdentity", {"Credentials", "SessionToken"}},
        {"sts", "GetSessionToken", {"Credentials", "SecretAccessKey"}},
        {"sts", "GetSessionToken", {"Credentials", "SessionToken"}},
        {"ssm", "StartSession", {"TokenValue"}},
        {"ssm", "GetParameter", {"Parameter", "Value"}},
        {"secretsmanager", "GetSecretValue", {"SecretString"}},
        {"secretsmanager", "GetSecretValue", {"SecretBinary"}},
        {"secretsmanager", "GetRandomPassword", {"RandomPassword"}},
        {"ec2", "DescribeSpotInstanceRequests", {"SpotInstanceRequests", "LaunchSpecification", "UserData"}},
    };
    for (const auto& row : rows) {
        const std::string where = format("{}.{} {}", row.service, row.operation, row.path.back());
        const Operation* operation = find_operation(row.service, row.operation);
        ASSERT_NE(operation, nullptr) << where;
        void* answer = operation->output->make();
        const Value given = holding(row.path, *operation->output, "aHVzaA==");
        const Status read = from_value(*operation->output, given, answer, where);
        EXPECT_TRUE(read) << read.error().describe();
        const std::string shown = json::write(to_value(*operation->output, answer));
        operation->output->destroy(answer);
        EXPECT_NE(shown.find("(hidden)"), std::string::npos) << where << ": " << shown;
        EXPECT_EQ(shown.find("aHVzaA"), std::string::npos) << where << ": " << shown;
    }
}

// Names of texts that let somebody in, by their last word, in an answer and whatever is in it.
void find_suspects(const Type& type, const std::string& path, const Operation& operation,
                   std::set<const Type*>& seen, std::vector<std::string>& found) {
    if (type.kind == Kind::List || type.kind == Kind::Map)
        return find_suspects(*type.element, path, operation, seen, found);
    if (!seen.insert(&type).second) return;
    for (const Member& field : type.fields()) {
        const std::string name = field.name;
        const bool suspect = std::ranges::any_of(
            std::initializer_list<std::string_view>{"Token", "TokenValue", "Password", "SecretAccessKey",
                                                    "PrivateKey", "KeyMaterial", "Plaintext", "SecretString",
                                                    "SecretBinary", "UserData"},
            [&](std::string_view end) { return name.ends_with(end) || name.ends_with(lower(end)); });
        if (suspect && (field.type->kind == Kind::String || field.type->kind == Kind::Blob))
            found.push_back(format("{}.{} {}{}", operation.service->id, operation.name, path, name));
        find_suspects(*field.type, path + name + ".", operation, seen, found);
    }
}

TEST(GeneratedTest, NoAnswerHasATokenInTheOpenButThoseThatMarkAPageOrARequest) {
    std::vector<std::string> open;
    for (const RegisteredOperation& entry : registered_operations()) {
        std::set<const Type*> seen;
        const Operation& operation = entry.operation();
        if (operation.output != nullptr) find_suspects(*operation.output, "", operation, seen, open);
    }
    std::erase_if(open, [](const std::string& name) {
        const auto ends = [&](std::string_view end) { return name.ends_with(end); };
        return ends("NextToken") || ends("nextToken") || ends("ContinuationToken") || ends("ClientToken") ||
               ends("PaginationToken") || ends(" SubjectFromWebIdentityToken");  // Who, not the token.
    });
    EXPECT_EQ(open, std::vector<std::string>{});
}

}  // namespace
}  // namespace k3fleet::aws
