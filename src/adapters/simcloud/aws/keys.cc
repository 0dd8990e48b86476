// KMS: customer keys with their policies, and how they go. Aliases are in key_aliases.cc.
//
// https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html
#include "adapters/simcloud/aws/keys.h"

#include <chrono>

#include "adapters/simcloud/aws/kms_common.h"
#include "adapters/simcloud/aws/resource_policy.h"
#include "adapters/simcloud/aws/roles.h"
#include "adapters/simcloud/aws/tags.h"
#include "base/json.h"
#include "base/text.h"

namespace k3fleet::simcloud {
namespace {

using std::chrono::days;

constexpr std::size_t kMaxPolicy = 32'768;
constexpr std::int32_t kWindow = 30;  // Days, unless another number is given.

std::unexpected<Error> malformed(std::string message) {
    return refuse("MalformedPolicyDocumentException", std::move(message));
}

std::unexpected<Error> pending(const Call& call, const KmsKey& key) {
    return refuse("KMSInvalidStateException", format("{} is pending deletion.", key_arn(call, key.id)));
}

Tags read_tags(const aws::List<kms::Tag>& given) {
    Tags tags;
    for (const kms::Tag& tag : given) tags[tag.tag_key.value_or("")] = tag.tag_value.value_or("");
    return tags;
}

Status add_given_tags(const Call& call, const aws::List<kms::Tag>& given, KmsKey& key) {
    Tags tags = read_tags(given);
    if (tags.size() != given.size()) return refuse("TagException", "A tag's key is given twice");
    if (too_many_tags(tags, key.tags)) return refuse("LimitExceededException", wrong_tags(tags, key.tags));
    if (const std::string wrong = wrong_tags(tags); !wrong.empty()) return refuse("TagException", wrong);
    for (const auto& [name, value] : tags)
        if (!is_tag_text(name) || !is_tag_text(value))
            return refuse("TagException", format("The tag '{}' has characters that tags do not take", name));
    tags.merge(key.tags);
    key.tags = std::move(tags);
    key.tagged_at = call.now;
    return {};
}

// Everybody it names must be there, and whoever sets it must be able to set it again.
Status check_policy(const Call& call, const std::string& text, const std::string& id) {
    if (text.size() > kMaxPolicy)
        return refuse("LimitExceededException",
                      format("The size of the key policy exceeds {} bytes.", kMaxPolicy));
    const auto policy = ResourcePolicy::parse(text, ResourcePolicy::On::Resources);
    if (!policy) return malformed(policy.error().describe());
    for (const PolicyPrincipal& named : policy->principals())
        if (!is_principal(call, named.type, named.id))
            return malformed("Policy contains a statement with one or more invalid principals.");
    const iam::Request again{.action = "kms:PutKeyPolicy",
                             .resource = key_arn(call, id),
                             .context = {{"kms:CallerAccount", {call.account.number}}}};
    if (policy->allows({"AWS", call.caller}, again)) return {};
    return malformed("The new key policy will not allow you to update the key policy in the future.");
}

std::string usual_policy(const Call& call) {
    const Value statement = Value::object(
        {{"Sid", "Enable IAM User Permissions"},
         {"Effect", "Allow"},
         {"Principal", Value::object({{"AWS", format("arn:aws:iam::{}:root", call.account.number)}})},
         {"Action", "kms:*"},
         {"Resource", "*"}});
    return json::write(Value::object(
        {{"Version", "2012-10-17"}, {"Id", "key-default-1"}, {"Statement", Value::array({statement})}}));
}

kms::KeyMetadata show(const Call& call, const KmsKey& key) {
    kms::KeyMetadata shown{.aws_account_id = call.account.number, .key_id = key.id};
    shown.arn = key_arn(call, key.id);
    shown.creation_date = key.created_at;
    shown.enabled = key.enabled && !key.gone_at;
    shown.description = key.description;
    shown.key_usage = "ENCRYPT_DECRYPT";
    shown.key_state = key.gone_at ? "PendingDeletion" : key.enabled ? "Enabled" : "Disabled";
    shown.deletion_date = key.gone_at;
    shown.origin = "AWS_KMS";
    shown.key_manager = "CUSTOMER";
    shown.customer_master_key_spec = "SYMMETRIC_DEFAULT";
    shown.key_spec = "SYMMETRIC_DEFAULT";
    shown.encryption_algorithms = {"SYMMETRIC_DEFAULT"};
    shown.multi_region = false;
    return shown;
}

// A new key has no ARN and no tags yet: who gives it tags must be allowed to tag keys that have none (KMS
// developer guide, "Controlling access to tags").
Status needs_create(const Call& call, const kms::CreateKeyRequest& request, Needs& needs) {
    iam::Context context{{"kms:KeyOrigin", {"AWS_KMS"}},
                         {"kms:KeySpec", {"SYMMETRIC_DEFAULT"}},
                         {"kms:KeyUsage", {"ENCRYPT_DECRYPT"}},
                         {"kms:MultiRegion", {"false"}}};
    set_request_tags(context, read_tags(request.tags));
    if (!request.tags.empty()) needs.add("kms:TagResource", key_arn(call, "*"), context);
    needs.add("kms:CreateKey", "*", std::move(context));
    return {};
}

Result<kms::CreateKeyResponse> create(Call& call, const kms::CreateKeyRequest& request) {
    if (request.key_spec.value_or("SYMMETRIC_DEFAULT") != "SYMMETRIC_DEFAULT" ||
        request.key_usage.value_or("ENCRYPT_DECRYPT") != "ENCRYPT_DECRYPT" ||
        request.multi_region.value_or(false))
        return refuse("UnsupportedOperationException",
                      "Only symmetric keys of one region, to encrypt and decrypt, are simulated");
    KmsKey key{.id = make_key_id(call), .created_at = call.now};
    key.policy = request.policy.value_or(usual_policy(call));
    K3F_TRY(check_policy(call, key.policy, key.id));
    K3F_TRY(add_given_tags(call, request.tags, key));
    if (request.description.value_or("").size() > 8'192)
        return refuse("ValidationException", "A description has at most 8192 characters");
    key.description = request.description.value_or("");
    kms::CreateKeyResponse answer;
    answer.key_metadata.emplace() = show(call, key);
    call.account.keys.keys.emplace(key.id, std::move(key));
    return answer;
}

Result<kms::DescribeKeyResponse> describe(Call& call, const kms::DescribeKeyRequest& request) {
    forget_gone_keys(call);
    kms::DescribeKeyResponse answer;
    const KeySeen seen = key_for(call, *request.key_id);
    if (seen.key != nullptr) {
        answer.key_metadata.emplace() = show(call, *seen.key);
        return answer;
    }
    if (seen.as == KeySeen::As::Missing) return no_key(call, *request.key_id);
    const KmsKey of_aws{.id = seen.arn.substr(seen.arn.rfind('/') + 1), .created_at = {}};
    answer.key_metadata.emplace() = show(call, of_aws);
    answer.key_metadata->key_manager = "AWS";
    return answer;
}

Result<kms::GetKeyPolicyResponse> get_policy(Call& call, const kms::GetKeyPolicyRequest& request) {
    const KmsKey& key = *K3F_TRY(find_key(call, request.key_id));
    if (request.policy_name.value_or("default") != "default")
        return refuse("NotFoundException", format("No such policy exists: {}", *request.policy_name));
    return kms::GetKeyPolicyResponse{.policy = key.policy, .policy_name = "default"};
}

Result<kms::PutKeyPolicyResponse> put_policy(Call& call, const kms::PutKeyPolicyRequest& request) {
    KmsKey& key = *K3F_TRY(find_key(call, request.key_id));
    if (request.policy_name.value_or("default") != "default")
        return refuse("ValidationException", "The name of a key's policy is default");
    K3F_TRY(check_policy(call, *request.policy, key.id));
    key.policy = *request.policy;
    return kms::PutKeyPolicyResponse{};
}

Result<kms::EnableKeyResponse> enable(Call& call, const kms::EnableKeyRequest& request) {
    KmsKey& key = *K3F_TRY(find_key(call, request.key_id));
    if (key.gone_at) return pending(call, key);
    key.enabled = true;
    return kms::EnableKeyResponse{};
}

Result<kms::EnableKeyRotationResponse> rotate(Call& call, const kms::EnableKeyRotationRequest& request) {
    KmsKey& key = *K3F_TRY(find_key(call, request.key_id));
    if (key.gone_at) return pending(call, key);
    if (!key.enabled) return refuse("DisabledException", format("{} is disabled.", key_arn(call, key.id)));
    key.rotates = true;
    return kms::EnableKeyRotationResponse{};
}

Result<kms::GetKeyRotationStatusResponse> rotation(Call& call,
                                                   const kms::GetKeyRotationStatusRequest& request) {
    const KmsKey& key = *K3F_TRY(find_key(call, request.key_id));
    if (key.gone_at) return pending(call, key);
    kms::GetKeyRotationStatusResponse answer{.key_rotation_enabled = key.rotates,
                                             .key_id = key_arn(call, key.id)};
    if (key.rotates) answer.rotation_period_in_days = 365;
    return answer;
}

Status needs_delete(const Call& call, const kms::ScheduleKeyDeletionRequest& request, Needs& needs) {
    iam::Context context = key_context(call, request.key_id);
    context.set("kms:ScheduleKeyDeletionPendingWindowInDays",
                {std::to_string(request.pending_window_in_days.value_or(kWindow))});
    needs.add("kms:ScheduleKeyDeletion", named_key(call, request.key_id), std::move(context));
    return {};
}

Result<kms::ScheduleKeyDeletionResponse> schedule_deletion(Call& call,
                                                           const kms::ScheduleKeyDeletionRequest& request) {
    const std::int32_t window = request.pending_window_in_days.value_or(kWindow);
    if (window < 7 || window > kWindow)
        return refuse("ValidationException", "PendingWindowInDays is 7 to 30");
    KmsKey& key = *K3F_TRY(find_key(call, request.key_id));
    if (key.gone_at) return pending(call, key);
    key.gone_at = call.now + days{window};
    kms::ScheduleKeyDeletionResponse answer{.key_id = key_arn(call, key.id)};
    answer.deletion_date = *key.gone_at;
    answer.key_state = "PendingDeletion";
    answer.pending_window_in_days = window;
    return answer;
}

// It is there again and disabled.
Result<kms::CancelKeyDeletionResponse> cancel_deletion(Call& call,
                                                       const kms::CancelKeyDeletionRequest& request) {
    KmsKey& key = *K3F_TRY(find_key(call, request.key_id));
    if (!key.gone_at)
        return refuse("KMSInvalidStateException",
                      format("{} is not pending deletion.", key_arn(call, key.id)));
    key.gone_at.reset();
    key.enabled = false;
    return kms::CancelKeyDeletionResponse{.key_id = key_arn(call, key.id)};
}

Status needs_tags(const Call& call, const kms::TagResourceRequest& request, Needs& needs) {
    iam::Context context = key_context(call, request.key_id);
    set_request_tags(context, read_tags(request.tags));
    needs.add("kms:TagResource", named_key(call, request.key_id), std::move(context));
    return {};
}

Result<kms::TagResourceResponse> tag(Call& call, const kms::TagResourceRequest& request) {
    KmsKey& key = *K3F_TRY(find_key(call, request.key_id));
    if (key.gone_at) return pending(call, key);
    K3F_TRY(add_given_tags(call, request.tags, key));
    return kms::TagResourceResponse{};
}

Result<kms::ListResourceTagsResponse> list_tags(Call& call, const kms::ListResourceTagsRequest& request) {
    const KmsKey& key = *K3F_TRY(find_key(call, request.key_id));
    std::vector<std::pair<std::string, kms::Tag>> all;
    for (const auto& [name, value] : key.tags)
        all.emplace_back(name, kms::Tag{.tag_key = name, .tag_value = value});
    kms::ListResourceTagsResponse answer;
    K3F_TRY(put_page(call, request, std::move(all), answer.tags, answer));
    return answer;
}

}  // namespace

TaggedThings tagged_keys(const Account& account) {
    TaggedThings all;
    for (const auto& [id, key] : account.keys.keys)
        if (!key.tags.empty())
            all.push_back(
                {.arn = arn_in(account, "kms", "key/" + id), .tags = key.tags, .since = key.tagged_at});
    return all;
}

void add_keys(Handlers& handlers) {
    handlers.add<kms::CreateKeyRequest>(
        {"Description", "KeySpec", "KeyUsage", "MultiRegion", "Policy", "Tags"}, needs_create, create);
    handlers.add<kms::DescribeKeyRequest>({"KeyId"}, needs_key, describe);
    handlers.add<kms::GetKeyPolicyRequest>({"KeyId", "PolicyName"}, needs_key, get_policy);
    handlers.add<kms::PutKeyPolicyRequest>({"KeyId", "PolicyName", "Policy"}, needs_key, put_policy);
    handlers.add<kms::EnableKeyRequest>({"KeyId"}, needs_key, enable);
    handlers.add<kms::EnableKeyRotationRequest>({"KeyId"}, needs_key, rotate);
    handlers.add<kms::GetKeyRotationStatusRequest>({"KeyId"}, needs_key, rotation);
    handlers.add<kms::ScheduleKeyDeletionRequest>({"KeyId", "PendingWindowInDays"}, needs_delete,
                                                  schedule_deletion);
    handlers.add<kms::CancelKeyDeletionRequest>({"KeyId"}, needs_key, cancel_deletion);
    handlers.add<kms::TagResourceRequest>({"KeyId", "Tags"}, needs_tags, tag);
    handlers.add<kms::ListResourceTagsRequest>({"KeyId", "Limit", "Marker"}, needs_key, list_tags);
    add_key_aliases(handlers);
}

}  // namespace k3fleet::simcloud
