// IAM: the whole account in pages, as GetAccountAuthorizationDetails shows it.
#include <array>
#include <functional>

#include "adapters/simcloud/aws/iam_common.h"
#include "adapters/simcloud/aws/roles.h"
#include "base/ranges.h"
#include "base/text.h"

namespace k3fleet::simcloud {
namespace {

using Details = idm::GetAccountAuthorizationDetailsResponse;
using Put = std::function<void(Details&)>;  // Shows one thing in its list.

constexpr std::array<std::string_view, 5> kFilters = {"User", "Role", "Group", "LocalManagedPolicy",
                                                      "AWSManagedPolicy"};

idm::RoleDetail detail_of(const Call& call, const IamRole& role) {
    const idm::Role shown = show_role(call, role);
    idm::RoleDetail detail{.path = shown.path, .role_name = shown.role_name, .role_id = shown.role_id};
    detail.arn = shown.arn;
    detail.create_date = shown.create_date;
    detail.assume_role_policy_document = shown.assume_role_policy_document;
    for (const auto& [name, profile] : call.home.roles.profiles)
        if (profile.role == role.name) detail.instance_profile_list.push_back(show_profile(call, profile));
    for (const auto& [name, policy] : role.policies)
        detail.role_policy_list.push_back(
            {.policy_name = name, .policy_document = shown_document(policy.document)});
    detail.attached_managed_policies = show_attached(attached_arns(role));
    detail.tags = listed_tags(role.tags);
    return detail;
}

idm::GroupDetail detail_of(const Call& call, const IamGroup& group) {
    idm::GroupDetail detail{.path = group.path, .group_name = group.name, .group_id = group.id};
    detail.arn = iam_arn(call, "group", group.path, group.name);
    detail.create_date = group.created_at;
    detail.attached_managed_policies = show_attached(group.attached);
    return detail;
}

idm::ManagedPolicyDetail detail_of(const Call& call, const std::string& arn, const ManagedPolicy& policy) {
    idm::ManagedPolicyDetail detail{.policy_name = policy.name, .policy_id = policy.id, .arn = arn};
    detail.path = policy.path;
    detail.default_version_id = format("v{}", policy.default_version);
    detail.attachment_count = attachments(call.home, arn);
    detail.permissions_boundary_usage_count = 0;
    detail.is_attachable = true;
    if (!policy.description.empty()) detail.description = policy.description;
    detail.create_date = policy.created_at;
    detail.update_date = policy.updated_at;
    for (const PolicyVersion& version : policy.versions)
        detail.policy_version_list.push_back({.document = shown_document(version.document),
                                              .version_id = format("v{}", version.number),
                                              .is_default_version = version.number == policy.default_version,
                                              .create_date = version.created_at});
    return detail;
}

Status needs_details(const Call&, const idm::GetAccountAuthorizationDetailsRequest&, Needs& needs) {
    needs.add("iam:GetAccountAuthorizationDetails", "*");
    return {};
}

Result<Details> details(Call& call, const idm::GetAccountAuthorizationDetailsRequest& request) {
    for (const std::string& filter : request.filter)
        if (!contains(kFilters, std::string_view(filter)))
            return invalid_value(
                format("1 validation error detected: Value '[{}]' at 'filter' failed to satisfy constraint: "
                       "Member must satisfy enum value set: [{}]",
                       filter, join({kFilters.begin(), kFilters.end()}, ", ")));
    const auto wanted = [&](const std::string& kind) {
        return request.filter.empty() || contains(request.filter, kind);
    };
    // One order for all: a page may end anywhere. What an answer shows, it shows as of its own time.
    std::vector<std::pair<std::string, Put>> all;
    if (wanted("Group"))
        for (const auto& [name, group] : call.home.roles.groups)
            all.emplace_back("group/" + name, [&call, &group](Details& answer) {
                answer.group_detail_list.push_back(detail_of(call, group));
            });
    if (wanted("LocalManagedPolicy"))
        for (const auto& [arn, policy] : call.home.roles.policies)
            all.emplace_back("policy/" + arn, [&call, &arn, &policy](Details& answer) {
                answer.policies.push_back(detail_of(call, arn, policy));
            });
    if (wanted("Role"))
        for (const auto& [name, role] : call.home.roles.roles)
            all.emplace_back("role/" + name, [&call, &role](Details& answer) {
                answer.role_detail_list.push_back(detail_of(call, role));
            });
    aws::List<Put> page;
    Details answer;
    K3F_TRY(put_page(call, request, std::move(all), page, answer));
    for (const Put& put : page) put(answer);
    return answer;
}

}  // namespace

void add_account_details(Handlers& handlers) {
    handlers.add<idm::GetAccountAuthorizationDetailsRequest>({"Filter", "MaxItems", "Marker"}, needs_details,
                                                             details);
}

}  // namespace k3fleet::simcloud
