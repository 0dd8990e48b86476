// DynamoDB's items and tables: what is done, what is refused and how, and what is seen when.
#include <gtest/gtest.h>

#include "aws/gen/dynamodb.h"
#include "base/text.h"
#include "tests/support/bare_account.h"

namespace k3fleet::simcloud {
namespace {

namespace dynamodb = aws::dynamodb;
using dynamodb::AttributeValue;
using std::chrono::hours;
using std::chrono::seconds;

AttributeValue text(std::string value) { return {.s = std::move(value)}; }
AttributeValue number(std::int64_t value) { return {.n = std::to_string(value)}; }

// "fence=1 holder=a": what an item says, by name.
std::string told(const aws::Map<AttributeValue>& item) {
    std::string all;
    for (const auto& [name, value] : item)
        all += format("{}{}={}", all.empty() ? "" : " ", name,
                      value.s.value_or(value.n.value_or(value.b.value_or("?"))));
    return all;
}

struct DynamoDb : ::testing::Test, support::BareAccount {
    DynamoDb() {
        EXPECT_EQ(refusal(create()), "");
        pass(seconds{10});
        EXPECT_EQ(refusal(dynamodb::UpdateTimeToLiveRequest{
                      .table_name = "items",
                      .time_to_live_specification =
                          dynamodb::TimeToLiveSpecification{.enabled = true, .attribute_name = "expires"}}),
                  "");
    }
    static dynamodb::CreateTableRequest create() {
        return {.attribute_definitions = {{.attribute_name = "id", .attribute_type = "S"}},
                .table_name = "items",
                .key_schema = {{.attribute_name = "id", .key_type = "HASH"}},
                .billing_mode = "PAY_PER_REQUEST"};
    }
    static dynamodb::UpdateItemRequest update(std::string expression, aws::Map<AttributeValue> values,
                                              std::string condition = "") {
        dynamodb::UpdateItemRequest request{.table_name = "items",
                                            .update_expression = std::move(expression)};
        request.key["id"] = text("k");
        request.expression_attribute_values = std::move(values);
        request.return_values = "ALL_NEW";
        if (!condition.empty()) request.condition_expression = std::move(condition);
        return request;
    }
    static aws::Map<AttributeValue> values(
        std::initializer_list<std::pair<const std::string, AttributeValue>> list) {
        aws::Map<AttributeValue> map;
        for (const auto& [name, value] : list) map.emplace(name, value);
        return map;
    }
    std::string updated(const dynamodb::UpdateItemRequest& request) {
        const auto answer = api.call(request);
        return answer ? told(answer->attributes) : answer.error().provider_code;
    }
    std::string got(bool consistent = true, std::string id = "k") {
        dynamodb::GetItemRequest request{.table_name = "items", .consistent_read = consistent};
        request.key["id"] = text(std::move(id));
        const auto answer = api.call(request);
        return answer ? told(answer->item) : answer.error().provider_code;
    }
    static dynamodb::PutItemRequest put(aws::Map<AttributeValue> more, std::string id = "k") {
        dynamodb::PutItemRequest request{.table_name = "items"};
        request.item = std::move(more);
        request.item["id"] = text(std::move(id));
        return request;
    }
};

TEST_F(DynamoDb, CountsUnderACondition) {
    const auto acquire = [&](const char* who) {
        return update("SET fence = if_not_exists(fence, :zero) + :one, holder = :who",
                      values({{":zero", number(0)}, {":one", number(1)}, {":who", text(who)}}),
                      "attribute_not_exists(holder) OR holder = :who");
    };
    EXPECT_EQ(updated(acquire("a")), "fence=1 holder=a id=k");
    EXPECT_EQ(updated(acquire("a")), "fence=2 holder=a id=k");
    EXPECT_EQ(updated(acquire("b")), "ConditionalCheckFailedException");
    EXPECT_EQ(updated(update("REMOVE holder", {})), "fence=2 id=k");
    EXPECT_EQ(updated(acquire("b")), "fence=3 holder=b id=k");
    EXPECT_EQ(got(), "fence=3 holder=b id=k");
    EXPECT_EQ(got(true, "other"), "");
}

TEST_F(DynamoDb, ReturnsWhatWasAskedFor) {
    ASSERT_EQ(code(put(values({{"a", number(1)}, {"b", number(2)}}))), "");
    auto request = update("SET a = a + :one", values({{":one", number(1)}}));
    struct Row {
        const char* wanted;
        const char* told;
    };
    for (const Row& row : {Row{"ALL_OLD", "a=1 b=2 id=k"}, Row{"UPDATED_OLD", "a=2"},
                           Row{"UPDATED_NEW", "a=4"}, Row{"NONE", ""}}) {
        request.return_values = row.wanted;
        EXPECT_EQ(updated(request), row.told) << row.wanted;
    }
    request.return_values = "SOME";
    EXPECT_EQ(updated(request), "ValidationException");
    auto put_again = put({});
    put_again.return_values = "ALL_OLD";
    EXPECT_EQ(told(api.call(put_again)->attributes), "a=5 b=2 id=k");
    put_again.return_values = "ALL_NEW";
    EXPECT_EQ(code(put_again), "ValidationException");
}

TEST_F(DynamoDb, RefusesInItsOwnWords) {
    ASSERT_EQ(code(put(values({{"n", number(1)}, {"s", text("x")}}))), "");
    const auto one = values({{":v", number(1)}});
    struct Row {
        const char* what;
        dynamodb::UpdateItemRequest request;
        const char* refusal;
    };
    auto foreign = update("SET a = :v", one);
    foreign.table_name = "other";
    auto wrong_key = update("SET a = :v", one);
    wrong_key.key["more"] = text("x");
    auto number_key = update("SET a = :v", one);
    number_key.key["id"] = number(1);
    auto empty_key = update("SET a = :v", one);
    empty_key.key["id"] = text("");
    auto legacy = update("SET a = :v", one);
    legacy.return_consumed_capacity = "TOTAL";
    auto two = update("SET a = :v", one);
    two.expression_attribute_values[":v"].s = "and a text";
    const Row rows[] = {
        {"no table", foreign, "ResourceNotFoundException: Requested resource not found"},
        {"key", wrong_key, "ValidationException: The provided key element does not match the schema"},
        {"kind of key", number_key,
         "ValidationException: The provided key element does not match the schema"},
        {"empty key", empty_key, "ValidationException: One or more parameter values are not valid. The "},
        {"not simulated", legacy, "InvalidParameterCombination: ReturnConsumedCapacity of UpdateItem is not"},
        {"two kinds", two,
         "ValidationException: ExpressionAttributeValues contains invalid value: Supplied "},
        {"unused", update("SET a = n", one),
         "ValidationException: Value provided in ExpressionAttributeValues unused in expressions: keys: "
         "{:v}"},
        {"undefined", update("SET a = :w", one),
         "ValidationException: Invalid UpdateExpression: An expression "},
        {"reserved", update("SET status = :v", one),
         "ValidationException: Invalid UpdateExpression: Attribute name is a reserved keyword; reserved "
         "keyword: status"},
        {"the key itself", update("SET id = :v", one),
         "ValidationException: One or more parameter values were invalid: Cannot update attribute id. This"},
        {"twice", update("SET a = :v REMOVE a", one),
         "ValidationException: Invalid UpdateExpression: Two doc"},
        {"missing", update("SET a = b + :v", one), "ValidationException: The provided expression refers to "},
        {"text + 1", update("SET a = s + :v", one),
         "ValidationException: An operand in the update expression"},
        {"path", update("SET a.b = :v", one),
         "ValidationException: The document path provided in the update "},
        {"condition", update("SET a = :v", one, "n < :v"),
         "ConditionalCheckFailedException: The conditional "},
    };
    for (const Row& row : rows)
        EXPECT_EQ(refusal(row.request).substr(0, std::string_view(row.refusal).size()), row.refusal)
            << row.what << ": " << refusal(row.request);
    EXPECT_EQ(got(), "id=k n=1 s=x") << "a refused update changes nothing";
}

TEST_F(DynamoDb, TakesNoItemBeyond400Kilobytes) {
    const auto of = [](std::size_t bytes) { return values({{"b", {.b = std::string(bytes, 'x')}}}); };
    EXPECT_EQ(code(put(of(409'596))), "") << "with names and key exactly the limit";
    EXPECT_EQ(code(put(of(409'597))), "ValidationException");
    EXPECT_EQ(updated(update("SET c = :c", values({{":c", text("x")}}))), "ValidationException");
}

// A read that does not ask for consistency may be answered from before, for a second; with the fault for ten.
TEST_F(DynamoDb, ReadsMayBeStaleUnlessTheyAskForConsistency) {
    ASSERT_EQ(code(put(values({{"n", number(1)}}))), "");
    pass(hours{1});
    ASSERT_EQ(code(put(values({{"n", number(2)}}))), "");
    int old = 0;
    for (int i = 0; i < 100; ++i, pass(Duration{9})) {
        old += got(false) == "id=k n=1" ? 1 : 0;
        EXPECT_EQ(got(true), "id=k n=2");
    }
    EXPECT_GT(old, 20);
    EXPECT_LT(old, 80);
    pass(seconds{1});
    EXPECT_EQ(got(false), "id=k n=2");
    engine.add_fault(
        {.at = engine.now(), .kind = FaultKind::StaleReads, .duration = seconds{30}, .argument = "items"});
    dynamodb::DeleteItemRequest gone{.table_name = "items"};
    gone.key["id"] = text("k");
    ASSERT_EQ(code(gone), "");
    pass(seconds{9});
    old = 0;
    for (int i = 0; i < 50; ++i, pass(Duration{1})) old += got(false) == "id=k n=2" ? 1 : 0;
    EXPECT_GT(old, 30);
    EXPECT_EQ(got(true), "");
    pass(seconds{2});
    EXPECT_EQ(got(false), "");
}

TEST_F(DynamoDb, ItemsExpireUpToTwoDaysLate) {
    const std::int64_t due = to_unix_seconds(engine.now() + hours{1});
    for (int i = 0; i < 50; ++i)
        ASSERT_EQ(code(put(values({{"expires", number(due)}}), format("k{}", i))), "");
    ASSERT_EQ(code(put(values({{"expires", text("soon")}}), "text")), "");
    ASSERT_EQ(code(put(values({{"expires", number(due - 6 * 365 * 86'400)}}), "ancient")), "");
    const auto left = [&] {
        int there = 0;
        for (int i = 0; i < 50; ++i) there += got(true, format("k{}", i)).empty() ? 0 : 1;
        return there;
    };
    pass(hours{1});
    EXPECT_EQ(left(), 50);
    pass(hours{24});
    EXPECT_GT(left(), 10);
    EXPECT_LT(left(), 40);
    pass(hours{24});
    EXPECT_EQ(left(), 0);
    EXPECT_NE(got(true, "text"), "");
    EXPECT_NE(got(true, "ancient"), "") << "what is five years too old is no time";
}

TEST_F(DynamoDb, TransactionsAreAllOrNothingAndKnowTheirToken) {
    ASSERT_EQ(code(put(values({{"n", number(1)}}), "a")), "");
    const auto transaction = [](std::int64_t expected, std::string token) {
        dynamodb::TransactWriteItemsRequest request{.client_request_token = std::move(token)};
        auto& put = request.transact_items.emplace_back().put.emplace();
        put.table_name = "items";
        put.item["id"] = text("b");
        auto& add = request.transact_items.emplace_back().update.emplace();
        add.table_name = "items";
        add.key["id"] = text("a");
        add.update_expression = "SET n = n + :one";
        add.condition_expression = "n = :n";
        add.expression_attribute_values[":one"] = number(1);
        add.expression_attribute_values[":n"] = number(expected);
        return request;
    };
    EXPECT_EQ(refusal(transaction(2, "x")),
              "TransactionCanceledException: Transaction cancelled, please refer cancellation reasons for "
              "specific reasons [None, ConditionalCheckFailed]");
    EXPECT_EQ(got(true, "b"), "");
    EXPECT_EQ(code(transaction(1, "y")), "");
    EXPECT_EQ(code(transaction(1, "y")), "") << "a second time";
    EXPECT_EQ(got(true, "a"), "id=a n=2");
    EXPECT_EQ(code(transaction(2, "y")), "IdempotentParameterMismatchException");
    pass(std::chrono::minutes{11});
    EXPECT_EQ(code(transaction(2, "y")), "") << "tokens hold for ten minutes";
    auto twice = transaction(3, "z");
    twice.transact_items.push_back(twice.transact_items[0]);
    EXPECT_EQ(code(twice), "ValidationException");
    EXPECT_EQ(got(true, "a"), "id=a n=3");
}

TEST_F(DynamoDb, TablesAreMadeOnceAndGuarded) {
    EXPECT_EQ(code(create()), "ResourceInUseException");
    auto other = create();
    other.table_name = "others";
    other.deletion_protection_enabled = true;
    EXPECT_EQ(code(other), "");
    pass(seconds{10});
    EXPECT_EQ(code(dynamodb::DeleteTableRequest{.table_name = "others"}), "ValidationException");
    EXPECT_EQ(code(dynamodb::DeleteTableRequest{.table_name = "items"}), "");
    pass(seconds{10});
    EXPECT_EQ(code(dynamodb::DescribeTableRequest{.table_name = "items"}), "ResourceNotFoundException");
    other.table_name = "xy";
    EXPECT_EQ(code(other), "ValidationException");
    other.table_name = "undefined";
    other.key_schema[0].attribute_name = "missing";
    EXPECT_EQ(code(other), "ValidationException");
    EXPECT_EQ(api.call(dynamodb::DescribeTableRequest{.table_name = "others"})->table->table_status,
              "ACTIVE");
}

}  // namespace
}  // namespace k3fleet::simcloud
