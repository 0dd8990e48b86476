// DynamoDB's operations on tables: made, described, deleted, and when their items end.
#include <algorithm>
#include <optional>
#include <string>

#include "adapters/simcloud/aws/dynamodb_items.h"
#include "adapters/simcloud/aws/dynamodb_values.h"
#include "adapters/simcloud/aws/tags.h"
#include "base/ranges.h"
#include "base/text.h"

namespace k3fleet::simcloud {
namespace {

namespace dynamodb = aws::dynamodb;
using std::chrono::seconds;

std::unexpected<Error> invalid(std::string message) {
    return refuse("ValidationException", std::move(message));
}

template <typename Request>
Status needs_table(const Call& call, const Request& request, Needs& needs) {
    needs.add(format("dynamodb:{}", call.operation.name), table_arn(call, request.table_name.value_or("")));
    return {};
}

Status check_name(const std::string& name) {
    const auto allowed = [](char c) { return is_letter_or_digit(c) || c == '_' || c == '-' || c == '.'; };
    if (name.size() >= 3 && name.size() <= 255 && std::ranges::all_of(name, allowed)) return {};
    return invalid(
        "TableName must be at least 3 characters long and at most 255 characters long, of a-z, A-Z, 0-9, _, "
        "- "
        "and .");
}

std::optional<Datum::Kind> key_kind(const dynamodb::CreateTableRequest& request, const std::string& name) {
    for (const auto& definition : request.attribute_definitions) {
        if (definition.attribute_name != name) continue;
        for (const auto kind : {Datum::Kind::String, Datum::Kind::Number, Datum::Kind::Binary})
            if (definition.attribute_type == name_of(kind)) return kind;
    }
    return std::nullopt;
}

Status read_schema(const dynamodb::CreateTableRequest& request, DynamoTable& table) {
    const auto& schema = request.key_schema;
    if (schema.empty() || schema.size() > 2 || schema[0].key_type != dynamodb::key_type::kHash ||
        (schema.size() == 2 && schema[1].key_type != dynamodb::key_type::kRange))
        return invalid("Invalid KeySchema: a HASH key, and after it perhaps a RANGE key");
    if (request.attribute_definitions.size() != schema.size())
        return invalid(
            "One or more parameter values were invalid: Number of attributes in KeySchema does not exactly "
            "match number of attributes defined in AttributeDefinitions");
    const auto kind_of = [&](const dynamodb::KeySchemaElement& element) {
        return key_kind(request, element.attribute_name.value_or(""));
    };
    const auto hash = kind_of(schema[0]);
    const auto range = schema.size() == 2 ? kind_of(schema[1]) : Datum::Kind::String;
    if (!hash || !range)
        return invalid(
            "One or more parameter values were invalid: Some index key attributes are not defined in "
            "AttributeDefinitions");
    table.hash_key = schema[0].attribute_name.value_or("");
    table.hash_kind = *hash;
    if (schema.size() == 2) table.range_key = schema[1].attribute_name.value_or("");
    table.range_kind = *range;
    return {};
}

// Assumptions: AWS says "seconds".
Duration within(Prng random, seconds least, seconds most) {
    return least +
           Duration{static_cast<std::int64_t>(random.uniform() * double(Duration{most - least}.count()))};
}

void set_times(const Call& call, DynamoTable& table) {
    const Prng random = call.dice("dynamodb-table-time", format("{}/{}", table.name, table.id));
    table.created_at = table.busy_until = table.tagged_at = call.now;
    table.active_at = call.now + within(random.fork(1), seconds{3}, seconds{9});
    table.backups_ready_at = table.active_at + within(random.fork(2), seconds{0}, seconds{15});
}

const char* status_of(const Call& call, const DynamoTable& table) {
    if (table.gone_at) return dynamodb::table_status::kDeleting;
    if (call.now < table.active_at) return dynamodb::table_status::kCreating;
    return call.now < table.busy_until ? dynamodb::table_status::kUpdating : dynamodb::table_status::kActive;
}

// Those whose deletion is over.
void forget_deleted(Call& call) {
    std::erase_if(call.account.dynamo.tables, [&](const auto& entry) {
        return entry.second.gone_at && *entry.second.gone_at <= call.now;
    });
}

Status needs_list(const Call&, const dynamodb::ListTablesRequest&, Needs& needs) {
    needs.add("dynamodb:ListTables", "*");
    return {};
}

constexpr std::int32_t kMostTables = 100;  // In a page.

Result<dynamodb::ListTablesResponse> list_tables(Call& call, const dynamodb::ListTablesRequest& request) {
    const std::int32_t limit = request.limit.value_or(kMostTables);
    if (limit < 1 || limit > kMostTables)
        return invalid(format("Member must have value between 1 and {} at 'limit'", kMostTables));
    forget_deleted(call);
    const auto& tables = call.account.dynamo.tables;
    dynamodb::ListTablesResponse answer;
    for (auto next = tables.upper_bound(request.exclusive_start_table_name.value_or(""));
         next != tables.end(); ++next) {
        if (std::ssize(answer.table_names) == limit) {
            answer.last_evaluated_table_name = answer.table_names.back();
            break;
        }
        answer.table_names.push_back(next->first);
    }
    return answer;
}

std::unexpected<Error> in_use(std::string_view being, const std::string& name) {
    return refuse(
        "ResourceInUseException",
        format("Attempt to change a resource which is still in use: Table is being {}: {}", being, name));
}

Status needs_create(const Call& call, const dynamodb::CreateTableRequest& request, Needs& needs) {
    const std::string arn = table_arn(call, request.table_name.value_or(""));
    iam::Context context;
    set_request_tags(context, tags_in(request.tags));
    if (!request.tags.empty()) needs.add("dynamodb:TagResource", arn, context);
    needs.add("dynamodb:CreateTable", arn, std::move(context));
    return {};
}

Result<dynamodb::CreateTableResponse> create_table(Call& call, const dynamodb::CreateTableRequest& request) {
    DynamoTable table{.name = request.table_name.value_or("")};
    K3F_TRY(check_name(table.name));
    if (request.billing_mode.value_or("PROVISIONED") != dynamodb::billing_mode::kPayPerRequest)
        return refuse("InvalidParameterCombination",
                      "BillingMode PROVISIONED of CreateTable is not simulated");
    K3F_TRY(read_schema(request, table));
    if (const std::string wrong = wrong_tags(tags_in(request.tags)); !wrong.empty()) return invalid(wrong);
    forget_deleted(call);
    const auto there = call.account.dynamo.tables.find(table.name);
    if (there != call.account.dynamo.tables.end() && there->second.gone_at)
        return in_use("deleted", table.name);
    if (there != call.account.dynamo.tables.end())
        return refuse("ResourceInUseException", format("Table already exists: {}", table.name));
    Prng random = call.dice("dynamodb-table", table.name);
    table.id = format("{:08x}-0000-4000-8000-{:012x}", random.next() >> 32, random.next() >> 16);
    set_times(call, table);
    if (request.sse_specification) K3F_TRY(set_encryption(call, table, *request.sse_specification));
    table.deletion_protected = request.deletion_protection_enabled.value_or(false);
    table.tags = tags_in(request.tags);
    const DynamoTable& made = call.account.dynamo.tables.emplace(table.name, table).first->second;
    return dynamodb::CreateTableResponse{.table_description = described(call, made)};
}

Result<dynamodb::DescribeTableResponse> describe_table(Call& call,
                                                       const dynamodb::DescribeTableRequest& request) {
    const DynamoTable& table = *K3F_TRY(find_described(call, request.table_name));
    return dynamodb::DescribeTableResponse{.table = described(call, table)};
}

Result<dynamodb::DeleteTableResponse> delete_table(Call& call, const dynamodb::DeleteTableRequest& request) {
    DynamoTable& table = *K3F_TRY(find_changeable(call, request.table_name));
    if (table.deletion_protected)
        return invalid(
            "Resource cannot be deleted as it is currently protected against deletion. Disable deletion "
            "protection first");
    table.gone_at = call.now + within(call.dice("dynamodb-table-end", table.id), seconds{2}, seconds{10});
    table.items.clear();
    return dynamodb::DeleteTableResponse{.table_description = described(call, table)};
}

Result<dynamodb::UpdateTimeToLiveResponse> update_expiry(Call& call,
                                                         const dynamodb::UpdateTimeToLiveRequest& request) {
    DynamoTable& table = *K3F_TRY(find_changeable(call, request.table_name));
    const auto& wanted = *request.time_to_live_specification;
    const std::string name = wanted.attribute_name.value_or("");
    if (name.empty() || !wanted.enabled)
        return invalid("TimeToLiveSpecification needs Enabled and AttributeName");
    if (*wanted.enabled && !table.expiry.empty()) return invalid("TimeToLive is already enabled");
    if (!*wanted.enabled && table.expiry.empty()) return invalid("TimeToLive is already disabled");
    if (!*wanted.enabled && table.expiry != name)
        return invalid(format(
            "TimeToLive is active on a different AttributeName: current AttributeName is {}", table.expiry));
    table.expiry = *wanted.enabled ? name : "";
    return dynamodb::UpdateTimeToLiveResponse{.time_to_live_specification = wanted};
}

Result<dynamodb::DescribeTimeToLiveResponse> describe_expiry(
    Call& call, const dynamodb::DescribeTimeToLiveRequest& request) {
    const DynamoTable& table = *K3F_TRY(find_described(call, request.table_name));
    dynamodb::DescribeTimeToLiveResponse answer;
    auto& shown = answer.time_to_live_description.emplace();
    shown.time_to_live_status = table.expiry.empty() ? dynamodb::time_to_live_status::kDisabled
                                                     : dynamodb::time_to_live_status::kEnabled;
    if (!table.expiry.empty()) shown.attribute_name = table.expiry;
    return answer;
}

}  // namespace

Result<DynamoTable*> find_described(Call& call, const std::optional<std::string>& name) {
    forget_deleted(call);
    const auto found = call.account.dynamo.tables.find(name.value_or(""));
    if (found == call.account.dynamo.tables.end())
        return refuse("ResourceNotFoundException",
                      format("Requested resource not found: Table: {} not found", name.value_or("")));
    return &found->second;
}

Result<DynamoTable*> find_changeable(Call& call, const std::optional<std::string>& name) {
    DynamoTable* table = K3F_TRY(find_described(call, name));
    if (table->gone_at) return in_use("deleted", table->name);
    if (call.now < table->active_at) return in_use("created", table->name);
    if (call.now < table->busy_until) return in_use("updated", table->name);
    return table;
}

aws::dynamodb::TableDescription described(const Call& call, const DynamoTable& table) {
    aws::dynamodb::TableDescription shown{.table_name = table.name};
    const auto add_key = [&](const std::string& name, Datum::Kind kind, const char* type) {
        shown.attribute_definitions.push_back(
            {.attribute_name = name, .attribute_type = std::string(name_of(kind))});
        shown.key_schema.push_back({.attribute_name = name, .key_type = type});
    };
    add_key(table.hash_key, table.hash_kind, aws::dynamodb::key_type::kHash);
    if (!table.range_key.empty()) add_key(table.range_key, table.range_kind, aws::dynamodb::key_type::kRange);
    shown.table_status = status_of(call, table);
    shown.creation_date_time = table.created_at;
    // AWS counts every six hours; here the count of the moment would be a promise that AWS does not make.
    shown.item_count = 0;
    shown.table_size_bytes = 0;
    shown.table_arn = table_arn(call, table.name);
    shown.table_id = table.id;
    shown.billing_mode_summary = aws::dynamodb::BillingModeSummary{.billing_mode = "PAY_PER_REQUEST"};
    if (table.encrypted || (table.encryption_busy && call.now < table.busy_until)) {
        auto& encryption = shown.sse_description.emplace();
        encryption.status = call.now >= table.busy_until || !table.encryption_busy ? "ENABLED"
                            : table.encrypted                                      ? "UPDATING"
                                                                                   : "DISABLING";
        encryption.sse_type = "KMS";
        if (table.encrypted) encryption.kms_master_key_arn = table.key;
    }
    shown.deletion_protection_enabled = table.deletion_protected;
    return shown;
}

void add_dynamodb_tables(Handlers& handlers) {
    handlers.add<dynamodb::CreateTableRequest>(
        {"TableName", "AttributeDefinitions", "KeySchema", "BillingMode", "DeletionProtectionEnabled",
         "SSESpecification", "Tags"},
        needs_create, create_table);
    handlers.add<dynamodb::ListTablesRequest>({"ExclusiveStartTableName", "Limit"}, needs_list, list_tables);
    handlers.add<dynamodb::DescribeTableRequest>({"TableName"}, needs_table, describe_table);
    handlers.add<dynamodb::DeleteTableRequest>({"TableName"}, needs_table, delete_table);
    handlers.add<dynamodb::UpdateTimeToLiveRequest>({"TableName", "TimeToLiveSpecification"}, needs_table,
                                                    update_expiry);
    handlers.add<dynamodb::DescribeTimeToLiveRequest>({"TableName"}, needs_table, describe_expiry);
}

}  // namespace k3fleet::simcloud
