// AWS::EC2::VPCEndpoint.
#include "adapters/aws/resources/ec2.h"
#include "adapters/aws/resources/kinds_known.h"
#include "aws/gen/ec2.h"
#include "base/json.h"
#include "base/ranges.h"

namespace k3fleet::resources {

namespace ec2 = aws::ec2;

namespace {

// AWS writes them with small and with capital letters.
bool in_state(const Value& item, std::string_view small, std::string_view capital) {
    const std::string state = item.string_at("State");
    return state == small || state == capital;
}

bool alive(const Value& item) {
    return !in_state(item, "deleting", "Deleting") && !in_state(item, "deleted", "Deleted");
}

Result<Observed> read(Context& context, const Value& item);

constexpr Ec2Kind kEc2 = {.describe = &ec2::DescribeVpcEndpointsRequest::operation,
                          .list = "VpcEndpoints",
                          .ids = "VpcEndpointIds",
                          .id = "VpcEndpointId",
                          .tag_type = "vpc-endpoint",
                          .read = read,
                          .alive = alive};

Result<Observed> read(Context& /*context*/, const Value& item) {
    Observed observed = seen(kEc2, item);
    observed.properties = take(item, {"VpcId", "ServiceName", "VpcEndpointType", "PrivateDnsEnabled"});
    for (const std::string_view list : {"RouteTableIds", "SubnetIds"})
        observed.properties.set(list, Value::array(at(item, list).items()));
    Value groups = Value::array();
    for (const Value& group : at(item, "Groups").items()) groups.push(at(group, "GroupId"));
    observed.properties.set("SecurityGroupIds", groups);
    if (const std::string policy = item.string_at("PolicyDocument"); !policy.empty())
        observed.properties.set("PolicyDocument", read_document(policy));
    observed.attributes = Value::object({{"Id", observed.physical_id}});
    observed.created_at = time_at(item, "CreationTimestamp");
    observed.pending = in_state(item, "pending", "Pending");
    if (observed.pending) observed.waiting_for = "the endpoint becomes available";
    return observed;
}

Result<std::string> create(Context& context, const Resource& resource, const std::string& token) {
    Value request = take(resource.properties, {"VpcId", "ServiceName", "VpcEndpointType", "RouteTableIds",
                                               "SubnetIds", "SecurityGroupIds", "PrivateDnsEnabled"});
    if (const Value policy = at(resource.properties, "PolicyDocument"); !policy.is_null())
        request.set("PolicyDocument", json::write(policy));
    request.set("TagSpecifications", tag_specifications(kEc2, resource.tags));
    request.set("ClientToken", token);
    const Value made = K3F_TRY(ask<ec2::CreateVpcEndpointRequest>(context, request));
    return made.string_at("VpcEndpoint.VpcEndpointId");
}

// What is to be added and taken away, so that the list becomes the wanted one.
void change_list(Value& request, const Observed& observed, const Resource& resource, std::string_view list) {
    const Value wanted = at(resource.properties, list);
    if (wanted.is_null()) return;
    const Value has = at(observed.properties, list);
    Value add = Value::array();
    Value drop = Value::array();
    for (const Value& id : wanted.items())
        if (!contains(has.items(), id)) add.push(id);
    for (const Value& id : has.items())
        if (!contains(wanted.items(), id)) drop.push(id);
    if (!add.items().empty()) request.set("Add" + std::string(list), add);
    if (!drop.items().empty()) request.set("Remove" + std::string(list), drop);
}

Status update(Context& context, const Observed& observed, const Resource& resource) {
    K3F_TRY(set_tags(context, observed, resource));
    Value request = Value::object();
    for (const std::string_view list : {"RouteTableIds", "SubnetIds", "SecurityGroupIds"})
        change_list(request, observed, resource, list);
    if (differs(observed, resource, "PrivateDnsEnabled"))
        take(request, resource.properties, {"PrivateDnsEnabled"});
    if (differs(observed, resource, "PolicyDocument"))
        request.set("PolicyDocument", json::write(at(resource.properties, "PolicyDocument")));
    if (request.members().empty()) return {};
    request.set("VpcEndpointId", observed.physical_id);
    return tell<ec2::ModifyVpcEndpointRequest>(context, request);
}

// Not done is an answer here, and no error of the call.
Result<Removal> refused(const Value& failure) {
    const std::string code = failure.string_at("Error.Code");
    if (code.ends_with(".NotFound")) return Removal{};
    if (code == "DependencyViolation" || code.ends_with(".InUse"))
        return going(failure.string_at("Error.Message"));
    return fail(ErrorCode::Refused, failure.string_at("Error.Message"));
}

Result<Removal> remove(Context& context, const Observed& observed) {
    const auto item = K3F_TRY(describe(context, kEc2, observed.physical_id));
    if (!item || in_state(*item, "deleted", "Deleted")) return Removal{};
    if (alive(*item)) {
        const Value done = K3F_TRY(ask<ec2::DeleteVpcEndpointsRequest>(
            context, Value::object({{"VpcEndpointIds", Value::array({observed.physical_id})}})));
        if (const Value failed = at(done, "Unsuccessful"); !failed.items().empty())
            return refused(failed.items().front());
    }
    if (!K3F_TRY(describe(context, kEc2, observed.physical_id))) return Removal{};
    return going("AWS deletes the endpoint and its network interfaces");
}

}  // namespace

constinit const Implementation kVpcEndpoint = {
    .type = "AWS::EC2::VPCEndpoint",
    .observe = [](Context& c, const std::string& id) { return observe(c, kEc2, id); },
    .find = [](Context& c, const Resource& r) { return find_tagged(c, kEc2, r); },
    .create = create,
    .update = update,
    .remove = remove,
};

}  // namespace k3fleet::resources
