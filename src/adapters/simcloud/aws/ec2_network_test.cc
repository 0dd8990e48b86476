// Networks of the simulated account: what takes its time, what a token stands for, limits, rights. What moto
// can be asked, too, is in tests/contract/api/network.h.
#include <gtest/gtest.h>

#include "adapters/simcloud/aws/account.h"
#include "adapters/simcloud/aws/ec2_things.h"
#include "adapters/simcloud/codec.h"
#include "aws/gen/ec2.h"
#include "aws/gen/iam.h"
#include "aws/gen/resourcegroupstaggingapi.h"
#include "base/text.h"
#include "tests/support/bare_account.h"
#include "tests/support/sim_account.h"

namespace k3fleet::simcloud {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

aws::List<ec2::TagSpecification> tagged(const std::string& type, const std::string& project = "shop") {
    return {{.resource_type = type, .tags = {{.key = "Project", .value = project}}}};
}

struct Network : ::testing::Test, support::BareAccount {
    Network() {
        vpc = done(ec2::CreateVpcRequest{.cidr_block = "10.0.0.0/16"}).vpc->vpc_id.value_or("");
        subnet = make_subnet("10.0.1.0/24", "a");
    }
    template <typename Request>
    typename Request::Response done(const Request& request) {
        auto answer = api.call(request);
        EXPECT_TRUE(answer.has_value()) << (answer ? "" : answer.error().describe());
        return answer ? *std::move(answer) : typename Request::Response{};
    }
    std::string make_subnet(const std::string& cidr, const std::string& zone) {
        ec2::CreateSubnetRequest request;
        request.availability_zone = account().region + zone;
        request.cidr_block = cidr;
        request.vpc_id = vpc;
        return done(request).subnet->subnet_id.value_or("");
    }
    std::string make_gateway() {
        std::string id =
            done(ec2::CreateInternetGatewayRequest{}).internet_gateway->internet_gateway_id.value_or("");
        done(ec2::AttachInternetGatewayRequest{.internet_gateway_id = id, .vpc_id = vpc});
        return id;
    }
    std::string make_address() { return done(ec2::AllocateAddressRequest{}).allocation_id.value_or(""); }
    ec2::CreateNatGatewayRequest nat_request(const std::string& token = "nat") {
        ec2::CreateNatGatewayRequest request{.allocation_id = address};
        request.client_token = token;
        request.subnet_id = subnet;
        return request;
    }
    std::string nat_state(const std::string& id) {
        return done(ec2::DescribeNatGatewaysRequest{.nat_gateway_ids = {id}})
            .nat_gateways[0]
            .state.value_or("");
    }
    std::string make_table(const std::string& token = "table") {
        ec2::CreateRouteTableRequest request{.client_token = token, .vpc_id = vpc};
        return done(request).route_table->route_table_id.value_or("");
    }
    ec2::CreateVpcEndpointRequest endpoint_request(const std::string& token = "endpoint") {
        ec2::CreateVpcEndpointRequest request{.vpc_endpoint_type = "Interface", .vpc_id = vpc};
        request.service_name = format("com.amazonaws.{}.ssm", account().region);
        request.subnet_ids = {subnet};
        request.client_token = token;
        request.private_dns_enabled = false;
        return request;
    }

    void make_role(const std::string& service) {
        aws::iam::CreateRoleRequest role{.role_name = "logs"};
        role.assume_role_policy_document = format(
            R"({{"Version": "2012-10-17", "Statement": [{{"Effect": "Allow", "Principal": {{"Service": "{}"}},)"
            R"( "Action": "sts:AssumeRole"}}]}})",
            service);
        done(role);
    }
    ec2::CreateFlowLogsRequest log_request() {
        ec2::CreateFlowLogsRequest log{.client_token = "log"};
        log.deliver_logs_permission_arn = format("arn:aws:iam::{}:role/logs", account().number);
        log.log_group_name = "logs";
        log.resource_ids = {vpc};
        log.resource_type = "VPC";
        log.traffic_type = "ALL";
        return log;
    }

