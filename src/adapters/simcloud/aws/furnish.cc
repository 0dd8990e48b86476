#include "adapters/simcloud/aws/furnish.h"

#include <algorithm>

#include "adapters/aws/instance_tags.h"
#include "aws/gen/dynamodb.h"
#include "aws/gen/ec2.h"
#include "aws/gen/iam.h"
#include "aws/gen/s3.h"
#include "aws/gen/sns.h"
#include "aws/gen/sqs.h"
#include "base/json.h"
#include "base/text.h"
#include "core/cost/catalogue.h"
#include "core/iam/policies.h"

namespace k3fleet::simcloud {
namespace {

namespace ec2 = aws::ec2;
namespace names = model::names;

class Furnisher {
public:
    Furnisher(aws::Api& api, const Furnishing& what) : api_(api), what_(what) {}

    Status go() {
        K3F_TRY(storage());
        K3F_TRY(network());
        K3F_TRY(profile(names::worker_profile(what_.scope), iam::Principal::Node));
        return profile(names::master_profile(what_.scope), iam::Principal::Master);
    }

private:
    aws::List<ec2::TagSpecification> tags(const std::string& type, const std::string& name,
                                          const std::string& logical) const {
        aws::List<ec2::Tag> list;
        const auto add = [&](std::string_view key, const std::string& value) {
            list.push_back({.key = std::string(key), .value = value});
        };
        add(names::kProjectTag, what_.scope.project.str());
        add(names::kClusterTag, what_.scope.cluster.str());
        add(names::kManagedByTag, "k3fleet");
        add(names::kNameTag, names::tagged(what_.scope, name));
        add(names::kLogicalTag, logical);
        return {{.resource_type = type, .tags = std::move(list)}};
    }

    // What belongs to the project; that it is there already is no error.
    Status storage() {
        namespace dynamodb = aws::dynamodb;
        dynamodb::CreateTableRequest table{.table_name = names::table(what_.scope)};
        table.attribute_definitions = {{.attribute_name = "cluster_id", .attribute_type = "S"}};
        table.key_schema = {{.attribute_name = "cluster_id", .key_type = "HASH"}};
        table.billing_mode = "PAY_PER_REQUEST";
        K3F_TRY(unless_there(table, "ResourceInUseException"));
        aws::s3::CreateBucketRequest bucket{.bucket = names::state_bucket(what_.scope)};
        bucket.create_bucket_configuration.emplace().location_constraint = what_.scope.region;
        K3F_TRY(unless_there(bucket, "BucketAlreadyOwnedByYou"));
        K3F_TRY(unless_there(aws::sns::CreateTopicRequest{.name = names::alerts_topic(what_.scope)}, ""));
        const auto name = [&](auto of) { return of(what_.scope); };
        K3F_TRY(queue(name(names::failed_queue), 60, ""));
        K3F_TRY(queue(name(names::queue), 330, name(names::failed_queue)));
        return queue(name(names::worker_queue), 90, name(names::failed_queue));
    }

    // As core/resources makes them: what fails five times goes to another.
    Status queue(const std::string& name, int hidden_seconds, const std::string& failed) {
        aws::sqs::CreateQueueRequest request{.queue_name = name};
        request.attributes["VisibilityTimeout"] = std::to_string(hidden_seconds);
        if (!failed.empty())
            request.attributes["RedrivePolicy"] = json::write(Value::object(
                {{"deadLetterTargetArn", model::arn(what_.scope, "sqs", failed)}, {"maxReceiveCount", 5}}));
        return unless_there(request, "");
    }

    template <typename Request>
    Status unless_there(const Request& request, std::string_view code) {
        const auto made = api_.call(request);
        if (!made && made.error().provider_code != code) return std::unexpected(made.error());
        return {};
    }

    // Zone i has the public network 10.0.(2i-1).0/24 and the private 10.0.(2i).0/24 (N-6).
    Status network() {
        ec2::CreateVpcRequest network{.cidr_block = "10.0.0.0/16"};
        network.tag_specifications = tags("vpc", "vpc", "Vpc");
        vpc_ = K3F_TRY(api_.call(network)).vpc->vpc_id.value_or("");
        const int zones = static_cast<int>(what_.zones.size());
        for (int i = 1; i <= zones; ++i) {
            K3F_TRY(subnet(format("public-{}", i), format("PublicSubnet{}", i), i, 2 * i - 1));
            private_.push_back(
                K3F_TRY(subnet(format("private-{}", i), format("PrivateSubnet{}", i), i, 2 * i)));
        }
        const std::string masters = K3F_TRY(group(names::master_group(what_.scope), "MasterGroup"));
        (void)K3F_TRY(group(names::worker_group(what_.scope), "WorkerGroup"));
        const std::string nat = K3F_TRY(group(names::nat_group(what_.scope), "NatGroup"));
        for (int slot = 0; slot < what_.masters; ++slot) {
            const int zone = slot % zones;
            K3F_TRY(interface(format("master-{}", slot + 1), format("MasterInterface{}", slot + 1),
                              private_[static_cast<std::size_t>(zone)], masters,
                              format("10.0.{}.{}", 2 * (zone + 1), 10 + slot)));
        }
        return interface("nat", "NatInterface", first_public_, nat, "10.0.1.10");
    }

