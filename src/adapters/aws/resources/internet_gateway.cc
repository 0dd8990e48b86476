// AWS::EC2::InternetGateway and AWS::EC2::VPCGatewayAttachment.
#include "adapters/aws/resources/ec2.h"
#include "adapters/aws/resources/kinds_known.h"
#include "aws/gen/ec2.h"
#include "base/text.h"

namespace k3fleet::resources {

namespace ec2 = aws::ec2;

namespace {

Result<Observed> read(Context& context, const Value& item);

constexpr Ec2Kind kEc2 = {.describe = &ec2::DescribeInternetGatewaysRequest::operation,
                          .list = "InternetGateways",
                          .ids = "InternetGatewayIds",
                          .id = "InternetGatewayId",
                          .tag_type = "internet-gateway",
                          .read = read};

Result<Observed> read(Context& /*context*/, const Value& item) {
    Observed observed = seen(kEc2, item);
    observed.attributes = take(item, {"InternetGatewayId"});
    return observed;
}

Result<std::string> create(Context& context, const Resource& resource, const std::string& token) {
    static_cast<void>(token);  // AWS takes none here.
    const Value made = K3F_TRY(ask<ec2::CreateInternetGatewayRequest>(
        context, Value::object({{"TagSpecifications", tag_specifications(kEc2, resource.tags)}})));
    return made.string_at("InternetGateway.InternetGatewayId");
}

Result<Removal> remove(Context& context, const Observed& observed) {
    return removed(tell<ec2::DeleteInternetGatewayRequest>(
        context, Value::object({{"InternetGatewayId", observed.physical_id}})));
}

Result<std::optional<Observed>> find_attachment(Context& context, const Resource& resource) {
    const std::string gateway = text(resource, "InternetGatewayId");
    const std::string vpc = text(resource, "VpcId");
    if (gateway.empty() || vpc.empty()) return std::optional<Observed>();
    const auto item = K3F_TRY(describe(context, kEc2, gateway));
    if (!item) return std::optional<Observed>();
    for (const Value& attachment : at(*item, "Attachments").items()) {
        const std::string state = attachment.string_at("State");
        if (attachment.string_at("VpcId") != vpc || state == "detached" || state == "detaching") continue;
        Observed observed;
        observed.physical_id = format("{}|{}", gateway, vpc);
        observed.properties = Value::object({{"InternetGatewayId", gateway}, {"VpcId", vpc}});
        return std::optional(observed);
    }
    return std::optional<Observed>();
}

Result<std::string> attach(Context& context, const Resource& resource, const std::string& token) {
    static_cast<void>(token);  // A second attachment is refused.
    const Value request = take(resource.properties, {"InternetGatewayId", "VpcId"});
    K3F_TRY(tell<ec2::AttachInternetGatewayRequest>(context, request));
    return format("{}|{}", text(resource, "InternetGatewayId"), text(resource, "VpcId"));
}

Result<Removal> detach(Context& context, const Observed& observed) {
    const Status done = tell<ec2::DetachInternetGatewayRequest>(
        context, take(observed.properties, {"InternetGatewayId", "VpcId"}));
    if (!done && is(done.error(), "Gateway.NotAttached")) return Removal{};
    return removed(done);
}

}  // namespace

constinit const Implementation kInternetGateway = {
    .type = "AWS::EC2::InternetGateway",
    .observe = [](Context& c, const std::string& id) { return observe(c, kEc2, id); },
    .find = [](Context& c, const Resource& r) { return find_tagged(c, kEc2, r); },
    .create = create,
    .update = set_tags,
    .remove = remove,
};

constinit const Implementation kVpcGatewayAttachment = {
    .type = "AWS::EC2::VPCGatewayAttachment",
    .find = find_attachment,
    .create = attach,
    .update = nothing_to_change,
    .remove = detach,
};

}  // namespace k3fleet::resources
