// EC2's network interfaces, and the fixed public addresses that they may have.
//
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AssociateAddress.html
#include <algorithm>

#include "adapters/simcloud/aws/ec2_run.h"
#include "adapters/simcloud/aws/ec2_things.h"
#include "adapters/simcloud/engine.h"
#include "core/intent/cidr.h"

namespace k3fleet::simcloud {
namespace {

constexpr std::uint64_t kLastByte = 256;

std::unexpected<Error> invalid(std::string message) {
    return refuse("InvalidParameterValue", std::move(message));
}
std::unexpected<Error> not_yours() {
    return refuse("AuthFailure", "You do not have permission to access the specified resource", 403);
}

const PublicAddress* address_of(const Ec2State& ec2, const std::string& interface) {
    const auto found = std::ranges::find_if(
        ec2.addresses, [&](const auto& entry) { return entry.second.interface == interface; });
    return found == ec2.addresses.end() ? nullptr : &found->second;
}

ec2::NetworkInterface show_interface(const Call& call, const Interface& interface) {
    const Ec2State& ec2 = call.account.ec2;
    const Subnet& subnet = ec2.subnets.at(interface.subnet);
    const bool used = is_used(call, interface);
    ec2::NetworkInterface shown{.availability_zone = subnet.zone, .description = interface.description};
    shown.interface_type = interface.service.empty() ? "interface" : interface.service;
    shown.network_interface_id = interface.id;
    shown.private_ip_address = interface.address;
    shown.requester_managed = !interface.service.empty();
    shown.source_dest_check = interface.checked;
    shown.subnet_id = interface.subnet;
    shown.vpc_id = subnet.vpc;
    shown.status = used ? "in-use" : "available";
    shown.tag_set = listed(interface.tags);
    for (const std::string& group : interface.groups)
        shown.groups.push_back({.group_id = group, .group_name = ec2.groups.at(group).name});
    if (used) {
        auto& attachment = shown.attachment.emplace();
        attachment.attachment_id = format("eni-attach-{}", interface.id.substr(4));
        attachment.status = "attached";
        if (interface.service.empty()) attachment.instance_id = interface.machine;
        attachment.instance_owner_id = interface.service.empty() ? call.account.number : "amazon-aws";
    }
    if (const PublicAddress* address = address_of(ec2, interface.id)) {
        auto& association = shown.association.emplace();
        association.allocation_id = address->id;
        association.association_id = address->association;
        association.public_ip = address->address;
    }
    return shown;
}

Status needs_create(const Call& call, const ec2::CreateNetworkInterfaceRequest& request, Needs& needs) {
    needs_new(call, needs, "network-interface", tags_given(request.tag_specifications, "network-interface"));
    needs_thing(call, needs, "subnet", *request.subnet_id,
                K3F_TRY(find_subnet(call, *request.subnet_id))->tags);
    for (const std::string& group : request.groups)
        needs_thing(call, needs, "security-group", group, K3F_TRY(find_group(call, group))->tags);
    return {};
}

// The one that is asked for, or the lowest that is free.
Result<std::string> choose_address(const Call& call, const Subnet& subnet,
                                   const std::optional<std::string>& wanted) {
    const Ec2State& ec2 = call.account.ec2;
    if (!wanted) {
        auto free = free_address(ec2, subnet);
        if (!free) return refuse("InsufficientFreeAddressesInSubnet", "The subnet has no free address");
        return *std::move(free);
    }
    const auto number = intent::parse_ipv4(*wanted);
    const auto net = intent::parse_cidr(subnet.cidr);
    if (!number || !net || !net->contains({.address = *number, .prefix = 32}))
        return invalid("Address does not fall within the subnet's address range");
    const std::uint64_t host = *number - net->base();  // AWS keeps the first four and the last.
    if (host < 4 || host + 1 == net->addresses())
        return invalid("Address is in subnet's reserved address range");
    for (const auto& [id, other] : ec2.interfaces)
        if (other.subnet == subnet.id && other.address == *wanted)
            return refuse("InvalidIPAddress.InUse",
                          format("The specified address {} is already in use", *wanted));
    return *wanted;
}

Result<ec2::CreateNetworkInterfaceResponse> create(Call& call,
                                                   const ec2::CreateNetworkInterfaceRequest& request) {
    Ec2State& ec2 = call.account.ec2;
    ec2::CreateNetworkInterfaceResponse answer;
    if (const auto* old = K3F_TRY(made_before(call, ec2.interfaces, request.client_token, &request))) {
        answer.network_interface = show_interface(call, *old);
        return answer;
    }
    const Subnet& subnet = *K3F_TRY(find_subnet(call, *request.subnet_id));
    K3F_TRY(check_groups(call, request.groups, subnet.vpc));
    const std::string address = K3F_TRY(choose_address(call, subnet, request.private_ip_address));
    Interface interface{.id = make_id(call, "eni"),
                        .subnet = subnet.id,
                        .address = address,
                        .groups = {request.groups.begin(), request.groups.end()},
                        .description = request.description.value_or(""),
                        .tags = tags_given(request.tag_specifications, "network-interface")};
    K3F_TRY(check_tags(interface.tags));
    if (const SecurityGroup* group = default_group(call, subnet.vpc); interface.groups.empty() && group)
        interface.groups.push_back(group->id);
    const std::string id = interface.id;
    remember_made(call, request.client_token, &request, id);
    answer.network_interface =
        show_interface(call, ec2.interfaces.emplace(id, std::move(interface)).first->second);
    return answer;
}

Result<ec2::DescribeNetworkInterfacesResponse> describe(
    Call& call, const ec2::DescribeNetworkInterfacesRequest& request) {
    const auto judge = [&](const Interface& interface, const ec2::Filter& filter) -> std::optional<bool> {
        const auto in_group = [&](const std::string& group) { return one_of(filter, group); };
        if (filter.name == "subnet-id") return one_of(filter, interface.subnet);
        if (filter.name == "attachment.instance-id") return one_of(filter, interface.machine);
        if (filter.name == "vpc-id") return one_of(filter, call.account.ec2.subnets.at(interface.subnet).vpc);
        if (filter.name == "group-id") return std::ranges::any_of(interface.groups, in_group);
        if (filter.name == "description") return one_of(filter, interface.description);
        if (filter.name == "private-ip-address") return one_of(filter, interface.address);
        if (filter.name == "status") return one_of(filter, is_used(call, interface) ? "in-use" : "available");
        return std::nullopt;
    };
    const Listing asked{.ids = request.network_interface_ids,
                        .filters = request.filters,
                        .page = K3F_TRY(page_of(call, request.next_token, request.max_results)),
                        .unknown = "InvalidNetworkInterfaceID.NotFound"};
    const auto show = [&](const Interface& interface) { return show_interface(call, interface); };
    auto found = K3F_TRY(list_things(call, call.account.ec2.interfaces, asked, judge, show));
    return ec2::DescribeNetworkInterfacesResponse{.network_interfaces = found.first,
                                                  .next_token = found.second};
}

Status needs_modify(const Call& call, const ec2::ModifyNetworkInterfaceAttributeRequest& request,
                    Needs& needs) {
    const std::string& id = *request.network_interface_id;
    needs_thing(call, needs, "network-interface", id, K3F_TRY(find_interface(call, id))->tags);
    for (const std::string& group : request.groups)
        needs_thing(call, needs, "security-group", group, K3F_TRY(find_group(call, group))->tags);
    return {};
}
Result<ec2::ModifyNetworkInterfaceAttributeResponse> modify(
    Call& call, const ec2::ModifyNetworkInterfaceAttributeRequest& request) {
    Interface& interface = *K3F_TRY(find_interface(call, *request.network_interface_id));
    if (!interface.service.empty()) return not_yours();
    const int asked = int{request.description.has_value()} + int{request.source_dest_check.has_value()} +
                      int{!request.groups.empty()};
    if (asked != 1)
        return refuse("InvalidParameterCombination", "Exactly one attribute is modified at a time");
    const std::string vpc = K3F_TRY(find_subnet(call, interface.subnet))->vpc;
    K3F_TRY(check_groups(call, request.groups, vpc));
    if (request.description) interface.description = request.description->value.value_or("");
    if (request.source_dest_check) interface.checked = request.source_dest_check->value.value_or(true);
    if (!request.groups.empty()) interface.groups.assign(request.groups.begin(), request.groups.end());
    return ec2::ModifyNetworkInterfaceAttributeResponse{};
}

Status needs_delete(const Call& call, const ec2::DeleteNetworkInterfaceRequest& request, Needs& needs) {
    const std::string& id = *request.network_interface_id;
    needs_thing(call, needs, "network-interface", id, K3F_TRY(find_interface(call, id))->tags);
    return {};
}
Result<ec2::DeleteNetworkInterfaceResponse> remove(Call& call,
                                                   const ec2::DeleteNetworkInterfaceRequest& request) {
    settle_network(call);
    const Interface& interface = *K3F_TRY(find_interface(call, *request.network_interface_id));
    if (!interface.service.empty()) return not_yours();
    if (is_used(call, interface))  // EC2's code is this one, for all that it lists InUse.
        return invalid(format("Network interface '{}' is currently in use", interface.id));
    for (auto& [id, address] : call.account.ec2.addresses)
        if (address.interface == interface.id) address.interface = address.association = "";
    call.account.ec2.interfaces.erase(*request.network_interface_id);
    return ec2::DeleteNetworkInterfaceResponse{};
}

// Public addresses.

Status needs_allocate(const Call& call, const ec2::AllocateAddressRequest& request, Needs& needs) {
    needs_new(call, needs, "elastic-ip", tags_given(request.tag_specifications, "elastic-ip"));
    return {};
}

// Of the range 203.0.113.0/24, which belongs to nobody.
std::string draw_address(const Call& call, const std::string& id) {
    const Ec2State& ec2 = call.account.ec2;
    std::uint64_t byte = call.dice("public-address", id).below(kLastByte);
    while (true) {
        std::string address = format("203.0.113.{}", byte % kLastByte);
        const auto same = [&](const auto& entry) { return entry.second.address == address; };
        if (std::ranges::none_of(ec2.addresses, same) || ec2.addresses.size() >= kLastByte) return address;
        ++byte;
    }
}

Result<ec2::AllocateAddressResponse> allocate(Call& call, const ec2::AllocateAddressRequest& request) {
    Ec2State& ec2 = call.account.ec2;
    if (request.domain.value_or("vpc") != "vpc")
        return invalid(format("Value ({}) for parameter domain is invalid", *request.domain));
    const Tags tags = tags_given(request.tag_specifications, "elastic-ip");
    K3F_TRY(check_tags(tags));
    if (std::ssize(ec2.addresses) >= ec2.most_addresses)
        return refuse("AddressLimitExceeded", "The maximum number of addresses has been reached");
    K3F_TRY(stop_if_dry(request.dry_run));
    PublicAddress made{.id = make_id(call, "eipalloc"), .tags = tags};
    made.address = draw_address(call, made.id);
    ec2::AllocateAddressResponse answer{.allocation_id = made.id};
    answer.domain = "vpc";
    answer.public_ip = made.address;
    ec2.addresses.emplace(made.id, made);
    return answer;
}

Status needs_associate(const Call& call, const ec2::AssociateAddressRequest& request, Needs& needs) {
    const std::string allocation = request.allocation_id.value_or("");
    const std::string interface = request.network_interface_id.value_or("");
    needs_thing(call, needs, "elastic-ip", allocation, K3F_TRY(find_address(call, allocation))->tags);
    needs_thing(call, needs, "network-interface", interface, K3F_TRY(find_interface(call, interface))->tags);
    return {};
}
Result<ec2::AssociateAddressResponse> associate(Call& call, const ec2::AssociateAddressRequest& request) {
    settle_network(call);
    Ec2State& ec2 = call.account.ec2;
    PublicAddress& address = *K3F_TRY(find_address(call, request.allocation_id.value_or("")));
    const Interface& interface = *K3F_TRY(find_interface(call, request.network_interface_id.value_or("")));
    if (!interface.service.empty()) return not_yours();
    if (address.interface == interface.id)
        return ec2::AssociateAddressResponse{.association_id = address.association};
    const std::string vpc = K3F_TRY(find_subnet(call, interface.subnet))->vpc;
    const auto of_vpc = [&](const auto& entry) { return entry.second.vpc == vpc; };
    if (std::ranges::none_of(ec2.gateways, of_vpc))
        return refuse("Gateway.NotAttached",
                      format("Network {} is not attached to any internet gateway", vpc));
    const bool taken = !address.interface.empty() || address_of(ec2, interface.id) != nullptr;
    if (taken && !request.allow_reassociation.value_or(false))
        return refuse("Resource.AlreadyAssociated",
                      format("resource {} is already associated", interface.id));
    if (!address.interface.empty())
        if (const auto holder = ec2.interfaces.find(address.interface);
            holder != ec2.interfaces.end() && !holder->second.service.empty())
            return not_yours();
    for (auto& [id, other] : ec2.addresses)
        if (other.interface == interface.id) other.interface = other.association = "";
    address.interface = interface.id;
    address.association = make_id(call, "eipassoc");
    return ec2::AssociateAddressResponse{.association_id = address.association};
}

Result<PublicAddress*> find_association(const Call& call, const std::optional<std::string>& id) {
    for (auto& [allocation, address] : call.account.ec2.addresses)
        if (!address.association.empty() && address.association == id) return &address;
    return refuse("InvalidAssociationID.NotFound",
                  format("The association ID '{}' does not exist", id.value_or("")));
}

Status needs_disassociate(const Call& call, const ec2::DisassociateAddressRequest& request, Needs& needs) {
    const PublicAddress& address = *K3F_TRY(find_association(call, request.association_id));
    needs_thing(call, needs, "elastic-ip", address.id, address.tags);
    needs_thing(call, needs, "network-interface", address.interface,
                K3F_TRY(find_interface(call, address.interface))->tags);
    return {};
}
Result<ec2::DisassociateAddressResponse> disassociate(Call& call,
                                                      const ec2::DisassociateAddressRequest& request) {
    settle_network(call);
    PublicAddress& address = *K3F_TRY(find_association(call, request.association_id));
    if (!K3F_TRY(find_interface(call, address.interface))->service.empty()) return not_yours();
    address.interface = address.association = "";
    return ec2::DisassociateAddressResponse{};
}

Status needs_release(const Call& call, const ec2::ReleaseAddressRequest& request, Needs& needs) {
    const std::string id = request.allocation_id.value_or("");
    needs_thing(call, needs, "elastic-ip", id, K3F_TRY(find_address(call, id))->tags);
    return {};
}
Result<ec2::ReleaseAddressResponse> release(Call& call, const ec2::ReleaseAddressRequest& request) {
    settle_network(call);
    const PublicAddress& address = *K3F_TRY(find_address(call, request.allocation_id.value_or("")));
    if (!address.interface.empty())
        return refuse("InvalidIPAddress.InUse", format("Address {} is in use", address.address));
    call.account.ec2.addresses.erase(*request.allocation_id);
    return ec2::ReleaseAddressResponse{};
}

ec2::Address show_address(const Call& call, const PublicAddress& address) {
    ec2::Address shown{.allocation_id = address.id, .domain = "vpc", .tags = listed(address.tags)};
    shown.public_ip = address.address;
    const Interface* interface = interface_there(call, address.interface);
    if (interface == nullptr) return shown;
    shown.association_id = address.association;
    shown.network_interface_id = address.interface;
    shown.private_ip_address = interface->address;
    if (interface_user(call, *interface) != nullptr) shown.instance_id = interface->machine;
    return shown;
}

Result<ec2::DescribeAddressesResponse> describe_addresses(Call& call,
                                                          const ec2::DescribeAddressesRequest& request) {
    const auto judge = [](const PublicAddress& address, const ec2::Filter& filter) -> std::optional<bool> {
        if (filter.name == "allocation-id") return one_of(filter, address.id);
        if (filter.name == "association-id") return one_of(filter, address.association);
        if (filter.name == "network-interface-id") return one_of(filter, address.interface);
        if (filter.name == "public-ip") return one_of(filter, address.address);
        if (filter.name == "domain") return one_of(filter, "vpc");
        return std::nullopt;
    };
    const Listing asked{.ids = request.allocation_ids,
                        .filters = request.filters,
                        .page = {.after = "", .limit = call.account.ec2.addresses.size()},
                        .unknown = "InvalidAllocationID.NotFound"};
    const auto show = [&](const PublicAddress& address) { return show_address(call, address); };
    auto found = K3F_TRY(list_things(call, call.account.ec2.addresses, asked, judge, show));
    return ec2::DescribeAddressesResponse{.addresses = found.first};
}

}  // namespace

void add_ec2_interfaces(Handlers& handlers) {
    handlers.add<ec2::CreateNetworkInterfaceRequest>(
        {"TagSpecifications", "ClientToken", "SubnetId", "Description", "PrivateIpAddress", "Groups"},
        needs_create, create);
    handlers.add<ec2::DescribeNetworkInterfacesRequest>(
        {"Filters", "NetworkInterfaceIds", "NextToken", "MaxResults"}, needs_look, describe);
    handlers.add<ec2::ModifyNetworkInterfaceAttributeRequest>(
        {"NetworkInterfaceId", "Description", "SourceDestCheck", "Groups"}, needs_modify, modify);
    handlers.add<ec2::DeleteNetworkInterfaceRequest>({"NetworkInterfaceId"}, needs_delete, remove);
    handlers.add<ec2::AllocateAddressRequest>({"Domain", "TagSpecifications", "DryRun"}, needs_allocate,
                                              allocate);
    handlers.add<ec2::AssociateAddressRequest>({"AllocationId", "NetworkInterfaceId", "AllowReassociation"},
                                               needs_associate, associate);
    handlers.add<ec2::DisassociateAddressRequest>({"AssociationId"}, needs_disassociate, disassociate);
    handlers.add<ec2::ReleaseAddressRequest>({"AllocationId"}, needs_release, release);
    handlers.add<ec2::DescribeAddressesRequest>({"AllocationIds", "Filters"}, needs_look, describe_addresses);
}

}  // namespace k3fleet::simcloud
