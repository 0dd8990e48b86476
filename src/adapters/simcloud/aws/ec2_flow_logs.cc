// EC2's flow logs: that they are kept, where and of what. Nothing is written to them.
//
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateFlowLogs.html
#include <algorithm>

#include "adapters/simcloud/aws/ec2_things.h"
#include "adapters/simcloud/aws/roles.h"

namespace k3fleet::simcloud {
namespace {

std::unexpected<Error> invalid(std::string message) { return refuse("InvalidParameter", std::move(message)); }

// Of what, and with which code it is refused where there is none.
struct Subject {
    std::string_view type;
    std::string_view arn_type;
    std::string_view unknown;
};
Result<Subject> subject_of(const ec2::CreateFlowLogsRequest& request) {
    if (request.resource_type == "VPC") return Subject{"VPC", "vpc", "InvalidVpcId.NotFound"};
    if (request.resource_type == "Subnet") return Subject{"Subnet", "subnet", "InvalidSubnetId.NotFound"};
    if (request.resource_type == "NetworkInterface")
        return Subject{"NetworkInterface", "network-interface", "InvalidNetworkInterfaceId.NotFound"};
    return invalid(format("Value ({}) for parameter ResourceType is invalid", *request.resource_type));
}

Status needs_create(const Call& call, const ec2::CreateFlowLogsRequest& request, Needs& needs) {
    needs_new(call, needs, "vpc-flow-log", tags_given(request.tag_specifications, "vpc-flow-log"));
    for (const std::string& id : request.resource_ids)
        if (const Tagged thing = find_tagged_thing(call.account, id); thing.tags != nullptr)
            needs_thing(call, needs, thing.type, id, *thing.tags);
    if (request.deliver_logs_permission_arn)
        needs.add("iam:PassRole", *request.deliver_logs_permission_arn,
                  {{"iam:PassedToService", {"vpc-flow-logs.amazonaws.com"}}});
    return {};
}

Status check(const Call& call, const ec2::CreateFlowLogsRequest& request) {
    if (request.log_destination_type.value_or("cloud-watch-logs") != "cloud-watch-logs")
        return invalid("only flow logs to CloudWatch Logs are simulated");
    const std::string traffic = request.traffic_type.value_or("");
    if (traffic != "ALL" && traffic != "ACCEPT" && traffic != "REJECT")
        return invalid(format("Value ({}) for parameter TrafficType is invalid", traffic));
    const std::int32_t interval = request.max_aggregation_interval.value_or(600);
    if (interval != 60 && interval != 600)
        return invalid(format("Value ({}) for parameter MaxAggregationInterval is invalid", interval));
    if (request.log_group_name.value_or("").empty())
        return invalid("LogGroupName can't be empty if LogDestinationType is cloud-watch-logs");
    const std::string role = request.deliver_logs_permission_arn.value_or("");
    if (!role.starts_with(format("arn:aws:iam::{}:role/", call.account.number)))
        return invalid("DeliverLogsPermissionArn can't be empty if LogDestinationType is cloud-watch-logs");
    if (request.resource_ids.size() != 1) return invalid("flow logs of one resource each are simulated");
    return check_tags(tags_given(request.tag_specifications, "vpc-flow-log"));
}

ec2::UnsuccessfulItem failed(const std::string& id, std::string_view code, std::string message) {
    ec2::UnsuccessfulItem item{.resource_id = id};
    item.error.emplace() = {.code = std::string(code), .message = std::move(message)};
    return item;
}

Result<ec2::CreateFlowLogsResponse> create(Call& call, const ec2::CreateFlowLogsRequest& request) {
    const Subject subject = K3F_TRY(subject_of(request));
    K3F_TRY(check(call, request));
    Ec2State& ec2 = call.account.ec2;
    ec2::CreateFlowLogsResponse answer{.client_token = request.client_token};
    if (const auto* old = K3F_TRY(made_before(call, ec2.flow_logs, request.client_token, &request))) {
        answer.flow_log_ids.push_back(old->id);
        return answer;
    }
    for (const std::string& resource : request.resource_ids) {
        if (find_tagged_thing(call.account, resource).type != subject.arn_type) {
            answer.unsuccessful.push_back(
                failed(resource, subject.unknown, format("The resource '{}' does not exist", resource)));
            continue;
        }
        FlowLog log{.resource = resource,
                    .traffic = *request.traffic_type,
                    .log_group = *request.log_group_name,
                    .role = *request.deliver_logs_permission_arn,
                    .interval = request.max_aggregation_interval.value_or(600),
                    .made_at = call.now,
                    .tags = tags_given(request.tag_specifications, "vpc-flow-log")};
        const auto same = [&](const auto& entry) {
            const FlowLog& other = entry.second;
            return other.resource == resource && other.traffic == log.traffic &&
                   other.log_group == log.log_group;
        };
        if (std::ranges::any_of(ec2.flow_logs, same)) {
            answer.unsuccessful.push_back(failed(resource, "FlowLogAlreadyExists",
                                                 "There is an existing Flow Log with the same configuration "
                                                 "and log destination"));
            continue;
        }
        log.id = make_id(call, "fl");
        if (role_for(call, log.role, "vpc-flow-logs.amazonaws.com", call.arn("ec2", "vpc-flow-log/" + log.id))
                .as != RoleSeen::As::Usable)
            return invalid(format("Unable to assume given IAM role: '{}'", log.role));
        remember_made(call, request.client_token, &request, log.id);
        answer.flow_log_ids.push_back(log.id);
        ec2.flow_logs.emplace(log.id, log);
    }
    return answer;
}

Status needs_delete(const Call& call, const ec2::DeleteFlowLogsRequest& request, Needs& needs) {
    for (const std::string& id : request.flow_log_ids)
        if (const auto log = call.account.ec2.flow_logs.find(id); log != call.account.ec2.flow_logs.end())
            needs_thing(call, needs, "vpc-flow-log", id, log->second.tags);
    return {};
}
Result<ec2::DeleteFlowLogsResponse> remove(Call& call, const ec2::DeleteFlowLogsRequest& request) {
    ec2::DeleteFlowLogsResponse answer;
    for (const std::string& id : request.flow_log_ids)
        if (call.account.ec2.flow_logs.erase(id) == 0)
            answer.unsuccessful.push_back(
                failed(id, "InvalidFlowLogId.NotFound", format("The flow log '{}' does not exist", id)));
    return answer;
}

ec2::FlowLog show_log(const FlowLog& log) {
    ec2::FlowLog shown{.creation_time = log.made_at, .deliver_logs_permission_arn = log.role};
    shown.deliver_logs_status = "SUCCESS";
    shown.flow_log_id = log.id;
    shown.flow_log_status = "ACTIVE";
    shown.log_group_name = log.log_group;
    shown.resource_id = log.resource;
    shown.traffic_type = log.traffic;
    shown.log_destination_type = "cloud-watch-logs";
    shown.max_aggregation_interval = log.interval;
    shown.tags = listed(log.tags);
    return shown;
}

Result<ec2::DescribeFlowLogsResponse> describe(Call& call, const ec2::DescribeFlowLogsRequest& request) {
    const auto judge = [](const FlowLog& log, const ec2::Filter& filter) -> std::optional<bool> {
        if (filter.name == "flow-log-id") return one_of(filter, log.id);
        if (filter.name == "resource-id") return one_of(filter, log.resource);
        if (filter.name == "log-group-name") return one_of(filter, log.log_group);
        return std::nullopt;
    };
    const Listing asked{.ids = request.flow_log_ids,
                        .filters = request.filter,
                        .page = K3F_TRY(page_of(call, request.next_token, request.max_results)),
                        .unknown = "InvalidFlowLogId.NotFound"};
    auto found = K3F_TRY(list_things(call, call.account.ec2.flow_logs, asked, judge, show_log));
    return ec2::DescribeFlowLogsResponse{.flow_logs = found.first, .next_token = found.second};
}

}  // namespace

void add_ec2_flow_logs(Handlers& handlers) {
    handlers.add<ec2::CreateFlowLogsRequest>(
        {"ResourceIds", "ResourceType", "TrafficType", "LogDestinationType", "LogGroupName",
         "DeliverLogsPermissionArn", "MaxAggregationInterval", "TagSpecifications", "ClientToken"},
        needs_create, create);
    handlers.add<ec2::DeleteFlowLogsRequest>({"FlowLogIds"}, needs_delete, remove);
    handlers.add<ec2::DescribeFlowLogsRequest>({"FlowLogIds", "Filter", "NextToken", "MaxResults"},
                                               needs_look, describe);
}

}  // namespace k3fleet::simcloud
