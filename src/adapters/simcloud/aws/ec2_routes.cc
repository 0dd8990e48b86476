// EC2's route tables: which table a subnet has, and what its routes lead to.
//
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateRoute.html
#include <algorithm>

#include "adapters/simcloud/aws/ec2_run.h"
#include "adapters/simcloud/aws/ec2_things.h"
#include "base/ranges.h"
#include "core/intent/cidr.h"

namespace k3fleet::simcloud {
namespace {

constexpr std::size_t kMostRoutes = 50;   // Of a table.
constexpr std::size_t kMostTables = 200;  // Of a VPC.

std::unexpected<Error> invalid(std::string message) {
    return refuse("InvalidParameterValue", std::move(message));
}

// Whether what leads there arrives somewhere.
bool leads_somewhere(const Call& call, const RouteTable& table, const std::string& target) {
    const Ec2State& ec2 = call.account.ec2;
    if (const auto gateway = ec2.gateways.find(target); gateway != ec2.gateways.end())
        return gateway->second.vpc == table.vpc;
    if (const auto nat = ec2.nat_gateways.find(target); nat != ec2.nat_gateways.end())
        return !nat->second.deleted_at && nat->second.failure.empty();
    const Interface* interface = interface_there(call, target);
    return interface != nullptr && is_used(call, *interface);
}

ec2::Route show_route(const Call& call, const RouteTable& table, const std::string& range,
                      const std::string& target) {
    ec2::Route route{.destination_cidr_block = range};
    route.origin = "CreateRoute";
    route.state = leads_somewhere(call, table, target) ? "active" : "blackhole";
    if (target.starts_with("igw-")) route.gateway_id = target;
    if (target.starts_with("nat-")) route.nat_gateway_id = target;
    if (!target.starts_with("eni-")) return route;
    route.network_interface_id = target;
    const Interface* interface = interface_there(call, target);
    if (interface != nullptr && interface_user(call, *interface) != nullptr) {
        route.instance_id = interface->machine;
        route.instance_owner_id = call.account.number;
    }
    return route;
}

ec2::RouteTable show_table(const Call& call, const RouteTable& table) {
    const Ec2State& ec2 = call.account.ec2;
    ec2::RouteTable shown{.route_table_id = table.id, .tags = listed(table.tags), .vpc_id = table.vpc};
    shown.owner_id = call.account.number;
    ec2::Route local{.gateway_id = "local", .origin = "CreateRouteTable", .state = "active"};
    if (const auto vpc = ec2.vpcs.find(table.vpc); vpc != ec2.vpcs.end())
        local.destination_cidr_block = vpc->second.cidr;
    shown.routes.push_back(std::move(local));
    for (const auto& [range, target] : table.routes)
        shown.routes.push_back(show_route(call, table, range, target));
    for (const auto& [id, endpoint] : ec2.endpoints) {
        if (!contains(endpoint.tables, table.id) || endpoint.gone_at) continue;
        ec2::Route route{.destination_prefix_list_id = prefix_list(call, endpoint.service)};
        route.gateway_id = id;
        route.origin = "CreateRoute";
        route.state = "active";
        shown.routes.push_back(std::move(route));
    }
    for (const auto& [id, subnet] : table.associations) {
        ec2::RouteTableAssociation association{.main = subnet.empty(), .route_table_association_id = id};
        association.route_table_id = table.id;
        if (!subnet.empty()) association.subnet_id = subnet;
        association.association_state.emplace().state = "associated";
        shown.associations.push_back(std::move(association));
    }
    return shown;
}

Status needs_create(const Call& call, const ec2::CreateRouteTableRequest& request, Needs& needs) {
    needs_new(call, needs, "route-table", tags_given(request.tag_specifications, "route-table"));
    needs_thing(call, needs, "vpc", *request.vpc_id, K3F_TRY(find_vpc(call, *request.vpc_id))->tags);
    return {};
}
Result<ec2::CreateRouteTableResponse> create(Call& call, const ec2::CreateRouteTableRequest& request) {
    Ec2State& ec2 = call.account.ec2;
    ec2::CreateRouteTableResponse answer;
    answer.client_token = request.client_token;
    if (const auto* old = K3F_TRY(made_before(call, ec2.tables, request.client_token, &request))) {
        answer.route_table = show_table(call, *old);
        return answer;
    }
    const Vpc& vpc = *K3F_TRY(find_vpc(call, *request.vpc_id));
    RouteTable table{.vpc = vpc.id, .tags = tags_given(request.tag_specifications, "route-table")};
    K3F_TRY(check_tags(table.tags));
    const auto of_vpc = [&](const auto& entry) { return entry.second.vpc == vpc.id; };
    if (std::ranges::count_if(ec2.tables, of_vpc) >= static_cast<std::ptrdiff_t>(kMostTables))
        return refuse("RouteTableLimitExceeded", "The maximum number of route tables has been reached");
    table.id = make_id(call, "rtb");
    const std::string id = table.id;
    remember_made(call, request.client_token, &request, id);
    answer.route_table = show_table(call, ec2.tables.emplace(id, std::move(table)).first->second);
    return answer;
}

template <typename Request>
Status needs_table(const Call& call, const Request& request, Needs& needs) {
    needs_thing(call, needs, "route-table", *request.route_table_id,
                K3F_TRY(find_table(call, *request.route_table_id))->tags);
    return {};
}

Result<ec2::DeleteRouteTableResponse> remove(Call& call, const ec2::DeleteRouteTableRequest& request) {
    const RouteTable& table = *K3F_TRY(find_table(call, *request.route_table_id));
    if (!table.associations.empty())
        return refuse("DependencyViolation",
                      format("The routeTable '{}' has dependencies and cannot be deleted", table.id));
    for (auto& [id, endpoint] : call.account.ec2.endpoints) std::erase(endpoint.tables, table.id);
    call.account.ec2.tables.erase(*request.route_table_id);
    return ec2::DeleteRouteTableResponse{};
}

Result<ec2::DescribeRouteTablesResponse> describe(Call& call,
                                                  const ec2::DescribeRouteTablesRequest& request) {
    const auto judge = [](const RouteTable& table, const ec2::Filter& filter) -> std::optional<bool> {
        const auto of_subnet = [&](const auto& entry) { return one_of(filter, entry.second); };
        const auto by_id = [&](const auto& entry) { return one_of(filter, entry.first); };
        const auto main = [](const auto& entry) { return entry.second.empty(); };
        if (filter.name == "vpc-id") return one_of(filter, table.vpc);
        if (filter.name == "route-table-id") return one_of(filter, table.id);
        if (filter.name == "association.subnet-id") return std::ranges::any_of(table.associations, of_subnet);
        if (filter.name == "association.route-table-association-id")
            return std::ranges::any_of(table.associations, by_id);
        if (filter.name == "association.main")
            return one_of(filter, std::ranges::any_of(table.associations, main) ? "true" : "false");
        return std::nullopt;
    };
    const Listing asked{.ids = request.route_table_ids,
                        .filters = request.filters,
                        .page = K3F_TRY(page_of(call, request.next_token, request.max_results)),
                        .unknown = "InvalidRouteTableID.NotFound"};
    const auto show = [&](const RouteTable& table) { return show_table(call, table); };
    auto found = K3F_TRY(list_things(call, call.account.ec2.tables, asked, judge, show));
    return ec2::DescribeRouteTablesResponse{.route_tables = found.first, .next_token = found.second};
}

// Routes.

// As EC2 keeps it: without host bits.
Result<std::string> read_range(const std::optional<std::string>& text) {
    auto range = intent::parse_cidr(text.value_or(""));
    if (!range || !text->contains('/'))
        return invalid(
            format("Value ({}) for parameter destinationCidrBlock is invalid. This is not a valid "
                   "CIDR block",
                   text.value_or("")));
    range->address = range->base();
    return intent::to_string(*range);
}

// The id of what a route is to lead to. It must be there and of the table's network.
template <typename Request>
Result<std::string> read_target(const Call& call, const RouteTable& table, const Request& request) {
    const int given = int{request.gateway_id.has_value()} + int{request.nat_gateway_id.has_value()} +
                      int{request.network_interface_id.has_value()};
    if (given != 1) return refuse("InvalidParameterCombination", "Exactly one target of a route is given");
    const auto elsewhere = [&](const std::string& target) {
        return invalid(format("route table {} and {} belong to different networks", table.id, target));
    };
    if (request.gateway_id) {
        const auto& gateway = *K3F_TRY(find_thing(call.account.ec2.gateways, *request.gateway_id,
                                                  "InvalidGatewayID.NotFound", "gateway ID"));
        if (gateway.vpc != table.vpc) return elsewhere(gateway.id);
        return gateway.id;
    }
    if (request.network_interface_id) {
        const Interface& interface = *K3F_TRY(find_interface(call, *request.network_interface_id));
        if (K3F_TRY(find_subnet(call, interface.subnet))->vpc != table.vpc) return elsewhere(interface.id);
        return interface.id;
    }
    const auto& nat = *K3F_TRY(find_thing(call.account.ec2.nat_gateways, *request.nat_gateway_id,
                                          "InvalidNatGatewayID.NotFound", "natGateway ID"));
    if (call.now < nat.ready_at || nat.deleted_at || !nat.failure.empty())
        return refuse("InvalidNatGatewayID.NotFound",
                      format("The natGateway ID '{}' does not exist", nat.id));
    if (K3F_TRY(find_subnet(call, nat.subnet))->vpc != table.vpc) return elsewhere(nat.id);
    return nat.id;
}

bool is_local(const Call& call, const RouteTable& table, const std::string& range) {
    const auto vpc = call.account.ec2.vpcs.find(table.vpc);
    const auto whole =
        vpc == call.account.ec2.vpcs.end() ? std::nullopt : intent::parse_cidr(vpc->second.cidr);
    const auto part = intent::parse_cidr(range);
    return whole && part && whole->contains(*part);
}

Result<ec2::CreateRouteResponse> create_route(Call& call, const ec2::CreateRouteRequest& request) {
    settle_network(call);
    RouteTable& table = *K3F_TRY(find_table(call, *request.route_table_id));
    const std::string range = K3F_TRY(read_range(request.destination_cidr_block));
    if (is_local(call, table, range))
        return invalid("Route destination doesn't match any subnet CIDR blocks");
    const std::string target = K3F_TRY(read_target(call, table, request));
    if (table.routes.contains(range))
        return refuse("RouteAlreadyExists", format("The route identified by {} already exists", range));
    if (table.routes.size() >= kMostRoutes)
        return refuse("RouteLimitExceeded", "The maximum number of routes has been reached");
    table.routes[range] = target;
    return ec2::CreateRouteResponse{.return_ = true};
}

Result<ec2::ReplaceRouteResponse> replace_route(Call& call, const ec2::ReplaceRouteRequest& request) {
    settle_network(call);
    RouteTable& table = *K3F_TRY(find_table(call, *request.route_table_id));
    const std::string range = K3F_TRY(read_range(request.destination_cidr_block));
    if (!table.routes.contains(range))
        return invalid(
            format("There is no route defined for '{}' in the route table. Use CreateRoute instead", range));
    table.routes[range] = K3F_TRY(read_target(call, table, request));
    return ec2::ReplaceRouteResponse{};
}

Result<ec2::DeleteRouteResponse> delete_route(Call& call, const ec2::DeleteRouteRequest& request) {
    RouteTable& table = *K3F_TRY(find_table(call, *request.route_table_id));
    const std::string range = K3F_TRY(read_range(request.destination_cidr_block));
    if (is_local(call, table, range))
        return invalid(format("cannot remove local route {} in route table {}", range, table.id));
    if (table.routes.erase(range) == 0)
        return refuse("InvalidRoute.NotFound",
                      format("no route with destination-cidr-block {} in route table {}", range, table.id));
    return ec2::DeleteRouteResponse{};
}

// Which table a subnet has.

struct Association {
    RouteTable* table = nullptr;
    std::string id;
    std::string subnet;
};
Result<Association> find_association(const Call& call, const std::string& id) {
    for (auto& [table_id, table] : call.account.ec2.tables)
        if (const auto found = table.associations.find(id); found != table.associations.end())
            return Association{.table = &table, .id = id, .subnet = found->second};
    return refuse("InvalidAssociationID.NotFound", format("The association ID '{}' does not exist", id));
}

Status needs_subnet(const Call& call, Needs& needs, const std::string& id) {
    needs_thing(call, needs, "subnet", id, K3F_TRY(find_subnet(call, id))->tags);
    return {};
}

Status needs_associate(const Call& call, const ec2::AssociateRouteTableRequest& request, Needs& needs) {
    K3F_TRY(needs_table(call, request, needs));
    return needs_subnet(call, needs, request.subnet_id.value_or(""));
}
Result<ec2::AssociateRouteTableResponse> associate(Call& call,
                                                   const ec2::AssociateRouteTableRequest& request) {
    RouteTable& table = *K3F_TRY(find_table(call, *request.route_table_id));
    const Subnet& subnet = *K3F_TRY(find_subnet(call, request.subnet_id.value_or("")));
    if (subnet.vpc != table.vpc)
        return invalid(
            format("route table {} and subnet {} belong to different networks", table.id, subnet.id));
    for (const auto& [id, other] : call.account.ec2.tables)
        for (const auto& [association, of] : other.associations)
            if (of == subnet.id)
                return refuse("Resource.AlreadyAssociated",
                              format("the specified association for route table {} conflicts with an "
                                     "existing association",
                                     table.id));
    ec2::AssociateRouteTableResponse answer{.association_id = make_id(call, "rtbassoc")};
    answer.association_state.emplace().state = "associated";
    table.associations[*answer.association_id] = subnet.id;
    return answer;
}

Status needs_replace(const Call& call, const ec2::ReplaceRouteTableAssociationRequest& request,
                     Needs& needs) {
    K3F_TRY(needs_table(call, request, needs));
    const Association old = K3F_TRY(find_association(call, *request.association_id));
    return old.subnet.empty() ? Status() : needs_subnet(call, needs, old.subnet);
}
Result<ec2::ReplaceRouteTableAssociationResponse> replace(
    Call& call, const ec2::ReplaceRouteTableAssociationRequest& request) {
    const Association old = K3F_TRY(find_association(call, *request.association_id));
    RouteTable& table = *K3F_TRY(find_table(call, *request.route_table_id));
    if (old.table->vpc != table.vpc)
        return invalid(
            format("route table {} and subnet {} belong to different networks", table.id, old.subnet));
    ec2::ReplaceRouteTableAssociationResponse answer{.new_association_id = make_id(call, "rtbassoc")};
    answer.association_state.emplace().state = "associated";
    old.table->associations.erase(old.id);
    table.associations[*answer.new_association_id] = old.subnet;
    return answer;
}

Status needs_disassociate(const Call& call, const ec2::DisassociateRouteTableRequest& request, Needs& needs) {
    const Association old = K3F_TRY(find_association(call, *request.association_id));
    needs_thing(call, needs, "route-table", old.table->id, old.table->tags);
    return old.subnet.empty() ? Status() : needs_subnet(call, needs, old.subnet);
}
Result<ec2::DisassociateRouteTableResponse> disassociate(Call& call,
                                                         const ec2::DisassociateRouteTableRequest& request) {
    const Association old = K3F_TRY(find_association(call, *request.association_id));
    if (old.subnet.empty())
        return invalid(format("cannot disassociate the main route table association {}", old.id));
    old.table->associations.erase(old.id);
    return ec2::DisassociateRouteTableResponse{};
}

}  // namespace

void add_ec2_routes(Handlers& handlers) {
    handlers.add<ec2::CreateRouteTableRequest>({"VpcId", "TagSpecifications", "ClientToken"}, needs_create,
                                               create);
    handlers.add<ec2::DeleteRouteTableRequest>({"RouteTableId"}, needs_table, remove);
    handlers.add<ec2::DescribeRouteTablesRequest>({"RouteTableIds", "Filters", "NextToken", "MaxResults"},
                                                  needs_look, describe);
    handlers.add<ec2::CreateRouteRequest>(
        {"RouteTableId", "DestinationCidrBlock", "GatewayId", "NatGatewayId", "NetworkInterfaceId"},
        needs_table, create_route);
    handlers.add<ec2::ReplaceRouteRequest>(
        {"RouteTableId", "DestinationCidrBlock", "GatewayId", "NatGatewayId", "NetworkInterfaceId"},
        needs_table, replace_route);
    handlers.add<ec2::DeleteRouteRequest>({"RouteTableId", "DestinationCidrBlock"}, needs_table,
                                          delete_route);
    handlers.add<ec2::AssociateRouteTableRequest>({"RouteTableId", "SubnetId"}, needs_associate, associate);
    handlers.add<ec2::ReplaceRouteTableAssociationRequest>({"AssociationId", "RouteTableId"}, needs_replace,
                                                           replace);
    handlers.add<ec2::DisassociateRouteTableRequest>({"AssociationId"}, needs_disassociate, disassociate);
}

}  // namespace k3fleet::simcloud
