// IAM: what roles may do, by policies of their own and by managed ones.
#include "adapters/simcloud/aws/iam_common.h"
#include "base/text.h"
#include "core/iam/principals.h"

namespace k3fleet::simcloud {
namespace {

constexpr std::size_t kLongestPolicyName = 128;

// All of a role's own policies together.
std::size_t inline_size(const IamRole& role) {
    std::size_t size = 0;
    for (const auto& [name, policy] : role.policies) size += size_without_space(policy.document);
    return size;
}

Result<idm::PutRolePolicyResponse> put_policy(Call& call, const idm::PutRolePolicyRequest& request) {
    IamRole& role = *K3F_TRY(find_own_role(call, request.role_name));
    K3F_TRY(check_name(*request.policy_name, "policyName", kLongestPolicyName));
    K3F_TRY(check_identity_document(*request.policy_document));
    const auto before = role.policies.find(*request.policy_name);
    const std::size_t replaced =
        before == role.policies.end() ? 0 : size_without_space(before->second.document);
    if (inline_size(role) - replaced + size_without_space(*request.policy_document) > iam::kInlineLimit)
        return over_limit(
            format("Maximum policy size of {} bytes exceeded for role {}", iam::kInlineLimit, role.name));
    if (before != role.policies.end()) {
        before->second.document = *request.policy_document;
    } else {
        const Timestamp known_at = known_later(call, role.id + "/" + *request.policy_name);
        role.policies[*request.policy_name] = {.document = *request.policy_document, .known_at = known_at};
    }
    return idm::PutRolePolicyResponse{};
}

std::unexpected<Error> no_policy(const std::string& name) {
    return no_such(format("The role policy with name {} cannot be found.", name));
}

Result<idm::GetRolePolicyResponse> get_policy(Call& call, const idm::GetRolePolicyRequest& request) {
    const IamRole& role = *K3F_TRY(find_role(call, request.role_name));
    const auto policy = role.policies.find(*request.policy_name);
    if (policy == role.policies.end()) return no_policy(*request.policy_name);
    return idm::GetRolePolicyResponse{.role_name = role.name,
                                      .policy_name = policy->first,
                                      .policy_document = shown_document(policy->second.document)};
}

Result<idm::DeleteRolePolicyResponse> delete_policy(Call& call, const idm::DeleteRolePolicyRequest& request) {
    IamRole& role = *K3F_TRY(find_own_role(call, request.role_name));
    if (role.policies.erase(*request.policy_name) == 0) return no_policy(*request.policy_name);
    return idm::DeleteRolePolicyResponse{};
}

Result<idm::ListRolePoliciesResponse> list_policies(Call& call, const idm::ListRolePoliciesRequest& request) {
    const IamRole& role = *K3F_TRY(find_role(call, request.role_name));
    std::vector<std::pair<std::string, std::string>> all;
    for (const auto& [name, policy] : role.policies) all.emplace_back(name, name);
    idm::ListRolePoliciesResponse answer;
    K3F_TRY(put_page(call, request, std::move(all), answer.policy_names, answer));
    return answer;
}

template <typename Request>
Status needs_attach(const Call& call, const Request& request, Needs& needs) {
    iam::Context context = role_context(call, request.role_name);
    context.set("iam:PolicyARN", {request.policy_arn.value_or("")});
    needs.add(format("iam:{}", call.operation.name), named_role(call, request.role_name), std::move(context));
    return {};
}

// Attaching what is attached is no error.
Result<idm::AttachRolePolicyResponse> attach(Call& call, const idm::AttachRolePolicyRequest& request) {
    IamRole& role = *K3F_TRY(find_own_role(call, request.role_name));
    const std::string& arn = *request.policy_arn;
    if (!find_policy(call.home, arn))
        return no_such(format("Policy {} does not exist or is not attachable.", arn));
    if (role.attached.contains(arn)) return idm::AttachRolePolicyResponse{};
    if (role.attached.size() >= kMostPolicies)
        return over_limit(format("Cannot exceed quota for PoliciesPerRole: {}", kMostPolicies));
    role.attached.emplace(arn, known_later(call, role.id + "/" + arn));
    return idm::AttachRolePolicyResponse{};
}

Result<idm::DetachRolePolicyResponse> detach(Call& call, const idm::DetachRolePolicyRequest& request) {
    IamRole& role = *K3F_TRY(find_own_role(call, request.role_name));
    if (role.attached.erase(*request.policy_arn) == 0)
        return no_such(format("Policy {} was not found.", *request.policy_arn));
    return idm::DetachRolePolicyResponse{};
}

Result<idm::ListAttachedRolePoliciesResponse> list_attached(
    Call& call, const idm::ListAttachedRolePoliciesRequest& request) {
    const IamRole& role = *K3F_TRY(find_role(call, request.role_name));
    std::vector<std::pair<std::string, idm::AttachedPolicy>> all;
    for (const auto& policy : show_attached(attached_arns(role)))
        all.emplace_back(*policy.policy_arn, policy);
    idm::ListAttachedRolePoliciesResponse answer;
    K3F_TRY(put_page(call, request, std::move(all), answer.attached_policies, answer));
    return answer;
}

}  // namespace

void add_role_policies(Handlers& handlers) {
    handlers.add<idm::PutRolePolicyRequest>({"RoleName", "PolicyName", "PolicyDocument"}, needs_role,
                                            put_policy);
    handlers.add<idm::GetRolePolicyRequest>({"RoleName", "PolicyName"}, needs_role, get_policy);
    handlers.add<idm::DeleteRolePolicyRequest>({"RoleName", "PolicyName"}, needs_role, delete_policy);
    handlers.add<idm::ListRolePoliciesRequest>({"RoleName", "Marker", "MaxItems"}, needs_role, list_policies);
    handlers.add<idm::AttachRolePolicyRequest>({"RoleName", "PolicyArn"}, needs_attach, attach);
    handlers.add<idm::DetachRolePolicyRequest>({"RoleName", "PolicyArn"}, needs_attach, detach);
    handlers.add<idm::ListAttachedRolePoliciesRequest>({"RoleName", "Marker", "MaxItems"}, needs_role,
                                                       list_attached);
}

}  // namespace k3fleet::simcloud
