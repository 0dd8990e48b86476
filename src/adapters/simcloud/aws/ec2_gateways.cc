// EC2's ways out of a network: internet gateways, and NAT gateways, which take a while to come and to go.
//
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_NatGateway.html
#include <algorithm>

#include "adapters/simcloud/aws/ec2_things.h"

namespace k3fleet::simcloud {
namespace {

using std::chrono::seconds;

constexpr std::int64_t kMostGateways = 5;     // Internet gateways of a region.
constexpr std::int64_t kMostNatGateways = 5;  // Of a zone.

ec2::InternetGateway show_gateway(const InternetGateway& gateway) {
    ec2::InternetGateway shown{.internet_gateway_id = gateway.id, .tags = listed(gateway.tags)};
    if (!gateway.vpc.empty()) shown.attachments.push_back({.state = "available", .vpc_id = gateway.vpc});
    return shown;
}

Status needs_create(const Call& call, const ec2::CreateInternetGatewayRequest& request, Needs& needs) {
    needs_new(call, needs, "internet-gateway", tags_given(request.tag_specifications, "internet-gateway"));
    return {};
}
Result<ec2::CreateInternetGatewayResponse> create(Call& call,
                                                  const ec2::CreateInternetGatewayRequest& request) {
    InternetGateway gateway{.tags = tags_given(request.tag_specifications, "internet-gateway")};
    K3F_TRY(check_tags(gateway.tags));
    if (std::ssize(call.account.ec2.gateways) >= kMostGateways)
        return refuse("InternetGatewayLimitExceeded",
                      "The maximum number of internet gateways has been reached");
    gateway.id = make_id(call, "igw");
    ec2::CreateInternetGatewayResponse answer;
    answer.internet_gateway = show_gateway(gateway);
    call.account.ec2.gateways.emplace(gateway.id, gateway);
    return answer;
}

template <typename Request>
Status needs_gateway(const Call& call, const Request& request, Needs& needs) {
    needs_thing(call, needs, "internet-gateway", *request.internet_gateway_id,
                K3F_TRY(find_gateway(call, *request.internet_gateway_id))->tags);
    return {};
}
template <typename Request>
Status needs_gateway_and_vpc(const Call& call, const Request& request, Needs& needs) {
    needs_thing(call, needs, "vpc", *request.vpc_id, K3F_TRY(find_vpc(call, *request.vpc_id))->tags);
    return needs_gateway(call, request, needs);
}

Result<ec2::AttachInternetGatewayResponse> attach(Call& call,
                                                  const ec2::AttachInternetGatewayRequest& request) {
    InternetGateway& gateway = *K3F_TRY(find_gateway(call, *request.internet_gateway_id));
    const Vpc& vpc = *K3F_TRY(find_vpc(call, *request.vpc_id));
    if (!gateway.vpc.empty())
        return refuse("Resource.AlreadyAssociated",
                      format("resource {} is already attached to network {}", gateway.id, gateway.vpc));
    for (const auto& [id, other] : call.account.ec2.gateways)
        if (other.vpc == vpc.id)
            return refuse("InvalidParameterValue",
                          format("Network {} already has an internet gateway attached", vpc.id));
    gateway.vpc = vpc.id;
    return ec2::AttachInternetGatewayResponse{};
}

// Of machines, and of NAT gateways until they are gone.
bool has_public_addresses(const Ec2State& ec2, const std::string& vpc) {
    return std::ranges::any_of(ec2.addresses, [&](const auto& entry) {
        const auto interface = ec2.interfaces.find(entry.second.interface);
        if (interface == ec2.interfaces.end()) return false;
        const auto subnet = ec2.subnets.find(interface->second.subnet);
        return subnet != ec2.subnets.end() && subnet->second.vpc == vpc;
    });
}

Result<ec2::DetachInternetGatewayResponse> detach(Call& call,
                                                  const ec2::DetachInternetGatewayRequest& request) {
    settle_network(call);
    InternetGateway& gateway = *K3F_TRY(find_gateway(call, *request.internet_gateway_id));
    if (gateway.vpc != request.vpc_id)
        return refuse("Gateway.NotAttached",
                      format("resource {} is not attached to network {}", gateway.id, *request.vpc_id));
    if (has_public_addresses(call.account.ec2, gateway.vpc))
        return refuse("DependencyViolation",
                      format("Network {} has some mapped public address(es). Please unmap those public "
                             "address(es) before detaching the gateway",
                             gateway.vpc));
    gateway.vpc.clear();
    return ec2::DetachInternetGatewayResponse{};
}

Result<ec2::DeleteInternetGatewayResponse> remove(Call& call,
                                                  const ec2::DeleteInternetGatewayRequest& request) {
    const InternetGateway& gateway = *K3F_TRY(find_gateway(call, *request.internet_gateway_id));
    if (!gateway.vpc.empty())
        return refuse("DependencyViolation",
                      format("The internetGateway '{}' has dependencies and cannot be deleted", gateway.id));
    call.account.ec2.gateways.erase(*request.internet_gateway_id);
    return ec2::DeleteInternetGatewayResponse{};
}

Result<ec2::DescribeInternetGatewaysResponse> describe(Call& call,
                                                       const ec2::DescribeInternetGatewaysRequest& request) {
    const auto judge = [](const InternetGateway& gateway, const ec2::Filter& filter) -> std::optional<bool> {
        if (filter.name == "internet-gateway-id") return one_of(filter, gateway.id);
        if (filter.name == "attachment.vpc-id") return one_of(filter, gateway.vpc);
        return std::nullopt;
    };
    const Listing asked{.ids = request.internet_gateway_ids,
                        .filters = request.filters,
                        .page = K3F_TRY(page_of(call, request.next_token, request.max_results)),
                        .unknown = "InvalidInternetGatewayID.NotFound"};
    auto found = K3F_TRY(list_things(call, call.account.ec2.gateways, asked, judge, show_gateway));
    return ec2::DescribeInternetGatewaysResponse{.internet_gateways = found.first,
                                                 .next_token = found.second};
}

// NAT gateways.

std::string_view state_of(const Call& call, const NatGateway& nat) {
    if (nat.deleted_at) return call.now >= *nat.gone_at ? "deleted" : "deleting";
    if (call.now < nat.ready_at) return "pending";
    return nat.failure.empty() ? "available" : "failed";
}

ec2::NatGateway show_nat(const Call& call, const NatGateway& nat) {
    const Ec2State& ec2 = call.account.ec2;
    ec2::NatGateway shown{.create_time = nat.made_at, .delete_time = nat.deleted_at};
    shown.nat_gateway_id = nat.id;
    shown.state = state_of(call, nat);
    shown.subnet_id = nat.subnet;
    shown.connectivity_type = "public";
    shown.tags = listed(nat.tags);
    if (const auto subnet = ec2.subnets.find(nat.subnet); subnet != ec2.subnets.end())
        shown.vpc_id = subnet->second.vpc;
    if (shown.state == "failed") {
        shown.failure_code = nat.failure;
        shown.failure_message = "The NAT gateway could not be made";
    }
    ec2::NatGatewayAddress address{.allocation_id = nat.address};
    if (const Interface* interface = interface_there(call, nat.interface)) {
        address.network_interface_id = nat.interface;
        address.private_ip = interface->address;
    }
    if (const auto given = ec2.addresses.find(nat.address); given != ec2.addresses.end())
        address.public_ip = given->second.address;
    shown.nat_gateway_addresses.push_back(std::move(address));
    return shown;
}

Result<NatGateway*> find_nat(const Call& call, const std::string& id) {
    return find_thing(call.account.ec2.nat_gateways, id, "NatGatewayNotFound", "NAT gateway");
}

Status needs_create_nat(const Call& call, const ec2::CreateNatGatewayRequest& request, Needs& needs) {
    const Subnet& subnet = *K3F_TRY(find_subnet(call, request.subnet_id.value_or("")));
    const std::string allocation = request.allocation_id.value_or("");
    needs_new(call, needs, "natgateway", tags_given(request.tag_specifications, "natgateway"));
    needs_thing(call, needs, "subnet", subnet.id, subnet.tags);
    needs_thing(call, needs, "elastic-ip", allocation, K3F_TRY(find_address(call, allocation))->tags);
    return {};
}

// What EC2 finds out after it has answered; empty: nothing is wrong.
std::string trouble_of(const Ec2State& ec2, const Subnet& subnet, const PublicAddress& address) {
    const auto attached = [&](const auto& entry) { return entry.second.vpc == subnet.vpc; };
    if (std::ranges::none_of(ec2.gateways, attached)) return "Gateway.NotAttached";
    if (!address.interface.empty()) return "Resource.AlreadyAssociated";
    return "";
}

std::int64_t nat_gateways_in(const Ec2State& ec2, const std::string& zone) {
    return std::ranges::count_if(ec2.nat_gateways, [&](const auto& entry) {
        const auto subnet = ec2.subnets.find(entry.second.subnet);
        return !entry.second.deleted_at && entry.second.failure.empty() && subnet != ec2.subnets.end() &&
               subnet->second.zone == zone;
    });
}

Result<ec2::CreateNatGatewayResponse> create_nat(Call& call, const ec2::CreateNatGatewayRequest& request) {
    settle_network(call);
    Ec2State& ec2 = call.account.ec2;
    ec2::CreateNatGatewayResponse answer;
    if (const auto* old = K3F_TRY(made_before(call, ec2.nat_gateways, request.client_token, &request))) {
        answer.nat_gateway = show_nat(call, *old);
        return answer;
    }
    if (request.connectivity_type.value_or("public") != "public")
        return refuse("InvalidParameterCombination", "private NAT gateways are not simulated");
    const Subnet& subnet = *K3F_TRY(find_subnet(call, request.subnet_id.value_or("")));
    PublicAddress& address = *K3F_TRY(find_address(call, request.allocation_id.value_or("")));
    if (nat_gateways_in(ec2, subnet.zone) >= kMostNatGateways)
        return refuse("NatGatewayLimitExceeded", "The maximum number of NAT gateways has been reached");
    NatGateway nat{.subnet = subnet.id,
                   .address = address.id,
                   .failure = trouble_of(ec2, subnet, address),
                   .made_at = call.now,
                   .tags = tags_given(request.tag_specifications, "natgateway")};
    K3F_TRY(check_tags(nat.tags));
    nat.id = make_id(call, "nat");
    nat.ready_at = call.now + seconds{60 + static_cast<int>(call.dice("nat-gateway", nat.id).below(61))};
    if (nat.failure.empty()) {
        nat.interface = K3F_TRY(
            add_service_interface(call, {.service = "nat_gateway",
                                         .subnet = subnet.id,
                                         .groups = {},
                                         .description = format("Interface for NAT Gateway {}", nat.id)}));
        address.interface = nat.interface;
        address.association = make_id(call, "eipassoc");
    }
    const std::string id = nat.id;
    remember_made(call, request.client_token, &request, id);
    answer.client_token = request.client_token;
    answer.nat_gateway = show_nat(call, ec2.nat_gateways.emplace(id, std::move(nat)).first->second);
    return answer;
}

Status needs_delete_nat(const Call& call, const ec2::DeleteNatGatewayRequest& request, Needs& needs) {
    needs_thing(call, needs, "natgateway", *request.nat_gateway_id,
                K3F_TRY(find_nat(call, *request.nat_gateway_id))->tags);
    return {};
}
Result<ec2::DeleteNatGatewayResponse> delete_nat(Call& call, const ec2::DeleteNatGatewayRequest& request) {
    settle_network(call);
    NatGateway& nat = *K3F_TRY(find_nat(call, *request.nat_gateway_id));
    if (!nat.deleted_at) {
        nat.deleted_at = call.now;
        nat.gone_at =
            call.now + seconds{30 + static_cast<int>(call.dice("nat-gateway-end", nat.id).below(61))};
        remove_service_interface(call, nat.interface, *nat.gone_at);
    }
    return ec2::DeleteNatGatewayResponse{.nat_gateway_id = nat.id};
}

Result<ec2::DescribeNatGatewaysResponse> describe_nat(Call& call,
                                                      const ec2::DescribeNatGatewaysRequest& request) {
    const auto judge = [&](const NatGateway& nat, const ec2::Filter& filter) -> std::optional<bool> {
        if (filter.name == "nat-gateway-id") return one_of(filter, nat.id);
        if (filter.name == "subnet-id") return one_of(filter, nat.subnet);
        if (filter.name == "state") return one_of(filter, state_of(call, nat));
        return std::nullopt;
    };
    const Listing asked{.ids = request.nat_gateway_ids,
                        .filters = request.filter,
                        .page = K3F_TRY(page_of(call, request.next_token, request.max_results)),
                        .unknown = "NatGatewayNotFound"};
    const auto show = [&](const NatGateway& nat) { return show_nat(call, nat); };
    auto found = K3F_TRY(list_things(call, call.account.ec2.nat_gateways, asked, judge, show));
    return ec2::DescribeNatGatewaysResponse{.nat_gateways = found.first, .next_token = found.second};
}

}  // namespace

void add_ec2_gateways(Handlers& handlers) {
    handlers.add<ec2::CreateInternetGatewayRequest>({"TagSpecifications"}, needs_create, create);
    handlers.add<ec2::AttachInternetGatewayRequest>({"InternetGatewayId", "VpcId"}, needs_gateway_and_vpc,
                                                    attach);
    handlers.add<ec2::DetachInternetGatewayRequest>({"InternetGatewayId", "VpcId"}, needs_gateway_and_vpc,
                                                    detach);
    handlers.add<ec2::DeleteInternetGatewayRequest>({"InternetGatewayId"}, needs_gateway, remove);
    handlers.add<ec2::DescribeInternetGatewaysRequest>(
        {"InternetGatewayIds", "Filters", "NextToken", "MaxResults"}, needs_look, describe);
    handlers.add<ec2::CreateNatGatewayRequest>(
        {"SubnetId", "AllocationId", "ConnectivityType", "TagSpecifications", "ClientToken"},
        needs_create_nat, create_nat);
    handlers.add<ec2::DeleteNatGatewayRequest>({"NatGatewayId"}, needs_delete_nat, delete_nat);
    handlers.add<ec2::DescribeNatGatewaysRequest>({"NatGatewayIds", "Filter", "NextToken", "MaxResults"},
                                                  needs_look, describe_nat);
    add_ec2_endpoints(handlers);
}

}  // namespace k3fleet::simcloud
