// EC2's VPC endpoints: gateways, which are routes to S3 and DynamoDB, and interfaces in subnets.
//
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateVpcEndpoint.html
#include <algorithm>
#include <array>

#include "adapters/simcloud/aws/ec2_things.h"
#include "base/json.h"
#include "base/ranges.h"

namespace k3fleet::simcloud {
namespace {

using std::chrono::seconds;

constexpr auto kOfGateways = std::to_array<std::string_view>({"s3", "dynamodb"});
constexpr auto kOfInterfaces = std::to_array<std::string_view>(
    {"ssm", "ssmmessages", "ec2", "ec2messages", "secretsmanager", "logs", "monitoring", "sqs", "sns", "sts",
     "kms", "lambda", "events", "scheduler", "ecr.api", "ecr.dkr", "s3", "dynamodb"});
// What EC2 shows where no policy was given.
constexpr std::string_view kAllowAll =
    R"({"Version":"2008-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}]})";

std::unexpected<Error> invalid(std::string message) { return refuse("InvalidParameter", std::move(message)); }

std::string_view state_of(const Call& call, const Endpoint& endpoint) {
    if (endpoint.gone_at) return "deleting";
    return call.now < endpoint.ready_at ? "pending" : "available";
}

ec2::VpcEndpoint show_endpoint(const Call& call, const Endpoint& endpoint) {
    ec2::VpcEndpoint shown{.vpc_endpoint_id = endpoint.id};
    shown.vpc_endpoint_type = endpoint.gateway ? "Gateway" : "Interface";
    shown.vpc_id = endpoint.vpc;
    shown.service_name = endpoint.service;
    shown.state = state_of(call, endpoint);
    shown.policy_document = endpoint.policy.empty() ? std::string(kAllowAll) : endpoint.policy;
    shown.route_table_ids = {endpoint.tables.begin(), endpoint.tables.end()};
    for (const auto& [subnet, interface] : endpoint.interfaces) {
        shown.subnet_ids.push_back(subnet);
        shown.network_interface_ids.push_back(interface);
    }
    for (const std::string& group : endpoint.groups) {
        const auto found = call.account.ec2.groups.find(group);
        shown.groups.push_back(
            {.group_id = group,
             .group_name = found == call.account.ec2.groups.end() ? "" : found->second.name});
    }
    shown.private_dns_enabled = endpoint.private_dns;
    shown.requester_managed = false;
    shown.creation_timestamp = endpoint.made_at;
    shown.tags = listed(endpoint.tags);
    return shown;
}

Result<Endpoint*> find_endpoint(const Call& call, const std::string& id) {
    return find_thing(call.account.ec2.endpoints, id, "InvalidVpcEndpointId.NotFound", "Vpc Endpoint Id");
}

Status needs_parts(const Call& call, Needs& needs, const aws::List<std::string>& tables,
                   const aws::List<std::string>& subnets, const aws::List<std::string>& groups) {
    for (const std::string& id : tables)
        needs_thing(call, needs, "route-table", id, K3F_TRY(find_table(call, id))->tags);
    for (const std::string& id : subnets)
        needs_thing(call, needs, "subnet", id, K3F_TRY(find_subnet(call, id))->tags);
    for (const std::string& id : groups)
        needs_thing(call, needs, "security-group", id, K3F_TRY(find_group(call, id))->tags);
    return {};
}

Status needs_create(const Call& call, const ec2::CreateVpcEndpointRequest& request, Needs& needs) {
    needs_new(call, needs, "vpc-endpoint", tags_given(request.tag_specifications, "vpc-endpoint"),
              {{"ec2:VpceServiceName", {request.service_name.value_or("")}}});
    needs_thing(call, needs, "vpc", *request.vpc_id, K3F_TRY(find_vpc(call, *request.vpc_id))->tags);
    return needs_parts(call, needs, request.route_table_ids, request.subnet_ids, request.security_group_ids);
}

// Routes of one table to one service can come from one endpoint only.
Status add_tables(const Call& call, Endpoint& endpoint, const aws::List<std::string>& tables) {
    for (const std::string& id : tables) {
        const RouteTable& table = *K3F_TRY(find_table(call, id));
        if (table.vpc != endpoint.vpc)
            return invalid(format("Route table {} is not of the VPC {}", id, endpoint.vpc));
        for (const auto& [other_id, other] : call.account.ec2.endpoints)
            if (other.service == endpoint.service && !other.gone_at && contains(other.tables, id))
                return refuse("RouteAlreadyExists",
                              format("route table {} already has a route with destination-prefix-list-id {}",
                                     id, prefix_list(call, endpoint.service)));
        if (!contains(endpoint.tables, id)) endpoint.tables.push_back(id);
    }
    return {};
}

