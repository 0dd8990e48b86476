// A cluster's network: VPC, subnets, ways out, endpoints, the masters' fixed addresses (N-6, N-7,
// N-11, N-22).
#include <algorithm>

#include "base/text.h"
#include "core/intent/cidr.h"
#include "core/resources/builder.h"

namespace k3fleet::resources {

namespace names = model::names;

namespace {

// Addresses that AWS keeps for itself begin each subnet (four) and end it (one).
constexpr std::uint32_t kNatHost = 6;
constexpr std::uint32_t kFirstMasterHost = 10;

// N-6: zone i (from 1) has public block 2i-1 and private block 2i, each a /24 of a /16; of a smaller range
// sixteenths, of which six zones need twelve.
intent::Cidr block(const intent::Cidr& whole, int index) {
    const int prefix = whole.prefix <= 16 ? 24 : whole.prefix + 4;
    const auto offset = static_cast<std::uint32_t>(index) << (32 - prefix);
    return {.address = whole.base() + offset, .prefix = prefix};
}

std::string address(std::uint32_t a) {
    return format("{}.{}.{}.{}", a >> 24, a >> 16 & 255, a >> 8 & 255, a & 255);
}

struct Plan {
    intent::Cidr whole;
    std::vector<std::string> zones;
    bool public_masters = false;
};

Result<Plan> plan_of(const ClusterInput& input) {
    const auto whole = intent::parse_cidr(input.intent.network.cidr);
    if (!whole || whole->prefix > 24)
        return fail(ErrorCode::InvalidArgument,
                    format("{} is no range for a VPC", input.intent.network.cidr));
    const auto& zones = input.intent.zones.empty() ? input.zones : input.intent.zones;
    if (zones.empty()) return fail(ErrorCode::InvalidArgument, "no availability zone is known");
    Plan plan{.whole = *whole, .zones = zones, .public_masters = input.intent.access.ssh_cidr.has_value()};
    // Always two zones at least, where the region has them: a pool's second chance on a shortage.
    for (const std::string& zone : input.zones)
        if (plan.zones.size() < 2 && std::ranges::find(plan.zones, zone) == plan.zones.end())
            plan.zones.push_back(zone);
    if (plan.zones.size() > 6) plan.zones.resize(6);
    return plan;
}

std::string nth(std::string_view id, std::size_t n) { return format("{}{}", id, n); }

void add_vpc(Builder& b, const ClusterInput& input) {
    const model::Scope& s = b.scope();
    b.add("Vpc", "AWS::EC2::VPC", names::tagged(s, "vpc"),
          object({{"CidrBlock", input.intent.network.cidr},
                  {"EnableDnsSupport", true},
                  {"EnableDnsHostnames", true}}));
    b.add("InternetGateway", "AWS::EC2::InternetGateway", names::tagged(s, "igw"), object({}));
    b.add("GatewayAttachment", "AWS::EC2::VPCGatewayAttachment",
          object({{"VpcId", ref_to("Vpc")}, {"InternetGatewayId", ref_to("InternetGateway")}}));
    b.add("PublicRoutes", "AWS::EC2::RouteTable", names::tagged(s, "public"),
          object({{"VpcId", ref_to("Vpc")}}));
    b.add("PrivateRoutes", "AWS::EC2::RouteTable", names::tagged(s, "private"),
          object({{"VpcId", ref_to("Vpc")}}));
    b.add("PublicRoute", "AWS::EC2::Route",
          object({{"RouteTableId", ref_to("PublicRoutes")},
                  {"DestinationCidrBlock", "0.0.0.0/0"},
                  {"GatewayId", ref_to("InternetGateway")}}))
        .after = {LogicalId("GatewayAttachment")};
}

void add_subnets(Builder& b, const Plan& plan) {
    const model::Scope& s = b.scope();
    for (std::size_t i = 1; i <= plan.zones.size(); ++i) {
        for (const bool open : {true, false}) {
            const std::string id = nth(open ? "PublicSubnet" : "PrivateSubnet", i);
            b.add(id, "AWS::EC2::Subnet", names::tagged(s, nth(open ? "public-" : "private-", i)),
                  object({{"VpcId", ref_to("Vpc")},
                          {"AvailabilityZone", plan.zones[i - 1]},
                          {"CidrBlock",
                           intent::to_string(block(plan.whole, static_cast<int>(2 * i) - (open ? 1 : 0)))},
                          {"MapPublicIpOnLaunch", false}}));  // N-7, in the public ones too.
            b.add(id + "Routes", "AWS::EC2::SubnetRouteTableAssociation",
                  object({{"SubnetId", ref_to(id)},
                          {"RouteTableId", ref_to(open ? "PublicRoutes" : "PrivateRoutes")}}));
        }
    }
}

// The way out stands in the first zone: one for all costs a third of one a zone.
void add_nat_instance(Builder& b, const Plan& plan) {
    const model::Scope& s = b.scope();
    // The instance is #infra's to start and to heal; its interface and address stay, and so does the route.
    b.add("NatInterface", "AWS::EC2::NetworkInterface", names::tagged(s, "nat"),
          object({{"SubnetId", ref_to("PublicSubnet1")},
                  {"PrivateIpAddress", address(block(plan.whole, 1).base() + kNatHost)},
                  {"GroupSet", list({att_of("NatGroup", "GroupId")})},
                  {"SourceDestCheck", false},
                  {"Description", "Way out of the private subnets"}}));
    b.add("NatAddress", "AWS::EC2::EIP", names::tagged(s, "nat"), object({{"Domain", "vpc"}})).after = {
        LogicalId("GatewayAttachment")};
    b.add("NatAddressOnInterface", "AWS::EC2::EIPAssociation",
          object({{"AllocationId", att_of("NatAddress", "AllocationId")},
                  {"NetworkInterfaceId", ref_to("NatInterface")}}));
    b.add("PrivateRoute", "AWS::EC2::Route",
          object({{"RouteTableId", ref_to("PrivateRoutes")},
                  {"DestinationCidrBlock", "0.0.0.0/0"},
                  {"NetworkInterfaceId", ref_to("NatInterface")}}));
}

void add_nat_gateway(Builder& b) {
    const model::Scope& s = b.scope();
    b.add("NatAddress", "AWS::EC2::EIP", names::tagged(s, "nat"), object({{"Domain", "vpc"}})).after = {
        LogicalId("GatewayAttachment")};
    b.add("NatGateway", "AWS::EC2::NatGateway", names::tagged(s, "nat"),
          object({{"SubnetId", ref_to("PublicSubnet1")},
                  {"AllocationId", att_of("NatAddress", "AllocationId")}}))
        .after = {LogicalId("PublicRoute")};
    b.add("PrivateRoute", "AWS::EC2::Route",
          object({{"RouteTableId", ref_to("PrivateRoutes")},
                  {"DestinationCidrBlock", "0.0.0.0/0"},
                  {"NatGatewayId", ref_to("NatGateway")}}));
}

// G-17: gateway endpoints cost nothing and are always there; interfaces cost by the hour and zone, and stand
// in the first two.
void add_endpoints(Builder& b, const ClusterInput& input, const Plan& plan) {
    const model::Scope& s = b.scope();
    for (const auto& [id, service] : {std::pair("S3Endpoint", "s3"), std::pair("TableEndpoint", "dynamodb")})
        b.add(id, "AWS::EC2::VPCEndpoint", names::tagged(s, service),
              object({{"VpcId", ref_to("Vpc")},
                      {"ServiceName", format("com.amazonaws.{}.{}", s.region, service)},
                      {"VpcEndpointType", "Gateway"},
                      {"RouteTableIds", list({ref_to("PublicRoutes"), ref_to("PrivateRoutes")})}}));
    if (input.intent.network.egress != model::Egress::Endpoints) return;
    Value subnets = Value::array();
    for (std::size_t i = 1; i <= std::min<std::size_t>(plan.zones.size(), 2); ++i)
        subnets.push(ref_to(nth("PrivateSubnet", i)));
    for (const auto& [id, service] :
         {std::pair("SsmEndpoint", "ssm"), std::pair("SsmMessagesEndpoint", "ssmmessages"),
          std::pair("Ec2Endpoint", "ec2"), std::pair("SecretsEndpoint", "secretsmanager"),
          std::pair("LogsEndpoint", "logs"), std::pair("MonitoringEndpoint", "monitoring"),
          std::pair("QueueEndpoint", "sqs"), std::pair("TopicEndpoint", "sns"),
          std::pair("RegistryApiEndpoint", "ecr.api"), std::pair("RegistryEndpoint", "ecr.dkr")})
        b.add(id, "AWS::EC2::VPCEndpoint", names::tagged(s, service),
              object({{"VpcId", ref_to("Vpc")},
                      {"ServiceName", format("com.amazonaws.{}.{}", s.region, service)},
                      {"VpcEndpointType", "Interface"},
                      {"PrivateDnsEnabled", true},
                      {"SubnetIds", subnets},
                      {"SecurityGroupIds", list({att_of("EndpointGroup", "GroupId")})}}));
}

std::vector<MasterSlot> slots_of(const Plan& plan, int masters) {
    std::vector<MasterSlot> slots;
    for (std::size_t i = 0; i < static_cast<std::size_t>(masters); ++i) {
        const std::size_t zone = i % plan.zones.size();
        const int index = static_cast<int>(2 * (zone + 1)) - (plan.public_masters ? 1 : 0);
        const auto host = kFirstMasterHost + static_cast<std::uint32_t>(i / plan.zones.size());
        slots.push_back({.interface = LogicalId(nth("MasterInterface", i + 1)),
                         .zone = plan.zones[zone],
                         .address = address(block(plan.whole, index).base() + host)});
    }
    return slots;
}

// No load balancer: a master that is replaced takes its slot's interface, and with it the address that all
// joined nodes know.
void add_master_slots(Builder& b, const ClusterInput& input, const Plan& plan) {
    const model::Scope& s = b.scope();
    const auto slots = slots_of(plan, input.intent.masters());
    for (std::size_t i = 0; i < slots.size(); ++i) {
        const std::string& id = slots[i].interface.str();
        const std::string name = names::tagged(s, nth("master-", i + 1));
        b.add(id, "AWS::EC2::NetworkInterface", name,
              object({{"SubnetId", ref_to(nth(plan.public_masters ? "PublicSubnet" : "PrivateSubnet",
                                              i % plan.zones.size() + 1))},
                      {"PrivateIpAddress", slots[i].address},
                      {"GroupSet", list({att_of("MasterGroup", "GroupId")})},
                      {"SourceDestCheck", true},
                      {"Description", format("Master slot {}", i + 1)}}));
        if (!plan.public_masters) continue;
        b.add(nth("MasterAddress", i + 1), "AWS::EC2::EIP", name, object({{"Domain", "vpc"}})).after = {
            LogicalId("GatewayAttachment")};
        b.add(id + "Address", "AWS::EC2::EIPAssociation",
              object({{"AllocationId", att_of(nth("MasterAddress", i + 1), "AllocationId")},
                      {"NetworkInterfaceId", ref_to(id)}}));
    }
}

// N-22
void add_flow_logs(Builder& b, const ClusterInput& input) {
    const model::Scope& s = b.scope();
    Value log = object({{"LogGroupName", names::flow_log(s)}, {"RetentionInDays", 14}});
    if (!input.key_arn.empty()) log.set("KmsKeyId", input.key_arn);
    b.add("FlowLogGroup", "AWS::Logs::LogGroup", names::flow_log(s), std::move(log));
    b.add("FlowLog", "AWS::EC2::FlowLog", names::flow_log(s),
          object({{"ResourceId", ref_to("Vpc")},
                  {"ResourceType", "VPC"},
                  {"TrafficType", "ALL"},
                  {"LogDestinationType", "cloud-watch-logs"},
                  {"LogGroupName", ref_to("FlowLogGroup")},
                  {"DeliverLogsPermissionArn", model::role_arn(s, names::flow_logs_role(s))},
                  {"MaxAggregationInterval", 600}}));
}

}  // namespace

Status add_network(Builder& b, const ClusterInput& input) {
    const Plan plan = K3F_TRY(plan_of(input));
    add_vpc(b, input);
    add_subnets(b, plan);
    add_security_groups(b, input);
    if (input.intent.network.egress == model::Egress::NatInstance) add_nat_instance(b, plan);
    if (input.intent.network.egress == model::Egress::NatGateway) add_nat_gateway(b);
    add_endpoints(b, input, plan);
    add_master_slots(b, input, plan);
    add_flow_logs(b, input);
    return {};
}

Result<std::vector<MasterSlot>> master_slots(const ClusterInput& input) {
    return slots_of(K3F_TRY(plan_of(input)), input.intent.masters());
}

}  // namespace k3fleet::resources
