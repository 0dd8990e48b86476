// Networks of EC2, as far as machines stand in them: VPCs, subnets, security groups, interfaces.
#include <algorithm>

#include "adapters/simcloud/aws/ec2_run.h"
#include "adapters/simcloud/engine.h"
#include "base/ranges.h"
#include "base/text.h"
#include "core/intent/cidr.h"

namespace k3fleet::simcloud {
namespace {

template <typename Thing>
Result<Thing*> find(std::map<std::string, Thing>& things, const std::string& id, std::string_view code,
                    std::string_view what) {
    const auto found = things.find(id);
    if (found == things.end()) return refuse(code, format("The {} '{}' does not exist", what, id));
    return &found->second;
}
Result<Vpc*> find_vpc(const Call& call, const std::string& id) {
    return find(call.account.ec2.vpcs, id, "InvalidVpcID.NotFound", "vpc ID");
}
Result<Subnet*> find_subnet(const Call& call, const std::string& id) {
    return find(call.account.ec2.subnets, id, "InvalidSubnetID.NotFound", "subnet ID");
}
Result<SecurityGroup*> find_group(const Call& call, const std::string& id) {
    return find(call.account.ec2.groups, id, "InvalidGroup.NotFound", "security group");
}

// Lists what passes the filters, a page of it. `show` makes the answer's element, `judge` knows filters.
template <typename Thing, typename Request, typename Show, typename Judge>
auto list(Call& call, const std::map<std::string, Thing>& things, const Request& request,
          const aws::List<std::string>& ids, Judge judge, Show show)
    -> Result<std::pair<std::vector<decltype(show(std::declval<Thing>()))>, std::optional<std::string>>> {
    std::pair<std::vector<decltype(show(std::declval<Thing>()))>, std::optional<std::string>> answer;
    const Page page = K3F_TRY(page_of(call, request.next_token, request.max_results));
    std::string last;
    for (const auto& [id, thing] : things) {
        if (id <= page.after || (!ids.empty() && std::ranges::find(ids, id) == ids.end())) continue;
        if (!K3F_TRY(passes(request.filters, thing.tags,
                            [&](const ec2::Filter& filter) { return judge(thing, filter); })))
            continue;
        if (answer.first.size() == page.limit) {
            answer.second = last;
            break;
        }
        last = id;
        answer.first.push_back(show(thing));
    }
    return answer;
}

ec2::Vpc show_vpc(const Vpc& vpc) {
    return {.is_default = false,
            .tags = listed(vpc.tags),
            .vpc_id = vpc.id,
            .state = "available",
            .cidr_block = vpc.cidr};
}
ec2::Subnet show_subnet(const Subnet& subnet) {
    ec2::Subnet shown{.tags = listed(subnet.tags), .subnet_id = subnet.id, .state = "available"};
    shown.vpc_id = subnet.vpc;
    shown.cidr_block = subnet.cidr;
    shown.availability_zone = subnet.zone;
    shown.map_public_ip_on_launch = false;
    return shown;
}
ec2::SecurityGroup show_group(const SecurityGroup& group) {
    ec2::SecurityGroup shown{.group_id = group.id, .tags = listed(group.tags), .vpc_id = group.vpc};
    shown.group_name = group.name;
    shown.description = group.description;
    return shown;
}
ec2::NetworkInterface show_interface(const Call& call, const Interface& interface) {
    const Subnet& subnet = call.account.ec2.subnets.at(interface.subnet);
    const bool machine = interface_user(call, interface) != nullptr;
    const bool used = machine || !interface.service.empty();
    ec2::NetworkInterface shown{.availability_zone = subnet.zone, .description = interface.description};
    shown.interface_type = interface.service.empty() ? "interface" : interface.service;
    shown.requester_managed = !interface.service.empty();
    shown.network_interface_id = interface.id;
    shown.private_ip_address = interface.address;
    shown.subnet_id = interface.subnet;
    shown.vpc_id = subnet.vpc;
    shown.status = used ? "in-use" : "available";
    shown.tag_set = listed(interface.tags);
    for (const std::string& group : interface.groups)
        shown.groups.push_back({.group_id = group, .group_name = call.account.ec2.groups.at(group).name});
    if (machine) shown.attachment.emplace().instance_id = interface.machine;
    return shown;
}

Status needs_vpc(const Call& call, const ec2::CreateVpcRequest& request, Needs& needs) {
    needs_new(call, needs, "vpc", tags_given(request.tag_specifications, "vpc"));
    return {};
}
Result<ec2::CreateVpcResponse> create_vpc(Call& call, const ec2::CreateVpcRequest& request) {
    const auto cidr = intent::parse_cidr(request.cidr_block.value_or(""));
    if (!cidr || cidr->prefix < 16 || cidr->prefix > 28 || cidr->address != cidr->base())
        return refuse("InvalidVpc.Range",
                      format("The CIDR '{}' is invalid", request.cidr_block.value_or("")));
    Vpc vpc{.id = make_id(call, "vpc"),
            .cidr = *request.cidr_block,
            .tags = tags_given(request.tag_specifications, "vpc")};
    K3F_TRY(check_tags(vpc.tags));
    ec2::CreateVpcResponse answer;
    answer.vpc = show_vpc(vpc);
    const std::string id = vpc.id;
    call.account.ec2.vpcs.emplace(id, std::move(vpc));
    return answer;
}

Status needs_subnet(const Call& call, const ec2::CreateSubnetRequest& request, Needs& needs) {
    needs_new(call, needs, "subnet", tags_given(request.tag_specifications, "subnet"));
    needs.add("ec2:CreateSubnet", call.arn("ec2", "vpc/" + *request.vpc_id),
              tagged_resource(K3F_TRY(find_vpc(call, *request.vpc_id))->tags));
    return {};
}
Result<ec2::CreateSubnetResponse> create_subnet(Call& call, const ec2::CreateSubnetRequest& request) {
    const Vpc& vpc = *K3F_TRY(find_vpc(call, *request.vpc_id));
    const auto cidr = intent::parse_cidr(request.cidr_block.value_or(""));
    const auto whole = intent::parse_cidr(vpc.cidr);
    if (!cidr || cidr->prefix > 28 || cidr->address != cidr->base() || !whole->contains(*cidr))
        return refuse("InvalidSubnet.Range",
                      format("The CIDR '{}' is invalid", request.cidr_block.value_or("")));
    for (const auto& [id, other] : call.account.ec2.subnets)
        if (other.vpc == vpc.id && intent::parse_cidr(other.cidr)->overlaps(*cidr))
            return refuse("InvalidSubnet.Conflict",
                          format("The CIDR '{}' conflicts with another subnet", *request.cidr_block));
    const std::string zone = request.availability_zone.value_or(call.account.region + "a");
    if (!zone.starts_with(call.account.region) || zone.size() != call.account.region.size() + 1)
        return refuse("InvalidParameterValue",
                      format("Value ({}) for parameter availabilityZone is invalid", zone));
    Subnet subnet{.id = make_id(call, "subnet"),
                  .vpc = vpc.id,
                  .zone = zone,
                  .cidr = *request.cidr_block,
                  .tags = tags_given(request.tag_specifications, "subnet")};
    K3F_TRY(check_tags(subnet.tags));
    ec2::CreateSubnetResponse answer;
    answer.subnet = show_subnet(subnet);
    const std::string id = subnet.id;
    call.account.ec2.subnets.emplace(id, std::move(subnet));
    return answer;
}

Status needs_group(const Call& call, const ec2::CreateSecurityGroupRequest& request, Needs& needs) {
    needs_new(call, needs, "security-group", tags_given(request.tag_specifications, "security-group"));
    needs.add("ec2:CreateSecurityGroup", call.arn("ec2", "vpc/" + request.vpc_id.value_or("")),
              tagged_resource(K3F_TRY(find_vpc(call, request.vpc_id.value_or("")))->tags));
    return {};
}
Result<ec2::CreateSecurityGroupResponse> create_group(Call& call,
                                                      const ec2::CreateSecurityGroupRequest& request) {
    const Vpc& vpc = *K3F_TRY(find_vpc(call, request.vpc_id.value_or("")));
    if (request.group_name->starts_with("sg-") || request.group_name == "default")
        return refuse("InvalidParameterValue", format("Invalid group name '{}'", *request.group_name));
    for (const auto& [id, other] : call.account.ec2.groups)
        if (other.vpc == vpc.id && other.name == *request.group_name)
            return refuse(
                "InvalidGroup.Duplicate",
                format("The security group '{}' already exists for VPC '{}'", *request.group_name, vpc.id));
    SecurityGroup group{.id = make_id(call, "sg"),
                        .vpc = vpc.id,
                        .name = *request.group_name,
                        .description = *request.description,
                        .tags = tags_given(request.tag_specifications, "security-group")};
    K3F_TRY(check_tags(group.tags));
    ec2::CreateSecurityGroupResponse answer{.group_id = group.id, .tags = listed(group.tags)};
    const std::string id = group.id;
    call.account.ec2.groups.emplace(id, std::move(group));
    return answer;
}

Status needs_interface(const Call& call, const ec2::CreateNetworkInterfaceRequest& request, Needs& needs) {
    needs_new(call, needs, "network-interface", tags_given(request.tag_specifications, "network-interface"));
    needs.add("ec2:CreateNetworkInterface", call.arn("ec2", "subnet/" + *request.subnet_id),
              tagged_resource(K3F_TRY(find_subnet(call, *request.subnet_id))->tags));
    for (const std::string& group : request.groups)
        needs.add("ec2:CreateNetworkInterface", call.arn("ec2", "security-group/" + group),
                  tagged_resource(K3F_TRY(find_group(call, group))->tags));
    return {};
}
Result<ec2::CreateNetworkInterfaceResponse> create_interface(
    Call& call, const ec2::CreateNetworkInterfaceRequest& request) {
    const Subnet& subnet = *K3F_TRY(find_subnet(call, *request.subnet_id));
    for (const std::string& group : request.groups)
        if (K3F_TRY(find_group(call, group))->vpc != subnet.vpc)
            return refuse("InvalidParameterValue", format("group {} is in another network", group));
    std::string address = request.private_ip_address.value_or("");
    for (const auto& [id, other] : call.account.ec2.interfaces)
        if (other.subnet == subnet.id && other.address == address)
            return refuse("InvalidIPAddress.InUse",
                          format("The specified address {} is already in use", address));
    if (address.empty()) {
        auto free = free_address(call.account.ec2, subnet);
        if (!free) return refuse("InsufficientFreeAddressesInSubnet", "The subnet has no free address");
        address = *std::move(free);
    }
    Interface interface{.id = make_id(call, "eni"),
                        .subnet = subnet.id,
                        .address = address,
                        .groups = {request.groups.begin(), request.groups.end()},
                        .description = request.description.value_or(""),
                        .tags = tags_given(request.tag_specifications, "network-interface")};
    K3F_TRY(check_tags(interface.tags));
    ec2::CreateNetworkInterfaceResponse answer;
    const std::string id = interface.id;
    answer.network_interface =
        show_interface(call, call.account.ec2.interfaces.emplace(id, std::move(interface)).first->second);
    return answer;
}

Result<ec2::DescribeVpcsResponse> describe_vpcs(Call& call, const ec2::DescribeVpcsRequest& request) {
    const auto judge = [](const Vpc& vpc, const ec2::Filter& filter) -> std::optional<bool> {
        if (filter.name == "vpc-id") return one_of(filter, vpc.id);
        return std::nullopt;
    };
    auto found = K3F_TRY(list(call, call.account.ec2.vpcs, request, request.vpc_ids, judge, show_vpc));
    return ec2::DescribeVpcsResponse{.next_token = found.second, .vpcs = found.first};
}
Result<ec2::DescribeSubnetsResponse> describe_subnets(Call& call,
                                                      const ec2::DescribeSubnetsRequest& request) {
    const auto judge = [](const Subnet& subnet, const ec2::Filter& filter) -> std::optional<bool> {
        if (filter.name == "vpc-id") return one_of(filter, subnet.vpc);
        if (filter.name == "availability-zone") return one_of(filter, subnet.zone);
        return std::nullopt;
    };
    auto found =
        K3F_TRY(list(call, call.account.ec2.subnets, request, request.subnet_ids, judge, show_subnet));
    return ec2::DescribeSubnetsResponse{.next_token = found.second, .subnets = found.first};
}
Result<ec2::DescribeSecurityGroupsResponse> describe_groups(
    Call& call, const ec2::DescribeSecurityGroupsRequest& request) {
    const auto judge = [](const SecurityGroup& group, const ec2::Filter& filter) -> std::optional<bool> {
        if (filter.name == "vpc-id") return one_of(filter, group.vpc);
        if (filter.name == "group-name") return one_of(filter, group.name);
        return std::nullopt;
    };
    auto found = K3F_TRY(list(call, call.account.ec2.groups, request, request.group_ids, judge, show_group));
    return ec2::DescribeSecurityGroupsResponse{.next_token = found.second, .security_groups = found.first};
}
Result<ec2::DescribeNetworkInterfacesResponse> describe_interfaces(
    Call& call, const ec2::DescribeNetworkInterfacesRequest& request) {
    const auto judge = [&](const Interface& interface, const ec2::Filter& filter) -> std::optional<bool> {
        if (filter.name == "subnet-id") return one_of(filter, interface.subnet);
        if (filter.name == "description") return one_of(filter, interface.description);
        if (filter.name == "attachment.instance-id") return one_of(filter, interface.machine);
        if (filter.name == "vpc-id") return one_of(filter, call.account.ec2.subnets.at(interface.subnet).vpc);
        return std::nullopt;
    };
    const auto show = [&](const Interface& interface) { return show_interface(call, interface); };
    auto found =
        K3F_TRY(list(call, call.account.ec2.interfaces, request, request.network_interface_ids, judge, show));
    return ec2::DescribeNetworkInterfacesResponse{.network_interfaces = found.first,
                                                  .next_token = found.second};
}

}  // namespace

void add_ec2_network(Handlers& handlers) {
    handlers.add<ec2::CreateVpcRequest>({"CidrBlock", "TagSpecifications"}, needs_vpc, create_vpc);
    handlers.add<ec2::CreateSubnetRequest>({"TagSpecifications", "AvailabilityZone", "CidrBlock", "VpcId"},
                                           needs_subnet, create_subnet);
    handlers.add<ec2::CreateSecurityGroupRequest>({"Description", "GroupName", "VpcId", "TagSpecifications"},
                                                  needs_group, create_group);
    handlers.add<ec2::CreateNetworkInterfaceRequest>(
        {"TagSpecifications", "ClientToken", "SubnetId", "Description", "PrivateIpAddress", "Groups"},
        needs_interface, create_interface);
    handlers.add<ec2::DescribeVpcsRequest>({"Filters", "VpcIds", "NextToken", "MaxResults"}, needs_look,
                                           describe_vpcs);
    handlers.add<ec2::DescribeSubnetsRequest>({"Filters", "SubnetIds", "NextToken", "MaxResults"}, needs_look,
                                              describe_subnets);
    handlers.add<ec2::DescribeSecurityGroupsRequest>({"Filters", "GroupIds", "NextToken", "MaxResults"},
                                                     needs_look, describe_groups);
    handlers.add<ec2::DescribeNetworkInterfacesRequest>(
        {"Filters", "NetworkInterfaceIds", "NextToken", "MaxResults"}, needs_look, describe_interfaces);
}

}  // namespace k3fleet::simcloud
