// AWS::EC2::NetworkInterface: the fixed address of a master's slot.
#include "adapters/aws/resources/ec2.h"
#include "adapters/aws/resources/kinds_known.h"
#include "aws/gen/ec2.h"
#include "base/text.h"

namespace k3fleet::resources {

namespace ec2 = aws::ec2;

namespace {

Result<Observed> read(Context& context, const Value& item);

constexpr Ec2Kind kEc2 = {.describe = &ec2::DescribeNetworkInterfacesRequest::operation,
                          .list = "NetworkInterfaces",
                          .ids = "NetworkInterfaceIds",
                          .id = "NetworkInterfaceId",
                          .tag_type = "network-interface",
                          .read = read,
                          .tags = "TagSet"};

Result<Observed> read(Context& /*context*/, const Value& item) {
    Observed observed = seen(kEc2, item);
    observed.properties = take(item, {"SubnetId", "PrivateIpAddress", "Description", "SourceDestCheck"});
    Value groups = Value::array();
    for (const Value& group : at(item, "Groups").items()) groups.push(at(group, "GroupId"));
    observed.properties.set("GroupSet", groups);
    observed.attributes = Value::object({{"Id", observed.physical_id}});
    rename(observed.attributes, item, {{"PrimaryPrivateIpAddress", "PrivateIpAddress"}, {"VpcId", "VpcId"}});
    observed.pending = item.string_at("Status") == "pending";
    if (observed.pending) observed.waiting_for = "the network interface becomes available";
    return observed;
}

// AWS changes one of these a call.
Status set(Context& context, const Observed& observed, const Resource& resource, std::string_view property,
           std::string_view member, const Value& value) {
    if (!differs(observed, resource, property)) return {};
    return tell<ec2::ModifyNetworkInterfaceAttributeRequest>(
        context, Value::object({{"NetworkInterfaceId", observed.physical_id}, {member, value}}));
}

Status set_all(Context& context, const Observed& observed, const Resource& resource) {
    const Value& wanted = resource.properties;
    K3F_TRY(set(context, observed, resource, "SourceDestCheck", "SourceDestCheck",
                boxed(at(wanted, "SourceDestCheck"))));
    K3F_TRY(set(context, observed, resource, "Description", "Description", boxed(at(wanted, "Description"))));
    return set(context, observed, resource, "GroupSet", "Groups", at(wanted, "GroupSet"));
}

Result<std::string> create(Context& context, const Resource& resource, const std::string& token) {
    Value request = take(resource.properties, {"SubnetId", "PrivateIpAddress", "Description"});
    rename(request, resource.properties, {{"Groups", "GroupSet"}});
    request.set("TagSpecifications", tag_specifications(kEc2, resource.tags));
    request.set("ClientToken", token);
    const Value made = K3F_TRY(ask<ec2::CreateNetworkInterfaceRequest>(context, request));
    Observed fresh;
    fresh.physical_id = made.string_at("NetworkInterface.NetworkInterfaceId");
    fresh.properties = resource.properties;
    fresh.properties.set("SourceDestCheck", true);  // As AWS makes them.
    K3F_TRY(set_all(context, fresh, resource));
    return fresh.physical_id;
}

Status update(Context& context, const Observed& observed, const Resource& resource) {
    K3F_TRY(set_tags(context, observed, resource));
    return set_all(context, observed, resource);
}

// What it is attached to; empty: nothing, as far as can be seen.
std::string holder(Context& context, const std::string& id) {
    const auto item = describe(context, kEc2, id);
    if (!item || !*item || at(**item, "Attachment").is_null()) return "";
    return format("it is attached to {}", (*item)->string_at("Attachment.InstanceId", "something"));
}

Result<Removal> remove(Context& context, const Observed& observed) {
    const Status done = tell<ec2::DeleteNetworkInterfaceRequest>(
        context, Value::object({{"NetworkInterfaceId", observed.physical_id}}));
    if (done) return Removal{};
    const std::string held_by = holder(context, observed.physical_id);
    // EC2 has a code for it, and mostly answers with the one of a wrong parameter.
    if (is(done.error(), "InvalidParameterValue") && !held_by.empty()) return going(held_by);
    return removed(done, held_by);
}

}  // namespace

constinit const Implementation kNetworkInterface = {
    .type = "AWS::EC2::NetworkInterface",
    .observe = [](Context& c, const std::string& id) { return observe(c, kEc2, id); },
    .find = [](Context& c, const Resource& r) { return find_tagged(c, kEc2, r); },
    .create = create,
    .update = update,
    .remove = remove,
};

}  // namespace k3fleet::resources