// Each subnet must be of the network and the only one in its zone.
Status check_subnets(const Call& call, const Endpoint& endpoint, const aws::List<std::string>& subnets) {
    std::vector<std::string> zones;
    for (const auto& [id, interface] : endpoint.interfaces)
        zones.push_back(K3F_TRY(find_subnet(call, id))->zone);
    for (const std::string& id : subnets) {
        const Subnet& subnet = *K3F_TRY(find_subnet(call, id));
        if (subnet.vpc != endpoint.vpc)
            return invalid(format("Subnet {} is not of the VPC {}", id, endpoint.vpc));
        if (contains(zones, subnet.zone))
            return refuse("DuplicateSubnetsInSameZone",
                          format("Found another VPC endpoint subnet in the availability zone of {}", id));
        zones.push_back(subnet.zone);
    }
    return {};
}

Status add_subnets(Call& call, Endpoint& endpoint, const aws::List<std::string>& subnets) {
    K3F_TRY(check_subnets(call, endpoint, subnets));
    for (const std::string& id : subnets)
        endpoint.interfaces[id] =
            K3F_TRY(add_service_interface(call, {.service = "vpc_endpoint",
                                                 .subnet = id,
                                                 .groups = endpoint.groups,
                                                 .description = "VPC Endpoint Interface " + endpoint.id}));
    return {};
}

// Two of one service cannot have the same names, and names need the VPC's own resolver.
Status check_private_dns(const Call& call, const Endpoint& endpoint) {
    if (!endpoint.private_dns) return {};
    const Vpc& vpc = *K3F_TRY(find_vpc(call, endpoint.vpc));
    if (!vpc.dns_support || !vpc.dns_hostnames)
        return invalid(
            format("Enabling private DNS requires both enableDnsSupport and enableDnsHostnames VPC "
                   "attributes set to true for {}",
                   vpc.id));
    for (const auto& [id, other] : call.account.ec2.endpoints)
        if (id != endpoint.id && other.vpc == vpc.id && other.service == endpoint.service &&
            other.private_dns)
            return invalid(
                format("private-dns-enabled cannot be set because there is already a conflicting DNS domain "
                       "for {} in the VPC {}",
                       endpoint.service, vpc.id));
    return {};
}

Status check_policy(const std::optional<std::string>& policy) {
    if (!policy) return {};
    const auto read = json::parse(*policy);
    if (!read || read->find("Statement") == nullptr)
        return refuse("InvalidPolicyDocument", "The policy document is not valid");
    return {};
}

Result<Endpoint> read_create(const Call& call, const ec2::CreateVpcEndpointRequest& request) {
    const Vpc& vpc = *K3F_TRY(find_vpc(call, *request.vpc_id));
    const std::string type = request.vpc_endpoint_type.value_or("Gateway");
    if (type != "Gateway" && type != "Interface")
        return invalid(format("Value ({}) for parameter VpcEndpointType is invalid", type));
    Endpoint endpoint{.vpc = vpc.id,
                      .service = request.service_name.value_or(""),
                      .gateway = type == "Gateway",
                      .groups = {request.security_group_ids.begin(), request.security_group_ids.end()},
                      .policy = request.policy_document.value_or(""),
                      .private_dns = request.private_dns_enabled.value_or(type == "Interface"),
                      .made_at = call.now,
                      .tags = tags_given(request.tag_specifications, "vpc-endpoint")};
    const auto of = [&](const auto& services) {
        return std::ranges::any_of(services, [&](std::string_view service) {
            return endpoint.service == format("com.amazonaws.{}.{}", call.account.region, service);
        });
    };
    if (!of(kOfGateways) && !of(kOfInterfaces))
        return refuse("InvalidServiceName",
                      format("The Vpc Endpoint Service '{}' does not exist", endpoint.service));
    if (endpoint.gateway ? !of(kOfGateways) : !of(kOfInterfaces))
        return invalid(
            format("The VPC endpoint service {} has no endpoints of type {}", endpoint.service, type));
    const bool of_interfaces =
        !request.subnet_ids.empty() || !request.security_group_ids.empty() || endpoint.private_dns;
    if (endpoint.gateway && of_interfaces)
        return invalid("Subnets, security groups and private DNS are of endpoints of type Interface");
    if (!endpoint.gateway && !request.route_table_ids.empty())
        return invalid("Route tables are of endpoints of type Gateway");
    if (const SecurityGroup* group = default_group(call, vpc.id);
        !endpoint.gateway && endpoint.groups.empty() && group != nullptr)
        endpoint.groups.push_back(group->id);
    K3F_TRY(check_groups(call, {endpoint.groups.begin(), endpoint.groups.end()}, vpc.id));
    K3F_TRY(check_policy(request.policy_document));
    K3F_TRY(check_private_dns(call, endpoint));
    K3F_TRY(check_tags(endpoint.tags));
    return endpoint;
}

