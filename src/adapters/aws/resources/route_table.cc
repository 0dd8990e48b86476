// AWS::EC2::RouteTable, and its parts AWS::EC2::Route and AWS::EC2::SubnetRouteTableAssociation.
#include <algorithm>
#include <array>

#include "adapters/aws/resources/ec2.h"
#include "adapters/aws/resources/kinds_known.h"
#include "aws/gen/ec2.h"
#include "base/text.h"

namespace k3fleet::resources {

namespace ec2 = aws::ec2;

namespace {

Result<Observed> read(Context& context, const Value& item);

constexpr Ec2Kind kEc2 = {.describe = &ec2::DescribeRouteTablesRequest::operation,
                          .list = "RouteTables",
                          .ids = "RouteTableIds",
                          .id = "RouteTableId",
                          .tag_type = "route-table",
                          .read = read};

Result<Observed> read(Context& /*context*/, const Value& item) {
    Observed observed = seen(kEc2, item);
    observed.properties = take(item, {"VpcId"});
    observed.attributes = take(item, {"RouteTableId"});
    return observed;
}

Result<std::string> create(Context& context, const Resource& resource, const std::string& token) {
    Value request = take(resource.properties, {"VpcId"});
    request.set("TagSpecifications", tag_specifications(kEc2, resource.tags));
    request.set("ClientToken", token);
    const Value made = K3F_TRY(ask<ec2::CreateRouteTableRequest>(context, request));
    return made.string_at("RouteTable.RouteTableId");
}

Result<Removal> remove(Context& context, const Observed& observed) {
    return removed(
        tell<ec2::DeleteRouteTableRequest>(context, Value::object({{"RouteTableId", observed.physical_id}})));
}

// Routes.

constexpr auto kTargets = std::to_array<std::string_view>(
    {"GatewayId", "NatGatewayId", "NetworkInterfaceId", "InstanceId", "VpcEndpointId"});

Result<std::optional<Observed>> find_route(Context& context, const Resource& resource) {
    const std::string table = text(resource, "RouteTableId");
    const std::string destination = text(resource, "DestinationCidrBlock");
    if (table.empty()) return std::optional<Observed>();
    const auto item = K3F_TRY(describe(context, kEc2, table));
    if (!item) return std::optional<Observed>();
    for (const Value& route : at(*item, "Routes").items()) {
        if (route.string_at("DestinationCidrBlock") != destination) continue;
        Observed observed;
        observed.physical_id = format("{}|{}", table, destination);
        observed.properties = Value::object({{"RouteTableId", table}, {"DestinationCidrBlock", destination}});
        for (const std::string_view target : kTargets) observed.properties.set(target, at(route, target));
        return std::optional(observed);
    }
    return std::optional<Observed>();
}

Value route_request(const Resource& resource) {
    Value request = take(resource.properties, {"RouteTableId", "DestinationCidrBlock"});
    take(request, resource.properties, kTargets);
    return request;
}

Result<std::string> create_route(Context& context, const Resource& resource, const std::string& token) {
    static_cast<void>(token);  // A second route of that destination is refused.
    K3F_TRY(tell<ec2::CreateRouteRequest>(context, route_request(resource)));
    return format("{}|{}", text(resource, "RouteTableId"), text(resource, "DestinationCidrBlock"));
}

Status update_route(Context& context, const Observed& observed, const Resource& resource) {
    if (!any_differs(observed, resource, kTargets)) return {};
    return tell<ec2::ReplaceRouteRequest>(context, route_request(resource));
}

Result<Removal> remove_route(Context& context, const Observed& observed) {
    return removed(tell<ec2::DeleteRouteRequest>(
        context, take(observed.properties, {"RouteTableId", "DestinationCidrBlock"})));
}

// Which table a subnet has. Without one it has the VPC's main table, which shows no association.

Result<std::optional<Observed>> find_association(Context& context, const Resource& resource) {
    const std::string subnet = text(resource, "SubnetId");
    if (subnet.empty()) return std::optional<Observed>();
    const auto of_subnet = [&](const Value& association) {
        return association.string_at("SubnetId") == subnet;
    };
    const auto item = K3F_TRY(find_filtered(
        context, kEc2, Value::array({filter("association.subnet-id", subnet)}), [&](const Value& table) {
            return std::ranges::any_of(at(table, "Associations").items(), of_subnet);
        }));
    if (!item) return std::optional<Observed>();
    for (const Value& association : at(*item, "Associations").items()) {
        if (!of_subnet(association)) continue;
        Observed observed;
        observed.physical_id = association.string_at("RouteTableAssociationId");
        observed.attributes = Value::object({{"Id", observed.physical_id}});
        observed.properties = take(association, {"SubnetId", "RouteTableId"});
        return std::optional(observed);
    }
    return std::optional<Observed>();
}

Result<std::string> associate(Context& context, const Resource& resource, const std::string& token) {
    static_cast<void>(token);  // A second association of a subnet is refused.
    const Value made = K3F_TRY(ask<ec2::AssociateRouteTableRequest>(
        context, take(resource.properties, {"SubnetId", "RouteTableId"})));
    return made.string_at("AssociationId");
}

Status replace_association(Context& context, const Observed& observed, const Resource& resource) {
    if (!differs(observed, resource, "RouteTableId")) return {};
    return tell<ec2::ReplaceRouteTableAssociationRequest>(
        context, Value::object({{"AssociationId", observed.physical_id},
                                {"RouteTableId", text(resource, "RouteTableId")}}));
}

Result<Removal> disassociate(Context& context, const Observed& observed) {
    return removed(tell<ec2::DisassociateRouteTableRequest>(
        context, Value::object({{"AssociationId", observed.physical_id}})));
}

}  // namespace

constinit const Implementation kRouteTable = {
    .type = "AWS::EC2::RouteTable",
    .observe = [](Context& c, const std::string& id) { return observe(c, kEc2, id); },
    .find = [](Context& c, const Resource& r) { return find_tagged(c, kEc2, r); },
    .create = create,
    .update = set_tags,
    .remove = remove,
};

constinit const Implementation kRoute = {
    .type = "AWS::EC2::Route",
    .find = find_route,
    .create = create_route,
    .update = update_route,
    .remove = remove_route,
};

constinit const Implementation kSubnetRouteTableAssociation = {
    .type = "AWS::EC2::SubnetRouteTableAssociation",
    .find = find_association,
    .create = associate,
    .update = replace_association,
    .remove = disassociate,
};

}  // namespace k3fleet::resources
