// What the simulated AWS refuses, and with which of AWS's codes.
#include <gtest/gtest.h>

#include "aws/gen/ec2.h"
#include "aws/gen/iam.h"
#include "base/crypto.h"
#include "base/text.h"
#include "tests/support/sim_account.h"

namespace k3fleet::simcloud {
namespace {

namespace ec2 = aws::ec2;
using support::SimAccount;

template <typename Answer>
std::string code(const Result<Answer>& answer) {
    return answer ? "" : answer.error().provider_code;
}

// A worker as the adapter launches it.
ec2::RunInstancesRequest worker(SimAccount& account, const std::string& token = "token") {
    ec2::RunInstancesRequest run{.image_id = "ami-0a1200000000000d6", .instance_type = "t3.medium"};
    run.min_count = run.max_count = 1;
    run.client_token = token;
    run.metadata_options.emplace() = {.http_tokens = "required", .http_put_response_hop_limit = 1};
    run.block_device_mappings.push_back(
        {.ebs = ec2::EbsBlockDevice{.volume_size = 20, .encrypted = true}, .device_name = "/dev/xvda"});
    run.iam_instance_profile.emplace().name = model::names::worker_profile(account.scope);
    std::string subnet, group;
    for (const auto& [id, each] : account.engine.state().account.ec2.subnets)
        if (each.tags.at("k3fleet:id") == "PrivateSubnet1") subnet = id;
    for (const auto& [id, each] : account.engine.state().account.ec2.groups)
        if (each.name == model::names::worker_group(account.scope)) group = id;
    run.network_interfaces.push_back(
        {.associate_public_ip_address = false, .device_index = 0, .groups = {group}, .subnet_id = subnet});
    const aws::List<ec2::Tag> tags{{.key = "Project", .value = "shop"},
                                   {.key = "Cluster", .value = "demo"},
                                   {.key = "Role", .value = "k3s-worker"}};
    for (const char* type : {"instance", "volume", "network-interface"})
        run.tag_specifications.push_back({.resource_type = type, .tags = tags});
    return run;
}

TEST(SimApi, RefusesWhatIsNotSimulated) {
    SimAccount account;
    EXPECT_EQ(code(account.api.call(ec2::StopInstancesRequest{})), "InvalidAction");
    auto run = worker(account);
    run.key_name = "somebody";
    const auto refused = account.api.call(run);
    ASSERT_FALSE(refused.has_value());
    EXPECT_EQ(refused.error().describe(),
              "KeyName of RunInstances is not simulated (while calling ec2 RunInstances)");
}

TEST(SimApi, RefusesACreateWithoutItsToken) {
    SimAccount account;
    auto run = worker(account);
    run.client_token.reset();
    EXPECT_EQ(code(account.api.call(run)), "MissingParameter");
}

TEST(SimApi, RefusesLaunchesAsEc2Does) {
    struct Case {
        const char* code;
        void (*spoil)(ec2::RunInstancesRequest&);
    };
    const Case cases[] = {
        {"InvalidAMIID.NotFound", [](auto& run) { run.image_id = "ami-0"; }},
        {"InvalidParameterValue", [](auto& run) { run.instance_type = "t9.medium"; }},
        {"InvalidParameterValue",
         [](auto& run) { run.instance_type = "t4g.medium"; }},  // The image is of amd64.
        {"InvalidSubnetID.NotFound", [](auto& run) { run.network_interfaces[0].subnet_id = "subnet-0"; }},
        {"InvalidGroup.NotFound", [](auto& run) { run.network_interfaces[0].groups = {"sg-0"}; }},
        {"InvalidNetworkInterfaceID.NotFound",
         [](auto& run) { run.network_interfaces[0].network_interface_id = "eni-0"; }},
        {"InvalidParameterValue", [](auto& run) { run.iam_instance_profile->name = "none"; }},
        {"InvalidUserData.Malformed", [](auto& run) { run.user_data = Secret("?"); }},
        {"InvalidParameterValue",
         [](auto& run) { run.user_data = Secret(crypto::to_base64(std::string(16'385, '#'))); }},
        {"InvalidParameterValue", [](auto& run) { run.tag_specifications[0].tags[0].key = "aws:mine"; }},
        {"InvalidParameterValue", [](auto& run) { run.max_count = 2; }},
    };
    for (const Case& each : cases) {
        SimAccount account;
        auto run = worker(account);
        each.spoil(run);
        EXPECT_EQ(code(account.api.call(run)), each.code);
        EXPECT_TRUE(account.engine.state().instances.empty());
    }
}

TEST(SimApi, LaunchesWithAProfileThatEc2KnowsAndThatHasARole) {
    SimAccount account;
    auto run = worker(account);
    run.iam_instance_profile->name = "fresh";
    const auto refusal = [&] {
        const auto answer = account.api.call(run);
        return answer ? std::string() : answer.error().message;
    };
    ASSERT_TRUE(account.api.call(aws::iam::CreateInstanceProfileRequest{.instance_profile_name = "fresh"}));
    EXPECT_NE(refusal().find("Invalid IAM Instance Profile name"), std::string::npos);
    account.pass(std::chrono::seconds{15});
    EXPECT_NE(refusal().find("has no associated IAM Roles"), std::string::npos);
    ASSERT_TRUE(account.api.call(aws::iam::AddRoleToInstanceProfileRequest{
        .instance_profile_name = "fresh", .role_name = model::names::node_role(account.scope)}));
    EXPECT_NE(refusal().find("Invalid IAM Instance Profile name"), std::string::npos);
    account.pass(std::chrono::seconds{15});
    EXPECT_EQ(refusal(), "");
}

TEST(SimApi, KnowsATokenWithOtherParametersAndOneWhoseMachineIsGone) {
    SimAccount account;
    const auto first = account.api.call(worker(account));
    ASSERT_TRUE(first.has_value()) << first.error().describe();
    EXPECT_EQ(account.api.call(worker(account))->instances[0].instance_id, first->instances[0].instance_id);
    auto other = worker(account);
    other.instance_type = "t3.large";
    EXPECT_EQ(code(account.api.call(other)), "IdempotentParameterMismatch");
    account.pass(std::chrono::minutes{2});
    ASSERT_TRUE(
        account.api.call(ec2::TerminateInstancesRequest{.instance_ids = {*first->instances[0].instance_id}}));
    account.pass(std::chrono::minutes{2});
    EXPECT_EQ(code(account.api.call(worker(account))), "IdempotentInstanceTerminated");
    account.pass(std::chrono::hours{2});
    EXPECT_EQ(code(account.api.call(worker(account))), "IdempotentInstanceTerminated");
    EXPECT_EQ(account.engine.state().instances.size(), 0U);
}

TEST(SimApi, RunsOutOfCapacityQuotaAndAddresses) {
    SimAccount account;
    account.engine.add_fault(
        {.at = account.engine.now(), .kind = FaultKind::NoCapacity, .argument = "t3.medium/*/*"});
    EXPECT_EQ(code(account.api.call(worker(account))), "InsufficientInstanceCapacity");
    SimAccount small;
    small.engine.state().account.ec2.on_demand_vcpus = 3;
    ASSERT_TRUE(small.api.call(worker(small, "one")).has_value());
    EXPECT_EQ(code(small.api.call(worker(small, "two"))), "VcpuLimitExceeded");
    SimAccount full;
    full.engine.state().account.ec2.on_demand_vcpus = 10'000;
    for (auto& [id, subnet] : full.engine.state().account.ec2.subnets)
        if (subnet.cidr == "10.0.2.0/24") subnet.cidr = "10.0.2.0/29";
    // Three addresses for machines; the masters' interfaces stand elsewhere in the old range.
    for (const char* token : {"a", "b", "c"}) ASSERT_TRUE(full.api.call(worker(full, token)).has_value());
    EXPECT_EQ(code(full.api.call(worker(full, "d"))), "InsufficientFreeAddressesInSubnet");
    EXPECT_EQ(full.engine.state().instances.size(), 3U);
}

TEST(SimApi, AuthorisesEachCallByTheCallersPolicies) {
    SimAccount account;
    const auto autoscaler = account.as(iam::Principal::Autoscaler);
    ASSERT_TRUE(autoscaler->call(worker(account, "fine")).has_value());
    struct Case {
        const char* what;
        void (*spoil)(ec2::RunInstancesRequest&);
    };
    const Case cases[] = {
        {"an untagged machine", [](auto& run) { run.tag_specifications.clear(); }},
        {"another's machine", [](auto& run) { run.tag_specifications[0].tags[0].value = "theirs"; }},
        {"another cluster's", [](auto& run) { run.tag_specifications[0].tags[1].value = "live"; }},
        {"a master", [](auto& run) { run.tag_specifications[0].tags[2].value = "k3s-master"; }},
        {"old metadata", [](auto& run) { run.metadata_options->http_tokens = "optional"; }},
        {"metadata for pods", [](auto& run) { run.metadata_options->http_put_response_hop_limit = 2; }},
        {"a plain disk", [](auto& run) { run.block_device_mappings[0].ebs->encrypted = false; }},
        {"a public address", [](auto& run) { run.network_interfaces[0].associate_public_ip_address = true; }},
        {"the masters' rights",
         [](auto& run) { run.iam_instance_profile->name = "shop-demo-master-instance-profile"; }},
    };
    for (const Case& each : cases) {
        auto run = worker(account, each.what);
        each.spoil(run);
        EXPECT_EQ(code(autoscaler->call(run)), "UnauthorizedOperation") << each.what;
    }
    EXPECT_EQ(account.engine.state().instances.size(), 1U);
}

TEST(SimApi, ShowsWhatHappenedLateWhenThatIsTheFault) {
    SimAccount account;
    account.engine.add_fault({.at = account.engine.now(), .kind = FaultKind::SlowToShow});
    int missing = 0;
    for (int i = 0; i < 20; ++i) {
        const auto launched = account.api.call(worker(account, format("t{}", i)));
        ASSERT_TRUE(launched.has_value());
        account.pass(std::chrono::seconds{6});
        const auto found = account.api.call(
            ec2::DescribeInstancesRequest{.instance_ids = {*launched->instances[0].instance_id}});
        if (code(found) == "InvalidInstanceID.NotFound") ++missing;
    }
    EXPECT_GT(missing, 5);
    account.pass(std::chrono::minutes{1});
    EXPECT_EQ(account.api.call(ec2::DescribeInstancesRequest{})->reservations.size(), 20U);
}

TEST(SimApi, GivesListsInPages) {
    SimAccount account;
    for (int i = 0; i < 5; ++i) ASSERT_TRUE(account.api.call(worker(account, format("t{}", i))).has_value());
    account.pass(std::chrono::minutes{1});
    account.engine.add_fault({.at = account.engine.now(), .kind = FaultKind::ShortPages});
    ec2::DescribeInstancesRequest request;
    std::vector<std::string> seen;
    do {
        const auto page = account.api.call(request);
        ASSERT_TRUE(page.has_value());
        ASSERT_LE(page->reservations.size(), 2U);
        for (const auto& each : page->reservations) seen.push_back(*each.instances[0].instance_id);
        request.next_token = page->next_token;
    } while (request.next_token);
    EXPECT_EQ(seen.size(), 5U);
    EXPECT_TRUE(std::ranges::is_sorted(seen));
}

TEST(SimApi, LocksMastersUntilTheLockIsLifted) {
    SimAccount account;
    auto run = worker(account);
    run.disable_api_termination = true;
    const std::string id = *account.api.call(run)->instances[0].instance_id;
    account.pass(std::chrono::minutes{1});
    EXPECT_EQ(code(account.api.call(ec2::TerminateInstancesRequest{.instance_ids = {id}})),
              "OperationNotPermitted");
    ec2::ModifyInstanceAttributeRequest unlock{.instance_id = id};
    unlock.disable_api_termination.emplace().value = false;
    ASSERT_TRUE(account.api.call(unlock).has_value());
    EXPECT_TRUE(account.api.call(ec2::TerminateInstancesRequest{.instance_ids = {id}}).has_value());
}

TEST(SimApi, NetworksThatDoNotFitAreRefused) {
    SimAccount account;
    const std::string vpc = account.engine.state().account.ec2.vpcs.begin()->first;
    const auto subnet = [&](const char* cidr) {
        ec2::CreateSubnetRequest request{.availability_zone = "ap-southeast-1a"};
        request.cidr_block = cidr;
        request.vpc_id = vpc;
        return code(account.api.call(request));
    };
    EXPECT_EQ(subnet("10.0.2.128/25"), "InvalidSubnet.Conflict");
    EXPECT_EQ(subnet("10.1.0.0/24"), "InvalidSubnet.Range");
    EXPECT_EQ(subnet("10.0.100.1/24"), "InvalidSubnet.Range");
    EXPECT_EQ(subnet("10.0.100.0/24"), "");
    EXPECT_EQ(code(account.api.call(ec2::CreateVpcRequest{.cidr_block = "10.0.0.0/8"})), "InvalidVpc.Range");
    ec2::CreateSecurityGroupRequest group{.description = "d",
                                          .group_name = model::names::worker_group(account.scope)};
    group.vpc_id = vpc;
    EXPECT_EQ(code(account.api.call(group)), "InvalidGroup.Duplicate");
    ec2::DescribeSubnetsRequest odd{.filters = {{.name = "colour", .values = {"red"}}}};
    EXPECT_EQ(code(account.api.call(odd)), "InvalidParameterValue");
}

}  // namespace
}  // namespace k3fleet::simcloud
