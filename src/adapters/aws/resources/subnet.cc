// AWS::EC2::Subnet.
#include "adapters/aws/resources/ec2.h"
#include "adapters/aws/resources/kinds_known.h"
#include "aws/gen/ec2.h"

namespace k3fleet::resources {

namespace ec2 = aws::ec2;

namespace {

Result<Observed> read(Context& context, const Value& item);

constexpr Ec2Kind kEc2 = {.describe = &ec2::DescribeSubnetsRequest::operation,
                          .list = "Subnets",
                          .ids = "SubnetIds",
                          .id = "SubnetId",
                          .tag_type = "subnet",
                          .read = read};

Result<Observed> read(Context& /*context*/, const Value& item) {
    Observed observed = seen(kEc2, item);
    observed.properties = take(item, {"VpcId", "CidrBlock", "AvailabilityZone", "MapPublicIpOnLaunch"});
    observed.attributes = take(item, {"SubnetId", "VpcId", "CidrBlock", "AvailabilityZone"});
    observed.pending = item.string_at("State") == "pending";
    if (observed.pending) observed.waiting_for = "the subnet becomes available";
    return observed;
}

Status set_public(Context& context, const std::string& id, const Resource& resource) {
    return tell<ec2::ModifySubnetAttributeRequest>(
        context,
        Value::object({{"SubnetId", id},
                       {"MapPublicIpOnLaunch", boxed(at(resource.properties, "MapPublicIpOnLaunch"))}}));
}

Result<std::string> create(Context& context, const Resource& resource, const std::string& token) {
    static_cast<void>(token);  // AWS takes none here; a second subnet of that range is refused.
    Value request = take(resource.properties, {"VpcId", "CidrBlock", "AvailabilityZone"});
    request.set("TagSpecifications", tag_specifications(kEc2, resource.tags));
    const Value made = K3F_TRY(ask<ec2::CreateSubnetRequest>(context, request));
    const std::string id = made.string_at("Subnet.SubnetId");
    if (at(resource.properties, "MapPublicIpOnLaunch").as_bool() == true)
        K3F_TRY(set_public(context, id, resource));
    return id;
}

Status update(Context& context, const Observed& observed, const Resource& resource) {
    K3F_TRY(set_tags(context, observed, resource));
    if (!differs(observed, resource, "MapPublicIpOnLaunch")) return {};
    return set_public(context, observed.physical_id, resource);
}

Result<Removal> remove(Context& context, const Observed& observed) {
    const Status done =
        tell<ec2::DeleteSubnetRequest>(context, Value::object({{"SubnetId", observed.physical_id}}));
    return removed(done, done ? "" : interfaces_holding(context, "subnet-id", observed.physical_id));
}

}  // namespace

constinit const Implementation kSubnet = {
    .type = "AWS::EC2::Subnet",
    .observe = [](Context& c, const std::string& id) { return observe(c, kEc2, id); },
    .find = [](Context& c, const Resource& r) { return find_tagged(c, kEc2, r); },
    .create = create,
    .update = update,
    .remove = remove,
};

}  // namespace k3fleet::resources
