#include "adapters/simcloud/aws/iam_common.h"

#include <array>
#include <chrono>
#include <set>

#include "adapters/simcloud/aws/resource_policy.h"
#include "adapters/simcloud/aws/roles.h"
#include "adapters/simcloud/aws/tags.h"
#include "adapters/simcloud/engine.h"
#include "base/json.h"
#include "base/ranges.h"
#include "base/text.h"
#include "core/iam/policies.h"
#include "core/iam/principals.h"
#include "net/url.h"

namespace k3fleet::simcloud {
namespace {

constexpr std::size_t kTrustLimit = 2'048;
constexpr std::int32_t kMostItems = 1'000;
constexpr std::int32_t kItems = 100;
constexpr std::size_t kShortPage = 2;
constexpr std::string_view kSsmCore = "AmazonSSMManagedInstanceCore";

std::unexpected<Error> malformed(std::string message) {
    return refuse("MalformedPolicyDocument", std::move(message));
}

Status check_tag(const std::string& key, const std::string& value) {
    if (key.empty() || key.size() > 128 || !is_tag_text(key))
        return invalid_value(
            format("1 validation error detected: Value '{}' at 'tags.1.member.key' failed to satisfy "
                   "constraint: Member must satisfy regular expression pattern: "
                   "[\\p{{L}}\\p{{Z}}\\p{{N}}_.:/=+\\-@]+",
                   key));
    if (value.size() > 256 || !is_tag_text(value))
        return invalid_value(
            format("1 validation error detected: Value '{}' at 'tags.1.member.value' failed to satisfy "
                   "constraint: Member must satisfy regular expression pattern: "
                   "[\\p{{L}}\\p{{Z}}\\p{{N}}_.:/=+\\-@]*",
                   value));
    if (lower(key).starts_with("aws:"))
        return refuse("InvalidInput",
                      "Tag keys beginning with 'aws:' are reserved: only AWS can create or update them");
    return {};
}

// "arn:aws:s3:::bucket", or * alone.
Status check_resource(const std::string& text) {
    if (text == "*") return {};
    const std::vector<std::string> parts = split(text, ':');
    if (parts.size() < 2 || parts.front() != "arn")
        return malformed(format("Resource {} must be in ARN format or \"*\".", text));
    if (parts[1] != "aws" && parts[1] != "*")
        return malformed(format("Partition \"{}\" is not valid for resource \"{}\".", parts[1], text));
    if (parts.size() < 6) return malformed("The policy failed legacy parsing");
    return {};
}

Status check_statement(const Value& statement) {
    if (statement.find("Principal") != nullptr || statement.find("NotPrincipal") != nullptr)
        return malformed("Policy document should not specify a principal.");
    if (!std::ranges::all_of(statement.string_at("Sid"), is_letter_or_digit))
        return malformed(
            "Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular "
            "expression [0-9A-Za-z]*");
    for (const std::string_view key : {"Resource", "NotResource"}) {
        const Value* value = statement.find(key);
        if (value == nullptr) continue;
        const Value list = value->is_array() ? *value : Value::array({*value});
        for (const Value& one : list.items())
            if (const std::string* text = one.as_string()) K3F_TRY(check_resource(*text));
    }
    return {};
}

bool is_white(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

}  // namespace

std::unexpected<Error> no_such(std::string message) {
    return refuse("NoSuchEntity", std::move(message), 404);
}
std::unexpected<Error> invalid_value(std::string message) {
    return refuse("ValidationError", std::move(message));
}
std::unexpected<Error> in_use(std::string message) {
    return refuse("DeleteConflict", std::move(message), 409);
}
std::unexpected<Error> over_limit(std::string message) {
    return refuse("LimitExceeded", std::move(message), 409);
}

std::string iam_arn(const Call& call, std::string_view kind, std::string_view path, std::string_view name) {
    return format("arn:aws:iam::{}:{}{}{}", call.home.number, kind, path, name);
}

std::string iam_id(Call& call, std::string_view prefix) {
    constexpr std::string_view kLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    Prng random = call.dice("iam-id", format("{}/{}", prefix, ++call.home.roles.made));
    std::string id(prefix);
    while (id.size() < prefix.size() + 17) id += kLetters[random.below(kLetters.size())];
    return id;
}

Timestamp known_later(const Call& call, std::string_view what) {
    Prng random = call.dice("iam-known", what);
    return call.now + std::chrono::milliseconds{4'000 + static_cast<std::int64_t>(random.below(8'000))};
}

Status check_name(const std::string& name, std::string_view what, std::size_t longest) {
    const auto allowed = [](char c) {
        return is_letter_or_digit(c) || std::string_view("_+=,.@-").find(c) != std::string_view::npos;
    };
    if (name.empty() || !std::ranges::all_of(name, allowed))
        return invalid_value(
            format("The specified value for {} is invalid. It must contain only alphanumeric characters "
                   "and/or the following: +=,.@_-",
                   what));
    if (name.size() <= longest) return {};
    return invalid_value(
        format("1 validation error detected: Value '{}' at '{}' failed to satisfy constraint: Member must "
               "have length less than or equal to {}",
               name, what, longest));
}

