// What a launch asks of EC2, and what EC2's refusals and lists mean. The contract itself is tested over the
// wire (tests/contract/aws_ports).
#include "adapters/aws/ec2_cloud.h"

#include <gtest/gtest.h>

#include "adapters/aws/instance_tags.h"
#include "aws/gen/ec2.h"
#include "base/crypto.h"
#include "tests/support/aws_machine.h"
#include "tests/support/fake_aws.h"

namespace k3fleet::aws {
namespace {

using support::aws_refuses;

ports::LaunchRequest a_worker() {
    return {.project = model::ProjectName("shop"),
            .cluster = model::ClusterName("demo"),
            .pool = model::PoolName("default"),
            .offering = {.instance_type = "t3.medium", .zone = "ap-southeast-1a", .price = {52'800}},
            .token = model::Token("token")};
}
ports::LaunchRequest a_master() {
    ports::LaunchRequest request = a_worker();
    request.role = model::Role::Master;
    request.pool = {};
    request.slot = 1;
    return request;
}

LaunchSettings settings() {
    return {.start = [](const auto&) -> Result<Start> {
        return Start{.image = "ami-1", .user_data = "#!/bin/sh\n"};
    }};
}

std::vector<std::string> tagged_types(const ec2::RunInstancesRequest& run) {
    std::vector<std::string> types;
    for (const auto& each : run.tag_specifications) {
        types.push_back(*each.resource_type);
        EXPECT_EQ(tag_of(each.tags, "Project"), "shop");
        EXPECT_EQ(tag_of(each.tags, "k3fleet:token"), "token");
    }
    return types;
}

TEST(LaunchRequest, OfASpotWorkerTagsAllThatItCreates) {
    auto request = a_worker();
    request.offering.market = model::Market::Spot;
    const Place place{.subnet_id = "subnet-1", .group_id = "sg-1", .interface_id = {}};
    const auto run = launch_request(request, place, settings(), "ap-southeast-1").value();
    EXPECT_EQ(tagged_types(run), (std::vector<std::string>{"instance", "volume", "network-interface",
                                                           "spot-instances-request"}));
    EXPECT_EQ(run.client_token, "token");
    EXPECT_EQ(run.instance_market_options->spot_options->spot_instance_type, "one-time");
    EXPECT_FALSE(run.instance_market_options->spot_options->max_price.has_value());
    EXPECT_EQ(run.disable_api_termination, false);
    EXPECT_EQ(run.iam_instance_profile->name, "shop-demo-ssm-instance-profile");
    EXPECT_EQ(run.metadata_options->http_tokens, "required");
    EXPECT_EQ(run.metadata_options->http_put_response_hop_limit, 1);
    EXPECT_EQ(run.network_interfaces.front().associate_public_ip_address, false);
    EXPECT_EQ(run.network_interfaces.front().subnet_id, "subnet-1");
    EXPECT_EQ(run.block_device_mappings.front().ebs->encrypted, true);
    EXPECT_FALSE(run.key_name.has_value());
    EXPECT_EQ(crypto::from_base64(run.user_data->reveal()).value(), "#!/bin/sh\n");
}

TEST(LaunchRequest, OfAMasterTakesItsInterfaceAndLocksTheMachine) {
    const Place place{.subnet_id = {}, .group_id = {}, .interface_id = "eni-1"};
    const auto run = launch_request(a_master(), place, settings(), "ap-southeast-1").value();
    EXPECT_EQ(run.disable_api_termination, true);
    EXPECT_EQ(run.network_interfaces.front().network_interface_id, "eni-1");
    EXPECT_EQ(run.network_interfaces.front().delete_on_termination, false);
    EXPECT_EQ(tagged_types(run), (std::vector<std::string>{"instance", "volume"}));
    EXPECT_EQ(run.iam_instance_profile->name, "shop-demo-master-instance-profile");
    EXPECT_EQ(tag_of(run.tag_specifications.front().tags, "k3fleet:slot"), "1");
}

TEST(LaunchRequest, RefusesUserDataThatEc2DoesNotTake) {
    auto long_one = settings();
    long_one.start = [](const auto&) -> Result<Start> {
        return Start{.image = "ami-1", .user_data = std::string(16'385, '#')};
    };
    EXPECT_EQ(launch_request(a_worker(), {}, long_one, "r").error().code, ErrorCode::InvalidArgument);
}

struct Ec2CloudTest : ::testing::Test {
    Ec2CloudTest() {
        aws.on<ec2::DescribeSubnetsRequest>([](const auto&) -> Result<ec2::DescribeSubnetsResponse> {
            ec2::DescribeSubnetsResponse answer;
            ec2::Subnet& subnet = answer.subnets.emplace_back();
            subnet.subnet_id = "subnet-1";
            subnet.availability_zone = "ap-southeast-1a";
            return answer;
        });
        aws.on<ec2::DescribeSecurityGroupsRequest>(
            [](const auto&) -> Result<ec2::DescribeSecurityGroupsResponse> {
                ec2::DescribeSecurityGroupsResponse answer;
                answer.security_groups.emplace_back().group_id = "sg-1";
                return answer;
            });
        aws.on<ec2::DescribeInstancesRequest>([this](const auto&) -> Result<ec2::DescribeInstancesResponse> {
            ec2::DescribeInstancesResponse answer;
            answer.reservations.emplace_back().instances = machines;
            return answer;
        });
    }
    void refuse(ErrorCode code, const char* provider_code) {
        aws.on<ec2::RunInstancesRequest>([=](const auto&) -> Result<ec2::RunInstancesResponse> {
            return aws_refuses(code, provider_code);
        });
    }
    static ec2::Instance machine(const ports::LaunchRequest& request) {
        ec2::Instance instance{.tags = launch_tags(request, "k3fleet")};
        instance.instance_id = "i-0abc";
        instance.instance_type = request.offering.instance_type;
        instance.state.emplace().name = "terminated";
        instance.placement.emplace().availability_zone = request.offering.zone;
        if (request.offering.market == model::Market::Spot) instance.instance_lifecycle = "spot";
        return instance;
    }

    support::FakeAws aws;
    support::ManualClock clock;
    List<ec2::Instance> machines;
    Ec2Cloud cloud{aws,
                   clock,
                   {.project = model::ProjectName("shop"), .region = "ap-southeast-1", .launch = settings()}};
};

TEST_F(Ec2CloudTest, WhatATokenLaunchedIsGivenAgainAlsoWhenItHasEnded) {
    machines = {machine(a_worker())};
    for (const char* code : {"IdempotentInstanceTerminated", "IdempotentParameterMismatch"}) {
        refuse(ErrorCode::Conflict, code);
        const auto again = cloud.launch(a_worker());
        ASSERT_TRUE(again.has_value()) << again.error().describe();
        EXPECT_EQ(again->id.str(), "i-0abc");
        EXPECT_FALSE(again->alive());
    }
    auto other = a_worker();
    other.offering.instance_type = "t3.large";
    EXPECT_EQ(cloud.launch(other).error().code, ErrorCode::InvalidArgument);
    machines = {};
    EXPECT_EQ(cloud.launch(a_worker()).error().code, ErrorCode::InvalidArgument) << "a mismatch";
    refuse(ErrorCode::Conflict, "IdempotentInstanceTerminated");
    EXPECT_EQ(cloud.launch(a_worker()).error().code, ErrorCode::Conflict) << "ended long ago";
}

// Throttled at the last try: what came of the tries before it, nobody knows.
TEST_F(Ec2CloudTest, ARefusalAfterALostAnswerIsNone) {
    using Applied = CallReport::Applied;
    struct Row {
        ErrorCode code;
        Applied applied;
        ErrorCode expected;
    };
    for (const Row& row : {Row{ErrorCode::Throttled, Applied::No, ErrorCode::Throttled},
                           Row{ErrorCode::Throttled, Applied::Maybe, ErrorCode::Unavailable},
                           Row{ErrorCode::PermissionDenied, Applied::Maybe, ErrorCode::Unavailable},
                           Row{ErrorCode::NoCapacity, Applied::Maybe, ErrorCode::NoCapacity}}) {
        aws.on<ec2::RunInstancesRequest>([&](const auto&) -> Result<ec2::RunInstancesResponse> {
            return aws_refuses(row.code, "Refused");
        });
        (void)cloud.launch(a_worker());  // Looks the place up.
        aws.next = {.tries = 3, .applied = row.applied};
        EXPECT_EQ(cloud.launch(a_worker()).error().code, row.expected) << to_string(row.code);
    }
}

TEST_F(Ec2CloudTest, LooksUpThePlaceOnceAndAgainWhenAwsDoesNotKnowIt) {
    const auto lookups = [&] { return std::ranges::count(aws.calls, "DescribeSubnets"); };
    refuse(ErrorCode::NoCapacity, "InsufficientInstanceCapacity");
    for (int i = 0; i < 2; ++i) EXPECT_EQ(cloud.launch(a_worker()).error().code, ErrorCode::NoCapacity);
    EXPECT_EQ(lookups(), 1);
    refuse(ErrorCode::NotFound, "InvalidSubnetID.NotFound");
    EXPECT_EQ(cloud.launch(a_worker()).error().code, ErrorCode::NotFound);
    EXPECT_EQ(cloud.launch(a_worker()).error().code, ErrorCode::NotFound);
    EXPECT_EQ(lookups(), 2);
    clock.advance(std::chrono::minutes{11});
    EXPECT_EQ(cloud.launch(a_worker()).error().code, ErrorCode::NotFound);
    EXPECT_EQ(lookups(), 3);
    auto elsewhere = a_worker();
    elsewhere.offering.zone = "ap-southeast-1c";
    EXPECT_NE(cloud.launch(elsewhere).error().message.find("private subnet in ap-southeast-1c"),
              std::string::npos);
}

TEST_F(Ec2CloudTest, ShowsSpotNoticesFromAwsAndFromEvents) {
    auto spot = a_worker();
    spot.offering.market = model::Market::Spot;
    machines = {machine(spot), machine(spot)};
    machines[0].state->name = "running";
    machines[1].state->name = "running";
    machines[1].instance_id = "i-0abd";
    const Timestamp marked = clock.now();
    aws.on<ec2::DescribeSpotInstanceRequestsRequest>(
        [&](const auto&) -> Result<ec2::DescribeSpotInstanceRequestsResponse> {
            ec2::DescribeSpotInstanceRequestsResponse answer;
            auto& request = answer.spot_instance_requests.emplace_back();
            request.instance_id = "i-0abc";
            request.status.emplace().update_time = marked;
            return answer;
        });
    cloud.note_interruption(model::InstanceId("i-0abd"), marked);
    auto shown = cloud.instances(model::ClusterName("demo")).value();
    EXPECT_EQ(shown[0].interruption_at, marked + std::chrono::minutes{2});
    EXPECT_EQ(shown[1].interruption_at, marked);
    // Without an answer the machines are shown all the same.
    aws.on<ec2::DescribeSpotInstanceRequestsRequest>(
        [&](const auto&) -> Result<ec2::DescribeSpotInstanceRequestsResponse> {
            return aws_refuses(ErrorCode::PermissionDenied, "UnauthorizedOperation");
        });
    EXPECT_EQ(cloud.instances(model::ClusterName("demo"))->size(), 2U);
    // Where no spot machine is alive, nobody is asked.
    machines = {machine(a_worker())};
    aws.calls.clear();
    EXPECT_EQ(cloud.instances(model::ClusterName("demo"))->size(), 1U);
    EXPECT_EQ(aws.calls, (std::vector<std::string>{"DescribeInstances"}));
}

TEST_F(Ec2CloudTest, AnInstanceOfAnotherClusterIsNotEnded) {
    auto other = a_worker();
    other.cluster = model::ClusterName("second");
    machines = {machine(other)};
    machines[0].state->name = "running";
    const model::Terminate target{.instance = model::InstanceId("i-0abc"), .pool = other.pool};
    EXPECT_EQ(cloud.terminate(model::ClusterName("demo"), target).error().code, ErrorCode::Refused);
    EXPECT_EQ(aws.calls, (std::vector<std::string>{"DescribeInstances"}));
}

}  // namespace
}  // namespace k3fleet::aws
