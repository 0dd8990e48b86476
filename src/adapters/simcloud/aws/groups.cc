// IAM: groups. Users are not simulated, so none is in them.
#include "adapters/simcloud/aws/iam_common.h"
#include "base/ranges.h"
#include "base/text.h"

namespace k3fleet::simcloud {
namespace {

constexpr std::size_t kLongestName = 128;

idm::Group show(const Call& call, const IamGroup& group) {
    return {.path = group.path,
            .group_name = group.name,
            .group_id = group.id,
            .arn = iam_arn(call, "group", group.path, group.name),
            .create_date = group.created_at};
}

template <typename Request>
Status needs_group(const Call& call, const Request& request, Needs& needs) {
    needs.add(format("iam:{}", call.operation.name), named_group(call, request.group_name));
    return {};
}

Status needs_create(const Call& call, const idm::CreateGroupRequest& request, Needs& needs) {
    needs.add("iam:CreateGroup",
              iam_arn(call, "group", request.path.value_or("/"), request.group_name.value_or("")));
    return {};
}

Result<idm::CreateGroupResponse> create(Call& call, const idm::CreateGroupRequest& request) {
    const std::string& name = *request.group_name;
    K3F_TRY(check_name(name, "groupName", kLongestName));
    K3F_TRY(check_path(request.path.value_or("/")));
    if (is_taken(call.home.roles.groups, name))
        return refuse("EntityAlreadyExists", format("Group with name {} already exists.", name), 409);
    IamGroup group{.name = name, .id = iam_id(call, "AGPA"), .path = request.path.value_or("/")};
    group.created_at = call.now;
    idm::CreateGroupResponse answer;
    answer.group.emplace() = show(call, group);
    call.home.roles.groups.emplace(name, std::move(group));
    return answer;
}

Result<idm::GetGroupResponse> get(Call& call, const idm::GetGroupRequest& request) {
    idm::GetGroupResponse answer;
    answer.group.emplace() = show(call, *K3F_TRY(find_group(call, request.group_name)));
    answer.is_truncated = false;
    return answer;
}

Result<idm::DeleteGroupResponse> remove(Call& call, const idm::DeleteGroupRequest& request) {
    if (!K3F_TRY(find_group(call, request.group_name))->attached.empty())
        return in_use("Cannot delete entity, must detach all policies first.");
    call.home.roles.groups.erase(*request.group_name);
    return idm::DeleteGroupResponse{};
}

template <typename Request>
Status needs_attach(const Call& call, const Request& request, Needs& needs) {
    needs.add(format("iam:{}", call.operation.name), named_group(call, request.group_name),
              {{"iam:PolicyARN", {request.policy_arn.value_or("")}}});
    return {};
}

Result<idm::AttachGroupPolicyResponse> attach(Call& call, const idm::AttachGroupPolicyRequest& request) {
    IamGroup& group = *K3F_TRY(find_group(call, request.group_name));
    const std::string& arn = *request.policy_arn;
    if (!find_policy(call.home, arn))
        return no_such(format("Policy {} does not exist or is not attachable.", arn));
    if (contains(group.attached, arn)) return idm::AttachGroupPolicyResponse{};
    if (group.attached.size() >= kMostPolicies)
        return over_limit(format("Cannot exceed quota for PoliciesPerGroup: {}", kMostPolicies));
    group.attached.push_back(arn);
    std::ranges::sort(group.attached);
    return idm::AttachGroupPolicyResponse{};
}

Result<idm::DetachGroupPolicyResponse> detach(Call& call, const idm::DetachGroupPolicyRequest& request) {
    IamGroup& group = *K3F_TRY(find_group(call, request.group_name));
    if (std::erase(group.attached, *request.policy_arn) == 0)
        return no_such(format("Policy {} was not found.", *request.policy_arn));
    return idm::DetachGroupPolicyResponse{};
}

Result<idm::ListAttachedGroupPoliciesResponse> list_attached(
    Call& call, const idm::ListAttachedGroupPoliciesRequest& request) {
    const IamGroup& group = *K3F_TRY(find_group(call, request.group_name));
    std::vector<std::pair<std::string, idm::AttachedPolicy>> all;
    for (const auto& policy : show_attached(group.attached)) all.emplace_back(*policy.policy_arn, policy);
    idm::ListAttachedGroupPoliciesResponse answer;
    K3F_TRY(put_page(call, request, std::move(all), answer.attached_policies, answer));
    return answer;
}

}  // namespace

void add_groups(Handlers& handlers) {
    handlers.add<idm::CreateGroupRequest>({"GroupName", "Path"}, needs_create, create);
    handlers.add<idm::GetGroupRequest>({"GroupName", "Marker", "MaxItems"}, needs_group, get);
    handlers.add<idm::DeleteGroupRequest>({"GroupName"}, needs_group, remove);
    handlers.add<idm::AttachGroupPolicyRequest>({"GroupName", "PolicyArn"}, needs_attach, attach);
    handlers.add<idm::DetachGroupPolicyRequest>({"GroupName", "PolicyArn"}, needs_attach, detach);
    handlers.add<idm::ListAttachedGroupPoliciesRequest>({"GroupName", "Marker", "MaxItems"}, needs_group,
                                                        list_attached);
}

}  // namespace k3fleet::simcloud
