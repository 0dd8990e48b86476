// Machines of EC2: launched, listed, unlocked, ended; and the spot requests behind them.
#include <algorithm>

#include "adapters/simcloud/aws/ec2_run.h"
#include "adapters/simcloud/engine.h"
#include "base/text.h"
#include "core/model/names.h"

namespace k3fleet::simcloud {
namespace {

constexpr Duration kNotice = std::chrono::minutes{2};

std::unexpected<Error> no_instance(const std::string& id) {
    return refuse("InvalidInstanceID.NotFound", format("The instance ID '{}' does not exist", id));
}

bool visible(const Call& call, const Machine& machine) {
    const SimInstance* instance = call.engine.find_instance(machine.number);
    return instance != nullptr && instance->visible_at <= call.now;
}

// As lists see it: one that was launched a moment ago may be unknown.
Result<Machine*> find_machine(const Call& call, const std::string& id) {
    const auto found = call.account.ec2.machines.find(id);
    if (found == call.account.ec2.machines.end() || !visible(call, found->second)) return no_instance(id);
    return &found->second;
}

const Tags& seen_tags(const Call& call, const Machine& machine) {
    static const Tags none;
    return call.now >= machine.tags_seen_at ? machine.tags : none;
}

std::optional<bool> judge(const Call& call, const Machine& machine, const ec2::Filter& filter) {
    const SimInstance* instance = call.engine.find_instance(machine.number);
    if (filter.name == "instance-state-name")
        return one_of(filter, model::to_string(call.engine.shown_state(*instance)));
    if (filter.name == "vpc-id") {
        const auto subnet = call.account.ec2.subnets.find(machine.subnet);
        return subnet != call.account.ec2.subnets.end() && one_of(filter, subnet->second.vpc);
    }
    if (filter.name == "subnet-id") return one_of(filter, machine.subnet);
    if (filter.name == "client-token") return one_of(filter, machine.token);
    if (filter.name == "instance-type") return one_of(filter, machine.type);
    if (filter.name == "instance-lifecycle") return machine.spot && one_of(filter, "spot");
    return std::nullopt;
}

Result<ec2::DescribeInstancesResponse> describe(Call& call, const ec2::DescribeInstancesRequest& request) {
    ec2::DescribeInstancesResponse answer;
    for (const std::string& id : request.instance_ids) (void)K3F_TRY(find_machine(call, id));
    if (!request.instance_ids.empty() && request.max_results)
        return refuse("InvalidParameterCombination",
                      "The parameter instancesSet cannot be used with maxResults");
    const Page page = K3F_TRY(page_of(call, request.next_token, request.max_results));
    std::string last;
    for (const auto& [id, machine] : call.account.ec2.machines) {
        if (id <= page.after || !visible(call, machine)) continue;
        if (!request.instance_ids.empty() &&
            std::ranges::find(request.instance_ids, id) == request.instance_ids.end())
            continue;
        if (!K3F_TRY(passes(request.filters, seen_tags(call, machine),
                            [&](const ec2::Filter& filter) { return judge(call, machine, filter); })))
            continue;
        if (answer.reservations.size() == page.limit) {
            answer.next_token = last;
            break;
        }
        last = id;
        answer.reservations.push_back(
            {.reservation_id = "r-" + id.substr(2), .owner_id = call.account.number});
        answer.reservations.back().instances.push_back(show_machine(call, machine));
    }
    return answer;
}

Status needs_terminate(const Call& call, const ec2::TerminateInstancesRequest& request, Needs& needs) {
    for (const std::string& id : request.instance_ids)
        needs.add("ec2:TerminateInstances", call.arn("ec2", "instance/" + id),
                  tagged_resource(K3F_TRY(find_machine(call, id))->tags));
    return {};
}

Result<ec2::TerminateInstancesResponse> terminate(Call& call, const ec2::TerminateInstancesRequest& request) {
    ec2::TerminateInstancesResponse answer;
    for (const std::string& id : request.instance_ids)
        if (K3F_TRY(find_machine(call, id))->locked)
            return refuse("OperationNotPermitted",
                          format("The instance '{}' may not be terminated. Modify its "
                                 "'disableApiTermination' instance attribute and try again",
                                 id));
    for (const std::string& id : request.instance_ids) {
        SimInstance& instance = *call.engine.find_instance(K3F_TRY(find_machine(call, id))->number);
        ec2::InstanceStateChange change{.instance_id = id};
        change.previous_state.emplace().name = std::string(model::to_string(instance.shown.state));
        call.engine.end(instance);
        change.current_state.emplace().name = std::string(model::to_string(instance.shown.state));
        answer.terminating_instances.push_back(std::move(change));
    }
    return answer;
}

Status needs_modify(const Call& call, const ec2::ModifyInstanceAttributeRequest& request, Needs& needs) {
    iam::Context context = tagged_resource(K3F_TRY(find_machine(call, *request.instance_id))->tags);
    context.set("ec2:Attribute", {"DisableApiTermination"});
    needs.add("ec2:ModifyInstanceAttribute", call.arn("ec2", "instance/" + *request.instance_id),
              std::move(context));
    return {};
}

Result<ec2::ModifyInstanceAttributeResponse> modify(Call& call,
                                                    const ec2::ModifyInstanceAttributeRequest& request) {
    Machine& machine = *K3F_TRY(find_machine(call, *request.instance_id));
    if (!request.disable_api_termination || !request.disable_api_termination->value)
        return refuse("InvalidParameterCombination", "No attributes specified");
    if (call.engine.find_instance(machine.number)->shown.state == model::InstanceState::Terminated)
        return refuse("IncorrectInstanceState", "This instance is terminated");
    machine.locked = *request.disable_api_termination->value;
    return ec2::ModifyInstanceAttributeResponse{};
}

struct SpotStatus {
    std::string code;
    std::string state;
    Timestamp at;
};

SpotStatus spot_status(const SimInstance& instance) {
    using enum model::InstanceState;
    const model::Instance& shown = instance.shown;
    if (!shown.alive())
        return shown.interruption_at && instance.ended_at >= *shown.interruption_at
                   ? SpotStatus{"instance-terminated-no-capacity", "closed", *instance.ended_at}
                   : SpotStatus{"instance-terminated-by-user", "closed",
                                instance.ended_at.value_or(Timestamp{})};
    if (shown.interruption_at) return {"marked-for-termination", "active", *shown.interruption_at - kNotice};
    return {"fulfilled", "active", shown.launched_at};
}

Result<ec2::DescribeSpotInstanceRequestsResponse> describe_spot(
    Call& call, const ec2::DescribeSpotInstanceRequestsRequest& request) {
    ec2::DescribeSpotInstanceRequestsResponse answer;
    const Page page = K3F_TRY(page_of(call, request.next_token, request.max_results));
    std::string last;
    for (const auto& [id, machine] : call.account.ec2.machines) {
        if (id <= page.after || !machine.spot || !visible(call, machine)) continue;
        const SpotStatus status = spot_status(*call.engine.find_instance(machine.number));
        const auto judge_request = [&](const ec2::Filter& filter) -> std::optional<bool> {
            if (filter.name == "status-code") return one_of(filter, status.code);
            if (filter.name == "state") return one_of(filter, status.state);
            if (filter.name == "instance-id") return one_of(filter, id);
            return std::nullopt;
        };
        if (!K3F_TRY(passes(request.filters, machine.request_tags, judge_request))) continue;
        if (answer.spot_instance_requests.size() == page.limit) {
            answer.next_token = last;
            break;
        }
        last = id;
        ec2::SpotInstanceRequest shown{.instance_id = id, .state = status.state};
        shown.spot_instance_request_id = "sir-" + id.substr(3, 8);
        shown.status.emplace() = {.code = status.code, .update_time = status.at};
        shown.tags = listed(machine.request_tags);
        answer.spot_instance_requests.push_back(std::move(shown));
    }
    return answer;
}

}  // namespace

void add_ec2_machines(Handlers& handlers) {
    handlers.add<ec2::RunInstancesRequest>(
        {"BlockDeviceMappings", "ImageId", "InstanceType", "MaxCount", "MinCount", "UserData",
         "TagSpecifications", "InstanceMarketOptions", "MetadataOptions", "DisableApiTermination",
         "InstanceInitiatedShutdownBehavior", "ClientToken", "NetworkInterfaces", "IamInstanceProfile"},
        needs_run, run);
    handlers.add<ec2::DescribeInstancesRequest>({"InstanceIds", "Filters", "NextToken", "MaxResults"},
                                                needs_look, describe);
    handlers.add<ec2::TerminateInstancesRequest>({"InstanceIds"}, needs_terminate, terminate);
    handlers.add<ec2::ModifyInstanceAttributeRequest>({"InstanceId", "DisableApiTermination"}, needs_modify,
                                                      modify);
    handlers.add<ec2::DescribeSpotInstanceRequestsRequest>({"Filters", "NextToken", "MaxResults"}, needs_look,
                                                           describe_spot);
}

}  // namespace k3fleet::simcloud
