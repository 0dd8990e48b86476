// Networks of EC2: VPCs and the subnets in them.
#include <algorithm>
#include <array>

#include "adapters/simcloud/aws/ec2_things.h"
#include "core/intent/cidr.h"

namespace k3fleet::simcloud {
namespace {

constexpr std::size_t kMostSubnets = 200;  // Of a VPC.
constexpr std::string_view kAnywhere = "0.0.0.0/0";

ec2::Vpc show_vpc(const Vpc& vpc) {
    return {.instance_tenancy = vpc.tenancy,
            .is_default = false,
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
    shown.map_public_ip_on_launch = subnet.public_addresses;
    return shown;
}

// What comes with each VPC, and goes with it.
void furnish_vpc(Call& call, const std::string& vpc) {
    RouteTable table{.id = derived_id(call, "rtb", vpc), .vpc = vpc};
    table.associations[derived_id(call, "rtbassoc", vpc)] = "";
    call.account.ec2.tables.insert_or_assign(table.id, table);
    SecurityGroup group{.id = derived_id(call, "sg", vpc),
                        .vpc = vpc,
                        .name = "default",
                        .description = "default VPC security group"};
    const GroupRule in{.id = derived_id(call, "sgr", group.id + "/in"), .protocol = "-1", .group = group.id};
    const GroupRule out{.id = derived_id(call, "sgr", group.id),
                        .out = true,
                        .protocol = "-1",
                        .cidr = std::string(kAnywhere)};
    group.rules = {{in.id, in}, {out.id, out}};
    call.account.ec2.groups.insert_or_assign(group.id, group);
}

Status needs_vpc(const Call& call, const ec2::CreateVpcRequest& request, Needs& needs) {
    needs_new(call, needs, "vpc", tags_given(request.tag_specifications, "vpc"));
    return {};
}
Result<ec2::CreateVpcResponse> create_vpc(Call& call, const ec2::CreateVpcRequest& request) {
    Ec2State& ec2 = call.account.ec2;
    const auto cidr = intent::parse_cidr(request.cidr_block.value_or(""));
    if (!cidr || cidr->prefix < 16 || cidr->prefix > 28 || cidr->address != cidr->base())
        return refuse("InvalidVpc.Range",
                      format("The CIDR '{}' is invalid", request.cidr_block.value_or("")));
    const std::string tenancy = request.instance_tenancy.value_or("default");
    if (tenancy != "default" && tenancy != "dedicated")
        return refuse("InvalidParameterValue",
                      format("Value ({}) for parameter instanceTenancy is invalid", tenancy));
    const Tags tags = tags_given(request.tag_specifications, "vpc");
    K3F_TRY(check_tags(tags));
    if (std::ssize(ec2.vpcs) >= ec2.most_vpcs)
        return refuse("VpcLimitExceeded", "The maximum number of VPCs has been reached");
    K3F_TRY(stop_if_dry(request.dry_run));
    Vpc vpc{.id = make_id(call, "vpc"), .cidr = *request.cidr_block, .tags = tags, .tenancy = tenancy};
    furnish_vpc(call, vpc.id);
    ec2::CreateVpcResponse answer;
    answer.vpc = show_vpc(vpc);
    const std::string id = vpc.id;
    ec2.vpcs.emplace(id, std::move(vpc));
    return answer;
}

template <typename Request>
Status needs_this_vpc(const Call& call, const Request& request, Needs& needs) {
    needs_thing(call, needs, "vpc", *request.vpc_id, K3F_TRY(find_vpc(call, *request.vpc_id))->tags);
    return {};
}

template <typename Things>
bool any_in(const Things& things, const std::string& vpc) {
    return std::ranges::any_of(things, [&](const auto& entry) { return entry.second.vpc == vpc; });
}

Result<ec2::DeleteVpcResponse> delete_vpc(Call& call, const ec2::DeleteVpcRequest& request) {
    settle_network(call);
    Ec2State& ec2 = call.account.ec2;
    const std::string id = K3F_TRY(find_vpc(call, *request.vpc_id))->id;
    const RouteTable* table = main_table(call, id);
    const SecurityGroup* group = default_group(call, id);
    const auto others = [&](const auto& things, const auto* own) {
        return std::ranges::any_of(things, [&](const auto& entry) {
            return entry.second.vpc == id && (own == nullptr || entry.first != own->id);
        });
    };
    if (any_in(ec2.subnets, id) || any_in(ec2.gateways, id) || any_in(ec2.endpoints, id) ||
        others(ec2.tables, table) || others(ec2.groups, group))
        return refuse("DependencyViolation",
                      format("The vpc '{}' has dependencies and cannot be deleted", id));
    if (table != nullptr) ec2.tables.erase(std::string(table->id));
    if (group != nullptr) ec2.groups.erase(std::string(group->id));
    ec2.vpcs.erase(id);
    return ec2::DeleteVpcResponse{};
}

Result<ec2::DescribeVpcsResponse> describe_vpcs(Call& call, const ec2::DescribeVpcsRequest& request) {
    const auto judge = [](const Vpc& vpc, const ec2::Filter& filter) -> std::optional<bool> {
        if (filter.name == "vpc-id") return one_of(filter, vpc.id);
        if (filter.name == "cidr") return one_of(filter, vpc.cidr);
        return std::nullopt;
    };
    const Listing asked{.ids = request.vpc_ids,
                        .filters = request.filters,
                        .page = K3F_TRY(page_of(call, request.next_token, request.max_results)),
                        .unknown = "InvalidVpcID.NotFound"};
    auto found = K3F_TRY(list_things(call, call.account.ec2.vpcs, asked, judge, show_vpc));
    return ec2::DescribeVpcsResponse{.next_token = found.second, .vpcs = found.first};
}

Result<ec2::DescribeVpcAttributeResponse> describe_attribute(
    Call& call, const ec2::DescribeVpcAttributeRequest& request) {
    const Vpc& vpc = *K3F_TRY(find_vpc(call, *request.vpc_id));
    ec2::DescribeVpcAttributeResponse answer;
    answer.vpc_id = vpc.id;
    if (request.attribute == "enableDnsSupport")
        answer.enable_dns_support.emplace().value = vpc.dns_support;
    else if (request.attribute == "enableDnsHostnames")
        answer.enable_dns_hostnames.emplace().value = vpc.dns_hostnames;
    else
        return refuse("InvalidParameterValue", format("Value ({}) for parameter attribute is invalid",
                                                      request.attribute.value_or("")));
    return answer;
}

Result<ec2::ModifyVpcAttributeResponse> modify_attribute(Call& call,
                                                         const ec2::ModifyVpcAttributeRequest& request) {
    Vpc& vpc = *K3F_TRY(find_vpc(call, *request.vpc_id));
    if (request.enable_dns_support.has_value() == request.enable_dns_hostnames.has_value())
        return refuse("InvalidParameterCombination", "Exactly one attribute is modified at a time");
    if (request.enable_dns_support) vpc.dns_support = request.enable_dns_support->value.value_or(false);
    if (request.enable_dns_hostnames) vpc.dns_hostnames = request.enable_dns_hostnames->value.value_or(false);
    return ec2::ModifyVpcAttributeResponse{};
}

Status needs_subnet(const Call& call, const ec2::CreateSubnetRequest& request, Needs& needs) {
    needs_new(call, needs, "subnet", tags_given(request.tag_specifications, "subnet"));
    return needs_this_vpc(call, request, needs);
}
Result<ec2::CreateSubnetResponse> create_subnet(Call& call, const ec2::CreateSubnetRequest& request) {
    const Vpc& vpc = *K3F_TRY(find_vpc(call, *request.vpc_id));
    const auto cidr = intent::parse_cidr(request.cidr_block.value_or(""));
    const auto whole = intent::parse_cidr(vpc.cidr);
    if (!cidr || cidr->prefix > 28 || cidr->address != cidr->base() || !whole || !whole->contains(*cidr))
        return refuse("InvalidSubnet.Range",
                      format("The CIDR '{}' is invalid", request.cidr_block.value_or("")));
    std::size_t subnets = 0;
    for (const auto& [id, other] : call.account.ec2.subnets) {
        if (other.vpc != vpc.id) continue;
        const auto taken = intent::parse_cidr(other.cidr);
        if (taken && taken->overlaps(*cidr))
            return refuse("InvalidSubnet.Conflict",
                          format("The CIDR '{}' conflicts with another subnet", *request.cidr_block));
        if (++subnets >= kMostSubnets)
            return refuse("SubnetLimitExceeded", "The maximum number of subnets has been reached");
    }
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

template <typename Request>
Status needs_this_subnet(const Call& call, const Request& request, Needs& needs) {
    needs_thing(call, needs, "subnet", *request.subnet_id,
                K3F_TRY(find_subnet(call, *request.subnet_id))->tags);
    return {};
}

Result<ec2::DeleteSubnetResponse> delete_subnet(Call& call, const ec2::DeleteSubnetRequest& request) {
    settle_network(call);
    Ec2State& ec2 = call.account.ec2;
    const std::string id = K3F_TRY(find_subnet(call, *request.subnet_id))->id;
    const auto in_it = [&](const auto& entry) { return entry.second.subnet == id; };
    if (std::ranges::any_of(ec2.interfaces, in_it))
        return refuse("DependencyViolation",
                      format("The subnet '{}' has dependencies and cannot be deleted", id));
    for (auto& [table_id, table] : ec2.tables)
        std::erase_if(table.associations, [&](const auto& entry) { return entry.second == id; });
    ec2.subnets.erase(id);
    return ec2::DeleteSubnetResponse{};
}

Result<ec2::ModifySubnetAttributeResponse> modify_subnet(Call& call,
                                                         const ec2::ModifySubnetAttributeRequest& request) {
    Subnet& subnet = *K3F_TRY(find_subnet(call, *request.subnet_id));
    if (!request.map_public_ip_on_launch || !request.map_public_ip_on_launch->value)
        return refuse("InvalidParameterCombination", "No attributes specified");
    subnet.public_addresses = *request.map_public_ip_on_launch->value;
    return ec2::ModifySubnetAttributeResponse{};
}

Result<ec2::DescribeSubnetsResponse> describe_subnets(Call& call,
                                                      const ec2::DescribeSubnetsRequest& request) {
    const auto judge = [](const Subnet& subnet, const ec2::Filter& filter) -> std::optional<bool> {
        if (filter.name == "vpc-id") return one_of(filter, subnet.vpc);
        if (filter.name == "subnet-id") return one_of(filter, subnet.id);
        if (filter.name == "availability-zone") return one_of(filter, subnet.zone);
        return std::nullopt;
    };
    const Listing asked{.ids = request.subnet_ids,
                        .filters = request.filters,
                        .page = K3F_TRY(page_of(call, request.next_token, request.max_results)),
                        .unknown = "InvalidSubnetID.NotFound"};
    auto found = K3F_TRY(list_things(call, call.account.ec2.subnets, asked, judge, show_subnet));
    return ec2::DescribeSubnetsResponse{.next_token = found.second, .subnets = found.first};
}

}  // namespace

void add_ec2_network(Handlers& handlers) {
    handlers.add<ec2::CreateVpcRequest>({"CidrBlock", "InstanceTenancy", "TagSpecifications", "DryRun"},
                                        needs_vpc, create_vpc);
    handlers.add<ec2::DeleteVpcRequest>({"VpcId"}, needs_this_vpc, delete_vpc);
    handlers.add<ec2::DescribeVpcsRequest>({"Filters", "VpcIds", "NextToken", "MaxResults"}, needs_look,
                                           describe_vpcs);
    handlers.add<ec2::DescribeVpcAttributeRequest>({"VpcId", "Attribute"}, needs_this_vpc,
                                                   describe_attribute);
    handlers.add<ec2::ModifyVpcAttributeRequest>({"VpcId", "EnableDnsSupport", "EnableDnsHostnames"},
                                                 needs_this_vpc, modify_attribute);
    handlers.add<ec2::CreateSubnetRequest>({"TagSpecifications", "AvailabilityZone", "CidrBlock", "VpcId"},
                                           needs_subnet, create_subnet);
    handlers.add<ec2::DeleteSubnetRequest>({"SubnetId"}, needs_this_subnet, delete_subnet);
    handlers.add<ec2::ModifySubnetAttributeRequest>({"SubnetId", "MapPublicIpOnLaunch"}, needs_this_subnet,
                                                    modify_subnet);
    handlers.add<ec2::DescribeSubnetsRequest>({"Filters", "SubnetIds", "NextToken", "MaxResults"}, needs_look,
                                              describe_subnets);
    add_ec2_interfaces(handlers);
    add_ec2_tags(handlers);
}

}  // namespace k3fleet::simcloud
