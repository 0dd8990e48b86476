// AWS::EC2::NatGateway. Takes minutes to come and to go; one that failed is not there, and AWS removes it by
// itself.
#include "adapters/aws/resources/ec2.h"
#include "adapters/aws/resources/kinds_known.h"
#include "aws/gen/ec2.h"

namespace k3fleet::resources {

namespace ec2 = aws::ec2;

namespace {

bool alive(const Value& item) {
    const std::string state = item.string_at("State");
    return state == "pending" || state == "available";
}

Result<Observed> read(Context& context, const Value& item);

constexpr Ec2Kind kEc2 = {.describe = &ec2::DescribeNatGatewaysRequest::operation,
                          .list = "NatGateways",
                          .ids = "NatGatewayIds",
                          .id = "NatGatewayId",
                          .tag_type = "natgateway",
                          .read = read,
                          .alive = alive,
                          .filters = "Filter"};

Result<Observed> read(Context& /*context*/, const Value& item) {
    Observed observed = seen(kEc2, item);
    observed.properties = take(item, {"SubnetId", "ConnectivityType"});
    const Value addresses = at(item, "NatGatewayAddresses");
    if (!addresses.items().empty()) take(observed.properties, addresses.items().front(), {"AllocationId"});
    observed.attributes = take(item, {"NatGatewayId"});
    observed.created_at = time_at(item, "CreateTime");
    observed.pending = item.string_at("State") == "pending";
    if (observed.pending) observed.waiting_for = "the NAT gateway becomes available";
    return observed;
}

Result<std::string> create(Context& context, const Resource& resource, const std::string& token) {
    Value request = take(resource.properties, {"SubnetId", "AllocationId", "ConnectivityType"});
    request.set("TagSpecifications", tag_specifications(kEc2, resource.tags));
    request.set("ClientToken", token);
    const Value made = K3F_TRY(ask<ec2::CreateNatGatewayRequest>(context, request));
    return made.string_at("NatGateway.NatGatewayId");
}

Result<Removal> remove(Context& context, const Observed& observed) {
    const auto item = K3F_TRY(describe(context, kEc2, observed.physical_id));
    if (!item || item->string_at("State") == "deleted") return Removal{};
    if (item->string_at("State") != "deleting") {
        K3F_TRY(tell<ec2::DeleteNatGatewayRequest>(context,
                                                   Value::object({{"NatGatewayId", observed.physical_id}})));
    }
    const auto now = K3F_TRY(describe(context, kEc2, observed.physical_id));
    if (!now || now->string_at("State") == "deleted") return Removal{};
    return going("AWS deletes the NAT gateway, which takes about a minute");
}

}  // namespace

constinit const Implementation kNatGateway = {
    .type = "AWS::EC2::NatGateway",
    .observe = [](Context& c, const std::string& id) { return observe(c, kEc2, id); },
    .find = [](Context& c, const Resource& r) { return find_tagged(c, kEc2, r); },
    .create = create,
    .update = set_tags,
    .remove = remove,
};

}  // namespace k3fleet::resources
