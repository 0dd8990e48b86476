// AWS::KMS::Key and AWS::KMS::Alias. A deleted key stays for at least seven days and comes back when it is
// made again: with it comes what it has encrypted.
#include <algorithm>

#include "adapters/aws/resources/documents.h"
#include "adapters/aws/resources/kinds_known.h"
#include "aws/gen/kms.h"
#include "aws/gen/resourcegroupstaggingapi.h"
#include "base/json.h"
#include "base/text.h"

namespace k3fleet::resources {

namespace kms = aws::kms;

namespace {

constexpr int kDaysKept = 7;

Value of(const std::string& key) { return Value::object({{"KeyId", key}}); }

Result<Tags> tags_of_key(Context& context, const std::string& key) {
    return tags_of(Value::array(K3F_TRY(ask_all<kms::ListResourceTagsRequest>(context, of(key), "Tags"))));
}

Result<std::optional<Observed>> observe(Context& context, const std::string& id) {
    const auto answer = K3F_TRY(look<kms::DescribeKeyRequest>(context, of(id)));
    if (!answer) return std::optional<Observed>();
    const Value key = at(*answer, "KeyMetadata");
    Observed observed;
    observed.physical_id = key.string_at("KeyId");
    observed.attributes = take(key, {"Arn", "KeyId"});
    observed.properties = take(key, {"KeySpec", "KeyUsage", "MultiRegion"});
    const Value policy = K3F_TRY(
        ask<kms::GetKeyPolicyRequest>(context, of(observed.physical_id).set("PolicyName", "default")));
    observed.properties.set("KeyPolicy", read_document(policy.string_at("Policy")));
    observed.tags = K3F_TRY(tags_of_key(context, observed.physical_id));
    observed.created_at = time_at(key, "CreationDate");
    if (key.string_at("KeyState") == "PendingDeletion") {
        observed.kept_until = time_at(key, "DeletionDate");
        return std::optional(std::move(observed));  // Its rotation cannot be asked for now.
    }
    const Value rotation = K3F_TRY(ask<kms::GetKeyRotationStatusRequest>(context, of(observed.physical_id)));
    observed.properties.set("EnableKeyRotation", at(rotation, "KeyRotationEnabled").as_bool() == true);
    observed.properties.set("Enabled", key.string_at("KeyState") == "Enabled");
    return std::optional(std::move(observed));
}

// KMS itself finds no key by its tags. One in use goes before one that is pending deletion.
Result<std::optional<Observed>> find(Context& context, const Resource& resource) {
    Value filters = Value::array();
    for (const auto key : {model::names::kProjectTag, model::names::kClusterTag, model::names::kLogicalTag}) {
        const std::string value =
            key == model::names::kLogicalTag ? resource.id.str() : tag_of(resource.tags, key);
        if (!value.empty()) filters.push(Value::object({{"Key", key}, {"Values", Value::array({value})}}));
    }
    const auto found = K3F_TRY(ask_all<aws::resourcegroupstaggingapi::GetResourcesRequest>(
        context, Value::object({{"TagFilters", filters}, {"ResourceTypeFilters", Value::array({"kms:key"})}}),
        "ResourceTagMappingList"));
    std::optional<Observed> kept;
    for (const Value& one : found) {
        auto observed = K3F_TRY(observe(context, last_part(one.string_at("ResourceARN"))));
        if (observed && !observed->kept_until) return observed;
        if (observed) kept = std::move(observed);
    }
    return kept;
}

Status set_rotation(Context& context, const Observed& observed, const Resource& resource) {
    const bool wanted = at(resource.properties, "EnableKeyRotation").as_bool() == true;
    if (!wanted || at(observed.properties, "EnableKeyRotation").as_bool() == true) return {};
    return tell<kms::EnableKeyRotationRequest>(context, of(observed.physical_id));
}

Result<std::string> create(Context& context, const Resource& resource, const std::string& token) {
    static_cast<void>(token);  // AWS takes none here.
    Value request = take(resource.properties, {"Description", "KeySpec", "KeyUsage", "MultiRegion"});
    if (const Value policy = at(resource.properties, "KeyPolicy"); !policy.is_null())
        request.set("Policy", json::write(policy));
    request.set("Tags", tag_list(resource.tags, "TagKey", "TagValue"));
    const Value made = K3F_TRY(ask<kms::CreateKeyRequest>(context, request));
    Observed fresh;
    fresh.physical_id = made.string_at("KeyMetadata.KeyId");
    K3F_TRY(set_rotation(context, fresh, resource));
    return fresh.physical_id;
}

Status update(Context& context, const Observed& observed, const Resource& resource) {
    if (const Tags tags = tags_to_set(observed, resource); !tags.empty())
        K3F_TRY(tell<kms::TagResourceRequest>(
            context, of(observed.physical_id).set("Tags", tag_list(tags, "TagKey", "TagValue"))));
    if (differs(observed, resource, "KeyPolicy")) {
        Value request = of(observed.physical_id);
        request.set("PolicyName", "default");
        request.set("Policy", json::write(at(resource.properties, "KeyPolicy")));
        K3F_TRY(tell<kms::PutKeyPolicyRequest>(context, request));
    }
    return set_rotation(context, observed, resource);
}

Result<Removal> remove(Context& context, const Observed& observed) {
    const auto now = K3F_TRY(look<kms::DescribeKeyRequest>(context, of(observed.physical_id)));
    if (!now) return Removal{};
    std::optional<Timestamp> until = time_at(*now, "KeyMetadata.DeletionDate");
    if (!until) {
        const Value done = K3F_TRY(ask<kms::ScheduleKeyDeletionRequest>(
            context, of(observed.physical_id).set("PendingWindowInDays", kDaysKept)));
        until = time_at(done, "DeletionDate");
    }
    return Removal{.state = Removal::State::Kept, .waiting_for = "", .until = until};
}

Status restore(Context& context, const Observed& observed) {
    K3F_TRY(tell<kms::CancelKeyDeletionRequest>(context, of(observed.physical_id)));
    return tell<kms::EnableKeyRequest>(context, of(observed.physical_id));
}

// Aliases. They have no tags: whose they are, the key says that they name.

Result<std::optional<Observed>> observe_alias(Context& context, const std::string& name) {
    const auto aliases = K3F_TRY(ask_all<kms::ListAliasesRequest>(context, Value::object(), "Aliases"));
    const auto alias =
        std::ranges::find_if(aliases, [&](const Value& one) { return one.string_at("AliasName") == name; });
    if (alias == aliases.end()) return std::optional<Observed>();
    const std::string target = alias->string_at("TargetKeyId");
    const Tags tags = K3F_TRY(tags_of_key(context, target));
    if (tag_of(tags, model::names::kProjectTag) != context.scope.project.str())
        return fail(ErrorCode::Conflict,
                    format("{} exists already and names key {}, which is not of this project; delete the "
                           "alias, or give the key the tags of this project if it is yours",
                           name, target));
    Observed observed;
    observed.physical_id = name;
    observed.properties = Value::object({{"AliasName", name}, {"TargetKeyId", target}});
    return std::optional(std::move(observed));
}

// A key may be named by its ARN.
Result<std::optional<Observed>> find_alias(Context& context, const Resource& resource) {
    auto observed = K3F_TRY(observe_alias(context, text(resource, "AliasName")));
    const std::string wanted = text(resource, "TargetKeyId");
    if (observed && last_part(wanted) == observed->properties.string_at("TargetKeyId"))
        observed->properties.set("TargetKeyId", wanted);
    return observed;
}

Result<std::string> create_alias(Context& context, const Resource& resource, const std::string& token) {
    static_cast<void>(token);  // A second alias of that name is refused.
    K3F_TRY(tell<kms::CreateAliasRequest>(context, take(resource.properties, {"AliasName", "TargetKeyId"})));
    return text(resource, "AliasName");
}

Status update_alias(Context& context, const Observed& observed, const Resource& resource) {
    if (!differs(observed, resource, "TargetKeyId")) return {};
    return tell<kms::UpdateAliasRequest>(context, take(resource.properties, {"AliasName", "TargetKeyId"}));
}

Result<Removal> remove_alias(Context& context, const Observed& observed) {
    return removed(
        tell<kms::DeleteAliasRequest>(context, Value::object({{"AliasName", observed.physical_id}})));
}

}  // namespace

constinit const Implementation kKey = {
    .type = "AWS::KMS::Key",
    .observe = observe,
    .find = find,
    .create = create,
    .update = update,
    .remove = remove,
    .restore = restore,
};

constinit const Implementation kAlias = {
    .type = "AWS::KMS::Alias",
    .observe = observe_alias,
    .find = find_alias,
    .create = create_alias,
    .update = update_alias,
    .remove = remove_alias,
};

}  // namespace k3fleet::resources