Result<ec2::CreateVpcEndpointResponse> create(Call& call, const ec2::CreateVpcEndpointRequest& request) {
    settle_network(call);
    Ec2State& ec2 = call.account.ec2;
    ec2::CreateVpcEndpointResponse answer;
    answer.client_token = request.client_token;
    if (const auto* old = K3F_TRY(made_before(call, ec2.endpoints, request.client_token, &request))) {
        answer.vpc_endpoint = show_endpoint(call, *old);
        return answer;
    }
    Endpoint endpoint = K3F_TRY(read_create(call, request));
    K3F_TRY(add_tables(call, endpoint, request.route_table_ids));
    K3F_TRY(check_subnets(call, endpoint, request.subnet_ids));
    endpoint.id = make_id(call, "vpce");
    K3F_TRY(add_subnets(call, endpoint, request.subnet_ids));
    endpoint.ready_at = call.now;
    if (!endpoint.gateway)
        endpoint.ready_at += seconds{40 + static_cast<int>(call.dice("endpoint", endpoint.id).below(41))};
    const std::string id = endpoint.id;
    remember_made(call, request.client_token, &request, id);
    answer.vpc_endpoint = show_endpoint(call, ec2.endpoints.emplace(id, std::move(endpoint)).first->second);
    return answer;
}

Status needs_modify(const Call& call, const ec2::ModifyVpcEndpointRequest& request, Needs& needs) {
    needs_thing(call, needs, "vpc-endpoint", *request.vpc_endpoint_id,
                K3F_TRY(find_endpoint(call, *request.vpc_endpoint_id))->tags);
    K3F_TRY(needs_parts(call, needs, request.add_route_table_ids, request.add_subnet_ids,
                        request.add_security_group_ids));
    return needs_parts(call, needs, request.remove_route_table_ids, request.remove_subnet_ids,
                       request.remove_security_group_ids);
}

// Its interfaces have the endpoint's groups.
void change_groups(Call& call, Endpoint& endpoint, const ec2::ModifyVpcEndpointRequest& request) {
    for (const std::string& id : request.add_security_group_ids)
        if (!contains(endpoint.groups, id)) endpoint.groups.push_back(id);
    for (const std::string& id : request.remove_security_group_ids) std::erase(endpoint.groups, id);
    for (const auto& [subnet, interface] : endpoint.interfaces)
        if (const auto found = call.account.ec2.interfaces.find(interface);
            found != call.account.ec2.interfaces.end())
            found->second.groups = endpoint.groups;
}

Result<ec2::ModifyVpcEndpointResponse> modify(Call& call, const ec2::ModifyVpcEndpointRequest& request) {
    settle_network(call);
    Endpoint& endpoint = *K3F_TRY(find_endpoint(call, *request.vpc_endpoint_id));
    if (state_of(call, endpoint) != "available")
        return refuse("IncorrectState",
                      format("The endpoint {} is {}", endpoint.id, state_of(call, endpoint)));
    const bool of_gateways = !request.add_route_table_ids.empty() || !request.remove_route_table_ids.empty();
    const bool of_interfaces = !request.add_subnet_ids.empty() || !request.remove_subnet_ids.empty() ||
                               !request.add_security_group_ids.empty() ||
                               !request.remove_security_group_ids.empty() ||
                               request.private_dns_enabled.has_value();
    if (endpoint.gateway ? of_interfaces : of_gateways)
        return invalid("Gateways have route tables; interfaces have subnets, security groups, private DNS");
    K3F_TRY(check_policy(request.policy_document));
    Endpoint changed = endpoint;  // All of it or nothing.
    if (request.private_dns_enabled) changed.private_dns = *request.private_dns_enabled;
    K3F_TRY(check_private_dns(call, changed));
    K3F_TRY(check_groups(call, request.add_security_group_ids, endpoint.vpc));
    for (const std::string& id : request.remove_route_table_ids) std::erase(changed.tables, id);
    K3F_TRY(add_tables(call, changed, request.add_route_table_ids));
    std::vector<std::string> dropped;
    for (const std::string& id : request.remove_subnet_ids)
        if (const auto found = changed.interfaces.find(id); found != changed.interfaces.end()) {
            dropped.push_back(found->second);
            changed.interfaces.erase(found);
        }
    K3F_TRY(add_subnets(call, changed, request.add_subnet_ids));
    change_groups(call, changed, request);
    if (request.policy_document) changed.policy = *request.policy_document;
    for (const std::string& id : dropped) remove_service_interface(call, id, call.now + seconds{10});
    endpoint = std::move(changed);
    return ec2::ModifyVpcEndpointResponse{.return_ = true};
}

