// AWS::EC2::VPC.
#include "adapters/aws/resources/ec2.h"
#include "adapters/aws/resources/kinds_known.h"
#include "aws/gen/ec2.h"

namespace k3fleet::resources {

namespace ec2 = aws::ec2;

namespace {

// Properties that are attributes, one call each.
constexpr std::pair<std::string_view, std::string_view> kAttributes[] = {
    {"EnableDnsSupport", "enableDnsSupport"}, {"EnableDnsHostnames", "enableDnsHostnames"}};

Result<Observed> read(Context& context, const Value& item);

constexpr Ec2Kind kEc2 = {.describe = &ec2::DescribeVpcsRequest::operation,
                          .list = "Vpcs",
                          .ids = "VpcIds",
                          .id = "VpcId",
                          .tag_type = "vpc",
                          .read = read};

Result<Observed> read(Context& context, const Value& item) {
    Observed observed = seen(kEc2, item);
    observed.properties = take(item, {"CidrBlock", "InstanceTenancy"});
    observed.attributes = take(item, {"VpcId", "CidrBlock"});
    observed.pending = item.string_at("State") == "pending";
    if (observed.pending) observed.waiting_for = "the VPC becomes available";
    for (const auto& [property, attribute] : kAttributes) {
        const Value answer = K3F_TRY(ask<ec2::DescribeVpcAttributeRequest>(
            context, Value::object({{"VpcId", observed.physical_id}, {"Attribute", attribute}})));
        observed.properties.set(property, at(answer, std::string(property) + ".Value"));
    }
    return observed;
}

Status set_attributes(Context& context, const Observed& observed, const Resource& resource) {
    for (const auto& [property, attribute] : kAttributes) {
        if (!differs(observed, resource, property)) continue;
        K3F_TRY(tell<ec2::ModifyVpcAttributeRequest>(
            context, Value::object({{"VpcId", observed.physical_id},
                                    {property, boxed(at(resource.properties, property))}})));
    }
    return {};
}

Result<std::string> create(Context& context, const Resource& resource, const std::string& token) {
    static_cast<void>(token);  // AWS takes none here.
    Value request = take(resource.properties, {"CidrBlock", "InstanceTenancy"});
    request.set("TagSpecifications", tag_specifications(kEc2, resource.tags));
    const Value made = K3F_TRY(ask<ec2::CreateVpcRequest>(context, request));
    Observed fresh;
    fresh.physical_id = made.string_at("Vpc.VpcId");
    fresh.properties = Value::object({{"EnableDnsSupport", true}, {"EnableDnsHostnames", false}});
    K3F_TRY(set_attributes(context, fresh, resource));
    return fresh.physical_id;
}

Status update(Context& context, const Observed& observed, const Resource& resource) {
    K3F_TRY(set_tags(context, observed, resource));
    return set_attributes(context, observed, resource);
}

Result<Removal> remove(Context& context, const Observed& observed) {
    const Status done =
        tell<ec2::DeleteVpcRequest>(context, Value::object({{"VpcId", observed.physical_id}}));
    return removed(done, done ? "" : interfaces_holding(context, "vpc-id", observed.physical_id));
}

}  // namespace

constinit const Implementation kVpc = {
    .type = "AWS::EC2::VPC",
    .observe = [](Context& c, const std::string& id) { return observe(c, kEc2, id); },
    .find = [](Context& c, const Resource& r) { return find_tagged(c, kEc2, r); },
    .create = create,
    .update = update,
    .remove = remove,
};

}  // namespace k3fleet::resources
