// What is asked of EC2's networks: what comes with them, what holds what, and what is refused.
#pragma once

#include <algorithm>

#include "aws/gen/ec2.h"
#include "aws/gen/iam.h"
#include "base/text.h"
#include "tests/contract/api/served.h"

namespace k3fleet::contract {

template <typename Backend>
class NetworkApi : public Served<Backend> {
protected:
    using Filter = aws::ec2::Filter;

    NetworkApi() {
        vpc_ = this->done(aws::ec2::CreateVpcRequest{.cidr_block = "10.0.0.0/16"}).vpc->vpc_id.value_or("");
        subnet_ = subnet("10.0.1.0/24");
    }
    std::string subnet(const std::string& cidr, const std::string& zone = "a") {
        aws::ec2::CreateSubnetRequest request;
        request.availability_zone = this->backend_.region + zone;
        request.cidr_block = cidr;
        request.vpc_id = vpc_;
        return this->done(request).subnet->subnet_id.value_or("");
    }
    std::string group(const std::string& name) {
        aws::ec2::CreateSecurityGroupRequest request{.description = "machines", .group_name = name};
        request.vpc_id = vpc_;
        return this->done(request).group_id.value_or("");
    }
    std::string interface(const std::string& address = "") {
        aws::ec2::CreateNetworkInterfaceRequest request;
        request.client_token = this->backend_.fresh + std::to_string(++tokens_);
        request.subnet_id = subnet_;
        if (!address.empty()) request.private_ip_address = address;
        return this->done(request).network_interface->network_interface_id.value_or("");
    }
    std::string table() {
        aws::ec2::CreateRouteTableRequest request;
        request.client_token = this->backend_.fresh + std::to_string(++tokens_);
        request.vpc_id = vpc_;
        return this->done(request).route_table->route_table_id.value_or("");
    }
    // Attached to the network.
    std::string gateway() {
        std::string id = this->done(aws::ec2::CreateInternetGatewayRequest{})
                             .internet_gateway->internet_gateway_id.value_or("");
        this->done(aws::ec2::AttachInternetGatewayRequest{.internet_gateway_id = id, .vpc_id = vpc_});
        return id;
    }
    std::string address() {
        return this->done(aws::ec2::AllocateAddressRequest{.domain = "vpc"}).allocation_id.value_or("");
    }
    aws::ec2::RouteTable main_table() {
        aws::ec2::DescribeRouteTablesRequest request;
        request.filters = {Filter{.name = "vpc-id", .values = {vpc_}},
                           Filter{.name = "association.main", .values = {"true"}}};
        const auto found = this->done(request).route_tables;
        EXPECT_EQ(found.size(), 1U);
        return found.empty() ? aws::ec2::RouteTable{} : found.front();
    }
    aws::ec2::SecurityGroup default_group() {
        aws::ec2::DescribeSecurityGroupsRequest request;
        request.filters = {Filter{.name = "vpc-id", .values = {vpc_}},
                           Filter{.name = "group-name", .values = {"default"}}};
        const auto found = this->done(request).security_groups;
        EXPECT_EQ(found.size(), 1U);
        return found.empty() ? aws::ec2::SecurityGroup{} : found.front();
    }
    aws::List<aws::ec2::SecurityGroupRule> rules(const std::string& group) {
        aws::ec2::DescribeSecurityGroupRulesRequest request;
        request.filters = {Filter{.name = "group-id", .values = {group}}};
        return this->done(request).security_group_rules;
    }
    static aws::ec2::IpPermission permission(const std::string& protocol, int from, int to,
                                             const std::string& range, const std::string& why = "") {
        aws::ec2::IpPermission permission{.ip_protocol = protocol};
        if (protocol != "-1") permission.from_port = from, permission.to_port = to;
        permission.ip_ranges.push_back({.cidr_ip = range});
        if (!why.empty()) permission.ip_ranges[0].description = why;
        return permission;
    }
    aws::ec2::AuthorizeSecurityGroupIngressRequest opening(const std::string& group,
                                                           aws::ec2::IpPermission permission) {
        aws::ec2::AuthorizeSecurityGroupIngressRequest request;
        request.group_id = group;
        request.ip_permissions = {std::move(permission)};
        return request;
    }

