// IAM: managed policies with their versions.
//
// https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_managed-versioning.html
#include "adapters/simcloud/aws/iam_common.h"
#include "base/text.h"
#include "core/iam/principals.h"

namespace k3fleet::simcloud {
namespace {

constexpr std::size_t kLongestName = 128;
constexpr std::size_t kMostVersions = 5;

std::string version_id(std::int64_t number) { return format("v{}", number); }

std::unexpected<Error> no_policy(const std::string& arn) {
    return no_such(format("Policy {} was not found.", arn));
}

Result<ManagedPolicy*> find_ours(Call& call, const std::string& arn) {
    const auto found = call.home.roles.policies.find(arn);
    if (found != call.home.roles.policies.end()) return &found->second;
    if (find_policy(call.home, arn))
        return refuse("AccessDenied", format("Policy {} is AWS's own and cannot be changed", arn), 403);
    return no_policy(arn);
}

const PolicyVersion* find_version(const ManagedPolicy& policy, const std::string& id) {
    const auto found = std::ranges::find_if(
        policy.versions, [&](const PolicyVersion& version) { return version_id(version.number) == id; });
    return found == policy.versions.end() ? nullptr : &*found;
}

std::unexpected<Error> no_version(const std::string& arn, const std::string& id) {
    return no_such(format("Policy {} version {} does not exist or is not attachable.", arn, id));
}

Status check_document(const std::string& document) {
    K3F_TRY(check_identity_document(document));
    if (size_without_space(document) > iam::kManagedLimit)
        return over_limit(format("Cannot exceed quota for PolicySize: {}", iam::kManagedLimit));
    return {};
}

idm::Policy show(const Call& call, const std::string& arn, const ManagedPolicy& policy) {
    idm::Policy shown{.policy_name = policy.name, .policy_id = policy.id, .arn = arn, .path = policy.path};
    shown.default_version_id = version_id(policy.default_version);
    shown.attachment_count = attachments(call.home, arn);
    shown.permissions_boundary_usage_count = 0;
    shown.is_attachable = true;
    if (!policy.description.empty()) shown.description = policy.description;
    shown.create_date = policy.created_at;
    shown.update_date = policy.updated_at;
    shown.tags = listed_tags(policy.tags);
    return shown;
}

// Without the document, as lists and changes show it.
idm::PolicyVersion show(const ManagedPolicy& policy, const PolicyVersion& version) {
    return {.version_id = version_id(version.number),
            .is_default_version = version.number == policy.default_version,
            .create_date = version.created_at};
}

iam::Context context_of(const Call& call, const std::optional<std::string>& arn) {
    const auto found = call.home.roles.policies.find(arn.value_or(""));
    return found == call.home.roles.policies.end() ? iam::Context() : context_of_tags(found->second.tags);
}

template <typename Request>
Status needs_policy(const Call& call, const Request& request, Needs& needs) {
    needs.add(format("iam:{}", call.operation.name), *request.policy_arn,
              context_of(call, request.policy_arn));
    return {};
}

Status needs_create(const Call& call, const idm::CreatePolicyRequest& request, Needs& needs) {
    needs_made(call, needs, iam_arn(call, "policy", request.path.value_or("/"), *request.policy_name),
               request.tags, "iam:TagPolicy");
    return {};
}

Result<idm::CreatePolicyResponse> create(Call& call, const idm::CreatePolicyRequest& request) {
    const std::string& name = *request.policy_name;
    K3F_TRY(check_name(name, "policyName", kLongestName));
    K3F_TRY(check_path(request.path.value_or("/")));
    K3F_TRY(check_description(request.description));
    ManagedPolicy policy{.name = name, .path = request.path.value_or("/")};
    policy.tags = K3F_TRY(given_tags(request.tags));
    K3F_TRY(check_document(*request.policy_document));
    if (is_taken(call.home.roles.policies, name))
        return refuse("EntityAlreadyExists",
                      format("A policy called {} already exists. Duplicate names are not allowed.", name),
                      409);
    policy.id = iam_id(call, "ANPA");
    policy.description = request.description.value_or("");
    policy.created_at = call.now;
    policy.updated_at = call.now;
    policy.versions.push_back({.number = 1, .document = *request.policy_document, .created_at = call.now});
    policy.versions_made = 1;
    policy.default_version = 1;
    const std::string arn = iam_arn(call, "policy", policy.path, name);
    idm::CreatePolicyResponse answer;
    answer.policy.emplace() = show(call, arn, policy);
    call.home.roles.policies.emplace(arn, std::move(policy));
    return answer;
}

Result<idm::GetPolicyResponse> get(Call& call, const idm::GetPolicyRequest& request) {
    const std::string& arn = *request.policy_arn;
    idm::GetPolicyResponse answer;
    const auto ours = call.home.roles.policies.find(arn);
    if (ours != call.home.roles.policies.end()) {
        answer.policy.emplace() = show(call, arn, ours->second);
        return answer;
    }
    const auto aws_own = find_policy(call.home, arn);
    if (!aws_own) return no_policy(arn);
    idm::Policy& shown = answer.policy.emplace();
    shown.policy_name = aws_own->name;
    shown.arn = arn;
    shown.path = "/";
    shown.default_version_id = "v1";
    shown.attachment_count = attachments(call.home, arn);
    shown.is_attachable = true;
    return answer;
}

Result<idm::GetPolicyVersionResponse> get_version(Call& call, const idm::GetPolicyVersionRequest& request) {
    const std::string& arn = *request.policy_arn;
    idm::GetPolicyVersionResponse answer;
    const auto ours = call.home.roles.policies.find(arn);
    if (ours == call.home.roles.policies.end()) {
        const auto aws_own = find_policy(call.home, arn);
        if (!aws_own) return no_policy(arn);
        if (*request.version_id != "v1") return no_version(arn, *request.version_id);
        answer.policy_version.emplace() = {
            .document = shown_document(aws_own->document), .version_id = "v1", .is_default_version = true};
        return answer;
    }
    const PolicyVersion* version = find_version(ours->second, *request.version_id);
    if (version == nullptr) return no_version(arn, *request.version_id);
    answer.policy_version.emplace() = show(ours->second, *version);
    answer.policy_version->document = shown_document(version->document);
    return answer;
}

Result<idm::ListPolicyVersionsResponse> list_versions(Call& call,
                                                      const idm::ListPolicyVersionsRequest& request) {
    const ManagedPolicy& policy = *K3F_TRY(find_ours(call, *request.policy_arn));
    std::vector<std::pair<std::string, idm::PolicyVersion>> all;
    for (const PolicyVersion& version : policy.versions)
        all.emplace_back(format("v{:010}", version.number), show(policy, version));
    idm::ListPolicyVersionsResponse answer;
    K3F_TRY(put_page(call, request, std::move(all), answer.versions, answer));
    return answer;
}

Result<idm::CreatePolicyVersionResponse> create_version(Call& call,
                                                        const idm::CreatePolicyVersionRequest& request) {
    ManagedPolicy& policy = *K3F_TRY(find_ours(call, *request.policy_arn));
    K3F_TRY(check_document(*request.policy_document));
    if (policy.versions.size() >= kMostVersions)
        return over_limit(
            format("A managed policy can have up to {} versions. Before you create a new version, you must "
                   "delete an existing version.",
                   kMostVersions));
    const PolicyVersion version{
        .number = ++policy.versions_made, .document = *request.policy_document, .created_at = call.now};
    policy.versions.push_back(version);
    if (request.set_as_default.value_or(false)) policy.default_version = version.number;
    policy.updated_at = call.now;
    idm::CreatePolicyVersionResponse answer;
    answer.policy_version.emplace() = show(policy, version);
    return answer;
}

Result<idm::DeletePolicyVersionResponse> delete_version(Call& call,
                                                        const idm::DeletePolicyVersionRequest& request) {
    ManagedPolicy& policy = *K3F_TRY(find_ours(call, *request.policy_arn));
    const PolicyVersion* version = find_version(policy, *request.version_id);
    if (version == nullptr) return no_version(*request.policy_arn, *request.version_id);
    if (version->number == policy.default_version)
        return in_use("Cannot delete the default version of a policy.");
    const std::int64_t number = version->number;
    std::erase_if(policy.versions, [&](const PolicyVersion& one) { return one.number == number; });
    return idm::DeletePolicyVersionResponse{};
}

Result<idm::DeletePolicyResponse> remove(Call& call, const idm::DeletePolicyRequest& request) {
    const ManagedPolicy& policy = *K3F_TRY(find_ours(call, *request.policy_arn));
    if (attachments(call.home, *request.policy_arn) > 0)
        return in_use("Cannot delete a policy attached to entities.");
    if (policy.versions.size() > 1)
        return in_use(
            "This policy has more than one version. Before you delete a policy, you must delete the policy's "
            "versions. The default version is deleted with the policy.");
    call.home.roles.policies.erase(*request.policy_arn);
    return idm::DeletePolicyResponse{};
}

// Both lists in one order, since pages go through them one after the other.
struct Entity {
    bool group = false;
    std::string name;
    std::string id;
};

Result<idm::ListEntitiesForPolicyResponse> list_entities(Call& call,
                                                         const idm::ListEntitiesForPolicyRequest& request) {
    const std::string& arn = *request.policy_arn;
    if (!find_policy(call.home, arn)) return no_policy(arn);
    std::vector<std::pair<std::string, Entity>> all;
    for (const auto& [name, group] : call.home.roles.groups)
        if (std::ranges::find(group.attached, arn) != group.attached.end())
            all.emplace_back("group/" + name, Entity{.group = true, .name = name, .id = group.id});
    for (const auto& [name, role] : call.home.roles.roles)
        if (role.attached.contains(arn))
            all.emplace_back("role/" + name, Entity{.name = name, .id = role.id});
    aws::List<Entity> page;
    idm::ListEntitiesForPolicyResponse answer;
    K3F_TRY(put_page(call, request, std::move(all), page, answer));
    for (const Entity& entity : page) {
        if (entity.group)
            answer.policy_groups.push_back({.group_name = entity.name, .group_id = entity.id});
        else
            answer.policy_roles.push_back({.role_name = entity.name, .role_id = entity.id});
    }
    return answer;
}

Status needs_tags(const Call& call, const idm::TagPolicyRequest& request, Needs& needs) {
    iam::Context context = context_of(call, request.policy_arn);
    add_request_tags(context, request.tags);
    needs.add("iam:TagPolicy", *request.policy_arn, std::move(context));
    return {};
}

Result<idm::TagPolicyResponse> tag(Call& call, const idm::TagPolicyRequest& request) {
    ManagedPolicy& policy = *K3F_TRY(find_ours(call, *request.policy_arn));
    K3F_TRY(add_given_tags(request.tags, policy.tags));
    return idm::TagPolicyResponse{};
}

}  // namespace

void add_policies(Handlers& handlers) {
    handlers.add<idm::CreatePolicyRequest>({"PolicyName", "Path", "PolicyDocument", "Description", "Tags"},
                                           needs_create, create);
    handlers.add<idm::GetPolicyRequest>({"PolicyArn"}, needs_policy, get);
    handlers.add<idm::GetPolicyVersionRequest>({"PolicyArn", "VersionId"}, needs_policy, get_version);
    handlers.add<idm::ListPolicyVersionsRequest>({"PolicyArn", "Marker", "MaxItems"}, needs_policy,
                                                 list_versions);
    handlers.add<idm::CreatePolicyVersionRequest>({"PolicyArn", "PolicyDocument", "SetAsDefault"},
                                                  needs_policy, create_version);
    handlers.add<idm::DeletePolicyVersionRequest>({"PolicyArn", "VersionId"}, needs_policy, delete_version);
    handlers.add<idm::DeletePolicyRequest>({"PolicyArn"}, needs_policy, remove);
    handlers.add<idm::ListEntitiesForPolicyRequest>({"PolicyArn", "Marker", "MaxItems"}, needs_policy,
                                                    list_entities);
    handlers.add<idm::TagPolicyRequest>({"PolicyArn", "Tags"}, needs_tags, tag);
    add_groups(handlers);
    add_account_details(handlers);
}

}  // namespace k3fleet::simcloud
