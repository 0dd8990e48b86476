// DynamoDB's Query: the items of one hash key in the order of their range key, page by page.
//
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_Query.html
#include <algorithm>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "adapters/simcloud/aws/dynamodb_items.h"
#include "adapters/simcloud/aws/dynamodb_values.h"
#include "base/ranges.h"
#include "base/text.h"

namespace k3fleet::simcloud {
namespace {

namespace dynamodb = aws::dynamodb;
using Kind = Condition::Kind;

constexpr std::size_t kMaxPage = 1 << 20;  // Bytes that are read, whatever is filtered.

std::unexpected<Error> invalid(std::string message) {
    return refuse("ValidationException", std::move(message));
}

struct Expressions {
    std::shared_ptr<const ConditionExpression> key;
    std::shared_ptr<const ConditionExpression> filter;       // Null: all.
    std::shared_ptr<const ProjectionExpression> projection;  // Null: whole items.
};

Result<Expressions> read_expressions(const dynamodb::QueryRequest& request, const Bindings& bindings) {
    if (!request.key_condition_expression)
        return invalid("Either the KeyConditions or KeyConditionExpression parameter must be specified");
    Expressions read{.key = K3F_TRY(validated(
                         parse_condition(*request.key_condition_expression, "KeyConditionExpression")))};
    std::vector<Use> uses{{.used = read.key->used, .what = "KeyConditionExpression"}};
    if (request.filter_expression) {
        read.filter = K3F_TRY(validated(parse_condition(*request.filter_expression, "FilterExpression")));
        uses.push_back({.used = read.filter->used, .what = "FilterExpression"});
    }
    if (request.projection_expression) {
        read.projection = K3F_TRY(validated(parse_projection(*request.projection_expression)));
        uses.push_back({.used = read.projection->used, .what = "ProjectionExpression"});
    }
    K3F_TRY(validated(check_bindings(bindings, uses)));
    return read;
}

// What one test of a key condition is about: the attribute's name; empty: it is no such test.
std::string tested_name(const Condition& test, const Bindings& bindings) {
    const auto& operands = test.operands;
    if (operands.empty() || operands[0].kind != Operand::Kind::Path || operands[0].path.steps.size() != 1)
        return {};
    for (std::size_t i = 1; i < operands.size(); ++i)
        if (operands[i].kind != Operand::Kind::Value) return {};
    const std::string& name = operands[0].path.steps[0].name;
    const auto placeholder = bindings.names.find(name);
    return placeholder == bindings.names.end() ? name : placeholder->second;
}

// The value of the hash key, if the condition is of the form that Query takes: `hash = :v`, and perhaps one
// test of the range key.
Result<Datum> hash_value(const DynamoTable& table, const Condition& condition, const Bindings& bindings) {
    const std::vector<Condition> alone{condition};
    const auto& tests = condition.kind == Kind::And ? condition.parts : alone;
    const Datum* hash = nullptr;
    int ranges = 0;
    for (const Condition& test : tests) {
        const std::string name = tested_name(test, bindings);
        const bool ordered = test.kind == Kind::Equal ||
                             (test.kind >= Kind::Less && test.kind <= Kind::Between) ||
                             test.kind == Kind::BeginsWith;
        if (name == table.hash_key && test.kind == Kind::Equal && hash == nullptr)
            hash = &bindings.values.at(test.operands[1].value);
        else if (!name.empty() && name == table.range_key && ordered)
            ++ranges;
        else
            return invalid("Query key condition not supported");
    }
    if (hash == nullptr)
        return invalid(format("Query condition missed key schema element: {}", table.hash_key));
    if (ranges > 1) return invalid("KeyConditionExpressions must only contain one condition per key");
    if (hash->kind != table.hash_kind)
        return invalid(
            "One or more parameter values were invalid: Condition parameter type does not match schema type");
    return *hash;
}

using Found = std::pair<Attributes, const Attributes*>;  // Key and item.

Attributes key_of(const DynamoTable& table, const Attributes& item) {
    Attributes key{{table.hash_key, item.at(table.hash_key)}};
    if (!table.range_key.empty()) key.emplace(table.range_key, item.at(table.range_key));
    return key;
}

// All that the key condition matches, in order.
Result<std::vector<Found>> matching(Call& call, DynamoTable& table, const dynamodb::QueryRequest& request,
                                    const Condition& condition, const Bindings& bindings) {
    const Datum hash = K3F_TRY(hash_value(table, condition, bindings));
    const Read read = request.consistent_read.value_or(false) ? Read::Consistent : Read::Eventual;
    // Looking at an item may take it away.
    std::vector<std::string> keys;
    for (const auto& [key, item] : table.items) keys.push_back(key);
    std::vector<Found> found;
    for (const std::string& key : keys) {
        const Attributes* item = seen(call, table, key, read);
        if (item == nullptr || item->at(table.hash_key) != hash) continue;
        const bool matches = K3F_TRY(validated(holds(condition, *item, bindings)));
        if (matches) found.emplace_back(key_of(table, *item), item);
    }
    if (table.range_key.empty()) return found;
    const bool forward = request.scan_index_forward.value_or(true);
    std::ranges::sort(found, [&](const Found& a, const Found& b) {
        const auto order = compare(a.first.at(table.range_key), b.first.at(table.range_key));
        return forward ? order < 0 : order > 0;
    });
    return found;
}

// Where the page begins: after the item of the last page's key, whether or not it is still there.
Result<std::size_t> first_of(const DynamoTable& table, const dynamodb::QueryRequest& request,
                             const std::vector<Found>& found) {
    if (!request.exclusive_start_key.present()) return 0;
    Attributes last;
    K3F_TRY(read_key(table, request.exclusive_start_key, last));
    if (table.range_key.empty()) return found.size();
    const bool forward = request.scan_index_forward.value_or(true);
    const Datum& after = last.at(table.range_key);
    const auto first = std::ranges::find_if(found, [&](const Found& one) {
        const auto order = compare(one.first.at(table.range_key), after);
        return forward ? order > 0 : order < 0;
    });
    return static_cast<std::size_t>(first - found.begin());
}

Status needs_query(const Call& call, const dynamodb::QueryRequest& request, Needs& needs) {
    iam::Context context;
    const auto table = call.account.dynamo.tables.find(request.table_name.value_or(""));
    const auto bindings =
        read_bindings(request.expression_attribute_names, request.expression_attribute_values);
    const auto condition =
        parse_condition(request.key_condition_expression.value_or(""), "KeyConditionExpression");
    if (table != call.account.dynamo.tables.end() && bindings && condition &&
        check_bindings(*bindings, {{.used = (*condition)->used, .what = ""}})) {
        const auto hash = hash_value(table->second, (*condition)->condition, *bindings);
        if (hash) context.set("dynamodb:LeadingKeys", {hash->text});
    }
    needs.add("dynamodb:Query", table_arn(call, request.table_name.value_or("")), std::move(context));
    return {};
}

Result<dynamodb::QueryResponse> query(Call& call, const dynamodb::QueryRequest& request) {
    DynamoTable& table = *K3F_TRY(find_table(call, request.table_name));
    const Bindings bindings = K3F_TRY(
        validated(read_bindings(request.expression_attribute_names, request.expression_attribute_values)));
    const Expressions expressions = K3F_TRY(read_expressions(request, bindings));
    if (request.limit && *request.limit < 1) return invalid("Limit must be greater than or equal to 1");
    const auto found = K3F_TRY(matching(call, table, request, expressions.key->condition, bindings));
    const std::size_t first = K3F_TRY(first_of(table, request, found));
    dynamodb::QueryResponse answer{.count = 0, .scanned_count = 0};
    std::size_t bytes = 0;
    for (std::size_t i = first; i < found.size(); ++i) {
        const auto& [key, item] = found[i];
        ++*answer.scanned_count;
        bytes += size_of(*item);
        bool wanted = true;
        if (expressions.filter)
            wanted = K3F_TRY(validated(holds(expressions.filter->condition, *item, bindings)));
        if (wanted) {
            ++*answer.count;
            const auto& projection = expressions.projection;
            answer.items.push_back(
                show_attributes(projection ? projected(projection->paths, *item, bindings) : *item));
        }
        // DynamoDB stops at the limit before it knows whether there is more.
        if (*answer.scanned_count == request.limit || bytes >= kMaxPage) {
            answer.last_evaluated_key = show_attributes(key);
            break;
        }
    }
    return answer;
}

}  // namespace

void add_dynamodb_query(Handlers& handlers) {
    handlers.add<dynamodb::QueryRequest>(
        {"TableName", "Limit", "ConsistentRead", "ScanIndexForward", "ExclusiveStartKey",
         "ProjectionExpression", "FilterExpression", "KeyConditionExpression", "ExpressionAttributeNames",
         "ExpressionAttributeValues"},
        needs_query, query);
}

}  // namespace k3fleet::simcloud