    Result<std::string> subnet(const std::string& name, const std::string& logical, int zone, int number) {
        ec2::CreateSubnetRequest request{.tag_specifications = tags("subnet", name, logical)};
        request.availability_zone = what_.zones[static_cast<std::size_t>(zone - 1)];
        request.cidr_block = format("10.0.{}.0/24", number);
        request.vpc_id = vpc_;
        std::string id = K3F_TRY(api_.call(request)).subnet->subnet_id.value_or("");
        if (first_public_.empty()) first_public_ = id;
        return id;
    }

    Result<std::string> group(const std::string& name, const std::string& logical) {
        ec2::CreateSecurityGroupRequest request{.description = "Of a simulated cluster", .group_name = name};
        request.vpc_id = vpc_;
        request.tag_specifications = tags("security-group", name, logical);
        return K3F_TRY(api_.call(request)).group_id.value_or("");
    }

    Status interface(const std::string& name, const std::string& logical, const std::string& subnet,
                     const std::string& group, const std::string& address) {
        ec2::CreateNetworkInterfaceRequest request{.tag_specifications =
                                                       tags("network-interface", name, logical)};
        request.client_token = names::tagged(what_.scope, name);
        request.subnet_id = subnet;
        request.groups = {group};
        request.private_ip_address = address;
        (void)K3F_TRY(api_.call(request));
        return {};
    }

    // The role has no policies: what its holder may do, Rights say.
    Status profile(const std::string& name, iam::Principal who) {
        const std::string role = iam::role_name(who, what_.scope);
        aws::iam::CreateRoleRequest made{.role_name = role};
        made.assume_role_policy_document =
            json::write(iam::trust_policy(who, {.scope = what_.scope, .clusters = {what_.scope.cluster}}));
        K3F_TRY(api_.call(made));
        K3F_TRY(api_.call(aws::iam::CreateInstanceProfileRequest{.instance_profile_name = name}));
        K3F_TRY(api_.call(
            aws::iam::AddRoleToInstanceProfileRequest{.instance_profile_name = name, .role_name = role}));
        return {};
    }

    aws::Api& api_;
    const Furnishing& what_;
    std::string vpc_;
    std::string first_public_;
    std::vector<std::string> private_;
};

bool belongs(const Tags& tags, const model::Scope& scope) {
    const auto is = [&](std::string_view key, const std::string& value) {
        const auto found = tags.find(std::string(key));
        return found != tags.end() && found->second == value;
    };
    return is(names::kProjectTag, scope.project.str()) && is(names::kClusterTag, scope.cluster.str());
}

}  // namespace

model::Scope scope_of(const Account& account, const ClusterSetup& setup) {
    return {.project = setup.project,
            .cluster = setup.name,
            .account = account.number,
            .region = setup.region,
            .home_region = setup.region};
}

bool is_furnished(const Account& account, const model::Scope& scope) {
    return std::ranges::any_of(account.ec2.vpcs,
                               [&](const auto& entry) { return belongs(entry.second.tags, scope); });
}

void unfurnish(WorldState& world, const model::Scope& scope) {
    Account& account = world.account_in(scope.region);
    const auto ours = [&](const auto& entry) { return belongs(entry.second.tags, scope); };
    Ec2State& ec2 = account.ec2;
    std::erase_if(ec2.vpcs, ours);
    // With all that stands in them.
    const auto homeless = [&](const auto& entry) { return !ec2.vpcs.contains(entry.second.vpc); };
    std::erase_if(ec2.groups, homeless);
    std::erase_if(ec2.tables, homeless);
    std::erase_if(ec2.subnets, homeless);
    std::erase_if(ec2.interfaces,
                  [&](const auto& entry) { return !ec2.subnets.contains(entry.second.subnet); });
    account.queues.queues.erase(names::worker_queue(scope));
    RolesState& roles = world.account.roles;
    roles.profiles.erase(names::worker_profile(scope));
    roles.profiles.erase(names::master_profile(scope));
    roles.roles.erase(names::node_role(scope));
    roles.roles.erase(names::master_role(scope));
}

aws::LaunchSettings simulated_launches(std::string home_region) {
    aws::LaunchSettings launch{.home_region = std::move(home_region)};
    launch.start = [](const ports::LaunchRequest& request) -> Result<aws::Start> {
        const auto* type = cost::Catalogue::builtin().find(request.offering.instance_type);
        if (type == nullptr)
            return fail(ErrorCode::InvalidArgument,
                        format("there is no instance type {}", request.offering.instance_type));
        const bool arm = type->architecture == cost::Architecture::Arm64;
        return aws::Start{.image = std::string(arm ? kArm64Image : kAmd64Image),
                          .user_data = format("#!/bin/sh\n# {} of {}\n", aws::role_tag(request.role),
                                              request.cluster.str())};
    };
    return launch;
}

Status furnish(aws::Api& api, WorldState& world, const Furnishing& what) {
    K3F_TRY_WHILE("furnishing the simulated account", Furnisher(api, what).go());
    RolesState& roles = world.account.roles;
    for (const auto& role : {names::node_role(what.scope), names::master_role(what.scope)})
        roles.roles[role].known_at = world.now;
    for (const auto& profile : {names::worker_profile(what.scope), names::master_profile(what.scope)})
        roles.profiles[profile].known_at = world.now;
    DynamoTable& table = world.account_in(what.scope.region).dynamo.tables[names::table(what.scope)];
    table.active_at = table.backups_ready_at = table.created_at;
    return {};
}

}  // namespace k3fleet::simcloud
