// AWS::EC2::EIP and AWS::EC2::EIPAssociation. CloudFormation's Ref of an address is the address itself.
#include "adapters/aws/resources/ec2.h"
#include "adapters/aws/resources/kinds_known.h"
#include "aws/gen/ec2.h"
#include "base/text.h"

namespace k3fleet::resources {

namespace ec2 = aws::ec2;

namespace {

Result<Observed> read(Context& context, const Value& item);

constexpr Ec2Kind kEc2 = {.describe = &ec2::DescribeAddressesRequest::operation,
                          .list = "Addresses",
                          .ids = "AllocationIds",
                          .id = "AllocationId",
                          .tag_type = "elastic-ip",
                          .read = read};

Result<Observed> read(Context& /*context*/, const Value& item) {
    Observed observed = seen(kEc2, item);
    observed.physical_id = item.string_at("PublicIp");
    observed.properties = take(item, {"Domain"});
    observed.attributes = take(item, {"AllocationId", "PublicIp"});
    return observed;
}

Result<std::string> create(Context& context, const Resource& resource, const std::string& token) {
    static_cast<void>(token);  // AWS takes none here.
    const Value made = K3F_TRY(ask<ec2::AllocateAddressRequest>(
        context,
        Value::object({{"Domain", "vpc"}, {"TagSpecifications", tag_specifications(kEc2, resource.tags)}})));
    return made.string_at("PublicIp");
}

std::string allocation(const Observed& observed) { return observed.attributes.string_at("AllocationId"); }

Status update(Context& context, const Observed& observed, const Resource& resource) {
    return tag(context, allocation(observed), observed, resource);
}

Result<Removal> remove(Context& context, const Observed& observed) {
    const Status done =
        tell<ec2::ReleaseAddressRequest>(context, Value::object({{"AllocationId", allocation(observed)}}));
    return removed(done, "the address is in use");
}

Result<std::optional<Observed>> find_association(Context& context, const Resource& resource) {
    const std::string allocated = text(resource, "AllocationId");
    const std::string interface = text(resource, "NetworkInterfaceId");
    if (allocated.empty() || interface.empty()) return std::optional<Observed>();
    const auto item = K3F_TRY(describe(context, kEc2, allocated));
    if (!item || item->string_at("NetworkInterfaceId") != interface) return std::optional<Observed>();
    Observed observed;
    observed.physical_id = item->string_at("AssociationId");
    observed.properties = take(*item, {"AllocationId", "NetworkInterfaceId"});
    return std::optional(observed);
}

Result<std::string> associate(Context& context, const Resource& resource, const std::string& token) {
    static_cast<void>(token);  // The same again is the same.
    Value request = take(resource.properties, {"AllocationId", "NetworkInterfaceId"});
    request.set("AllowReassociation", true);
    const Value made = K3F_TRY(ask<ec2::AssociateAddressRequest>(context, request));
    return made.string_at("AssociationId");
}

Result<Removal> disassociate(Context& context, const Observed& observed) {
    return removed(tell<ec2::DisassociateAddressRequest>(
        context, Value::object({{"AssociationId", observed.physical_id}})));
}

}  // namespace

constinit const Implementation kEip = {
    .type = "AWS::EC2::EIP",
    .observe = [](Context& c, const std::string& id) { return observe(c, kEc2, id); },
    .find = [](Context& c, const Resource& r) { return find_tagged(c, kEc2, r); },
    .create = create,
    .update = update,
    .remove = remove,
};

constinit const Implementation kEipAssociation = {
    .type = "AWS::EC2::EIPAssociation",
    .find = find_association,
    .create = associate,
    .update = nothing_to_change,
    .remove = disassociate,
};

}  // namespace k3fleet::resources
