#include "adapters/simcloud/aws/ec2_run.h"

#include <algorithm>
#include <charconv>

#include "adapters/aws/instance_tags.h"
#include "adapters/simcloud/aws/roles.h"
#include "adapters/simcloud/engine.h"
#include "aws/value.h"
#include "base/crypto.h"
#include "base/json.h"
#include "base/ranges.h"
#include "base/text.h"
#include "core/intent/cidr.h"
#include "core/model/names.h"
#include "core/model/resource_names.h"

namespace k3fleet::simcloud {
namespace {

// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_RunInstances.html
constexpr std::size_t kMaxUserData = 16UL << 10;
constexpr std::size_t kMaxToken = 64;

std::unexpected<Error> invalid(std::string message) {
    return refuse("InvalidParameterValue", std::move(message));
}

Status read_place(const Call& call, const ec2::RunInstancesRequest& request, Asked& asked) {
    const Ec2State& ec2 = call.account.ec2;
    if (request.network_interfaces.size() != 1)
        return invalid("exactly one network interface specification is simulated");
    const auto& place = request.network_interfaces.front();
    asked.public_address = place.associate_public_ip_address.value_or(false);
    asked.groups.assign(place.groups.begin(), place.groups.end());
    if (place.network_interface_id) {
        const auto found = ec2.interfaces.find(*place.network_interface_id);
        if (found == ec2.interfaces.end())
            return refuse("InvalidNetworkInterfaceID.NotFound",
                          format("The networkInterface ID '{}' does not exist", *place.network_interface_id));
        if (place.subnet_id || place.associate_public_ip_address || !asked.groups.empty())
            return refuse("InvalidParameterCombination",
                          "An interface that is there has its subnet, groups and address already");
        asked.interface = found->first;
        asked.subnet = found->second.subnet;
        asked.groups = found->second.groups;
    } else {
        asked.subnet = place.subnet_id.value_or("");
    }
    const auto subnet = ec2.subnets.find(asked.subnet);
    if (subnet == ec2.subnets.end())
        return refuse("InvalidSubnetID.NotFound", format("The subnet ID '{}' does not exist", asked.subnet));
    asked.zone = subnet->second.zone;
    for (const std::string& group : asked.groups) {
        const auto found = ec2.groups.find(group);
        if (found == ec2.groups.end())
            return refuse("InvalidGroup.NotFound", format("The security group '{}' does not exist", group));
        if (found->second.vpc != subnet->second.vpc)
            return invalid(
                format("security group {} and subnet {} belong to different networks", group, asked.subnet));
    }
    return {};
}

Status read_image(const Call& call, const ec2::RunInstancesRequest& request, Asked& asked) {
    const auto image = call.account.ec2.images.find(*request.image_id);
    if (image == call.account.ec2.images.end())
        return refuse("InvalidAMIID.NotFound",
                      format("The image id '[{}]' does not exist", *request.image_id));
    asked.image = image->first;
    const std::string& type = request.instance_type.value_or("m1.small");
    asked.type = cost::Catalogue::builtin().find(type);
    if (asked.type == nullptr) return invalid(format("Invalid value '{}' for InstanceType", type));
    const std::string_view runs = asked.type->architecture == cost::Architecture::Arm64 ? "arm64" : "x86_64";
    if (image->second != runs)
        return invalid(
            format("The architecture '{}' of the specified instance type does not match the "
                   "architecture '{}' of the specified AMI",
                   runs, image->second));
    return {};
}

Status read_disk(const ec2::RunInstancesRequest& request, Asked& asked) {
    asked.encrypted = !request.block_device_mappings.empty();
    for (const auto& mapping : request.block_device_mappings) {
        if (!mapping.ebs || !mapping.device_name) return invalid("only volumes of EBS are simulated");
        if (mapping.ebs->volume_size.value_or(1) < 1) return invalid("Volume of less than 1 GiB");
        asked.encrypted &= mapping.ebs->encrypted.value_or(false);
    }
    return {};
}

Status read_user_data(const ec2::RunInstancesRequest& request, Asked& asked) {
    if (!request.user_data) return {};
    const auto decoded = crypto::from_base64(request.user_data->reveal());
    if (!decoded) return refuse("InvalidUserData.Malformed", "Invalid BASE64 encoding of user data");
    if (decoded->size() > kMaxUserData) return invalid("User data is limited to 16384 bytes");
    asked.user_data = *decoded;
    return {};
}

// Ours, or a stranger's in the same account.
Engine::Start start_of(const Call& call, const Asked& asked, const Tags& tags, const std::string& token) {
    namespace names = model::names;
    const auto tag = [&](std::string_view key) {
        const auto found = tags.find(std::string(key));
        return found == tags.end() ? std::string() : found->second;
    };
    Engine::Start start{.type = asked.type->name,
                        .zone = asked.zone,
                        .region = call.account.region,
                        .market = asked.spot ? model::Market::Spot : model::Market::OnDemand,
                        .token = model::Token(token)};
    start.project = model::ProjectName(tag(names::kProjectTag));
    start.cluster = model::ClusterName(tag(names::kClusterTag));
    const std::string role = tag(names::kRoleTag);
    for (const auto each : {model::Role::Master, model::Role::Worker, model::Role::Nat})
        if (role == aws::role_tag(each)) start.role = each;
    start.pool = model::PoolName(tag(aws::kPoolTag));
    const std::string slot = tag(aws::kSlotTag);
    (void)std::from_chars(slot.data(), slot.data() + slot.size(), start.slot);
    return start;
}

// All that was asked for but the token, so that the same token with anything else shows.
std::string fingerprint(const Call& call, const ec2::RunInstancesRequest& request, const Asked& asked) {
    const Value whole = aws::to_value(*call.operation.input, &request);
    return crypto::sha256_hex(json::write(whole) + asked.user_data);
}

// Whether the account may have this machine, too.
Status check_quota(const Call& call, const Asked& asked) {
    const std::string_view market = asked.spot ? "spot" : "on-demand";
    std::int64_t used = 0;
    for (const auto& [number, instance] : call.engine.state().instances)
        if (instance.shown.alive() && (instance.shown.offering.market == model::Market::Spot) == asked.spot)
            used += instance.shown.offering.cpu.count / 1000;
    const std::int64_t quota = asked.spot ? call.account.ec2.spot_vcpus : call.account.ec2.on_demand_vcpus;
    if (used + asked.type->cpu.count / 1000 <= quota && !call.engine.suffers(FaultKind::VcpuQuota, market))
        return {};
    if (asked.spot) return refuse("MaxSpotInstanceCountExceeded", "Max spot instance count exceeded");
    return refuse(
        "VcpuLimitExceeded",
        format("You have requested more vCPU capacity than your current vCPU limit of {} allows for "
               "the instance bucket that the specified instance type belongs to",
               quota));
}

// What the token stands for already, if anything.
Result<std::optional<ec2::Instance>> repeated(const Call& call, const std::string& token,
                                              const std::string& mark) {
    const auto used = call.account.ec2.tokens.find(token);
    if (used == call.account.ec2.tokens.end()) return std::nullopt;
    const auto machine = call.account.ec2.machines.find(used->second.machine);
    if (used->second.fingerprint != mark)
        return refuse("IdempotentParameterMismatch",
                      "Arguments on this idempotent request are inconsistent with arguments used in previous "
                      "request(s)");
    const SimInstance* instance = machine == call.account.ec2.machines.end()
                                      ? nullptr
                                      : call.engine.find_instance(machine->second.number);
    if (instance == nullptr || instance->shown.state == model::InstanceState::Terminated)
        return refuse("IdempotentInstanceTerminated",
                      "The client token was used for an instance that has been terminated");
    return show_machine(call, machine->second);
}

// Whether there is a place for it: its interface is free, or its subnet has an address.
Result<std::string> find_address(const Call& call, const Asked& asked) {
    const Ec2State& ec2 = call.account.ec2;
    if (!asked.interface.empty()) {
        const Interface& interface = ec2.interfaces.at(asked.interface);
        if (interface_user(call, interface) != nullptr)
            return refuse("InvalidNetworkInterface.InUse", format("Interface: [{}] in use", asked.interface));
        return interface.address;
    }
    auto address = free_address(ec2, ec2.subnets.at(asked.subnet));
    if (!address) return refuse("InsufficientFreeAddressesInSubnet", "The subnet has no free address");
    return *std::move(address);
}

std::string take_interface(Call& call, const Asked& asked, const Machine& machine, const Tags& tags) {
    Ec2State& ec2 = call.account.ec2;
    if (!asked.interface.empty()) {
        ec2.interfaces.at(asked.interface).machine = machine.id;
        return asked.interface;
    }
    Interface made{.id = make_id(call, "eni"),
                   .subnet = asked.subnet,
                   .address = machine.address,
                   .groups = asked.groups,
                   .machine = machine.id,
                   .of_launch = true,
                   .tags = tags};
    std::string id = made.id;
    ec2.interfaces.emplace(id, std::move(made));
    return id;
}

// A new profile is not known to EC2 for some seconds.
Status read_profile(const Call& call, Asked& asked) {
    const InstanceProfile* profile = profile_for(call, asked.profile);
    if (profile == nullptr)
        return invalid(
            format("Value ({}) for parameter iamInstanceProfile.name is invalid. Invalid IAM "
                   "Instance Profile name",
                   asked.profile));
    asked.role = profile_role(call, *profile);
    if (asked.role.empty())
        return invalid(
            format("IAM Instance Profile \"arn:aws:iam::{}:instance-profile/{}\" has no "
                   "associated IAM Roles",
                   call.home.number, asked.profile));
    return {};
}

// What is gone for an hour is not known any more; its own interfaces went with it.
void forget_gone(Call& call) {
    Ec2State& ec2 = call.account.ec2;
    std::erase_if(ec2.interfaces, [&](const auto& entry) {
        return entry.second.of_launch && interface_user(call, entry.second) == nullptr;
    });
    std::erase_if(ec2.machines, [&](const auto& entry) {
        return call.engine.find_instance(entry.second.number) == nullptr;
    });
}

}  // namespace

SimInstance* interface_user(const Call& call, const Interface& interface) {
    const auto machine = call.account.ec2.machines.find(interface.machine);
    if (machine == call.account.ec2.machines.end()) return nullptr;
    SimInstance* instance = call.engine.find_instance(machine->second.number);
    if (instance == nullptr || instance->shown.state == model::InstanceState::Terminated) return nullptr;
    return instance;
}

Result<Asked> read_run(const Call& call, const ec2::RunInstancesRequest& request) {
    Asked asked;
    if (request.client_token->size() > kMaxToken) return invalid("ClientToken of more than 64 characters");
    if (request.min_count != 1 || request.max_count != 1)
        return invalid("launches of one instance each are simulated");
    K3F_TRY(read_image(call, request, asked));
    K3F_TRY(read_place(call, request, asked));
    K3F_TRY(read_disk(request, asked));
    K3F_TRY(read_user_data(request, asked));
    if (request.iam_instance_profile) {
        asked.profile = request.iam_instance_profile->name.value_or("");
        K3F_TRY(read_profile(call, asked));
    }
    if (request.metadata_options) {
        asked.http_tokens = request.metadata_options->http_tokens.value_or("optional");
        asked.hop_limit = request.metadata_options->http_put_response_hop_limit.value_or(1);
        if (asked.hop_limit < 1 || asked.hop_limit > 64) return invalid("HttpPutResponseHopLimit is 1 to 64");
    }
    if (request.instance_market_options) {
        if (request.instance_market_options->market_type != "spot")
            return invalid("the market of an instance is spot, or it has none");
        asked.spot = true;
    }
    asked.locked = request.disable_api_termination.value_or(false);
    return asked;
}

Status needs_run(const Call& call, const ec2::RunInstancesRequest& request, Needs& needs) {
    const Asked asked = K3F_TRY(read_run(call, request));
    const Ec2State& ec2 = call.account.ec2;
    const auto given = [&](std::string_view type) { return tags_given(request.tag_specifications, type); };
    iam::Context instance{{"ec2:InstanceType", {asked.type->name}},
                          {"ec2:MetadataHttpTokens", {asked.http_tokens}},
                          {"ec2:MetadataHttpPutResponseHopLimit", {std::to_string(asked.hop_limit)}},
                          {"ec2:AvailabilityZone", {asked.zone}},
                          {"ec2:InstanceMarketType", {asked.spot ? "spot" : "on-demand"}},
                          {"ec2:RootDeviceType", {"ebs"}},
                          {"ec2:Tenancy", {"default"}}};
    if (!asked.profile.empty())
        instance.set("ec2:InstanceProfile",
                     {format("arn:aws:iam::{}:instance-profile/{}", call.account.number, asked.profile)});
    needs_new(call, needs, "instance", given("instance"), std::move(instance));
    needs_new(call, needs, "volume", given("volume"),
              {{"ec2:Encrypted", {asked.encrypted ? "true" : "false"}}});
    if (asked.interface.empty())
        needs_new(call, needs, "network-interface", given("network-interface"),
                  {{"ec2:AssociatePublicIpAddress", {asked.public_address ? "true" : "false"}}});
    else
        needs.add("ec2:RunInstances", call.arn("ec2", "network-interface/" + asked.interface),
                  tagged_resource(ec2.interfaces.at(asked.interface).tags));
    if (asked.spot) needs_new(call, needs, "spot-instances-request", given("spot-instances-request"));
    needs.add("ec2:RunInstances", call.arn("ec2", "subnet/" + asked.subnet),
              tagged_resource(ec2.subnets.at(asked.subnet).tags));
    for (const std::string& group : asked.groups)
        needs.add("ec2:RunInstances", call.arn("ec2", "security-group/" + group),
                  tagged_resource(ec2.groups.at(group).tags));
    needs.add("ec2:RunInstances", format("arn:aws:ec2:{}::image/{}", call.account.region, asked.image),
              {{"ec2:Owner", {"amazon"}}, {"ec2:Public", {"true"}}});
    if (!asked.profile.empty())
        needs.add("iam:PassRole", asked.role, {{"iam:PassedToService", {"ec2.amazonaws.com"}}});
    return {};
}

Result<ec2::RunInstancesResponse> run(Call& call, const ec2::RunInstancesRequest& request) {
    const Asked asked = K3F_TRY(read_run(call, request));
    const Tags tags = tags_given(request.tag_specifications, "instance");
    for (const auto& each : request.tag_specifications)
        K3F_TRY(check_tags(tags_given(request.tag_specifications, each.resource_type.value_or(""))));
    const std::string& token = *request.client_token;
    const std::string mark = fingerprint(call, request, asked);
    ec2::RunInstancesResponse answer;
    if (auto before = K3F_TRY(repeated(call, token, mark))) {
        answer.instances.push_back(*std::move(before));
        return answer;
    }
    K3F_TRY(check_quota(call, asked));
    forget_gone(call);
    const std::string address = K3F_TRY(find_address(call, asked));
    Engine::Start begin = start_of(call, asked, tags, token);
    begin.script = read_node_script(asked.user_data);
    begin.address = address;
    const auto started = call.engine.start(begin);
    if (!started && started.error().code == ErrorCode::NoCapacity)
        return refuse("InsufficientInstanceCapacity", started.error().message);
    if (!started) return refuse("Unsupported", started.error().message);
    SimInstance& instance = **started;
    Machine machine{.number = instance.number,
                    .id = instance.shown.id.str(),
                    .token = token,
                    .image = asked.image,
                    .type = asked.type->name,
                    .subnet = asked.subnet,
                    .address = address,
                    .groups = asked.groups,
                    .profile = asked.profile,
                    .user_data = crypto::sha256_hex(asked.user_data),
                    .spot = asked.spot,
                    .locked = asked.locked,
                    .tags = tags,
                    .request_tags = tags_given(request.tag_specifications, "spot-instances-request"),
                    .tags_seen_at = call.now};
    machine.interface =
        take_interface(call, asked, machine, tags_given(request.tag_specifications, "network-interface"));
    call.account.ec2.tokens[token] = {.machine = machine.id, .fingerprint = mark};
    const Machine& kept = call.account.ec2.machines.insert_or_assign(machine.id, machine).first->second;
    answer.instances.push_back(show_machine(call, kept));
    return answer;
}

ec2::Instance show_machine(const Call& call, const Machine& machine) {
    ec2::Instance shown{.instance_id = machine.id};
    const SimInstance* instance = call.engine.find_instance(machine.number);
    if (instance == nullptr) return shown;
    const model::InstanceState state = call.engine.shown_state(*instance);
    static constexpr int kCodes[] = {0, 16, 32, 48, 64, 80};  // In the order of the enumeration.
    shown.state.emplace() = {.code = kCodes[static_cast<int>(state)],
                             .name = std::string(model::to_string(state))};
    shown.client_token = machine.token;
    shown.image_id = machine.image;
    shown.instance_type = machine.type;
    shown.launch_time = instance->shown.launched_at;
    shown.placement.emplace().availability_zone = instance->shown.offering.zone;
    if (machine.spot) {
        shown.instance_lifecycle = "spot";
        shown.spot_instance_request_id = "sir-" + machine.id.substr(3, 8);
    }
    if (state != model::InstanceState::Terminated) {
        shown.subnet_id = machine.subnet;
        if (const auto subnet = call.account.ec2.subnets.find(machine.subnet);
            subnet != call.account.ec2.subnets.end())
            shown.vpc_id = subnet->second.vpc;
        shown.private_ip_address = machine.address;
    }
    if (call.now >= machine.tags_seen_at) shown.tags = listed(machine.tags);
    return shown;
}

}  // namespace k3fleet::simcloud