Status check_path(const std::string& path) {
    const auto allowed = [](char c) { return c > 0x20 && c < 0x7f; };
    if (path.starts_with('/') && path.ends_with('/') && path.size() <= 512 &&
        std::ranges::all_of(path, allowed))
        return {};
    return invalid_value(
        "The specified value for path is invalid. It must begin and end with / and contain only "
        "alphanumeric characters and/or / characters.");
}

Status check_description(const std::optional<std::string>& text) {
    if (!text || text->size() <= 1'000) return {};
    return invalid_value(
        "1 validation error detected: Value at 'description' failed to satisfy constraint: Member must have "
        "length less than or equal to 1000");
}

Status check_identity_document(const std::string& text) {
    const auto policy = json::parse(text);
    if (!policy || !policy->is_object()) return malformed("This policy contains invalid Json");
    if (policy->string_at("Version") != "2012-10-17")
        return malformed("Policy document must be version 2012-10-17 or greater.");
    if (const Value* list = policy->find("Statement")) {
        const Value all = list->is_array() ? *list : Value::array({*list});
        if (all.items().empty()) return malformed("Syntax errors in policy.");
        for (const Value& statement : all.items()) K3F_TRY(check_statement(statement));
    }
    iam::IdentityPolicies policies;
    if (const Status read = policies.add("document", *policy); !read)
        return malformed(format("Syntax errors in policy. {}", read.error().describe()));
    return {};
}

Status check_trust_document(const Call& call, const std::string& text) {
    if (size_without_space(text) > kTrustLimit)
        return over_limit(format("Cannot exceed quota for ACLSizePerRole: {}", kTrustLimit));
    const auto policy = ResourcePolicy::parse(text, ResourcePolicy::On::Role);
    if (!policy) return malformed(policy.error().describe());
    for (const PolicyPrincipal& named : policy->principals())
        if (!is_principal(call, named.type, named.id))
            return malformed(format("Invalid principal in policy: \"{}\":\"{}\"",
                                    named.type == "Service" ? "SERVICE" : named.type, named.id));
    return {};
}

std::size_t size_without_space(std::string_view text) {
    return static_cast<std::size_t>(std::ranges::count_if(text, [](char c) { return !is_white(c); }));
}

std::string shown_document(std::string_view text) { return net::percent_encode(text); }

Result<Tags> given_tags(const aws::List<idm::Tag>& tags) {
    Tags all;
    K3F_TRY(add_given_tags(tags, all));
    return all;
}

Status add_given_tags(const aws::List<idm::Tag>& given, Tags& tags) {
    std::set<std::string> seen;
    Tags all = tags;
    for (const idm::Tag& tag : given) {
        const std::string key = tag.key.value_or("");
        K3F_TRY(check_tag(key, tag.value.value_or("")));
        if (!seen.insert(lower(key)).second)
            return refuse("InvalidInput",
                          "Duplicate tag keys found. Please note that Tag keys are case insensitive.");
        all[key] = tag.value.value_or("");
    }
    if (all.size() > kMaxTags)
        return over_limit(format("The number of tags has reached the maximum limit of {}.", kMaxTags));
    tags = std::move(all);
    return {};
}

aws::List<idm::Tag> listed_tags(const Tags& tags) {
    aws::List<idm::Tag> list;
    put_tags(tags, list);
    return list;
}

void add_request_tags(iam::Context& context, const aws::List<idm::Tag>& tags) {
    set_request_tags(context, tags_in(tags));
}

iam::Context context_of_tags(const Tags& tags) {
    iam::Context context;
    set_resource_tags(context, tags);
    for (const auto& [key, value] : tags) context.set("iam:ResourceTag/" + key, {value});
    return context;
}

void needs_made(const Call& call, Needs& needs, const std::string& arn, const aws::List<idm::Tag>& tags,
                std::string_view tagging, iam::Context context) {
    add_request_tags(context, tags);
    needs.add(format("iam:{}", call.operation.name), arn, context);
    if (!tags.empty()) needs.add(tagging, arn, std::move(context));
}

Result<IamRole*> find_role(Call& call, const std::optional<std::string>& name) {
    const auto found = call.home.roles.roles.find(name.value_or(""));
    if (found == call.home.roles.roles.end())
        return no_such(format("The role with name {} cannot be found.", name.value_or("")));
    return &found->second;
}

Result<IamRole*> find_own_role(Call& call, const std::optional<std::string>& name) {
    IamRole* role = K3F_TRY(find_role(call, name));
    if (role->linked_to.empty()) return role;
    return refuse("UnmodifiableEntity",
                  format("Cannot perform the operation on the protected role '{}' - this role is only "
                         "modifiable by AWS",
                         role->name));
}

Result<InstanceProfile*> find_profile(Call& call, const std::optional<std::string>& name) {
    const auto found = call.home.roles.profiles.find(name.value_or(""));
    if (found == call.home.roles.profiles.end())
        return no_such(format("Instance Profile {} cannot be found.", name.value_or("")));
    return &found->second;
}

Result<IamGroup*> find_group(Call& call, const std::optional<std::string>& name) {
    const auto found = call.home.roles.groups.find(name.value_or(""));
    if (found == call.home.roles.groups.end())
        return no_such(format("The group with name {} cannot be found.", name.value_or("")));
    return &found->second;
}

std::string role_arn(const Call& call, const IamRole& role) {
    return iam_arn(call, "role", role.path, role.name);
}
std::string profile_arn(const Call& call, const InstanceProfile& profile) {
    return iam_arn(call, "instance-profile", profile.path, profile.name);
}

idm::Role show_role(const Call& call, const IamRole& role) {
    idm::Role shown{.path = role.path, .role_name = role.name, .role_id = role.id};
    shown.arn = role_arn(call, role);
    shown.create_date = role.created_at;
    shown.assume_role_policy_document = shown_document(role.trust);
    if (!role.description.empty()) shown.description = role.description;
    shown.max_session_duration = role.session_seconds;
    return shown;
}

idm::InstanceProfile show_profile(const Call& call, const InstanceProfile& profile) {
    idm::InstanceProfile shown{.path = profile.path,
                               .instance_profile_name = profile.name,
                               .instance_profile_id = profile.id,
                               .arn = profile_arn(call, profile)};
    shown.create_date = profile.created_at;
    const auto role = call.home.roles.roles.find(profile.role);
    if (role != call.home.roles.roles.end()) shown.roles.push_back(show_role(call, role->second));
    shown.tags = listed_tags(profile.tags);
    return shown;
}

aws::List<idm::AttachedPolicy> show_attached(const std::vector<std::string>& arns) {
    aws::List<idm::AttachedPolicy> list;
    for (const std::string& arn : arns)
        list.push_back({.policy_name = arn.substr(arn.rfind('/') + 1), .policy_arn = arn});
    return list;
}

std::vector<std::string> attached_arns(const IamRole& role) {
    std::vector<std::string> arns;
    for (const auto& [arn, known_at] : role.attached) arns.push_back(arn);
    return arns;
}

std::string named_role(const Call& call, const std::optional<std::string>& name) {
    const auto found = call.home.roles.roles.find(name.value_or(""));
    if (found != call.home.roles.roles.end()) return role_arn(call, found->second);
    return iam_arn(call, "role", "/", name.value_or(""));
}

std::string named_group(const Call& call, const std::optional<std::string>& name) {
    const auto found = call.home.roles.groups.find(name.value_or(""));
    return iam_arn(call, "group", found == call.home.roles.groups.end() ? "/" : found->second.path,
                   name.value_or(""));
}

iam::Context role_context(const Call& call, const std::optional<std::string>& name) {
    const auto found = call.home.roles.roles.find(name.value_or(""));
    return found == call.home.roles.roles.end() ? iam::Context() : context_of_tags(found->second.tags);
}

Result<IamPage> iam_page(const Call& call, const std::optional<std::string>& marker,
                         const std::optional<std::int32_t>& most) {
    if (most && (*most < 1 || *most > kMostItems))
        return invalid_value(
            format("1 validation error detected: Value '{}' at 'maxItems' failed to satisfy "
                   "constraint: Member must be between 1 and {}",
                   *most, kMostItems));
    auto limit = static_cast<std::size_t>(most.value_or(kItems));
    if (call.engine.suffers(FaultKind::ShortPages, "")) limit = std::min(limit, kShortPage);
    return IamPage{.after = marker.value_or(""), .limit = limit};
}

std::optional<PolicySeen> find_policy(const Account& home, const std::string& arn) {
    if (arn == format("arn:aws:iam::aws:policy/{}", kSsmCore))
        return PolicySeen{.arn = arn,
                          .name = std::string(kSsmCore),
                          .document = json::write(iam::ssm_managed_instance_core())};
    const auto found = home.roles.policies.find(arn);
    if (found == home.roles.policies.end()) return std::nullopt;
    const ManagedPolicy& policy = found->second;
    const auto version = std::ranges::find(policy.versions, policy.default_version, &PolicyVersion::number);
    if (version == policy.versions.end()) return std::nullopt;
    return PolicySeen{.arn = arn, .name = policy.name, .document = version->document};
}

std::int32_t attachments(const Account& home, const std::string& arn) {
    const auto of_role = [&](const auto& entry) { return entry.second.attached.contains(arn); };
    const auto of_group = [&](const auto& entry) { return contains(entry.second.attached, arn); };
    return static_cast<std::int32_t>(std::ranges::count_if(home.roles.roles, of_role) +
                                     std::ranges::count_if(home.roles.groups, of_group));
}

}  // namespace k3fleet::simcloud