    std::string vpc_;
    std::string subnet_;
    int tokens_ = 0;
};

TYPED_TEST_SUITE_P(NetworkApi);

TYPED_TEST_P(NetworkApi, VpcsComeWithATableAndAGroup) {
    namespace ec2 = aws::ec2;
    const auto table = this->main_table();
    EXPECT_EQ(table.routes[0].gateway_id, "local");
    EXPECT_EQ(table.routes[0].destination_cidr_block, "10.0.0.0/16");
    EXPECT_EQ(this->code(ec2::DeleteRouteTableRequest{.route_table_id = table.route_table_id}),
              this->unless_moto("DependencyViolation", ""));
    const auto group = this->default_group();
    EXPECT_EQ(group.ip_permissions.size(), TypeParam::kMoto ? 0U : 1U);
    EXPECT_EQ(group.ip_permissions_egress.size(), 1U);
    EXPECT_EQ(this->code(ec2::DeleteSecurityGroupRequest{.group_id = group.group_id}),
              this->unless_moto("CannotDelete", ""));
}

TYPED_TEST_P(NetworkApi, AttributesAreKept) {
    namespace ec2 = aws::ec2;
    const auto attribute = [&](const std::string& name) {
        const auto answer =
            this->done(ec2::DescribeVpcAttributeRequest{.attribute = name, .vpc_id = this->vpc_});
        const auto& shown =
            name == "enableDnsSupport" ? answer.enable_dns_support : answer.enable_dns_hostnames;
        return shown ? shown->value : std::nullopt;
    };
    EXPECT_EQ(attribute("enableDnsSupport"), true);
    EXPECT_EQ(attribute("enableDnsHostnames"), false);
    ec2::ModifyVpcAttributeRequest names;
    names.vpc_id = this->vpc_;
    names.enable_dns_hostnames.emplace().value = true;
    this->done(names);
    EXPECT_EQ(attribute("enableDnsHostnames"), true);
    ec2::ModifySubnetAttributeRequest open;
    open.subnet_id = this->subnet_;
    open.map_public_ip_on_launch.emplace().value = true;
    this->done(open);
    const auto shown = this->done(ec2::DescribeSubnetsRequest{.subnet_ids = {this->subnet_}});
    EXPECT_EQ(shown.subnets[0].map_public_ip_on_launch, true);
    EXPECT_EQ(this->code(ec2::DescribeSubnetsRequest{.subnet_ids = {"subnet-0123456789abcdef0"}}),
              "InvalidSubnetID.NotFound");
    EXPECT_EQ(this->code(ec2::DescribeVpcsRequest{.vpc_ids = {"vpc-0123456789abcdef0"}}),
              "InvalidVpcID.NotFound");
    EXPECT_EQ(this->code(ec2::CreateVpcRequest{.cidr_block = "10.0.0.0/15"}), "InvalidVpc.Range");
    ec2::CreateVpcRequest dry{.cidr_block = "10.1.0.0/16"};
    dry.dry_run = true;
    EXPECT_EQ(this->code(dry), this->unless_moto("DryRunOperation", ""));
}

TYPED_TEST_P(NetworkApi, ThingsAreHeldByWhatUsesThem) {
    namespace ec2 = aws::ec2;
    const std::string interface = this->interface("10.0.1.10");
    const std::string gateway = this->gateway();
    EXPECT_EQ(this->code(ec2::DeleteSubnetRequest{.subnet_id = this->subnet_}),
              this->unless_moto("DependencyViolation", ""));
    if (TypeParam::kMoto) this->subnet_ = this->subnet("10.0.1.0/24");
    EXPECT_EQ(this->code(ec2::DeleteInternetGatewayRequest{.internet_gateway_id = gateway}),
              "DependencyViolation");
    EXPECT_EQ(
        this->code(ec2::AttachInternetGatewayRequest{.internet_gateway_id = gateway, .vpc_id = this->vpc_}),
        "Resource.AlreadyAssociated");
    EXPECT_EQ(this->code(ec2::DeleteVpcRequest{.vpc_id = this->vpc_}), "DependencyViolation");
    if (TypeParam::kMoto) return;  // Only gateways hold a network there.
    this->done(ec2::DetachInternetGatewayRequest{.internet_gateway_id = gateway, .vpc_id = this->vpc_});
    EXPECT_EQ(
        this->code(ec2::DetachInternetGatewayRequest{.internet_gateway_id = gateway, .vpc_id = this->vpc_}),
        "Gateway.NotAttached");
    this->done(ec2::DeleteInternetGatewayRequest{.internet_gateway_id = gateway});
    this->done(ec2::DeleteNetworkInterfaceRequest{.network_interface_id = interface});
    this->done(ec2::DeleteSubnetRequest{.subnet_id = this->subnet_});
    const std::string group = this->group("held");
    EXPECT_EQ(this->code(ec2::DeleteVpcRequest{.vpc_id = this->vpc_}), "DependencyViolation");
    this->done(ec2::DeleteSecurityGroupRequest{.group_id = group});
    const std::string table = this->table();
    EXPECT_EQ(this->code(ec2::DeleteVpcRequest{.vpc_id = this->vpc_}), "DependencyViolation");
    this->done(ec2::DeleteRouteTableRequest{.route_table_id = table});
    this->done(ec2::DeleteVpcRequest{.vpc_id = this->vpc_});
    EXPECT_EQ(this->code(ec2::DeleteVpcRequest{.vpc_id = this->vpc_}), "InvalidVpcID.NotFound");
}

TYPED_TEST_P(NetworkApi, RoutesLeadThroughGateways) {
    namespace ec2 = aws::ec2;
    const std::string gateway = this->gateway();
    const std::string table = this->table();
    ec2::CreateRouteRequest route{.route_table_id = table, .destination_cidr_block = "0.0.0.0/0"};
    route.gateway_id = gateway;
    this->done(route);
    EXPECT_EQ(this->code(route), "RouteAlreadyExists");
    const auto shown =
        this->done(ec2::DescribeRouteTablesRequest{.route_table_ids = {table}}).route_tables[0];
    ASSERT_EQ(shown.routes.size(), 2U);
    EXPECT_EQ(shown.routes[1].gateway_id, gateway);
    EXPECT_EQ(shown.routes[1].state, "active");
    ec2::ReplaceRouteRequest replace{.route_table_id = table, .destination_cidr_block = "0.0.0.0/0"};
    const std::string interface = this->interface();
    replace.network_interface_id = interface;
    this->done(replace);
    replace.destination_cidr_block = "192.0.2.0/24";
    EXPECT_EQ(this->code(replace), "InvalidParameterValue");
    ec2::DeleteRouteRequest drop{.route_table_id = table, .destination_cidr_block = "0.0.0.0/0"};
    this->done(drop);
    EXPECT_EQ(this->code(drop), "InvalidRoute.NotFound");
    route.destination_cidr_block = "anywhere";
    EXPECT_EQ(this->code(route), "InvalidParameterValue");
    EXPECT_EQ(this->code(ec2::DeleteRouteTableRequest{.route_table_id = "rtb-0123456789abcdef0"}),
              "InvalidRouteTableID.NotFound");
}

TYPED_TEST_P(NetworkApi, SubnetsHaveOneTable) {
    namespace ec2 = aws::ec2;
    const std::string table = this->table();
    const std::string other = this->table();
    const auto made =
        this->done(ec2::AssociateRouteTableRequest{.subnet_id = this->subnet_, .route_table_id = table});
    EXPECT_EQ(
        this->code(ec2::AssociateRouteTableRequest{.subnet_id = this->subnet_, .route_table_id = other}),
        this->unless_moto("Resource.AlreadyAssociated", ""));
    EXPECT_EQ(this->code(ec2::DeleteRouteTableRequest{.route_table_id = table}), "DependencyViolation");
    ec2::DescribeRouteTablesRequest ask;
    ask.filters = {{.name = "association.subnet-id", .values = {this->subnet_}}};
    const auto found = this->done(ask).route_tables;
    EXPECT_EQ(found[0].associations[0].route_table_association_id, made.association_id);
    if (TypeParam::kMoto) return;  // Two have it there.
    const auto moved = this->done(ec2::ReplaceRouteTableAssociationRequest{
        .association_id = made.association_id, .route_table_id = other});
    EXPECT_NE(moved.new_association_id, made.association_id);
    EXPECT_EQ(this->code(ec2::DisassociateRouteTableRequest{.association_id = made.association_id}),
              "InvalidAssociationID.NotFound");
    this->done(ec2::DisassociateRouteTableRequest{.association_id = moved.new_association_id});
    this->done(ec2::DeleteRouteTableRequest{.route_table_id = other});
    const auto main = this->main_table().associations[0].route_table_association_id;
    EXPECT_EQ(this->code(ec2::DisassociateRouteTableRequest{.association_id = main}),
              "InvalidParameterValue");
}

TYPED_TEST_P(NetworkApi, AddressesAreAssociated) {
    namespace ec2 = aws::ec2;
    const std::string address = this->address();
    const std::string interface = this->interface();
    ec2::AssociateAddressRequest associate{.allocation_id = address};
    associate.network_interface_id = interface;
    EXPECT_EQ(this->code(associate), this->unless_moto("Gateway.NotAttached", ""));
    const std::string gateway = this->gateway();
    associate.allow_reassociation = true;
    const auto made = this->done(associate);
    EXPECT_EQ(this->code(ec2::ReleaseAddressRequest{.allocation_id = address}),
              this->unless_moto("InvalidIPAddress.InUse", ""));
    if (TypeParam::kMoto) return;  // It is gone.
    EXPECT_EQ(this->done(associate).association_id, made.association_id) << "the same again";
    EXPECT_EQ(
        this->code(ec2::DetachInternetGatewayRequest{.internet_gateway_id = gateway, .vpc_id = this->vpc_}),
        "DependencyViolation");
    const auto shown = this->done(ec2::DescribeAddressesRequest{.allocation_ids = {address}}).addresses;
    EXPECT_EQ(shown[0].network_interface_id, interface);
    EXPECT_EQ(shown[0].association_id, made.association_id);
    ec2::AssociateAddressRequest again{.allocation_id = this->address()};
    again.network_interface_id = interface;
    EXPECT_EQ(this->code(again), "Resource.AlreadyAssociated");
    this->done(ec2::DisassociateAddressRequest{.association_id = made.association_id});
    EXPECT_EQ(this->code(ec2::DisassociateAddressRequest{.association_id = made.association_id}),
              "InvalidAssociationID.NotFound");
    this->done(ec2::ReleaseAddressRequest{.allocation_id = address});
    EXPECT_EQ(this->code(ec2::ReleaseAddressRequest{.allocation_id = address}),
              "InvalidAllocationID.NotFound");
}

TYPED_TEST_P(NetworkApi, RulesAreThingsOfTheirOwn) {
    namespace ec2 = aws::ec2;
    const std::string group = this->group("rules");
    ASSERT_EQ(this->rules(group).size(), 1U) << "all out";
    EXPECT_EQ(this->rules(group)[0].is_egress, true);
    EXPECT_EQ(this->rules(group)[0].ip_protocol, "-1");
    auto open = this->opening(group, this->permission("tcp", 443, 443, "192.0.2.0/24", "people"));
    open.tag_specifications = {
        {.resource_type = "security-group-rule", .tags = {{.key = "k", .value = "v"}}}};
    const auto made = this->done(open).security_group_rules;
    ASSERT_EQ(made.size(), 1U);
    EXPECT_EQ(made[0].cidr_ipv4, "192.0.2.0/24");
    EXPECT_EQ(made[0].description, "people");
    ASSERT_EQ(made[0].tags.size(), 1U);
    EXPECT_EQ(this->code(open), "InvalidPermission.Duplicate");
    EXPECT_EQ(this->code(this->opening(group, this->permission("tcp", 443, 443, "192.0.2.7/24"))),
              this->unless_moto("InvalidPermission.Duplicate", ""))
        << "its host bits are not kept";
    EXPECT_EQ(this->code(this->opening(group, this->permission("tcp", 22, 22, "192.0.2.0/33"))),
              "InvalidParameterValue");
    EXPECT_EQ(this->code(this->opening(group, this->permission("tcp", 23, 22, "192.0.2.0/24"))),
              this->unless_moto("InvalidParameterValue", ""));
    EXPECT_EQ(
        this->code(this->opening("sg-0123456789abcdef0", this->permission("tcp", 22, 22, "192.0.2.0/24"))),
        "InvalidGroup.NotFound");
    ec2::RevokeSecurityGroupIngressRequest close;
    close.group_id = group;
    close.security_group_rule_ids = {made[0].security_group_rule_id.value_or("")};
    this->done(close);
    EXPECT_EQ(this->code(close),
              this->unless_moto("InvalidSecurityGroupRuleId.NotFound", "InvalidPermission.NotFound"));
}

TYPED_TEST_P(NetworkApi, RulesAreRewritten) {
    namespace ec2 = aws::ec2;
    const std::string group = this->group("rewritten");
    const auto made = this->done(this->opening(group, this->permission("tcp", 80, 80, "192.0.2.0/24")))
                          .security_group_rules;
    ASSERT_EQ(made.size(), 1U);
    ec2::ModifySecurityGroupRulesRequest request{.group_id = group};
    auto& update = request.security_group_rules.emplace_back();
    update.security_group_rule_id = made[0].security_group_rule_id;
    auto& rule = update.security_group_rule.emplace();
    rule.ip_protocol = "tcp";
    rule.from_port = rule.to_port = 8080;
    rule.cidr_ipv4 = "192.0.2.0/24";
    rule.description = "people";
    this->done(request);
    const auto all = this->rules(group);
    const auto changed = std::ranges::find_if(all, [](const auto& one) { return one.is_egress == false; });
    ASSERT_NE(changed, all.end());
    EXPECT_EQ(changed->security_group_rule_id, made[0].security_group_rule_id);
    EXPECT_EQ(changed->from_port, 8080);
    EXPECT_EQ(changed->description, "people");
    update.security_group_rule_id = "sgr-0123456789abcdef0";
    EXPECT_EQ(this->code(request), "InvalidSecurityGroupRuleId.NotFound");
}

TYPED_TEST_P(NetworkApi, GroupsThatNameEachOtherHoldEachOther) {
    namespace ec2 = aws::ec2;
    const std::string one = this->group("one");
    const std::string two = this->group("two");
    EXPECT_EQ(this->code(ec2::CreateSecurityGroupRequest{
                  .description = "again", .group_name = "one", .vpc_id = this->vpc_}),
              "InvalidGroup.Duplicate");
    ec2::IpPermission from_two{.ip_protocol = "-1"};
    from_two.user_id_group_pairs.push_back({.group_id = two});
    const auto made = this->done(this->opening(one, from_two)).security_group_rules;
    ASSERT_EQ(made.size(), 1U);
    EXPECT_EQ(made[0].referenced_group_info->group_id, two);
    EXPECT_EQ(this->code(ec2::DeleteSecurityGroupRequest{.group_id = two}),
              this->unless_moto("DependencyViolation", ""));
    this->done(ec2::DeleteSecurityGroupRequest{.group_id = one});
    if (!TypeParam::kMoto) this->done(ec2::DeleteSecurityGroupRequest{.group_id = two});
    EXPECT_EQ(this->code(ec2::DeleteSecurityGroupRequest{.group_id = two}), "InvalidGroup.NotFound");
}

TYPED_TEST_P(NetworkApi, EndpointsAreRoutes) {
    namespace ec2 = aws::ec2;
    const std::string table = this->table();
    ec2::CreateVpcEndpointRequest create{.vpc_endpoint_type = "Gateway", .vpc_id = this->vpc_};
    create.service_name = format("com.amazonaws.{}.s3", this->backend_.region);
    create.route_table_ids = {table};
    create.client_token = this->backend_.fresh + "s3";
    const auto made = this->done(create).vpc_endpoint;
    EXPECT_EQ(made->state, "available");
    EXPECT_EQ(made->route_table_ids, aws::List<std::string>{table});
    create.client_token = this->backend_.fresh + "again";
    if (!TypeParam::kMoto) {  // It makes another.
        EXPECT_EQ(this->code(create), "RouteAlreadyExists");
    }
    create.route_table_ids.clear();
    create.service_name = "com.amazonaws.nowhere.s3";
    EXPECT_EQ(this->code(create), this->unless_moto("InvalidServiceName", ""));
    ec2::ModifyVpcEndpointRequest modify{.vpc_endpoint_id = made->vpc_endpoint_id};
    modify.add_route_table_ids = {this->table()};
    this->done(modify);
    EXPECT_EQ(this->done(ec2::DescribeVpcEndpointsRequest{.vpc_endpoint_ids = {*made->vpc_endpoint_id}})
                  .vpc_endpoints[0]
                  .route_table_ids.size(),
              2U);
    EXPECT_EQ(this->code(ec2::DeleteVpcEndpointsRequest{.vpc_endpoint_ids = {*made->vpc_endpoint_id}}),
              this->unless_moto("", "InvalidRoute.NotFound"));
    EXPECT_EQ(this->code(ec2::DescribeVpcEndpointsRequest{.vpc_endpoint_ids = {"vpce-0123456789abcdef0"}}),
              "InvalidVpcEndpointId.NotFound");
}

TYPED_TEST_P(NetworkApi, FlowLogsAreKept) {
    namespace ec2 = aws::ec2;
    aws::iam::CreateRoleRequest role{.role_name = this->backend_.fresh + "-logs"};
    role.assume_role_policy_document =
        R"({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole",
            "Principal": {"Service": "vpc-flow-logs.amazonaws.com"}}]})";
    ec2::CreateFlowLogsRequest create{.client_token = this->backend_.fresh + "flow"};
    create.deliver_logs_permission_arn = this->done(role).role->arn;
    this->backend_.settle();
    create.log_group_name = this->backend_.fresh + "-flow";
    create.resource_ids = {this->vpc_};
    create.resource_type = "VPC";
    create.traffic_type = "ALL";
    create.log_destination_type = "cloud-watch-logs";
    create.max_aggregation_interval = 61;
    EXPECT_EQ(this->code(create), "InvalidParameter");
    create.max_aggregation_interval = 600;
    const auto made = this->done(create).flow_log_ids;
    ASSERT_EQ(made.size(), 1U);
    const auto shown = this->done(ec2::DescribeFlowLogsRequest{.flow_log_ids = {made[0]}}).flow_logs;
    EXPECT_EQ(shown[0].resource_id, this->vpc_);
    EXPECT_EQ(shown[0].flow_log_status, "ACTIVE");
    create.client_token = this->backend_.fresh + "flow2";
    if (!TypeParam::kMoto) {
        EXPECT_EQ(this->done(create).unsuccessful[0].error->code, "FlowLogAlreadyExists");
    } else {
        EXPECT_EQ(this->code(create), "FlowLogAlreadyExists");
    }
    EXPECT_TRUE(this->done(ec2::DeleteFlowLogsRequest{.flow_log_ids = made}).unsuccessful.empty());
    EXPECT_TRUE(
        this->done(ec2::DescribeFlowLogsRequest{.filter = {{.name = "resource-id", .values = {this->vpc_}}}})
            .flow_logs.empty());
}

