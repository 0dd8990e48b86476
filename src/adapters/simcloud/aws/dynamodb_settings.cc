// DynamoDB: what a table can be changed in (protection, encryption, recovery), and its tags.
//
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateTable.html and
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateContinuousBackups.html
#include <algorithm>
#include <optional>

#include "adapters/simcloud/aws/dynamodb_items.h"
#include "adapters/simcloud/aws/tags.h"
#include "base/text.h"

namespace k3fleet::simcloud {
namespace {

namespace dynamodb = aws::dynamodb;
using std::chrono::days;
using std::chrono::seconds;

// Assumptions: AWS says "a few minutes" of encryption at most, and nothing of the rest.
constexpr Duration kEncryptionTakes = seconds{40};
constexpr Duration kUpdateTakes = seconds{3};
constexpr std::int64_t kMostDays = 35;

std::unexpected<Error> invalid(std::string message) {
    return refuse("ValidationException", std::move(message));
}

template <typename Request>
Status needs_table(const Call& call, const Request& request, Needs& needs) {
    needs.add(format("dynamodb:{}", call.operation.name), table_arn(call, request.table_name.value_or("")));
    return {};
}

Result<dynamodb::UpdateTableResponse> update_table(Call& call, const dynamodb::UpdateTableRequest& request) {
    const auto& protect = request.deletion_protection_enabled;
    const int asked = int(request.billing_mode.has_value()) + int(protect.has_value()) +
                      int(request.sse_specification.has_value());
    if (asked == 0) return invalid("At least one of the table's settings is required");
    if (asked > 1)
        return refuse("InvalidParameterCombination", "several changes of one UpdateTable are not simulated");
    if (request.billing_mode.value_or("PAY_PER_REQUEST") != dynamodb::billing_mode::kPayPerRequest)
        return refuse("InvalidParameterCombination",
                      "BillingMode PROVISIONED of UpdateTable is not simulated");
    DynamoTable& table = *K3F_TRY(find_changeable(call, request.table_name));
    if (request.sse_specification) {
        const bool was = table.encrypted;
        const std::string key = table.key;
        K3F_TRY(set_encryption(call, table, *request.sse_specification));
        if (was && table.encrypted && table.key == key)
            return invalid(
                "One or more parameter values were invalid: Table is already encrypted by given "
                "KMSMasterKey");
    }
    if (protect) table.deletion_protected = *protect;
    table.encryption_busy = request.sse_specification.has_value();
    table.busy_until = call.now + (table.encryption_busy ? kEncryptionTakes : kUpdateTakes);
    return dynamodb::UpdateTableResponse{.table_description = described(call, table)};
}

dynamodb::ContinuousBackupsDescription backups_of(const Call& call, const DynamoTable& table) {
    dynamodb::ContinuousBackupsDescription shown{.continuous_backups_status = "ENABLED"};
    auto& recovery = shown.point_in_time_recovery_description.emplace();
    recovery.point_in_time_recovery_status = table.recovery_days > 0 ? "ENABLED" : "DISABLED";
    if (table.recovery_days == 0) return shown;
    recovery.recovery_period_in_days = static_cast<std::int32_t>(table.recovery_days);
    recovery.earliest_restorable_date_time =
        std::max(table.recoverable_since, Timestamp{call.now - days{table.recovery_days}});
    recovery.latest_restorable_date_time =
        std::max(table.recoverable_since, call.now - std::chrono::minutes{5});
    return shown;
}

// These two have a code of their own for a table that is not there.
Result<DynamoTable*> find_backed_up(Call& call, const std::optional<std::string>& name) {
    auto found = find_described(call, name);
    if (!found || (*found)->gone_at)
        return refuse("TableNotFoundException", format("Table not found: {}", name.value_or("")));
    return found;
}

Result<dynamodb::DescribeContinuousBackupsResponse> describe_backups(
    Call& call, const dynamodb::DescribeContinuousBackupsRequest& request) {
    const DynamoTable& table = *K3F_TRY(find_backed_up(call, request.table_name));
    return dynamodb::DescribeContinuousBackupsResponse{.continuous_backups_description =
                                                           backups_of(call, table)};
}

Result<dynamodb::UpdateContinuousBackupsResponse> update_backups(
    Call& call, const dynamodb::UpdateContinuousBackupsRequest& request) {
    DynamoTable& table = *K3F_TRY(find_backed_up(call, request.table_name));
    const auto& wanted = *request.point_in_time_recovery_specification;
    if (!wanted.point_in_time_recovery_enabled)
        return invalid("PointInTimeRecoverySpecification needs PointInTimeRecoveryEnabled");
    const bool on = *wanted.point_in_time_recovery_enabled;
    const std::int64_t kept = wanted.recovery_period_in_days.value_or(kMostDays);
    if (kept < 1 || kept > kMostDays || (!on && wanted.recovery_period_in_days))
        return invalid(format("RecoveryPeriodInDays is 1 to {} where recovery is on", kMostDays));
    if (call.now < table.backups_ready_at)
        return refuse("ContinuousBackupsUnavailableException",
                      format("Backups are being enabled for the table: {}. Please retry later", table.name));
    if (on && table.recovery_days == 0) table.recoverable_since = call.now;
    table.recovery_days = on ? kept : 0;
    return dynamodb::UpdateContinuousBackupsResponse{.continuous_backups_description =
                                                         backups_of(call, table)};
}

// Tags, by the ARN.

std::optional<std::string> name_in(const Call& call, const std::optional<std::string>& arn) {
    const std::string ours = table_arn(call, "");
    if (!arn.value_or("").starts_with(ours)) return std::nullopt;
    return arn->substr(ours.size());
}

Status needs_listing(const Call& call, const dynamodb::ListTagsOfResourceRequest& request, Needs& needs) {
    needs.add("dynamodb:ListTagsOfResource",
              table_arn(call, name_in(call, request.resource_arn).value_or("")));
    return {};
}

Status needs_tagging(const Call& call, const dynamodb::TagResourceRequest& request, Needs& needs) {
    iam::Context context;
    set_request_tags(context, tags_in(request.tags));
    needs.add("dynamodb:TagResource", table_arn(call, name_in(call, request.resource_arn).value_or("")),
              std::move(context));
    return {};
}

Result<DynamoTable*> find_by_arn(Call& call, const std::optional<std::string>& arn) {
    const auto name = name_in(call, arn);
    if (!name)
        return invalid(
            format("Invalid TableArn: Invalid ResourceArn provided as input {}", arn.value_or("")));
    auto found = find_described(call, name);
    if (!found)
        return refuse("ResourceNotFoundException",
                      format("Requested resource not found: ResourcArn: {} not found", *arn));
    return found;
}

// At most fifty: one page.
Result<dynamodb::ListTagsOfResourceResponse> list_tags(Call& call,
                                                       const dynamodb::ListTagsOfResourceRequest& request) {
    const DynamoTable& table = *K3F_TRY(find_by_arn(call, request.resource_arn));
    dynamodb::ListTagsOfResourceResponse answer;
    put_tags(table.tags, answer.tags);
    return answer;
}

Result<dynamodb::TagResourceResponse> tag(Call& call, const dynamodb::TagResourceRequest& request) {
    DynamoTable& table = *K3F_TRY(find_by_arn(call, request.resource_arn));
    K3F_TRY(find_changeable(call, table.name));
    if (repeats_key(request.tags)) return invalid("Duplicate keys are not allowed");
    const Tags added = tags_in(request.tags);
    if (const std::string wrong = wrong_tags(added, table.tags); !wrong.empty()) return invalid(wrong);
    for (const auto& [key, value] : added) table.tags[key] = value;
    table.tagged_at = call.now;
    return dynamodb::TagResourceResponse{};
}

}  // namespace

Status set_encryption(const Call& call, DynamoTable& table, const dynamodb::SSESpecification& wanted) {
    const std::string key = wanted.kms_master_key_id.value_or("");
    if (wanted.sse_type.value_or("KMS") != "KMS")
        return invalid("One or more parameter values were invalid: SSEType AES256 is not supported, use KMS");
    if (!wanted.enabled.value_or(false) && (wanted.sse_type || wanted.kms_master_key_id))
        return invalid(
            "One or more parameter values were invalid: SSEType and KMSMasterKeyId go with Enabled");
    table.encrypted = wanted.enabled.value_or(false);
    table.key.clear();
    if (!table.encrypted) return {};
    if (key.empty() || key == "alias/aws/dynamodb") {
        Prng random = call.dice("dynamodb-own-key", call.account.region);
        table.key = call.arn("kms", format("key/{:08x}-0000-4000-8000-{:012x}", random.next() >> 32,
                                           random.fork(1).next() >> 16));
        return {};
    }
    table.key =
        key.starts_with("arn:") ? key : call.arn("kms", (key.starts_with("alias/") ? "" : "key/") + key);
    return {};
}

TaggedThings tagged_tables(const Account& account) {
    TaggedThings all;
    for (const auto& [name, table] : account.dynamo.tables)
        all.push_back({.arn = arn_in(account, "dynamodb", "table/" + name),
                       .tags = table.tags,
                       .since = table.tagged_at});
    return all;
}

void add_dynamodb_settings(Handlers& handlers) {
    handlers.add<dynamodb::UpdateTableRequest>(
        {"TableName", "BillingMode", "DeletionProtectionEnabled", "SSESpecification"}, needs_table,
        update_table);
    handlers.add<dynamodb::DescribeContinuousBackupsRequest>({"TableName"}, needs_table, describe_backups);
    handlers.add<dynamodb::UpdateContinuousBackupsRequest>({"TableName", "PointInTimeRecoverySpecification"},
                                                           needs_table, update_backups);
    handlers.add<dynamodb::ListTagsOfResourceRequest>({"ResourceArn", "NextToken"}, needs_listing, list_tags);
    handlers.add<dynamodb::TagResourceRequest>({"ResourceArn", "Tags"}, needs_tagging, tag);
}

}  // namespace k3fleet::simcloud
