// IAM: instance profiles, each with the one role that machines get.
#include "adapters/simcloud/aws/iam_common.h"
#include "adapters/simcloud/aws/tags.h"
#include "base/text.h"

namespace k3fleet::simcloud {
namespace {

constexpr std::size_t kLongestName = 128;

std::string named(const Call& call, const std::optional<std::string>& name) {
    const auto found = call.home.roles.profiles.find(name.value_or(""));
    if (found != call.home.roles.profiles.end()) return profile_arn(call, found->second);
    return iam_arn(call, "instance-profile", "/", name.value_or(""));
}

iam::Context context_of(const Call& call, const std::optional<std::string>& name) {
    const auto found = call.home.roles.profiles.find(name.value_or(""));
    return found == call.home.roles.profiles.end() ? iam::Context() : context_of_tags(found->second.tags);
}

template <typename Request>
Status needs_profile(const Call& call, const Request& request, Needs& needs) {
    needs.add(format("iam:{}", call.operation.name), named(call, request.instance_profile_name),
              context_of(call, request.instance_profile_name));
    return {};
}

Status needs_create(const Call& call, const idm::CreateInstanceProfileRequest& request, Needs& needs) {
    needs_made(call, needs,
               iam_arn(call, "instance-profile", request.path.value_or("/"), *request.instance_profile_name),
               request.tags, "iam:TagInstanceProfile");
    return {};
}

Result<idm::CreateInstanceProfileResponse> create(Call& call,
                                                  const idm::CreateInstanceProfileRequest& request) {
    const std::string& name = *request.instance_profile_name;
    K3F_TRY(check_name(name, "instanceProfileName", kLongestName));
    K3F_TRY(check_path(request.path.value_or("/")));
    InstanceProfile profile{.name = name, .path = request.path.value_or("/")};
    profile.tags = K3F_TRY(given_tags(request.tags));
    if (is_taken(call.home.roles.profiles, name))
        return refuse("EntityAlreadyExists", format("Instance Profile {} already exists.", name), 409);
    profile.id = iam_id(call, "AIPA");
    profile.created_at = call.now;
    profile.known_at = known_later(call, profile.id);
    idm::CreateInstanceProfileResponse answer;
    answer.instance_profile.emplace() = show_profile(call, profile);
    call.home.roles.profiles.emplace(name, std::move(profile));
    return answer;
}

Result<idm::GetInstanceProfileResponse> get(Call& call, const idm::GetInstanceProfileRequest& request) {
    idm::GetInstanceProfileResponse answer;
    answer.instance_profile.emplace() =
        show_profile(call, *K3F_TRY(find_profile(call, request.instance_profile_name)));
    return answer;
}

Result<idm::DeleteInstanceProfileResponse> remove(Call& call,
                                                  const idm::DeleteInstanceProfileRequest& request) {
    const InstanceProfile& profile = *K3F_TRY(find_profile(call, request.instance_profile_name));
    if (!profile.role.empty())
        return in_use("Cannot delete entity, must remove roles from instance profile first.");
    call.home.roles.profiles.erase(*request.instance_profile_name);
    return idm::DeleteInstanceProfileResponse{};
}

// Whoever puts a role into a profile passes it to EC2 (API reference of AddRoleToInstanceProfile).
Status needs_role_of(const Call& call, const idm::AddRoleToInstanceProfileRequest& request, Needs& needs) {
    K3F_TRY(needs_profile(call, request, needs));
    iam::Context context = role_context(call, request.role_name);
    context.set("iam:PassedToService", {"ec2.amazonaws.com"});
    needs.add("iam:PassRole", named_role(call, request.role_name), std::move(context));
    return {};
}

Result<idm::AddRoleToInstanceProfileResponse> add_role(Call& call,
                                                       const idm::AddRoleToInstanceProfileRequest& request) {
    InstanceProfile& profile = *K3F_TRY(find_profile(call, request.instance_profile_name));
    const IamRole& role = *K3F_TRY(find_own_role(call, request.role_name));
    if (!profile.role.empty())
        return over_limit("Cannot exceed quota for InstanceSessionsPerInstanceProfile: 1");
    profile.role = role.name;
    profile.known_at = known_later(call, profile.id + "/" + role.id);
    return idm::AddRoleToInstanceProfileResponse{};
}

Result<idm::RemoveRoleFromInstanceProfileResponse> remove_role(
    Call& call, const idm::RemoveRoleFromInstanceProfileRequest& request) {
    InstanceProfile& profile = *K3F_TRY(find_profile(call, request.instance_profile_name));
    if (profile.role != *request.role_name)
        return no_such(format("Role {} in Instance Profile {} cannot be found.", *request.role_name,
                              *request.instance_profile_name));
    profile.role.clear();
    return idm::RemoveRoleFromInstanceProfileResponse{};
}

Status needs_tags(const Call& call, const idm::TagInstanceProfileRequest& request, Needs& needs) {
    iam::Context context = context_of(call, request.instance_profile_name);
    add_request_tags(context, request.tags);
    needs.add("iam:TagInstanceProfile", named(call, request.instance_profile_name), std::move(context));
    return {};
}

Result<idm::TagInstanceProfileResponse> tag(Call& call, const idm::TagInstanceProfileRequest& request) {
    InstanceProfile& profile = *K3F_TRY(find_profile(call, request.instance_profile_name));
    K3F_TRY(add_given_tags(request.tags, profile.tags));
    return idm::TagInstanceProfileResponse{};
}

}  // namespace

TaggedThings tagged_iam(const Account& home) {
    TaggedThings all;
    for (const auto& [arn, policy] : home.roles.policies)
        all.push_back({.arn = arn, .tags = policy.tags, .since = policy.created_at});
    for (const auto& [name, profile] : home.roles.profiles)
        all.push_back({.arn = format("arn:aws:iam::{}:instance-profile{}{}", home.number, profile.path, name),
                       .tags = profile.tags,
                       .since = profile.created_at});
    return all;
}

void add_profiles(Handlers& handlers) {
    handlers.add<idm::CreateInstanceProfileRequest>({"InstanceProfileName", "Path", "Tags"}, needs_create,
                                                    create);
    handlers.add<idm::GetInstanceProfileRequest>({"InstanceProfileName"}, needs_profile, get);
    handlers.add<idm::DeleteInstanceProfileRequest>({"InstanceProfileName"}, needs_profile, remove);
    handlers.add<idm::AddRoleToInstanceProfileRequest>({"InstanceProfileName", "RoleName"}, needs_role_of,
                                                       add_role);
    handlers.add<idm::RemoveRoleFromInstanceProfileRequest>({"InstanceProfileName", "RoleName"},
                                                            needs_profile, remove_role);
    handlers.add<idm::TagInstanceProfileRequest>({"InstanceProfileName", "Tags"}, needs_tags, tag);
}

}  // namespace k3fleet::simcloud