TYPED_TEST_P(NetworkApi, InterfacesHaveAttributes) {
    namespace ec2 = aws::ec2;
    const std::string interface = this->interface("10.0.1.10");
    ec2::CreateNetworkInterfaceRequest again{.client_token = this->backend_.fresh + "again"};
    again.subnet_id = this->subnet_;
    again.private_ip_address = "10.0.1.10";
    EXPECT_EQ(this->code(again), this->unless_moto("InvalidIPAddress.InUse", ""));
    ec2::ModifyNetworkInterfaceAttributeRequest modify{.network_interface_id = interface};
    modify.source_dest_check.emplace().value = false;
    this->done(modify);
    const auto show = [&] {
        return this->done(ec2::DescribeNetworkInterfacesRequest{.network_interface_ids = {interface}})
            .network_interfaces[0];
    };
    EXPECT_EQ(show().source_dest_check, false);
    EXPECT_EQ(show().status, "available");
    modify = {.network_interface_id = interface, .groups = {this->group("attribute")}};
    this->done(modify);
    EXPECT_EQ(show().groups[0].group_name, "attribute");
    this->done(ec2::DeleteNetworkInterfaceRequest{.network_interface_id = interface});
    EXPECT_EQ(this->code(ec2::DeleteNetworkInterfaceRequest{.network_interface_id = interface}),
              "InvalidNetworkInterfaceID.NotFound");
}

