// EC2's security groups. What their rules allow is in ec2_rules.cc.
#include <algorithm>

#include "adapters/simcloud/aws/ec2_rules.h"
#include "adapters/simcloud/aws/ec2_things.h"

namespace k3fleet::simcloud {
namespace {

constexpr std::ptrdiff_t kMostGroups = 2'500;  // Of a region.
constexpr std::size_t kMostLetters = 255;

ec2::SecurityGroup show_group(const Call& call, const SecurityGroup& group) {
    ec2::SecurityGroup shown{.group_id = group.id, .tags = listed(group.tags), .vpc_id = group.vpc};
    shown.owner_id = call.account.number;
    shown.group_name = group.name;
    shown.description = group.description;
    for (const auto& [id, rule] : group.rules)
        add_permission(call, rule.out ? shown.ip_permissions_egress : shown.ip_permissions, rule);
    return shown;
}

Status needs_create(const Call& call, const ec2::CreateSecurityGroupRequest& request, Needs& needs) {
    const std::string vpc = request.vpc_id.value_or("");
    needs_new(call, needs, "security-group", tags_given(request.tag_specifications, "security-group"));
    needs_thing(call, needs, "vpc", vpc, K3F_TRY(find_vpc(call, vpc))->tags);
    return {};
}

Status check_words(const ec2::CreateSecurityGroupRequest& request) {
    const std::string& name = *request.group_name;
    const auto invalid = [](std::string message) {
        return refuse("InvalidParameterValue", std::move(message));
    };
    if (name.empty() || name.size() > kMostLetters || name.starts_with("sg-") || name == "default" ||
        !is_group_text(name))
        return invalid(format("Invalid group name '{}'", name));
    if (request.description->empty() || request.description->size() > kMostLetters ||
        !is_group_text(*request.description))
        return invalid(
            format("Value ({}) for parameter GroupDescription is invalid. Character sets beyond "
                   "ASCII are not supported",
                   *request.description));
    return {};
}

Result<ec2::CreateSecurityGroupResponse> create(Call& call, const ec2::CreateSecurityGroupRequest& request) {
    auto& groups = call.account.ec2.groups;
    const Vpc& vpc = *K3F_TRY(find_vpc(call, request.vpc_id.value_or("")));
    K3F_TRY(check_words(request));
    for (const auto& [id, other] : groups)
        if (other.vpc == vpc.id && other.name == *request.group_name)
            return refuse(
                "InvalidGroup.Duplicate",
                format("The security group '{}' already exists for VPC '{}'", *request.group_name, vpc.id));
    if (std::ssize(groups) >= kMostGroups)
        return refuse("SecurityGroupLimitExceeded", "The maximum number of security groups has been reached");
    SecurityGroup group{.id = make_id(call, "sg"),
                        .vpc = vpc.id,
                        .name = *request.group_name,
                        .description = *request.description,
                        .tags = tags_given(request.tag_specifications, "security-group")};
    K3F_TRY(check_tags(group.tags));
    const GroupRule all_out{
        .id = derived_id(call, "sgr", group.id), .out = true, .protocol = "-1", .cidr = "0.0.0.0/0"};
    group.rules[all_out.id] = all_out;
    ec2::CreateSecurityGroupResponse answer{.group_id = group.id, .tags = listed(group.tags)};
    const std::string id = group.id;
    groups.emplace(id, std::move(group));
    return answer;
}

Status needs_delete(const Call& call, const ec2::DeleteSecurityGroupRequest& request, Needs& needs) {
    const std::string id = request.group_id.value_or("");
    needs_thing(call, needs, "security-group", id, K3F_TRY(find_group(call, id))->tags);
    return {};
}

// Interfaces that have it, and rules of other groups that name it.
bool is_held(const Ec2State& ec2, const std::string& id) {
    const auto has = [&](const auto& entry) { return std::ranges::count(entry.second.groups, id) > 0; };
    const auto names = [&](const auto& entry) { return entry.second.group == id; };
    return std::ranges::any_of(ec2.interfaces, has) ||
           std::ranges::any_of(ec2.groups, [&](const auto& entry) {
               return entry.first != id && std::ranges::any_of(entry.second.rules, names);
           });
}

Result<ec2::DeleteSecurityGroupResponse> remove(Call& call, const ec2::DeleteSecurityGroupRequest& request) {
    settle_network(call);
    const SecurityGroup& group = *K3F_TRY(find_group(call, request.group_id.value_or("")));
    if (group.name == "default")
        return refuse("CannotDelete", format("the specified group: \"{}\" name: \"default\" cannot be "
                                             "deleted by a user",
                                             group.id));
    if (is_held(call.account.ec2, group.id))
        return refuse("DependencyViolation", format("resource {} has a dependent object", group.id));
    call.account.ec2.groups.erase(*request.group_id);
    return ec2::DeleteSecurityGroupResponse{.return_ = true, .group_id = request.group_id};
}

Result<ec2::DescribeSecurityGroupsResponse> describe(Call& call,
                                                     const ec2::DescribeSecurityGroupsRequest& request) {
    const auto judge = [](const SecurityGroup& group, const ec2::Filter& filter) -> std::optional<bool> {
        if (filter.name == "vpc-id") return one_of(filter, group.vpc);
        if (filter.name == "group-name") return one_of(filter, group.name);
        if (filter.name == "group-id") return one_of(filter, group.id);
        return std::nullopt;
    };
    const Listing asked{.ids = request.group_ids,
                        .filters = request.filters,
                        .page = K3F_TRY(page_of(call, request.next_token, request.max_results)),
                        .unknown = "InvalidGroup.NotFound"};
    const auto show = [&](const SecurityGroup& group) { return show_group(call, group); };
    auto found = K3F_TRY(list_things(call, call.account.ec2.groups, asked, judge, show));
    return ec2::DescribeSecurityGroupsResponse{.next_token = found.second, .security_groups = found.first};
}

}  // namespace

void add_ec2_groups(Handlers& handlers) {
    handlers.add<ec2::CreateSecurityGroupRequest>({"Description", "GroupName", "VpcId", "TagSpecifications"},
                                                  needs_create, create);
    handlers.add<ec2::DeleteSecurityGroupRequest>({"GroupId"}, needs_delete, remove);
    handlers.add<ec2::DescribeSecurityGroupsRequest>({"Filters", "GroupIds", "NextToken", "MaxResults"},
                                                     needs_look, describe);
}

}  // namespace k3fleet::simcloud