    std::string vpc;
    std::string subnet;
    std::string address;
};

TEST_F(Network, NatGatewaysTakeAWhileToComeAndToGo) {
    const std::string gateway = make_gateway();
    address = make_address();
    const std::string id = done(nat_request()).nat_gateway->nat_gateway_id.value_or("");
    EXPECT_EQ(nat_state(id), "pending");
    ec2::CreateRouteRequest route{.route_table_id = make_table(), .destination_cidr_block = "0.0.0.0/0"};
    route.nat_gateway_id = id;
    EXPECT_EQ(code(route), "InvalidNatGatewayID.NotFound") << "not yet";
    pass(minutes{3});
    EXPECT_EQ(nat_state(id), "available");
    EXPECT_EQ(code(route), "");
    done(ec2::DeleteNatGatewayRequest{.nat_gateway_id = id});
    EXPECT_EQ(nat_state(id), "deleting");
    const auto shown = done(ec2::DescribeRouteTablesRequest{.route_table_ids = {*route.route_table_id}});
    EXPECT_EQ(shown.route_tables[0].routes[1].state, "blackhole");
    EXPECT_EQ(code(ec2::ReleaseAddressRequest{.allocation_id = address}), "InvalidIPAddress.InUse");
    EXPECT_EQ(code(ec2::DeleteSubnetRequest{.subnet_id = subnet}), "DependencyViolation");
    EXPECT_EQ(code(ec2::DetachInternetGatewayRequest{.internet_gateway_id = gateway, .vpc_id = vpc}),
              "DependencyViolation");
    pass(minutes{2});
    EXPECT_EQ(nat_state(id), "deleted");
    EXPECT_EQ(code(ec2::ReleaseAddressRequest{.allocation_id = address}), "");
    EXPECT_EQ(code(ec2::DetachInternetGatewayRequest{.internet_gateway_id = gateway, .vpc_id = vpc}), "");
    EXPECT_EQ(code(ec2::DeleteSubnetRequest{.subnet_id = subnet}), "");
    pass(minutes{62});
    EXPECT_EQ(code(ec2::DescribeNatGatewaysRequest{.nat_gateway_ids = {id}}), "NatGatewayNotFound");
}

TEST_F(Network, NatGatewaysFailAfterTheAnswer) {
    address = make_address();
    const std::string no_way_out = *done(nat_request("one")).nat_gateway->nat_gateway_id;
    EXPECT_EQ(nat_state(no_way_out), "pending");
    pass(minutes{3});
    const auto failed = done(ec2::DescribeNatGatewaysRequest{.nat_gateway_ids = {no_way_out}});
    EXPECT_EQ(failed.nat_gateways[0].state, "failed");
    EXPECT_EQ(failed.nat_gateways[0].failure_code, "Gateway.NotAttached");
    make_gateway();
    done(nat_request("two"));
    const std::string taken = *done(nat_request("three")).nat_gateway->nat_gateway_id;
    pass(minutes{3});
    EXPECT_EQ(nat_state(taken), "failed") << "its address is another's";
    pass(minutes{61});
    EXPECT_EQ(done(ec2::DescribeNatGatewaysRequest{}).nat_gateways.size(), 1U);
}

TEST_F(Network, TokensMakeOneThing) {
    make_gateway();
    address = make_address();
    const auto nat = done(nat_request()).nat_gateway->nat_gateway_id;
    EXPECT_EQ(done(nat_request()).nat_gateway->nat_gateway_id, nat);
    auto other = nat_request();
    other.tag_specifications = tagged("natgateway");
    EXPECT_EQ(code(other), "IdempotentParameterMismatch");
    const std::string table = make_table();
    EXPECT_EQ(make_table(), table);
    EXPECT_NE(make_table("other"), table);
    const auto endpoint = done(endpoint_request()).vpc_endpoint->vpc_endpoint_id;
    EXPECT_EQ(done(endpoint_request()).vpc_endpoint->vpc_endpoint_id, endpoint);
    ec2::CreateNetworkInterfaceRequest interface{.client_token = "interface", .subnet_id = subnet};
    const auto made = done(interface).network_interface->network_interface_id;
    EXPECT_EQ(done(interface).network_interface->network_interface_id, made);
    interface.description = "other";
    EXPECT_EQ(code(interface), "IdempotentParameterMismatch");
    done(ec2::DeleteNetworkInterfaceRequest{.network_interface_id = made});
    EXPECT_NE(done(interface).network_interface->network_interface_id, made) << "that one is gone";
    interface.client_token.reset();
    EXPECT_EQ(code(interface), "MissingParameter") << "it could be done twice";
    pass(std::chrono::hours{25});
    EXPECT_NE(make_table(), table) << "tokens are known for a day";
}

TEST_F(Network, EndpointsHaveInterfacesInSubnets) {
    const std::string id = *done(endpoint_request()).vpc_endpoint->vpc_endpoint_id;
    const auto shown = [&] {
        return done(ec2::DescribeVpcEndpointsRequest{.vpc_endpoint_ids = {id}}).vpc_endpoints[0];
    };
    EXPECT_EQ(shown().state, "pending");
    ec2::ModifyVpcEndpointRequest modify{.vpc_endpoint_id = id};
    modify.add_subnet_ids = {make_subnet("10.0.2.0/24", "a")};
    EXPECT_EQ(code(modify), "IncorrectState");
    pass(minutes{2});
    EXPECT_EQ(shown().state, "available");
    EXPECT_EQ(shown().groups[0].group_name, "default");
    EXPECT_EQ(code(modify), "DuplicateSubnetsInSameZone");
    modify.add_subnet_ids = {make_subnet("10.0.3.0/24", "b")};
    EXPECT_EQ(code(modify), "");
    ASSERT_EQ(shown().network_interface_ids.size(), 2U);
    const std::string interface = shown().network_interface_ids[0];
    EXPECT_EQ(code(ec2::DeleteNetworkInterfaceRequest{.network_interface_id = interface}), "AuthFailure");
    EXPECT_EQ(code(ec2::DeleteSubnetRequest{.subnet_id = subnet}), "DependencyViolation");
    done(ec2::DeleteVpcEndpointsRequest{.vpc_endpoint_ids = {id}});
    EXPECT_EQ(shown().state, "deleting");
    EXPECT_EQ(code(ec2::DeleteSubnetRequest{.subnet_id = subnet}), "DependencyViolation");
    pass(minutes{2});
    EXPECT_EQ(code(ec2::DescribeVpcEndpointsRequest{.vpc_endpoint_ids = {id}}),
              "InvalidVpcEndpointId.NotFound");
    EXPECT_EQ(code(ec2::DeleteSubnetRequest{.subnet_id = subnet}), "");
    const auto again = done(ec2::DeleteVpcEndpointsRequest{.vpc_endpoint_ids = {id}});
    EXPECT_EQ(again.unsuccessful[0].error->code, "InvalidVpcEndpoint.NotFound");
}

TEST_F(Network, PrivateNamesOfEndpointsNeedTheResolverAndAreUnique) {
    auto request = endpoint_request("one");
    request.private_dns_enabled = true;
    EXPECT_EQ(code(request), "InvalidParameter") << "no host names yet";
    ec2::ModifyVpcAttributeRequest names;
    names.vpc_id = vpc;
    names.enable_dns_hostnames.emplace().value = true;
    done(names);
    EXPECT_EQ(code(request), "");
    request.client_token = "two";
    EXPECT_EQ(code(request), "InvalidParameter") << "there are such names";
    request.service_name = format("com.amazonaws.{}.sqs", account().region);
    EXPECT_EQ(code(request), "");
    request.client_token = "three";
    request.vpc_endpoint_type = "Gateway";
    EXPECT_EQ(code(request), "InvalidParameter") << "a gateway has no subnets";
    request.vpc_endpoint_type = "Interface";
    request.service_name = "com.amazonaws.elsewhere.sqs";
    EXPECT_EQ(code(request), "InvalidServiceName");
}

TEST_F(Network, LimitsAreThoseOfANewAccount) {
    for (int i = 1; i < 5; ++i)
        EXPECT_EQ(code(ec2::CreateVpcRequest{.cidr_block = format("10.{}.0.0/16", i)}), "");
    EXPECT_EQ(code(ec2::CreateVpcRequest{.cidr_block = "10.9.0.0/16"}), "VpcLimitExceeded");
    for (int i = 0; i < 5; ++i) make_address();
    EXPECT_EQ(code(ec2::AllocateAddressRequest{}), "AddressLimitExceeded");
    ec2::CreateSecurityGroupRequest group{.description = "rules", .group_name = "rules", .vpc_id = vpc};
    ec2::AuthorizeSecurityGroupIngressRequest open;
    open.group_id = done(group).group_id;
    auto& permission = open.ip_permissions.emplace_back();
    permission.ip_protocol = "tcp";
    permission.ip_ranges = {{.cidr_ip = "192.0.2.0/24"}};
    for (int port = 1; port <= 61; ++port) {
        permission.from_port = permission.to_port = port;
        EXPECT_EQ(code(open), port <= 60 ? "" : "RulesPerSecurityGroupLimitExceeded") << port;
    }
    ec2::CreateNetworkInterfaceRequest interface{.client_token = "interface", .subnet_id = subnet};
    for (int i = 0; i < 6; ++i) {
        group.group_name = format("group-{}", i);
        interface.groups.push_back(*done(group).group_id);
    }
    EXPECT_EQ(code(interface), "SecurityGroupsPerInterfaceLimitExceeded");
}

TEST_F(Network, AddressesOfInterfacesAreOfTheirSubnet) {
    const std::pair<const char*, const char*> rows[] = {{"10.0.1.3", "InvalidParameterValue"},
                                                        {"10.0.1.255", "InvalidParameterValue"},
                                                        {"10.0.2.10", "InvalidParameterValue"},
                                                        {"somewhere", "InvalidParameterValue"},
                                                        {"10.0.1.10", ""},
                                                        {"10.0.1.4", ""}};
    for (const auto& [wanted, refused] : rows) {
        ec2::CreateNetworkInterfaceRequest request{.client_token = wanted, .subnet_id = subnet};
        request.private_ip_address = wanted;
        EXPECT_EQ(code(request), refused) << wanted;
    }
    const auto others = done(ec2::CreateNetworkInterfaceRequest{.client_token = "any", .subnet_id = subnet});
    EXPECT_EQ(others.network_interface->private_ip_address, "10.0.1.5");
}

TEST_F(Network, RulesAreReadStrictly) {
    ec2::CreateSecurityGroupRequest group{.description = "rules", .group_name = "rules", .vpc_id = vpc};
    ec2::AuthorizeSecurityGroupIngressRequest open;
    open.group_id = done(group).group_id;
    const auto refused = [&](const std::string& protocol, std::optional<int> from, std::optional<int> to,
                             const std::string& range, const std::string& why) {
        ec2::IpPermission permission{.ip_protocol = protocol, .from_port = from, .to_port = to};
        if (!range.empty()) permission.ip_ranges = {{.description = why, .cidr_ip = range}};
        open.ip_permissions = {permission};
        return code(open);
    };
    EXPECT_EQ(refused("tcp", std::nullopt, std::nullopt, "192.0.2.0/24", ""), "InvalidParameterValue");
    EXPECT_EQ(refused("tcp", 1, 65'536, "192.0.2.0/24", ""), "InvalidParameterValue");
    EXPECT_EQ(refused("tpc", 1, 2, "192.0.2.0/24", ""), "InvalidParameterValue");
    EXPECT_EQ(refused("tcp", 1, 2, "192.0.2.0/24", "n\xc3\xa4h"), "InvalidParameterValue");
    EXPECT_EQ(refused("tcp", 1, 2, "192.0.2.0/24", std::string(256, 'x')), "InvalidParameterValue");
    EXPECT_EQ(refused("tcp", 1, 2, "", ""), "MissingParameter");
    EXPECT_EQ(refused("6", 1, 2, "192.0.2.0/24", "by number"), "");
    EXPECT_EQ(refused("tcp", 1, 2, "192.0.2.9/24", "its host bits go"), "InvalidPermission.Duplicate");
    EXPECT_EQ(refused("-1", std::nullopt, std::nullopt, "192.0.2.0/24", ""), "");
    const auto& rules = account().ec2.groups.at(*open.group_id).rules;
    EXPECT_EQ(rules.size(), 3U) << "two, and the one that lets all out";
}

TEST_F(Network, ServicesKeepInterfacesUntilTheyLetGo) {
    const std::string region = account().region;
    std::string id;
    {
        Call call{.operation = ec2::DescribeVpcsRequest::operation(),
                  .caller = region,
                  .account = account(),
                  .home = account(),
                  .engine = engine,
                  .now = engine.now()};
        const auto made = add_service_interface(
            call, {.service = "lambda", .subnet = subnet, .groups = {}, .description = "AWS Lambda VPC ENI"});
        ASSERT_TRUE(made.has_value());
        id = *made;
        remove_service_interface(call, id, engine.now() + minutes{20});
    }
    const auto shown = done(ec2::DescribeNetworkInterfacesRequest{.network_interface_ids = {id}});
    EXPECT_EQ(shown.network_interfaces[0].status, "in-use");
    EXPECT_EQ(shown.network_interfaces[0].requester_managed, true);
    EXPECT_EQ(code(ec2::DeleteSubnetRequest{.subnet_id = subnet}), "DependencyViolation");
    pass(minutes{20});
    EXPECT_EQ(code(ec2::DeleteSubnetRequest{.subnet_id = subnet}), "");
}

TEST_F(Network, FlowLogsNeedARoleThatLetsThemIn) {
    EXPECT_EQ(refusal(log_request()),
              "InvalidParameter: Unable to assume given IAM role: 'arn:aws:iam::111122223333:role/logs'");
    make_role("ec2.amazonaws.com");
    pass(minutes{1});
    EXPECT_EQ(code(log_request()), "InvalidParameter") << "it lets another service in";
    done(aws::iam::DeleteRoleRequest{.role_name = "logs"});
    make_role("vpc-flow-logs.amazonaws.com");
    EXPECT_EQ(code(log_request()), "InvalidParameter") << "it is too new";
    pass(minutes{1});
    const auto made = done(log_request()).flow_log_ids;
    ASSERT_EQ(made.size(), 1U);
    EXPECT_EQ(done(log_request()).flow_log_ids, made) << "the same token";
    auto other = log_request();
    other.client_token = "other";
    EXPECT_EQ(done(other).unsuccessful[0].error->code, "FlowLogAlreadyExists");
    other.resource_ids = {"vpc-0123456789abcdef0"};
    EXPECT_EQ(done(other).unsuccessful[0].error->code, "InvalidVpcId.NotFound");
    EXPECT_EQ(done(ec2::DeleteFlowLogsRequest{.flow_log_ids = made}).unsuccessful.size(), 0U);
    const auto again = done(ec2::DeleteFlowLogsRequest{.flow_log_ids = made});
    EXPECT_EQ(again.unsuccessful[0].error->code, "InvalidFlowLogId.NotFound");
}

TEST_F(Network, IsSavedAndReadAsItWas) {
    make_gateway();
    address = make_address();
    done(nat_request());
    done(endpoint_request());
    make_table();
    make_role("vpc-flow-logs.amazonaws.com");
    pass(minutes{1});
    done(log_request());
    const std::string bytes = encode(engine.state());
    auto read = decode(bytes);
    ASSERT_TRUE(read.has_value()) << read.error().describe();
    EXPECT_EQ(encode(*read), bytes);
    EXPECT_EQ(read->account.ec2.nat_gateways.size(), 1U);
    EXPECT_EQ(read->account.ec2.flow_logs.begin()->second.interval, 600);
    read->account.ec2.subnets.clear();
    EXPECT_FALSE(decode(encode(*read)).has_value()) << "interfaces in no subnet";
}

TEST(NetworkOfMachines, IsHeldUntilTheyEnd) {
    support::SimAccount sim;
    auto& ec2_state = sim.engine.state().account.ec2;
    const auto code = [&](const auto& request) {
        const auto answer = sim.api.call(request);
        return answer ? std::string() : answer.error().provider_code;
    };
    const auto is_nat = [](const auto& entry) { return entry.second.tags.at("Name") == "shop-demo-nat"; };
    const auto found = std::ranges::find_if(ec2_state.interfaces, is_nat);
    ASSERT_NE(found, ec2_state.interfaces.end());
    const std::string interface = found->first;
    ec2::RunInstancesRequest run{.image_id = std::string(kArm64Image), .instance_type = "t4g.nano"};
    run.max_count = run.min_count = 1;
    run.client_token = "nat";
    run.network_interfaces.push_back({.device_index = 0, .network_interface_id = interface});
    const auto started = sim.api.call(run);
    ASSERT_TRUE(started.has_value()) << started.error().describe();
    sim.pass(minutes{5});
    EXPECT_EQ(code(ec2::DeleteNetworkInterfaceRequest{.network_interface_id = interface}),
              "InvalidParameterValue");
    ec2::CreateRouteTableRequest table{.client_token = "table", .vpc_id = ec2_state.vpcs.begin()->first};
    ec2::CreateRouteRequest route{.route_table_id = sim.api.call(table)->route_table->route_table_id};
    route.destination_cidr_block = "0.0.0.0/0";
    route.network_interface_id = interface;
    EXPECT_EQ(code(route), "");
    const auto shown = [&] {
        ec2::DescribeRouteTablesRequest ask{.route_table_ids = {*route.route_table_id}};
        return sim.api.call(ask)->route_tables[0].routes[1];
    };
    EXPECT_EQ(shown().state, "active");
    EXPECT_EQ(shown().instance_id, started->instances[0].instance_id);
    const std::string id = *started->instances[0].instance_id;
    EXPECT_EQ(code(ec2::TerminateInstancesRequest{.instance_ids = {id}}), "");
    sim.pass(minutes{10});
    EXPECT_EQ(shown().state, "blackhole");
    EXPECT_EQ(code(ec2::DeleteNetworkInterfaceRequest{.network_interface_id = interface}), "");
}

// The operator's own policies, asked with what AWS knows of the things.
struct Operator : ::testing::Test {
    template <typename Request>
    std::string code(const Request& request) {
        const auto answer = api->call(request);
        return answer ? std::string() : answer.error().provider_code;
    }
    template <typename Request>
    typename Request::Response done(const Request& request) {
        auto answer = api->call(request);
        EXPECT_TRUE(answer.has_value()) << (answer ? "" : answer.error().describe());
        return answer ? *std::move(answer) : typename Request::Response{};
    }
    support::SimAccount sim;
    std::unique_ptr<aws::Api> api = sim.as(iam::Principal::Operator);
};

TEST_F(Operator, MakesAndTakesAwayWhatIsTheProjects) {
    ec2::CreateVpcRequest create{.cidr_block = "10.7.0.0/16"};
    EXPECT_EQ(code(create), "UnauthorizedOperation") << "without the project's tag";
    create.tag_specifications = tagged("vpc");
    const std::string vpc = *done(create).vpc->vpc_id;
    ec2::CreateSecurityGroupRequest group{.description = "g", .group_name = "g", .vpc_id = vpc};
    EXPECT_EQ(code(group), "UnauthorizedOperation");
    group.tag_specifications = tagged("security-group");
    const std::string made = *done(group).group_id;
    ec2::AuthorizeSecurityGroupEgressRequest open;
    open.group_id = made;
    open.ip_permissions.push_back({.ip_protocol = "tcp", .from_port = 443, .to_port = 443});
    open.ip_permissions[0].ip_ranges = {{.cidr_ip = "0.0.0.0/0"}};
    open.tag_specifications = tagged("security-group-rule", "other");
    EXPECT_EQ(code(open), "UnauthorizedOperation") << "another project's tag";
    open.tag_specifications = tagged("security-group-rule");
    EXPECT_EQ(code(open), "");
    // AWS's own rule has no tags, and gets a description.
    ec2::ModifySecurityGroupRulesRequest modify{.group_id = made};
    const auto rules = done(ec2::DescribeSecurityGroupRulesRequest{}).security_group_rules;
    for (const auto& rule : rules)
        if (rule.group_id == made && rule.ip_protocol == "-1")
            modify.security_group_rules.emplace_back().security_group_rule_id = rule.security_group_rule_id;
    ASSERT_EQ(modify.security_group_rules.size(), 1U);
    auto& all_out = modify.security_group_rules[0].security_group_rule.emplace();
    all_out.ip_protocol = "-1";
    all_out.cidr_ipv4 = "0.0.0.0/0";
    all_out.description = "all out";
    EXPECT_EQ(code(modify), "");
    EXPECT_EQ(code(ec2::DeleteSecurityGroupRequest{.group_id = made}), "");
    EXPECT_EQ(code(ec2::DeleteVpcRequest{.vpc_id = vpc}), "");
}

TEST_F(Network, IsListedByItsTags) {
    namespace tagging = aws::resourcegroupstaggingapi;
    make_gateway();
    const std::string allocation = make_address();
    ec2::CreateTagsRequest tag{.resources = {allocation, make_table()}};
    tag.tags = {{.key = "Project", .value = "shop"}};
    done(tag);
    pass(minutes{1});
    const auto listed = done(tagging::GetResourcesRequest{}).resource_tag_mapping_list;
    ASSERT_EQ(listed.size(), 2U);
    EXPECT_EQ(listed[0].resource_arn,
              format("arn:aws:ec2:{}:{}:elastic-ip/{}", account().region, account().number, allocation));
}

TEST_F(Operator, LeavesAloneWhatIsNot) {
    const std::string vpc = *sim.api.call(ec2::CreateVpcRequest{.cidr_block = "10.7.0.0/16"})->vpc->vpc_id;
    EXPECT_EQ(code(ec2::DeleteVpcRequest{.vpc_id = vpc}), "UnauthorizedOperation");
    ec2::CreateTagsRequest claim{.resources = {vpc}, .tags = {{.key = "Project", .value = "shop"}}};
    EXPECT_EQ(code(claim), "UnauthorizedOperation") << "what is not ours cannot be made ours";
    ec2::CreateRouteTableRequest table{.tag_specifications = tagged("route-table"), .vpc_id = vpc};
    table.client_token = "table";
    EXPECT_EQ(code(table), "UnauthorizedOperation") << "nothing of ours goes into a network of others";
    ec2::AllocateAddressRequest address{.tag_specifications = tagged("elastic-ip")};
    address.dry_run = true;
    EXPECT_EQ(code(address), "DryRunOperation");
    address.tag_specifications.clear();
    EXPECT_EQ(code(address), "UnauthorizedOperation");
}

}  // namespace
}  // namespace k3fleet::simcloud