TYPED_TEST_P(NetworkApi, TagsAreAddedToAnything) {
    namespace ec2 = aws::ec2;
    const std::string table = this->table();
    const std::string group = this->group("tagged");
    const std::string address = this->address();
    ec2::CreateTagsRequest tag{.resources = {this->vpc_, this->subnet_, table, group, address}};
    tag.tags = {{.key = "Project", .value = "shop"}};
    this->done(tag);
    tag.tags = {{.key = "Project", .value = "fleet"}, {.key = "Name", .value = "n"}};
    this->done(tag);
    ec2::DescribeRouteTablesRequest ask{.route_table_ids = {table}};
    ask.filters = {{.name = "tag:Project", .values = {"fleet"}}};
    ASSERT_EQ(this->done(ask).route_tables.size(), 1U);
    EXPECT_EQ(this->done(ask).route_tables[0].tags.size(), 2U);
    EXPECT_EQ(this->done(ec2::DescribeAddressesRequest{.allocation_ids = {address}}).addresses[0].tags.size(),
              2U);
    tag.tags = {{.key = "aws:mine", .value = "n"}};
    EXPECT_EQ(this->code(tag), this->unless_moto("InvalidParameterValue", ""));
}

REGISTER_TYPED_TEST_SUITE_P(NetworkApi, VpcsComeWithATableAndAGroup, AttributesAreKept,
                            ThingsAreHeldByWhatUsesThem, RoutesLeadThroughGateways, SubnetsHaveOneTable,
                            AddressesAreAssociated, RulesAreThingsOfTheirOwn, RulesAreRewritten,
                            GroupsThatNameEachOtherHoldEachOther, EndpointsAreRoutes, FlowLogsAreKept,
                            InterfacesHaveAttributes, TagsAreAddedToAnything);

}  // namespace k3fleet::contract