Status needs_delete(const Call& call, const ec2::DeleteVpcEndpointsRequest& request, Needs& needs) {
    for (const std::string& id : request.vpc_endpoint_ids)
        if (const auto found = call.account.ec2.endpoints.find(id); found != call.account.ec2.endpoints.end())
            needs_thing(call, needs, "vpc-endpoint", id, found->second.tags);
    return {};
}
Result<ec2::DeleteVpcEndpointsResponse> remove(Call& call, const ec2::DeleteVpcEndpointsRequest& request) {
    settle_network(call);
    ec2::DeleteVpcEndpointsResponse answer;
    for (const std::string& id : request.vpc_endpoint_ids) {
        const auto found = call.account.ec2.endpoints.find(id);
        if (found == call.account.ec2.endpoints.end()) {
            ec2::UnsuccessfulItem item{.resource_id = id};
            item.error.emplace() = {.code = "InvalidVpcEndpoint.NotFound",
                                    .message = format("The Vpc Endpoint Id '{}' does not exist", id)};
            answer.unsuccessful.push_back(std::move(item));
            continue;
        }
        Endpoint& endpoint = found->second;
        if (endpoint.gone_at) continue;
        endpoint.private_dns = false;
        const int drawn = static_cast<int>(call.dice("endpoint-end", id).below(61));
        endpoint.gone_at = call.now + (endpoint.gateway ? seconds{2 + drawn / 10} : seconds{45 + drawn});
        for (const auto& [subnet, interface] : endpoint.interfaces)
            remove_service_interface(call, interface, *endpoint.gone_at);
    }
    return answer;
}

Result<ec2::DescribeVpcEndpointsResponse> describe(Call& call,
                                                   const ec2::DescribeVpcEndpointsRequest& request) {
    const auto judge = [&](const Endpoint& endpoint, const ec2::Filter& filter) -> std::optional<bool> {
        if (filter.name == "vpc-endpoint-id") return one_of(filter, endpoint.id);
        if (filter.name == "vpc-id") return one_of(filter, endpoint.vpc);
        if (filter.name == "service-name") return one_of(filter, endpoint.service);
        if (filter.name == "vpc-endpoint-state") return one_of(filter, state_of(call, endpoint));
        return std::nullopt;
    };
    const Listing asked{.ids = request.vpc_endpoint_ids,
                        .filters = request.filters,
                        .page = K3F_TRY(page_of(call, request.next_token, request.max_results)),
                        .unknown = "InvalidVpcEndpointId.NotFound"};
    const auto show = [&](const Endpoint& endpoint) { return show_endpoint(call, endpoint); };
    auto found = K3F_TRY(list_things(call, call.account.ec2.endpoints, asked, judge, show));
    return ec2::DescribeVpcEndpointsResponse{.vpc_endpoints = found.first, .next_token = found.second};
}

}  // namespace

std::string prefix_list(const Call& call, const std::string& service) {
    return derived_id(call, "pl", service);
}

void add_ec2_endpoints(Handlers& handlers) {
    handlers.add<ec2::CreateVpcEndpointRequest>(
        {"VpcId", "ServiceName", "VpcEndpointType", "RouteTableIds", "SubnetIds", "SecurityGroupIds",
         "PrivateDnsEnabled", "PolicyDocument", "TagSpecifications", "ClientToken"},
        needs_create, create);
    handlers.add<ec2::ModifyVpcEndpointRequest>(
        {"VpcEndpointId", "AddRouteTableIds", "RemoveRouteTableIds", "AddSubnetIds", "RemoveSubnetIds",
         "AddSecurityGroupIds", "RemoveSecurityGroupIds", "PrivateDnsEnabled", "PolicyDocument"},
        needs_modify, modify);
    handlers.add<ec2::DeleteVpcEndpointsRequest>({"VpcEndpointIds"}, needs_delete, remove);
    handlers.add<ec2::DescribeVpcEndpointsRequest>({"VpcEndpointIds", "Filters", "NextToken", "MaxResults"},
                                                   needs_look, describe);
}

}  // namespace k3fleet::simcloud
