// KMS: aliases, how keys are found, and what other services see of them.
//
// https://docs.aws.amazon.com/kms/latest/developerguide/kms-alias.html
#include <algorithm>
#include <array>

#include "adapters/simcloud/aws/kms_common.h"
#include "adapters/simcloud/aws/resource_policy.h"
#include "adapters/simcloud/aws/service_common.h"
#include "adapters/simcloud/aws/tags.h"
#include "adapters/simcloud/engine.h"
#include "base/text.h"

namespace k3fleet::simcloud {
namespace {

constexpr std::size_t kPage = 50;
constexpr std::int32_t kMostAsked = 100;
constexpr std::size_t kShortPage = 2;
constexpr std::string_view kAwsOwn = "alias/aws/";
// Of the services that are used here; AWS makes the key when the service is first used.
constexpr std::array<std::string_view, 8> kAwsServices = {"dynamodb",       "ebs", "lambda", "s3",
                                                          "secretsmanager", "sns", "sqs",    "ssm"};

std::string aws_key_id(const Call& call, std::string_view service) {
    return make_uuid(call, "kms-aws-key", format("{}/{}", call.account.region, service));
}

// "alias/shop" of a name or an ARN; empty: it is no alias.
std::string alias_in(const Call& call, std::string_view name) {
    const std::string ours = call.arn("kms", "");
    if (name.starts_with(ours)) name.remove_prefix(ours.size());
    return name.starts_with("alias/") ? std::string(name) : std::string();
}

// The id that a name stands for; empty: an alias that is not there.
std::string id_of(const Call& call, std::string_view name) {
    const std::string alias = alias_in(call, name);
    if (alias.empty()) {
        const std::string ours = call.arn("kms", "key/");
        return std::string(name.starts_with(ours) ? name.substr(ours.size()) : name);
    }
    for (const std::string_view service : kAwsServices)
        if (alias == format("{}{}", kAwsOwn, service)) return aws_key_id(call, service);
    const auto found = call.account.keys.aliases.find(alias);
    return found == call.account.keys.aliases.end() ? std::string() : found->second.key;
}

const KmsKey* living_key(const Call& call, const std::string& id) {
    const auto found = call.account.keys.keys.find(id);
    if (found == call.account.keys.keys.end()) return nullptr;
    return found->second.gone_at && *found->second.gone_at <= call.now ? nullptr : &found->second;
}

Status check_alias(const std::string& name) {
    const auto allowed = [](char c) { return is_letter_or_digit(c) || c == '/' || c == '_' || c == '-'; };
    if (!name.starts_with("alias/") || name.size() <= 6)
        return refuse("ValidationException", "Invalid identifier");
    if (name.size() > 256 || !std::ranges::all_of(name, allowed))
        return refuse("ValidationException",
                      format("1 validation error detected: Value '{}' at 'aliasName' failed to satisfy "
                             "constraint: Member must satisfy regular expression pattern: "
                             "^[a-zA-Z0-9:/_-]+$",
                             name));
    if (name.starts_with(kAwsOwn))
        return refuse("NotAuthorizedException", format("{} is reserved for AWS", name));
    return {};
}

std::unexpected<Error> no_alias(const Call& call, const std::string& name) {
    return refuse("NotFoundException", format("Alias {} is not found.", call.arn("kms", name)));
}

// Changing an alias takes the right on it and on each key that it names, before and after.
Status needs_alias(const Call& call, const std::string& alias, const std::vector<std::string>& keys,
                   Needs& needs) {
    const std::string action = format("kms:{}", call.operation.name);
    needs.add(action, call.arn("kms", alias));
    for (const std::string& key : keys) needs.add(action, named_key(call, key), key_context(call, key));
    return {};
}

std::vector<std::string> target_of(const Call& call, const std::string& alias) {
    const auto found = call.account.keys.aliases.find(alias);
    if (found == call.account.keys.aliases.end()) return {};
    return {found->second.key};
}

Status needs_create(const Call& call, const kms::CreateAliasRequest& request, Needs& needs) {
    return needs_alias(call, *request.alias_name, {*request.target_key_id}, needs);
}
Status needs_update(const Call& call, const kms::UpdateAliasRequest& request, Needs& needs) {
    std::vector<std::string> keys = target_of(call, *request.alias_name);
    keys.push_back(*request.target_key_id);
    return needs_alias(call, *request.alias_name, keys, needs);
}
Status needs_delete(const Call& call, const kms::DeleteAliasRequest& request, Needs& needs) {
    return needs_alias(call, *request.alias_name, target_of(call, *request.alias_name), needs);
}
Status needs_list(const Call&, const kms::ListAliasesRequest&, Needs& needs) {
    needs.add("kms:ListAliases", "*");
    return {};
}

Result<KmsKey*> find_target(Call& call, const std::optional<std::string>& name) {
    KmsKey* key = K3F_TRY(find_key(call, name));
    if (!key->gone_at) return key;
    return refuse("KMSInvalidStateException", format("{} is pending deletion.", key_arn(call, key->id)));
}

Result<kms::CreateAliasResponse> create(Call& call, const kms::CreateAliasRequest& request) {
    const std::string& name = *request.alias_name;
    K3F_TRY(check_alias(name));
    const KmsKey& key = *K3F_TRY(find_target(call, request.target_key_id));
    KmsAlias alias{.name = name, .key = key.id, .created_at = call.now, .updated_at = call.now};
    if (!call.account.keys.aliases.emplace(name, std::move(alias)).second)
        return refuse("AlreadyExistsException",
                      format("An alias with the name {} already exists", call.arn("kms", name)));
    return kms::CreateAliasResponse{};
}

Result<kms::UpdateAliasResponse> update(Call& call, const kms::UpdateAliasRequest& request) {
    forget_gone_keys(call);
    const auto alias = call.account.keys.aliases.find(*request.alias_name);
    if (alias == call.account.keys.aliases.end()) return no_alias(call, *request.alias_name);
    alias->second.key = K3F_TRY(find_target(call, request.target_key_id))->id;
    alias->second.updated_at = call.now;
    return kms::UpdateAliasResponse{};
}

Result<kms::DeleteAliasResponse> remove(Call& call, const kms::DeleteAliasRequest& request) {
    forget_gone_keys(call);
    if (call.account.keys.aliases.erase(*request.alias_name) == 0) return no_alias(call, *request.alias_name);
    return kms::DeleteAliasResponse{};
}

Result<kms::ListAliasesResponse> list(Call& call, const kms::ListAliasesRequest& request) {
    forget_gone_keys(call);
    std::vector<std::pair<std::string, kms::AliasListEntry>> all;
    const auto add = [&](const std::string& name, const std::string& key) -> kms::AliasListEntry& {
        all.emplace_back(name,
                         kms::AliasListEntry{
                             .alias_name = name, .alias_arn = call.arn("kms", name), .target_key_id = key});
        return all.back().second;
    };
    for (const std::string_view service : kAwsServices)
        add(format("{}{}", kAwsOwn, service), aws_key_id(call, service));
    for (const auto& [name, alias] : call.account.keys.aliases) {
        kms::AliasListEntry& entry = add(name, alias.key);
        entry.creation_date = alias.created_at;
        entry.last_updated_date = alias.updated_at;
    }
    std::ranges::sort(all, {}, [](const auto& entry) { return entry.first; });
    kms::ListAliasesResponse answer;
    K3F_TRY(put_page(call, request, std::move(all), answer.aliases, answer));
    return answer;
}

}  // namespace

std::string key_arn(const Call& call, std::string_view id) { return call.arn("kms", format("key/{}", id)); }

std::string make_key_id(Call& call) {
    return make_uuid(call, "kms-key", format("{}/{}", call.account.region, ++call.account.keys.made));
}

void forget_gone_keys(Call& call) {
    KeysState& state = call.account.keys;
    std::erase_if(state.keys, [&](const auto& entry) {
        return entry.second.gone_at && *entry.second.gone_at <= call.now;
    });
    std::erase_if(state.aliases, [&](const auto& entry) { return !state.keys.contains(entry.second.key); });
}

std::unexpected<Error> no_key(const Call& call, std::string_view name) {
    const std::string alias = alias_in(call, name);
    if (!alias.empty()) return no_alias(call, alias);
    return refuse("NotFoundException", format("Key '{}' does not exist", key_arn(call, id_of(call, name))));
}

Result<KmsKey*> find_key(Call& call, const std::optional<std::string>& name) {
    forget_gone_keys(call);
    const std::string id = alias_in(call, name.value_or("")).empty() ? id_of(call, name.value_or("")) : "";
    if (id.empty()) return refuse("NotFoundException", format("Invalid keyId '{}'", name.value_or("")));
    const auto found = call.account.keys.keys.find(id);
    if (found == call.account.keys.keys.end()) return no_key(call, *name);
    return &found->second;
}

std::string named_key(const Call& call, const std::optional<std::string>& name) {
    return key_arn(call, id_of(call, name.value_or("")));
}

iam::Context key_context(const Call& call, const std::optional<std::string>& name) {
    iam::Context context{{"kms:CallerAccount", {call.account.number}}};
    if (const std::string alias = alias_in(call, name.value_or("")); !alias.empty())
        context.set("kms:RequestAlias", {alias});
    const KmsKey* key = living_key(call, id_of(call, name.value_or("")));
    if (key == nullptr) return context;
    set_resource_tags(context, key->tags);
    return context;
}

Result<std::size_t> page_limit(const Call& call, const std::optional<std::int32_t>& limit) {
    if (limit && (*limit < 1 || *limit > kMostAsked))
        return refuse("ValidationException", format("Limit is 1 to {}", kMostAsked));
    std::size_t size = limit ? static_cast<std::size_t>(*limit) : kPage;
    if (call.engine.suffers(FaultKind::ShortPages, "")) size = std::min(size, kShortPage);
    return size;
}

KeySeen key_for(const Call& call, std::string_view name) {
    const std::string id = id_of(call, name);
    if (const KmsKey* key = living_key(call, id)) {
        using enum KeySeen::As;
        return {.as = key->gone_at   ? PendingDeletion
                      : key->enabled ? Usable
                                     : Disabled,
                .arn = key_arn(call, id),
                .key = key};
    }
    for (const std::string_view service : kAwsServices)
        if (id == aws_key_id(call, service)) return {.as = KeySeen::As::Usable, .arn = key_arn(call, id)};
    return {};
}

bool key_lets_in(const Call& call, const KeySeen& key, std::string_view service, std::string_view action,
                 const iam::Context& context) {
    if (key.as == KeySeen::As::Missing) return false;
    if (key.key == nullptr) {
        const auto own = [&](std::string_view name) {
            return service.starts_with(format("{}.", name)) &&
                   key.arn == key_arn(call, aws_key_id(call, name));
        };
        return std::ranges::any_of(kAwsServices, own);
    }
    const auto policy = ResourcePolicy::parse(key.key->policy, ResourcePolicy::On::Resources);
    iam::Request request{.action = std::string(action), .resource = key.arn, .context = context};
    return policy && policy->allows({"Service", std::string(service)}, request);
}

void add_key_aliases(Handlers& handlers) {
    handlers.add<kms::CreateAliasRequest>({"AliasName", "TargetKeyId"}, needs_create, create);
    handlers.add<kms::UpdateAliasRequest>({"AliasName", "TargetKeyId"}, needs_update, update);
    handlers.add<kms::DeleteAliasRequest>({"AliasName"}, needs_delete, remove);
    handlers.add<kms::ListAliasesRequest>({"Limit", "Marker"}, needs_list, list);
}

}  // namespace k3fleet::simcloud
