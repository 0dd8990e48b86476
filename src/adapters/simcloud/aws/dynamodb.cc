// DynamoDB's operations on items: GetItem, PutItem, UpdateItem, DeleteItem and TransactWriteItems.
//
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_Operations_Amazon_DynamoDB.html
#include <algorithm>
#include <array>
#include <memory>
#include <set>
#include <utility>

#include "adapters/simcloud/aws/dynamodb_items.h"
#include "adapters/simcloud/aws/dynamodb_values.h"
#include "aws/value.h"
#include "base/crypto.h"
#include "base/json.h"
#include "base/text.h"

namespace k3fleet::simcloud {
namespace {

namespace dynamodb = aws::dynamodb;
namespace returns = dynamodb::return_value;

constexpr std::size_t kMaxItem = 400 << 10;
constexpr std::size_t kMaxTransaction = 100;
constexpr Duration kTokenHolds = std::chrono::minutes{10};

std::unexpected<Error> invalid(std::string message) {
    return refuse("ValidationException", std::move(message));
}

// One write that may be carried out.
struct Change {
    DynamoTable* table = nullptr;
    std::string key;
    enum class Kind { Write, Remove, Look } kind = Kind::Write;
    Attributes after;
    const Attributes* before = nullptr;  // In the table, until the change is carried out.
    std::set<std::string> names;         // Of an update: what it names.
};

const Attributes kNothing;

// The part that all writes have: placeholders, the condition, and what it says to the item as it stands.
template <typename Request>
Status check_condition(const Request& request, const Attributes& item, const Bindings& bindings,
                       std::vector<Use> uses) {
    std::shared_ptr<const ConditionExpression> condition;
    if (request.condition_expression) {
        condition = K3F_TRY(validated(parse_condition(*request.condition_expression, "ConditionExpression")));
        uses.push_back({.used = condition->used, .what = "ConditionExpression"});
    }
    K3F_TRY(validated(check_bindings(bindings, uses)));
    if (!condition) return {};
    const bool yes = K3F_TRY(validated(holds(condition->condition, item, bindings)));
    if (!yes) return refuse("ConditionalCheckFailedException", "The conditional request failed");
    return {};
}

template <typename Request>
Result<Bindings> bindings_of(const Request& request) {
    return validated(read_bindings(request.expression_attribute_names, request.expression_attribute_values));
}

void look_up(Call& call, Change& change) {
    const DynamoItem* item = find_item(call, *change.table, change.key);
    change.before = item != nullptr && item->there ? &item->attributes : nullptr;
}

template <typename Request>
Result<Change> plan_put(Call& call, const Request& request) {
    Change change{.table = K3F_TRY(find_table(call, request.table_name))};
    change.after = K3F_TRY(validated(read_attributes(request.item)));
    change.key = K3F_TRY(key_within(*change.table, change.after));
    if (size_of(change.after) > kMaxItem) return invalid("Item size has exceeded the maximum allowed size");
    look_up(call, change);
    const Bindings bindings = K3F_TRY(bindings_of(request));
    K3F_TRY(check_condition(request, change.before ? *change.before : kNothing, bindings, {}));
    return change;
}

// Without an item of its own: DeleteItem and ConditionCheck.
template <typename Request>
Result<Change> plan_on_key(Call& call, const Request& request, Change::Kind kind) {
    Change change{.table = K3F_TRY(find_table(call, request.table_name)), .kind = kind};
    Attributes key;
    change.key = K3F_TRY(read_key(*change.table, request.key, key));
    look_up(call, change);
    const Bindings bindings = K3F_TRY(bindings_of(request));
    K3F_TRY(check_condition(request, change.before ? *change.before : kNothing, bindings, {}));
    return change;
}

template <typename Request>
Result<Change> plan_update(Call& call, const Request& request) {
    Change change{.table = K3F_TRY(find_table(call, request.table_name))};
    Attributes key;
    change.key = K3F_TRY(read_key(*change.table, request.key, key));
    look_up(call, change);
    const Bindings bindings = K3F_TRY(bindings_of(request));
    std::shared_ptr<const UpdateExpression> update;
    std::vector<Use> uses;
    if (request.update_expression) {
        update = K3F_TRY(validated(parse_update(*request.update_expression)));
        uses.push_back({.used = update->used, .what = "UpdateExpression"});
    }
    K3F_TRY(check_condition(request, change.before ? *change.before : kNothing, bindings, std::move(uses)));
    const Attributes& from = change.before ? *change.before : key;
    if (update) {
        std::set<std::string> keys{change.table->hash_key};
        if (!change.table->range_key.empty()) keys.insert(change.table->range_key);
        change.after = K3F_TRY(validated(updated(*update, from, bindings, keys)));
        change.names = changed_names(*update, bindings);
    } else {
        change.after = from;
    }
    if (size_of(change.after) > kMaxItem)
        return invalid("Item size to update has exceeded the maximum allowed size");
    return change;
}

void carry_out(Call& call, Change change) {
    if (change.kind == Change::Kind::Look) return;
    std::optional<Attributes> after;
    if (change.kind == Change::Kind::Write) after = std::move(change.after);
    write(call, *change.table, change.key, std::move(after));
}

Status check_returns(const std::optional<std::string>& wanted, const std::set<std::string>& allowed) {
    if (!wanted || *wanted == returns::kNone || allowed.contains(*wanted)) return {};
    return invalid("Return values set to invalid value");
}

aws::Map<dynamodb::AttributeValue> picked(const Attributes* item, const std::set<std::string>& names) {
    aws::Map<dynamodb::AttributeValue> shown;
    if (item == nullptr) return shown;
    for (const std::string& name : names)
        if (const auto found = item->find(name); found != item->end())
            shown.emplace(name, show_datum(found->second));
    return shown;
}

aws::Map<dynamodb::AttributeValue> returned(const Change& change, const std::optional<std::string>& wanted) {
    const std::string what = wanted.value_or(returns::kNone);
    if (what == returns::kAllOld && change.before != nullptr) return show_attributes(*change.before);
    if (what == returns::kAllNew) return show_attributes(change.after);
    if (what == returns::kUpdatedOld) return picked(change.before, change.names);
    if (what == returns::kUpdatedNew) return picked(&change.after, change.names);
    return {};
}

Status needs_get(const Call& call, const dynamodb::GetItemRequest& request, Needs& needs) {
    needs_item(call, needs, "dynamodb:GetItem", request.table_name, request.key);
    return {};
}

Result<dynamodb::GetItemResponse> get_item(Call& call, const dynamodb::GetItemRequest& request) {
    DynamoTable& table = *K3F_TRY(find_table(call, request.table_name));
    Attributes key;
    const std::string at = K3F_TRY(read_key(table, request.key, key));
    const aws::Map<dynamodb::AttributeValue> no_values;
    const Bindings bindings =
        K3F_TRY(validated(read_bindings(request.expression_attribute_names, no_values)));
    std::shared_ptr<const ProjectionExpression> projection;
    std::vector<Use> uses;
    if (request.projection_expression) {
        projection = K3F_TRY(validated(parse_projection(*request.projection_expression)));
        uses.push_back({.used = projection->used, .what = "ProjectionExpression"});
    }
    K3F_TRY(validated(check_bindings(bindings, uses)));
    dynamodb::GetItemResponse answer;
    const Read read = request.consistent_read.value_or(false) ? Read::Consistent : Read::Eventual;
    const Attributes* item = seen(call, table, at, read);
    if (item == nullptr) return answer;
    answer.item = show_attributes(projection ? projected(projection->paths, *item, bindings) : *item);
    answer.item.mark_present();
    return answer;
}

Status needs_put(const Call& call, const dynamodb::PutItemRequest& request, Needs& needs) {
    needs_item(call, needs, "dynamodb:PutItem", request.table_name, request.item);
    return {};
}

Result<dynamodb::PutItemResponse> put_item(Call& call, const dynamodb::PutItemRequest& request) {
    K3F_TRY(check_returns(request.return_values, {returns::kAllOld}));
    Change change = K3F_TRY(plan_put(call, request));
    dynamodb::PutItemResponse answer{.attributes = returned(change, request.return_values)};
    carry_out(call, std::move(change));
    return answer;
}

Status needs_delete(const Call& call, const dynamodb::DeleteItemRequest& request, Needs& needs) {
    needs_item(call, needs, "dynamodb:DeleteItem", request.table_name, request.key);
    return {};
}

Result<dynamodb::DeleteItemResponse> delete_item(Call& call, const dynamodb::DeleteItemRequest& request) {
    K3F_TRY(check_returns(request.return_values, {returns::kAllOld}));
    Change change = K3F_TRY(plan_on_key(call, request, Change::Kind::Remove));
    dynamodb::DeleteItemResponse answer{.attributes = returned(change, request.return_values)};
    carry_out(call, std::move(change));
    return answer;
}

Status needs_update(const Call& call, const dynamodb::UpdateItemRequest& request, Needs& needs) {
    needs_item(call, needs, "dynamodb:UpdateItem", request.table_name, request.key);
    return {};
}

Result<dynamodb::UpdateItemResponse> update_item(Call& call, const dynamodb::UpdateItemRequest& request) {
    K3F_TRY(check_returns(request.return_values,
                          {returns::kAllOld, returns::kAllNew, returns::kUpdatedOld, returns::kUpdatedNew}));
    Change change = K3F_TRY(plan_update(call, request));
    dynamodb::UpdateItemResponse answer{.attributes = returned(change, request.return_values)};
    carry_out(call, std::move(change));
    return answer;
}

Status needs_transaction(const Call& call, const dynamodb::TransactWriteItemsRequest& request, Needs& needs) {
    for (const auto& item : request.transact_items) {
        if (item.put) needs_item(call, needs, "dynamodb:PutItem", item.put->table_name, item.put->item);
        if (item.update)
            needs_item(call, needs, "dynamodb:UpdateItem", item.update->table_name, item.update->key);
        if (item.delete_)
            needs_item(call, needs, "dynamodb:DeleteItem", item.delete_->table_name, item.delete_->key);
        if (item.condition_check)
            needs_item(call, needs, "dynamodb:ConditionCheckItem", item.condition_check->table_name,
                       item.condition_check->key);
    }
    return {};
}

Result<Change> plan_one(Call& call, const dynamodb::TransactWriteItem& item) {
    const bool given[] = {item.put.has_value(), item.update.has_value(), item.delete_.has_value(),
                          item.condition_check.has_value()};
    if (std::ranges::count(given, true) != 1)
        return invalid("TransactItems can only contain one of Check, Put, Update or Delete");
    if (item.put) return plan_put(call, *item.put);
    if (item.update) return plan_update(call, *item.update);
    if (item.delete_) return plan_on_key(call, *item.delete_, Change::Kind::Remove);
    return plan_on_key(call, *item.condition_check, Change::Kind::Look);
}

Status check_transaction(const dynamodb::TransactWriteItemsRequest& request) {
    const std::size_t count = request.transact_items.size();
    if (count == 0 || count > kMaxTransaction)
        return invalid(format("Member must have length between 1 and {}: transactItems", kMaxTransaction));
    const auto quiet = [](const auto& write) {
        return !write || !write->return_values_on_condition_check_failure;
    };
    for (const auto& item : request.transact_items)
        if (!quiet(item.put) || !quiet(item.update) || !quiet(item.delete_) || !quiet(item.condition_check))
            return refuse("InvalidParameterCombination",
                          "ReturnValuesOnConditionCheckFailure of TransactWriteItems is not simulated");
    const std::size_t token = request.client_request_token.value_or("").size();
    if (token < 1 || token > 36)
        return invalid("Member must have length between 1 and 36: clientRequestToken");
    return {};
}

// Empty: all can be carried out together. Else why not, one reason for each.
Result<std::vector<std::string>> plan_all(Call& call, const dynamodb::TransactWriteItemsRequest& request,
                                          std::vector<Change>& changes) {
    std::vector<std::string> reasons;
    std::set<std::pair<std::string, std::string>> touched;
    bool cancelled = false;
    for (const auto& item : request.transact_items) {
        auto change = plan_one(call, item);
        if (!change && change.error().provider_code != "ConditionalCheckFailedException")
            return std::unexpected(std::move(change).error());
        reasons.emplace_back(change ? "None" : "ConditionalCheckFailed");
        cancelled = cancelled || !change;
        if (!change) continue;
        if (!touched.emplace(change->table->name, change->key).second)
            return invalid("Transaction request cannot include multiple operations on one item");
        changes.push_back(*std::move(change));
    }
    if (!cancelled) reasons.clear();
    return reasons;
}

std::string fingerprint(const dynamodb::TransactWriteItemsRequest& request) {
    const auto& type = *dynamodb::TransactWriteItemsRequest::operation().input;
    return crypto::sha256_hex(json::write(aws::to_value(type, &request)));
}

Result<dynamodb::TransactWriteItemsResponse> transact(Call& call,
                                                      const dynamodb::TransactWriteItemsRequest& request) {
    K3F_TRY(check_transaction(request));
    auto& known = call.account.dynamo.transactions;
    std::erase_if(known, [&](const auto& one) { return one.second.at + kTokenHolds <= call.now; });
    const std::string print = fingerprint(request);
    if (const auto before = known.find(*request.client_request_token); before != known.end()) {
        if (before->second.fingerprint == print) return dynamodb::TransactWriteItemsResponse{};
        return refuse("IdempotentParameterMismatchException",
                      "The request uses the same client token as a previous, but non-identical request");
    }
    std::vector<Change> changes;
    const auto reasons = K3F_TRY(plan_all(call, request, changes));
    if (!reasons.empty())
        return refuse(
            "TransactionCanceledException",
            format("Transaction cancelled, please refer cancellation reasons for specific reasons [{}]",
                   join(reasons, ", ")));
    for (Change& change : changes) carry_out(call, std::move(change));
    known[*request.client_request_token] = {.fingerprint = print, .at = call.now};
    return dynamodb::TransactWriteItemsResponse{};
}

}  // namespace

void add_dynamodb_items(Handlers& handlers) {
    handlers.add<dynamodb::GetItemRequest>(
        {"TableName", "Key", "ConsistentRead", "ProjectionExpression", "ExpressionAttributeNames"}, needs_get,
        get_item);
    handlers.add<dynamodb::PutItemRequest>({"TableName", "Item", "ReturnValues", "ConditionExpression",
                                            "ExpressionAttributeNames", "ExpressionAttributeValues"},
                                           needs_put, put_item);
    handlers.add<dynamodb::DeleteItemRequest>({"TableName", "Key", "ReturnValues", "ConditionExpression",
                                               "ExpressionAttributeNames", "ExpressionAttributeValues"},
                                              needs_delete, delete_item);
    handlers.add<dynamodb::UpdateItemRequest>(
        {"TableName", "Key", "ReturnValues", "UpdateExpression", "ConditionExpression",
         "ExpressionAttributeNames", "ExpressionAttributeValues"},
        needs_update, update_item);
    handlers.add<dynamodb::TransactWriteItemsRequest>({"TransactItems", "ClientRequestToken"},
                                                      needs_transaction, transact);
}

}  // namespace k3fleet::simcloud
