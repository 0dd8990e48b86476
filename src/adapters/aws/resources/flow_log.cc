// AWS::EC2::FlowLog. Nothing of it can be changed but its tags.
#include "adapters/aws/resources/ec2.h"
#include "adapters/aws/resources/kinds_known.h"
#include "aws/gen/ec2.h"

namespace k3fleet::resources {

namespace ec2 = aws::ec2;

namespace {

Result<Observed> read(Context& context, const Value& item);

constexpr Ec2Kind kEc2 = {.describe = &ec2::DescribeFlowLogsRequest::operation,
                          .list = "FlowLogs",
                          .ids = "FlowLogIds",
                          .id = "FlowLogId",
                          .tag_type = "vpc-flow-log",
                          .read = read,
                          .filters = "Filter"};

std::string_view type_of(const std::string& id) {
    if (id.starts_with("vpc-")) return "VPC";
    return id.starts_with("subnet-") ? "Subnet" : "NetworkInterface";
}

Result<Observed> read(Context& /*context*/, const Value& item) {
    Observed observed = seen(kEc2, item);
    observed.properties =
        take(item, {"ResourceId", "TrafficType", "LogDestinationType", "LogGroupName", "LogDestination",
                    "DeliverLogsPermissionArn", "MaxAggregationInterval"});
    observed.properties.set("ResourceType", type_of(item.string_at("ResourceId")));
    observed.attributes = Value::object({{"Id", observed.physical_id}});
    observed.created_at = time_at(item, "CreationTime");
    return observed;
}

// The call succeeds even if nothing was done.
Status all_done(const Value& answer) {
    const Value failed = at(answer, "Unsuccessful");
    if (failed.items().empty()) return {};
    const Value& error = failed.items().front();
    const std::string code = error.string_at("Error.Code");
    const bool none = code.ends_with(".NotFound");
    Error refusal{.code = none ? ErrorCode::NotFound : ErrorCode::Refused,
                  .message = error.string_at("Error.Message"),
                  .trail = {},
                  .provider_code = code,
                  .retry_after = {}};
    return std::unexpected(std::move(refusal));
}

Result<std::string> create(Context& context, const Resource& resource, const std::string& token) {
    Value request =
        take(resource.properties, {"ResourceType", "TrafficType", "LogDestinationType", "LogGroupName",
                                   "LogDestination", "DeliverLogsPermissionArn", "MaxAggregationInterval"});
    request.set("ResourceIds", Value::array({at(resource.properties, "ResourceId")}));
    request.set("TagSpecifications", tag_specifications(kEc2, resource.tags));
    request.set("ClientToken", token);
    const Value made = K3F_TRY(ask<ec2::CreateFlowLogsRequest>(context, request));
    K3F_TRY(all_done(made));
    const Value ids = at(made, "FlowLogIds");
    return ids.items().empty() ? "" : *ids.items().front().as_string();
}

Result<Removal> remove(Context& context, const Observed& observed) {
    const auto answer = look<ec2::DeleteFlowLogsRequest>(
        context, Value::object({{"FlowLogIds", Value::array({observed.physical_id})}}));
    if (!answer) return std::unexpected(answer.error());
    return removed(*answer ? all_done(**answer) : Status());
}

}  // namespace

constinit const Implementation kFlowLog = {
    .type = "AWS::EC2::FlowLog",
    .observe = [](Context& c, const std::string& id) { return observe(c, kEc2, id); },
    .find = [](Context& c, const Resource& r) { return find_tagged(c, kEc2, r); },
    .create = create,
    .update = set_tags,
    .remove = remove,
};

}  // namespace k3fleet::resources
