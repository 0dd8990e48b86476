// What is asked of DynamoDB: keys, conditions, updates, what comes back, and what is refused.
#pragma once

#include "aws/gen/dynamodb.h"
#include "base/text.h"
#include "tests/contract/api/served.h"

namespace k3fleet::contract {

template <typename Backend>
class DynamoDbApi : public Served<Backend> {
protected:
    using Value = aws::dynamodb::AttributeValue;
    using Values = aws::Map<Value>;

    DynamoDbApi() {
        this->done(aws::dynamodb::CreateTableRequest{
            .attribute_definitions = {{.attribute_name = "id", .attribute_type = "S"}},
            .table_name = table(),
            .key_schema = {{.attribute_name = "id", .key_type = "HASH"}},
            .billing_mode = "PAY_PER_REQUEST"});
        this->backend_.settle();
    }
    std::string table() const { return this->backend_.fresh + "-items"; }
    static Value text(std::string value) { return {.s = std::move(value)}; }
    static Value number(std::string value) { return {.n = std::move(value)}; }
    static Values values(std::initializer_list<std::pair<const std::string, Value>> list) {
        Values map;
        for (const auto& [name, value] : list) map.emplace(name, value);
        return map;
    }
    aws::dynamodb::UpdateItemRequest update(std::string expression, Values given,
                                            std::string condition = "") {
        aws::dynamodb::UpdateItemRequest request{.table_name = table(), .return_values = "ALL_NEW"};
        request.key["id"] = text("k");
        request.update_expression = std::move(expression);
        request.expression_attribute_values = std::move(given);
        if (!condition.empty()) request.condition_expression = std::move(condition);
        return request;
    }
    aws::dynamodb::PutItemRequest put(Values item, std::string id = "k") {
        aws::dynamodb::PutItemRequest request{.table_name = table()};
        request.item = std::move(item);
        request.item["id"] = text(std::move(id));
        return request;
    }
    aws::dynamodb::GetItemRequest get(std::string id = "k") {
        aws::dynamodb::GetItemRequest request{.table_name = table(), .consistent_read = true};
        request.key["id"] = text(std::move(id));
        return request;
    }
    static std::string told(const Values& item) {
        std::string all;
        for (const auto& [name, value] : item)
            all += format("{}{}={}", all.empty() ? "" : " ", name,
                          value.s.value_or(value.n.value_or(value.b.value_or("?"))));
        return all;
    }
    // The item after an update, or the code of a refusal.
    std::string after(const aws::dynamodb::UpdateItemRequest& request) {
        const auto answer = this->api().call(request);
        return answer ? told(answer->attributes) : answer.error().provider_code;
    }
};

TYPED_TEST_SUITE_P(DynamoDbApi);

TYPED_TEST_P(DynamoDbApi, CountsAndGuards) {
    const auto acquire = [&](const char* who) {
        return this->update(
            "SET fence = if_not_exists(fence, :zero) + :one, holder = :who",
            this->values(
                {{":zero", this->number("0")}, {":one", this->number("1")}, {":who", this->text(who)}}),
            "attribute_not_exists(holder) OR holder = :who");
    };
    EXPECT_EQ(this->after(acquire("a")), "fence=1 holder=a id=k");
    EXPECT_EQ(this->after(acquire("a")), "fence=2 holder=a id=k");
    EXPECT_EQ(this->after(acquire("b")), "ConditionalCheckFailedException");
    EXPECT_EQ(this->after(this->update("REMOVE holder", {})), "fence=2 id=k");
    EXPECT_EQ(this->told(this->done(this->get()).item), "fence=2 id=k");
    EXPECT_EQ(this->told(this->done(this->get("other")).item), "");
}

TYPED_TEST_P(DynamoDbApi, ConditionsMeanTheSame) {
    auto item = this->values({{"n", this->number("5")}, {"s", this->text("hello")}});
    item["l"].l.push_back(this->text("one"));
    item["l"].l.push_back(this->number("2"));
    item["m"].m["deep"] = this->number("7");
    item["ss"].ss = {"x", "y"};
    this->done(this->put(item));
    struct Row {
        const char* condition;
        bool holds;
        const char* moto = nullptr;  // Where it says something else.
    };
    const Row rows[] = {
        {"n = :five", true},
        {"n <> :five", false},
        {"absent <> :five", true},
        {"absent = :five", false},
        {"absent < :five", false},
        {"n < :six AND n >= :five", true},
        {"s < :six", false, "500"},
        {"n BETWEEN :five AND :six", true},
        {"n IN (:six, :hello)", false},
        {"attribute_exists(m.deep)", true},
        {"attribute_not_exists(m.absent)", true},
        {"attribute_exists(l[1])", true},
        {"attribute_exists(l[2])", false},
        {"attribute_type(s, :S)", true},
        {"begins_with(s, :he)", true},
        {"contains(s, :he)", true},
        {"contains(ss, :x)", true},
        {"contains(l, :x)", false},
        {"size(s) = :five", true},
        {"size(ss) < :five", true},
        {"NOT n = :five", false},
        {"n = :six AND s = :hello OR n = :five", true},
        {"n = :six AND (s = :hello OR n = :five)", false},
    };
    const auto known = this->values({{":five", this->number("5")},
                                     {":six", this->number("6")},
                                     {":hello", this->text("hello")},
                                     {":he", this->text("he")},
                                     {":x", this->text("x")},
                                     {":S", this->text("S")}});
    for (const Row& row : rows) {
        typename TestFixture::Values used;
        for (const auto& [name, value] : known) {
            const std::string text = std::string(row.condition) + " ";
            for (std::size_t at = text.find(name); at != std::string::npos; at = text.find(name, at + 1))
                if (!is_letter_or_digit(text[at + name.size()])) used[name] = value;
        }
        const std::string got = this->code(this->update("SET touched = n", used, row.condition));
        const std::string aws = row.holds ? "" : "ConditionalCheckFailedException";
        EXPECT_EQ(got, this->unless_moto(aws, row.moto ? row.moto : aws)) << row.condition;
    }
}

TYPED_TEST_P(DynamoDbApi, UpdatesMeanTheSame) {
    auto item = this->values({{"n", this->number("5")}});
    item["l"].l.push_back(this->text("one"));
    item["ss"].ss = {"x", "y"};
    this->done(this->put(item));
    const auto shown = [&](const std::string& name) {
        const auto got = this->done(this->get()).item;
        const auto found = got.find(name);
        if (found == got.end()) return std::string("(none)");
        std::string all = found->second.s.value_or(found->second.n.value_or(""));
        for (const auto& one : found->second.l) all += one.s.value_or(one.n.value_or("?")) + ",";
        for (const auto& one : found->second.ss) all += one + ",";
        return all;
    };
    auto more = this->values({});
    more[":more"].l.push_back(this->text("two"));
    auto set = this->values({});
    set[":set"].ss = {"y"};
    const auto six = this->values({{":six", this->number("6")}});
    this->done(this->update("SET n = n - :six, copied = n", six));
    EXPECT_EQ(shown("n"), "-1");
    EXPECT_EQ(shown("copied"), "5") << "what was there before the update";
    this->done(this->update("ADD n :six, fresh :six", six));
    EXPECT_EQ(shown("n") + " " + shown("fresh"), "5 6");
    this->done(this->update("SET l = list_append(l, :more)", more));
    EXPECT_EQ(shown("l"), "one,two,");
    this->done(this->update("REMOVE l[0]", {}));
    EXPECT_EQ(shown("l"), "two,");
    this->done(this->update("DELETE ss :set", set));
    EXPECT_EQ(shown("ss"), "x,");
    this->done(this->update("REMOVE fresh, absent", {}));
    EXPECT_EQ(shown("fresh"), "(none)");
    this->done(this->update("SET n = :n", this->values({{":n", this->number("007.50")}})));
    EXPECT_EQ(shown("n"), this->unless_moto("7.5", "007.50"));
    this->done(this->update("SET n = n + :n", this->values({{":n", this->number("0.1")}})));
    EXPECT_EQ(shown("n"), this->unless_moto("7.6", "7.60"));
}

TYPED_TEST_P(DynamoDbApi, RefusesTheSame) {
    this->done(this->put(this->values({{"n", this->number("5")}, {"s", this->text("x")}})));
    const auto one = this->values({{":v", this->number("1")}});
    const std::string invalid = "ValidationException";
    auto no_table = this->update("SET a = :v", one);
    no_table.table_name = "no-such-table";
    EXPECT_EQ(this->code(no_table), "ResourceNotFoundException");
    auto key = this->update("SET a = :v", one);
    key.key["more"] = this->text("x");
    EXPECT_EQ(this->code(key), invalid);
    EXPECT_EQ(this->code(this->update("SET a = n", one)), invalid) << "a value that is not used";
    EXPECT_EQ(this->code(this->update("SET a = :w", one)), invalid) << "a value that is not given";
    EXPECT_EQ(this->code(this->update("SET status = :v", one)), invalid) << "a reserved word";
    EXPECT_EQ(this->code(this->update("SET id = :v", one)), invalid) << "the key";
    EXPECT_EQ(this->code(this->update("SET a = :v REMOVE a", one)), invalid) << "one place twice";
    EXPECT_EQ(this->code(this->update("SET a = absent + :v", one)), invalid);
    EXPECT_EQ(this->code(this->update("SET a = s + :v", one)), invalid);
    EXPECT_EQ(this->code(this->update("SET a = :v", one, "n == :v")), this->unless_moto(invalid, "500"));
    EXPECT_EQ(this->code(this->update("SET a = :v", one, "((n = :v))")), invalid);
    EXPECT_EQ(this->code(this->put(this->values({{"n", this->number("x")}}))), invalid);
    auto two = this->values({});
    two["both"].s = "x";
    two["both"].n = "1";
    const auto two_kinds = this->put(two, "other");
    EXPECT_EQ(this->code(two_kinds), this->unless_moto(invalid, ""));
    EXPECT_EQ(this->code(this->put(this->values({{"b", {.b = std::string(410'000, 'x')}}}))), invalid);
    EXPECT_EQ(this->code(this->put({}, "")), invalid) << "an empty key";
    EXPECT_EQ(this->told(this->done(this->get()).item), "id=k n=5 s=x") << "what was refused changed nothing";
}

TYPED_TEST_P(DynamoDbApi, TransactionsAreAllOrNothing) {
    this->done(this->put(this->values({{"n", this->number("1")}}), "a"));
    const auto transaction = [&](const char* expected, std::string token) {
        aws::dynamodb::TransactWriteItemsRequest request{.client_request_token = std::move(token)};
        auto& put = request.transact_items.emplace_back().put.emplace();
        put.table_name = this->table();
        put.item["id"] = this->text("b");
        auto& add = request.transact_items.emplace_back().update.emplace();
        add.table_name = this->table();
        add.key["id"] = this->text("a");
        add.update_expression = "SET n = n + :one";
        add.condition_expression = "n = :n";
        add.expression_attribute_values =
            this->values({{":one", this->number("1")}, {":n", this->number(expected)}});
        return request;
    };
    EXPECT_EQ(this->code(transaction("2", "one")), "TransactionCanceledException");
    EXPECT_EQ(this->told(this->done(this->get("b")).item), "");
    EXPECT_EQ(this->code(transaction("1", "two")), "");
    EXPECT_EQ(this->code(transaction("1", "two")), this->unless_moto("", "TransactionCanceledException"));
    EXPECT_EQ(this->told(this->done(this->get("a")).item), "id=a n=2");
    auto twice = transaction("2", "three");
    twice.transact_items.push_back(twice.transact_items[0]);
    EXPECT_EQ(this->code(twice), "ValidationException");
}

TYPED_TEST_P(DynamoDbApi, TablesAreKnownByName) {
    namespace dynamodb = aws::dynamodb;
    EXPECT_EQ(this->done(dynamodb::DescribeTableRequest{.table_name = this->table()}).table->table_status,
              "ACTIVE");
    EXPECT_EQ(this->code(dynamodb::CreateTableRequest{
                  .attribute_definitions = {{.attribute_name = "id", .attribute_type = "S"}},
                  .table_name = this->table(),
                  .key_schema = {{.attribute_name = "id", .key_type = "HASH"}},
                  .billing_mode = "PAY_PER_REQUEST"}),
              "ResourceInUseException");
    dynamodb::UpdateTimeToLiveRequest expiry{.table_name = this->table()};
    expiry.time_to_live_specification.emplace() = {.enabled = true, .attribute_name = "expires"};
    this->done(expiry);
    EXPECT_EQ(this->code(expiry), this->unless_moto("ValidationException", ""));
    const auto shown = this->done(dynamodb::DescribeTimeToLiveRequest{.table_name = this->table()});
    EXPECT_EQ(shown.time_to_live_description->time_to_live_status, "ENABLED");
    EXPECT_EQ(shown.time_to_live_description->attribute_name, "expires");
    this->done(dynamodb::DeleteTableRequest{.table_name = this->table()});
    this->backend_.settle();
    EXPECT_EQ(this->code(dynamodb::DescribeTableRequest{.table_name = this->table()}),
              "ResourceNotFoundException");
}

TYPED_TEST_P(DynamoDbApi, TablesHaveSettings) {
    namespace dynamodb = aws::dynamodb;
    const std::string arn =
        *this->done(dynamodb::DescribeTableRequest{.table_name = this->table()}).table->table_arn;
    dynamodb::TagResourceRequest tag{.resource_arn = arn, .tags = {{.key = "Project", .value = "shop"}}};
    this->done(tag);
    EXPECT_EQ(this->done(dynamodb::ListTagsOfResourceRequest{.resource_arn = arn}).tags.size(), 1U);
    const auto recoverable = [&] {
        const auto shown =
            this->done(dynamodb::DescribeContinuousBackupsRequest{.table_name = this->table()});
        const auto& backups = shown.continuous_backups_description;
        return backups ? *backups->point_in_time_recovery_description->point_in_time_recovery_status : "none";
    };
    EXPECT_EQ(recoverable(), "DISABLED");
    dynamodb::UpdateContinuousBackupsRequest recovery{.table_name = this->table()};
    recovery.point_in_time_recovery_specification.emplace().point_in_time_recovery_enabled = true;
    this->backend_.settle();
    this->done(recovery);
    EXPECT_EQ(recoverable(), "ENABLED");
    recovery.table_name = "none";
    EXPECT_EQ(this->code(recovery), "TableNotFoundException");
    dynamodb::UpdateTableRequest protect{.table_name = this->table(), .deletion_protection_enabled = true};
    this->done(protect);
    this->backend_.settle();
    EXPECT_EQ(this->code(dynamodb::DeleteTableRequest{.table_name = this->table()}), "ValidationException");
    protect.deletion_protection_enabled = false;
    this->done(protect);
    dynamodb::UpdateTableRequest encrypt{.table_name = this->table()};
    encrypt.sse_specification.emplace().enabled = true;
    this->backend_.settle();
    this->done(encrypt);
    this->backend_.settle();
    const auto shown = this->done(dynamodb::DescribeTableRequest{.table_name = this->table()});
    const auto& encryption = shown.table->sse_description;
    EXPECT_EQ(encryption ? encryption->status.value_or("") : "none", this->unless_moto("ENABLED", "none"));
    EXPECT_EQ(shown.table->deletion_protection_enabled, false);
}

REGISTER_TYPED_TEST_SUITE_P(DynamoDbApi, CountsAndGuards, ConditionsMeanTheSame, UpdatesMeanTheSame,
                            RefusesTheSame, TransactionsAreAllOrNothing, TablesAreKnownByName,
                            TablesHaveSettings);

}  // namespace k3fleet::contract
