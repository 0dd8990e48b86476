// DynamoDB's Query: which items, in which order, in which pages, and which conditions it takes.
#include <gtest/gtest.h>

#include "adapters/simcloud/aws/rights.h"
#include "aws/gen/dynamodb.h"
#include "base/text.h"
#include "tests/support/bare_account.h"

namespace k3fleet::simcloud {
namespace {

namespace dynamodb = aws::dynamodb;
using dynamodb::AttributeValue;

struct Query : ::testing::Test, support::BareAccount {
    Query() {
        dynamodb::CreateTableRequest table{.table_name = "items"};
        table.attribute_definitions = {{.attribute_name = "id", .attribute_type = "S"},
                                       {.attribute_name = "n", .attribute_type = "N"}};
        table.key_schema = {{.attribute_name = "id", .key_type = "HASH"},
                            {.attribute_name = "n", .key_type = "RANGE"}};
        table.billing_mode = "PAY_PER_REQUEST";
        EXPECT_EQ(refusal(table), "");
        pass(std::chrono::seconds{10});
        for (const char* id : {"a", "b"})
            for (const char* n : {"10", "9", "-1", "2.5"}) {
                dynamodb::PutItemRequest put{.table_name = "items"};
                put.item["id"].s = id;
                put.item["n"].n = n;
                put.item["odd"].bool_ = std::string(n) == "9";
                EXPECT_EQ(refusal(put), "");
            }
    }
    static dynamodb::QueryRequest query(std::string condition) {
        dynamodb::QueryRequest request{.table_name = "items", .consistent_read = true};
        request.expression_attribute_values[":a"].s = "a";
        if (condition.find(":n") != std::string::npos) request.expression_attribute_values[":n"].n = "2.50";
        request.key_condition_expression = std::move(condition);
        return request;
    }
    std::string numbers(const dynamodb::QueryRequest& request) {
        const auto answer = api.call(request);
        if (!answer) return answer.error().provider_code + ": " + answer.error().message;
        std::string all;
        for (const auto& item : answer->items) all += (all.empty() ? "" : " ") + item.at("n").n.value_or("?");
        return all;
    }
};

TEST_F(Query, GivesTheItemsOfAKeyInOrder) {
    EXPECT_EQ(numbers(query("id = :a")), "-1 2.5 9 10");
    EXPECT_EQ(numbers(query("id = :a AND n > :n")), "9 10");
    EXPECT_EQ(numbers(query("n <= :n AND id = :a")), "-1 2.5");
    EXPECT_EQ(numbers(query("id = :a AND n BETWEEN :n AND :n")), "2.5");
    auto backward = query("id = :a");
    backward.scan_index_forward = false;
    EXPECT_EQ(numbers(backward), "10 9 2.5 -1");
    auto filtered = query("id = :a");
    filtered.filter_expression = "odd = :yes";
    filtered.expression_attribute_values[":yes"].bool_ = true;
    filtered.projection_expression = "n";
    const auto answer = api.call(filtered);
    ASSERT_TRUE(answer.has_value()) << answer.error().describe();
    EXPECT_EQ(answer->count, 1);
    EXPECT_EQ(answer->scanned_count, 4);
    EXPECT_EQ(answer->items[0].size(), 1U) << "the projected attribute alone";
}

TEST_F(Query, GoesOnAfterTheLastKeyEvenIfItIsGone) {
    auto page = query("id = :a");
    page.limit = 2;
    const auto first = api.call(page);
    EXPECT_EQ(first->count, 2);
    page.exclusive_start_key = first->last_evaluated_key;
    dynamodb::DeleteItemRequest gone{.table_name = "items"};
    gone.key = first->last_evaluated_key;
    ASSERT_EQ(refusal(gone), "");
    EXPECT_EQ(numbers(page), "9 10");
    const auto second = api.call(page);
    ASSERT_TRUE(second->last_evaluated_key.present()) << "DynamoDB does not look beyond its limit";
    page.exclusive_start_key = second->last_evaluated_key;
    const auto third = api.call(page);
    EXPECT_EQ(third->count, 0);
    EXPECT_FALSE(third->last_evaluated_key.present());
    page.limit = 0;
    EXPECT_EQ(code(page), "ValidationException");
}

TEST_F(Query, TakesKeyConditionsOnly) {
    struct Row {
        const char* condition;
        const char* refusal;
    };
    const Row rows[] = {
        {"id < :a", "ValidationException: Query key condition not supported"},
        {"id = :a OR n = :n", "ValidationException: Query key condition not supported"},
        {"id = :a AND odd = :n", "ValidationException: Query key condition not supported"},
        {"id = :a AND n <> :n", "ValidationException: Query key condition not supported"},
        {"id = :a AND n > :n AND n < :n",
         "ValidationException: KeyConditionExpressions must only contain one condition per key"},
        {"n = :n", "ValidationException: Value provided in ExpressionAttributeValues unused"},
        {"id = :n AND n = :n", "ValidationException: Value provided in ExpressionAttributeValues unused"},
        {"id = :a AND", "ValidationException: Invalid KeyConditionExpression: Syntax error"},
    };
    for (const Row& row : rows)
        EXPECT_EQ(numbers(query(row.condition)).substr(0, std::string_view(row.refusal).size()), row.refusal)
            << row.condition << ": " << numbers(query(row.condition));
    auto wrong_kind = query("id = :n");
    wrong_kind.expression_attribute_values.erase(":a");
    EXPECT_EQ(code(wrong_kind), "ValidationException");
    auto missed = query("n = :n");
    missed.expression_attribute_values.erase(":a");
    EXPECT_EQ(refusal(missed), "ValidationException: Query condition missed key schema element: id");
}

// The controller's right is bound to keys of the project: what is asked for decides.
TEST_F(Query, NeedsTheRightToItsLeadingKey) {
    const iam::Site site{.scope = {.project = model::ProjectName("shop"),
                                   .cluster = model::ClusterName("demo"),
                                   .account = account().number,
                                   .region = account().region,
                                   .home_region = account().region},
                         .clusters = {model::ClusterName("demo")},
                         .keys = iam::Keys::Aws};
    dynamodb::CreateTableRequest table{.table_name = model::names::table(site.scope)};
    table.attribute_definitions = {{.attribute_name = "cluster_id", .attribute_type = "S"}};
    table.key_schema = {{.attribute_name = "cluster_id", .key_type = "HASH"}};
    table.billing_mode = "PAY_PER_REQUEST";
    ASSERT_EQ(refusal(table), "");
    pass(std::chrono::seconds{10});
    const auto rights = Rights::of(iam::Principal::Controller, site);
    SimApi as_controller(engine, (*rights)->arn(), rights->get());
    auto request = query("cluster_id = :a");
    request.table_name = table.table_name;
    request.expression_attribute_values[":a"].s = "demo#workers";
    EXPECT_TRUE(as_controller.call(request).has_value());
    request.expression_attribute_values[":a"].s = "somebody else's";
    EXPECT_EQ(as_controller.call(request).error().provider_code, "AccessDeniedException");
}

}  // namespace
}  // namespace k3fleet::simcloud
