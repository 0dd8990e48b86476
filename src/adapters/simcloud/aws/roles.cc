// IAM: roles, who may take them on, and those that are linked to a service.
//
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html
#include "adapters/simcloud/aws/roles.h"

#include <array>

#include "adapters/simcloud/aws/iam_common.h"
#include "base/json.h"
#include "base/text.h"

namespace k3fleet::simcloud {
namespace {

constexpr std::size_t kLongestName = 64;
constexpr std::string_view kLinkedPath = "/aws-service-role/";

struct LinkedService {
    std::string_view service;
    std::string_view role;
};
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_aws-services-that-work-with-iam.html
constexpr std::array kLinked = {
    LinkedService{"spot.amazonaws.com", "AWSServiceRoleForEC2Spot"},
    LinkedService{"ec2fleet.amazonaws.com", "AWSServiceRoleForEC2Fleet"},
    LinkedService{"spotfleet.amazonaws.com", "AWSServiceRoleForEC2SpotFleet"},
    LinkedService{"autoscaling.amazonaws.com", "AWSServiceRoleForAutoScaling"},
};

// Null: the service has none, or none that is simulated.
const LinkedService* linked_service(std::string_view service) {
    const auto* found = std::ranges::find(kLinked, service, &LinkedService::service);
    return found == kLinked.end() ? nullptr : found;
}

std::string linked_path(std::string_view service) { return format("{}{}/", kLinkedPath, service); }

Status check_session(const std::optional<std::int32_t>& seconds) {
    if (!seconds || (*seconds >= 3'600 && *seconds <= 43'200)) return {};
    return invalid_value(format(
        "1 validation error detected: Value '{}' at 'maxSessionDuration' failed to satisfy constraint: "
        "Member must have value between 3600 and 43200",
        *seconds));
}

Status needs_create(const Call& call, const idm::CreateRoleRequest& request, Needs& needs) {
    needs_made(call, needs, iam_arn(call, "role", request.path.value_or("/"), *request.role_name),
               request.tags, "iam:TagRole");
    return {};
}

Result<idm::CreateRoleResponse> create_role(Call& call, const idm::CreateRoleRequest& request) {
    const std::string& name = *request.role_name;
    K3F_TRY(check_name(name, "roleName", kLongestName));
    K3F_TRY(check_path(request.path.value_or("/")));
    K3F_TRY(check_description(request.description));
    K3F_TRY(check_session(request.max_session_duration));
    IamRole role{.name = name, .path = request.path.value_or("/")};
    role.tags = K3F_TRY(given_tags(request.tags));
    if (role.path.starts_with(kLinkedPath))
        return invalid_value("The specified value for path is reserved for the roles of services.");
    K3F_TRY(check_trust_document(call, *request.assume_role_policy_document));
    if (is_taken(call.home.roles.roles, name))
        return refuse("EntityAlreadyExists", format("Role with name {} already exists.", name), 409);
    role.id = iam_id(call, "AROA");
    role.trust = *request.assume_role_policy_document;
    role.description = request.description.value_or("");
    role.session_seconds = request.max_session_duration.value_or(3'600);
    role.created_at = call.now;
    role.known_at = known_later(call, role.id);
    idm::CreateRoleResponse answer;
    answer.role.emplace() = show_role(call, role);
    answer.role->tags = listed_tags(role.tags);
    call.home.roles.roles.emplace(name, std::move(role));
    return answer;
}

Result<idm::GetRoleResponse> get_role(Call& call, const idm::GetRoleRequest& request) {
    const IamRole& role = *K3F_TRY(find_role(call, request.role_name));
    idm::GetRoleResponse answer;
    answer.role.emplace() = show_role(call, role);
    answer.role->tags = listed_tags(role.tags);
    return answer;
}

Result<idm::DeleteRoleResponse> delete_role(Call& call, const idm::DeleteRoleRequest& request) {
    const IamRole& role = *K3F_TRY(find_own_role(call, request.role_name));
    const auto holds = [&](const auto& entry) { return entry.second.role == role.name; };
    if (std::ranges::any_of(call.home.roles.profiles, holds))
        return in_use("Cannot delete entity, must remove roles from instance profile first.");
    if (!role.attached.empty()) return in_use("Cannot delete entity, must detach all policies first.");
    if (!role.policies.empty()) return in_use("Cannot delete entity, must delete policies first.");
    call.home.roles.roles.erase(*request.role_name);
    return idm::DeleteRoleResponse{};
}

Status needs_list(const Call& call, const idm::ListRolesRequest& request, Needs& needs) {
    needs.add("iam:ListRoles", iam_arn(call, "role", request.path_prefix.value_or("/"), ""));
    return {};
}

// Lists show no tags.
Result<idm::ListRolesResponse> list_roles(Call& call, const idm::ListRolesRequest& request) {
    std::vector<std::pair<std::string, idm::Role>> all;
    for (const auto& [name, role] : call.home.roles.roles)
        if (role.path.starts_with(request.path_prefix.value_or("/")))
            all.emplace_back(name, show_role(call, role));
    idm::ListRolesResponse answer;
    K3F_TRY(put_page(call, request, std::move(all), answer.roles, answer));
    return answer;
}

Status needs_tags(const Call& call, const idm::TagRoleRequest& request, Needs& needs) {
    iam::Context context = role_context(call, request.role_name);
    add_request_tags(context, request.tags);
    needs.add("iam:TagRole", named_role(call, request.role_name), std::move(context));
    return {};
}

Result<idm::TagRoleResponse> tag_role(Call& call, const idm::TagRoleRequest& request) {
    IamRole& role = *K3F_TRY(find_own_role(call, request.role_name));
    K3F_TRY(add_given_tags(request.tags, role.tags));
    return idm::TagRoleResponse{};
}

Result<idm::UpdateAssumeRolePolicyResponse> update_trust(Call& call,
                                                         const idm::UpdateAssumeRolePolicyRequest& request) {
    IamRole& role = *K3F_TRY(find_own_role(call, request.role_name));
    K3F_TRY(check_trust_document(call, *request.policy_document));
    role.trust = *request.policy_document;
    return idm::UpdateAssumeRolePolicyResponse{};
}

// What is not given goes back to what a new role has.
Result<idm::UpdateRoleResponse> update_role(Call& call, const idm::UpdateRoleRequest& request) {
    K3F_TRY(check_description(request.description));
    K3F_TRY(check_session(request.max_session_duration));
    IamRole& role = *K3F_TRY(find_own_role(call, request.role_name));
    role.description = request.description.value_or("");
    role.session_seconds = request.max_session_duration.value_or(3'600);
    return idm::UpdateRoleResponse{};
}

Status needs_linked(const Call& call, const idm::CreateServiceLinkedRoleRequest& request, Needs& needs) {
    const std::string& service = *request.aws_service_name;
    const LinkedService* known = linked_service(service);
    needs.add("iam:CreateServiceLinkedRole",
              iam_arn(call, "role", linked_path(service), known == nullptr ? "*" : known->role),
              {{"iam:AWSServiceName", {service}}});
    return {};
}

Result<idm::CreateServiceLinkedRoleResponse> create_linked(
    Call& call, const idm::CreateServiceLinkedRoleRequest& request) {
    const LinkedService* service = linked_service(*request.aws_service_name);
    if (service == nullptr)
        return refuse("InvalidInput",
                      format("Service {} has no service-linked role, or none that is simulated",
                             *request.aws_service_name));
    K3F_TRY(check_description(request.description));
    const std::string name(service->role);
    if (call.home.roles.roles.contains(name))
        return refuse("InvalidInput",
                      format("Service role name {} has been taken in this account, please try "
                             "a different suffix.",
                             name));
    IamRole role{.name = name, .path = linked_path(service->service)};
    role.id = iam_id(call, "AROA");
    const Value trust = Value::object({{"Effect", "Allow"},
                                       {"Action", Value::array({"sts:AssumeRole"})},
                                       {"Principal", Value::object({{"Service", service->service}})}});
    role.trust =
        json::write(Value::object({{"Version", "2012-10-17"}, {"Statement", Value::array({trust})}}));
    role.description = request.description.value_or("");
    role.created_at = call.now;
    role.known_at = known_later(call, role.id);
    role.linked_to = service->service;
    idm::CreateServiceLinkedRoleResponse answer;
    answer.role.emplace() = show_role(call, role);
    call.home.roles.roles.emplace(name, std::move(role));
    return answer;
}

}  // namespace

void add_roles(Handlers& handlers) {
    handlers.add<idm::CreateRoleRequest>(
        {"RoleName", "Path", "AssumeRolePolicyDocument", "Description", "MaxSessionDuration", "Tags"},
        needs_create, create_role);
    handlers.add<idm::GetRoleRequest>({"RoleName"}, needs_role, get_role);
    handlers.add<idm::DeleteRoleRequest>({"RoleName"}, needs_role, delete_role);
    handlers.add<idm::ListRolesRequest>({"PathPrefix", "Marker", "MaxItems"}, needs_list, list_roles);
    handlers.add<idm::TagRoleRequest>({"RoleName", "Tags"}, needs_tags, tag_role);
    handlers.add<idm::UpdateAssumeRolePolicyRequest>({"RoleName", "PolicyDocument"}, needs_role,
                                                     update_trust);
    handlers.add<idm::UpdateRoleRequest>({"RoleName", "Description", "MaxSessionDuration"}, needs_role,
                                         update_role);
    handlers.add<idm::CreateServiceLinkedRoleRequest>({"AWSServiceName", "Description"}, needs_linked,
                                                      create_linked);
    add_role_policies(handlers);
    add_profiles(handlers);
}

}  // namespace k3fleet::simcloud
