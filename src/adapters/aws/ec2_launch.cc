#include "adapters/aws/ec2_launch.h"

#include "adapters/aws/instance_tags.h"
#include "aws/gen/ec2.h"
#include "base/crypto.h"
#include "base/text.h"
#include "core/model/names.h"
#include "core/model/resource_names.h"

namespace k3fleet::aws {
namespace {

using model::Market;
using model::Role;

// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_RunInstances.html
constexpr std::size_t kMaxToken = 64;
constexpr std::size_t kMaxUserData = 16UL << 10;
// The root device of Amazon Linux 2023's images.
constexpr const char* kRootDevice = "/dev/xvda";

void put_in_place(ec2::RunInstancesRequest& run, const Place& place) {
    ec2::InstanceNetworkInterfaceSpecification interface{.device_index = 0};
    if (!place.interface_id.empty()) {
        interface.network_interface_id = place.interface_id;
        interface.delete_on_termination = false;
    } else {
        interface.associate_public_ip_address = false;  // N-7
        interface.delete_on_termination = true;
        interface.groups = {place.group_id};
        interface.subnet_id = place.subnet_id;
    }
    run.network_interfaces.push_back(std::move(interface));
}

void tag_all(ec2::RunInstancesRequest& run, const ports::LaunchRequest& request,
             const std::string& managed_by) {
    const auto tags = launch_tags(request, managed_by);
    List<std::string> types{"instance", "volume"};
    if (request.role == Role::Worker) types.push_back("network-interface");  // The others bring their own.
    if (request.offering.market == Market::Spot) types.push_back("spot-instances-request");
    for (const std::string& type : types)
        run.tag_specifications.push_back({.resource_type = type, .tags = tags});
}

void put_on_market(ec2::RunInstancesRequest& run, Market market) {
    if (market != Market::Spot) return;
    auto& options = run.instance_market_options.emplace();
    options.market_type = "spot";
    options.spot_options.emplace() = {.spot_instance_type = "one-time",
                                      .instance_interruption_behavior = "terminate"};
}

}  // namespace

Status check_launch(const ports::LaunchRequest& request) {
    const auto wrong = [](std::string message) {
        return fail(ErrorCode::InvalidArgument, std::move(message));
    };
    if (request.token.empty()) return wrong("a launch without a token could buy twice: give it one");
    if (request.token.str().size() > kMaxToken)
        return wrong(format("EC2 takes tokens of at most {} characters", kMaxToken));
    K3F_TRY(ports::check_place(request));
    if (request.role != Role::Worker && request.offering.market == Market::Spot)
        return wrong(format("a {} is not launched on spot: AWS would take it back within two minutes",
                            model::to_string(request.role)));
    return {};
}

Result<ec2::RunInstancesRequest> launch_request(const ports::LaunchRequest& request, const Place& place,
                                                const LaunchSettings& settings, const std::string& region) {
    Start start = K3F_TRY(settings.start(request));
    if (start.user_data.size() > kMaxUserData)
        return fail(ErrorCode::InvalidArgument, format("the start script has {} bytes, EC2 takes {}",
                                                       start.user_data.size(), kMaxUserData));
    const bool master = request.role == Role::Master;
    const model::Scope scope{.project = request.project,
                             .cluster = request.cluster,
                             .region = region,
                             .home_region = settings.home_region};
    ec2::RunInstancesRequest run{.image_id = std::move(start.image),
                                 .instance_type = request.offering.instance_type,
                                 .max_count = 1,
                                 .min_count = 1,
                                 .user_data = Secret(crypto::to_base64(start.user_data))};
    run.client_token = request.token.str();
    run.disable_api_termination = master;
    // Whatever else shuts itself down must not go on costing money for its volume.
    run.instance_initiated_shutdown_behavior = master ? "stop" : "terminate";
    // A NAT instance calls nothing of AWS, so that it has no rights at all.
    if (request.role != Role::Nat)
        run.iam_instance_profile.emplace().name =
            master ? model::names::master_profile(scope) : model::names::worker_profile(scope);
    run.metadata_options.emplace() = {
        .http_tokens = "required", .http_put_response_hop_limit = 1, .http_endpoint = "enabled"};
    ec2::EbsBlockDevice disk{
        .delete_on_termination = true,
        .volume_size = request.role == Role::Nat ? model::kNatDiskGib : settings.volume_gib,
        .volume_type = "gp3",
        .encrypted = true};
    if (!settings.key_arn.empty()) disk.kms_key_id = settings.key_arn;
    run.block_device_mappings.push_back({.ebs = std::move(disk), .device_name = kRootDevice});
    put_in_place(run, place);
    put_on_market(run, request.offering.market);
    tag_all(run, request, settings.managed_by);
    return run;
}

}  // namespace k3fleet::aws
