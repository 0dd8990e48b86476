#include "adapters/simcloud/aws/ec2_things.h"

#include <array>

#include "adapters/simcloud/aws/ec2_run.h"
#include "adapters/simcloud/engine.h"
#include "aws/value.h"
#include "base/crypto.h"
#include "base/json.h"

namespace k3fleet::simcloud {
namespace {

constexpr Duration kTokensKnown = std::chrono::hours{24};
constexpr Duration kGoneShown = std::chrono::hours{1};  // Of NAT gateways that were deleted or failed.
constexpr std::size_t kMostGroups = 5;                  // Of an interface.

template <typename Things>
Tagged tagged_in(Things& things, std::string_view type, const std::string& id) {
    const auto found = things.find(id);
    if (found == things.end()) return {};
    return {.type = type, .tags = &found->second.tags};
}

std::string token_key(const Call& call, const std::string& token) {
    return format("{}/{}", call.operation.name, token);
}

std::string fingerprint(const Call& call, const void* request) {
    return crypto::sha256_hex(json::write(aws::to_value(*call.operation.input, request)));
}

}  // namespace

Result<Vpc*> find_vpc(const Call& call, const std::string& id) {
    return find_thing(call.account.ec2.vpcs, id, "InvalidVpcID.NotFound", "vpc ID");
}
Result<Subnet*> find_subnet(const Call& call, const std::string& id) {
    return find_thing(call.account.ec2.subnets, id, "InvalidSubnetID.NotFound", "subnet ID");
}
Result<SecurityGroup*> find_group(const Call& call, const std::string& id) {
    return find_thing(call.account.ec2.groups, id, "InvalidGroup.NotFound", "security group");
}
Result<Interface*> find_interface(const Call& call, const std::string& id) {
    return find_thing(call.account.ec2.interfaces, id, "InvalidNetworkInterfaceID.NotFound",
                      "networkInterface ID");
}
Result<RouteTable*> find_table(const Call& call, const std::string& id) {
    return find_thing(call.account.ec2.tables, id, "InvalidRouteTableID.NotFound", "routeTable ID");
}
Result<InternetGateway*> find_gateway(const Call& call, const std::string& id) {
    return find_thing(call.account.ec2.gateways, id, "InvalidInternetGatewayID.NotFound",
                      "internetGateway ID");
}
Result<PublicAddress*> find_address(const Call& call, const std::string& allocation) {
    return find_thing(call.account.ec2.addresses, allocation, "InvalidAllocationID.NotFound",
                      "allocation ID");
}

bool is_there(const Call& call, const Interface& interface) {
    if (interface.ends_at && call.now >= *interface.ends_at) return false;
    return !interface.of_launch || interface_user(call, interface) != nullptr;
}
bool is_there(const Call& call, const NatGateway& gateway) {
    if (gateway.deleted_at) return call.now < *gateway.gone_at + kGoneShown;
    return gateway.failure.empty() || call.now < gateway.ready_at + kGoneShown;
}
bool is_there(const Call& call, const Endpoint& endpoint) {
    return !endpoint.gone_at || call.now < *endpoint.gone_at;
}
const Interface* interface_there(const Call& call, const std::string& id) {
    const auto found = call.account.ec2.interfaces.find(id);
    if (found == call.account.ec2.interfaces.end() || !is_there(call, found->second)) return nullptr;
    return &found->second;
}

RouteTable* main_table(const Call& call, const std::string& vpc) {
    for (auto& [id, table] : call.account.ec2.tables)
        for (const auto& [association, subnet] : table.associations)
            if (table.vpc == vpc && subnet.empty()) return &table;
    return nullptr;
}

SecurityGroup* default_group(const Call& call, const std::string& vpc) {
    for (auto& [id, group] : call.account.ec2.groups)
        if (group.vpc == vpc && group.name == "default") return &group;
    return nullptr;
}

void needs_thing(const Call& call, Needs& needs, std::string_view type, const std::string& id,
                 const Tags& tags) {
    needs.add(format("ec2:{}", call.operation.name), call.arn("ec2", format("{}/{}", type, id)),
              tagged_resource(tags));
}

Status stop_if_dry(const std::optional<bool>& dry_run) {
    if (!dry_run.value_or(false)) return {};
    return refuse("DryRunOperation", "Request would have succeeded, but DryRun flag is set", 412);
}

std::string derived_id(const Call& call, std::string_view kind, const std::string& of) {
    return format("{}-0{:016x}", kind, call.dice("id", format("{}:{}", of, kind)).next());
}

Result<std::string> id_made_before(const Call& call, const std::optional<std::string>& token,
                                   const void* request) {
    const auto& made = call.account.ec2.made;
    const auto found = token ? made.find(token_key(call, *token)) : made.end();
    if (found == made.end() || call.now >= found->second.at + kTokensKnown) return std::string();
    if (find_tagged_thing(call.account, found->second.id).tags == nullptr) return std::string();
    if (found->second.fingerprint != fingerprint(call, request))
        return refuse("IdempotentParameterMismatch",
                      "Arguments on this idempotent request are inconsistent with arguments used in previous "
                      "request(s)");
    return found->second.id;
}

void remember_made(Call& call, const std::optional<std::string>& token, const void* request,
                   const std::string& id) {
    if (!token) return;
    auto& made = call.account.ec2.made;
    std::erase_if(made, [&](const auto& entry) { return call.now >= entry.second.at + kTokensKnown; });
    made[token_key(call, *token)] = {.id = id, .fingerprint = fingerprint(call, request), .at = call.now};
}

bool is_used(const Call& call, const Interface& interface) {
    return !interface.service.empty() || interface_user(call, interface) != nullptr;
}

Status check_groups(const Call& call, const aws::List<std::string>& groups, const std::string& vpc) {
    if (groups.size() > kMostGroups)
        return refuse("SecurityGroupsPerInterfaceLimitExceeded",
                      "The maximum number of security groups per interface has been reached");
    for (const std::string& group : groups)
        if (K3F_TRY(find_group(call, group))->vpc != vpc)
            return refuse("InvalidParameterValue", format("group {} is in another network", group));
    return {};
}

Result<std::string> add_service_interface(Call& call, const ServiceInterface& what) {
    const Subnet& subnet = *K3F_TRY(find_subnet(call, what.subnet));
    K3F_TRY(check_groups(call, {what.groups.begin(), what.groups.end()}, subnet.vpc));
    auto address = free_address(call.account.ec2, subnet);
    if (!address) return refuse("InsufficientFreeAddressesInSubnet", "The subnet has no free address");
    Interface made{.id = make_id(call, "eni"),
                   .subnet = subnet.id,
                   .address = *std::move(address),
                   .groups = what.groups,
                   .description = what.description,
                   .service = what.service};
    std::string id = made.id;
    call.account.ec2.interfaces.emplace(id, std::move(made));
    return id;
}

void remove_service_interface(Call& call, const std::string& id, Timestamp until) {
    const auto found = call.account.ec2.interfaces.find(id);
    if (found != call.account.ec2.interfaces.end()) found->second.ends_at = until;
}

void settle_network(Call& call) {
    Ec2State& ec2 = call.account.ec2;
    const auto over = [&](const auto& entry) { return !is_there(call, entry.second); };
    std::erase_if(ec2.nat_gateways, over);
    std::erase_if(ec2.endpoints, over);
    std::erase_if(ec2.interfaces, over);
    for (auto& [id, address] : ec2.addresses)
        if (!ec2.interfaces.contains(address.interface)) address.interface = address.association = "";
}

Tagged find_tagged_thing(Account& account, const std::string& id) {
    Ec2State& ec2 = account.ec2;
    const std::string kind = id.substr(0, id.find('-'));
    if (kind == "vpc") return tagged_in(ec2.vpcs, "vpc", id);
    if (kind == "subnet") return tagged_in(ec2.subnets, "subnet", id);
    if (kind == "sg") return tagged_in(ec2.groups, "security-group", id);
    if (kind == "eni") return tagged_in(ec2.interfaces, "network-interface", id);
    if (kind == "i") return tagged_in(ec2.machines, "instance", id);
    if (kind == "eipalloc") return tagged_in(ec2.addresses, "elastic-ip", id);
    if (kind == "rtb") return tagged_in(ec2.tables, "route-table", id);
    if (kind == "igw") return tagged_in(ec2.gateways, "internet-gateway", id);
    if (kind == "nat") return tagged_in(ec2.nat_gateways, "natgateway", id);
    if (kind == "vpce") return tagged_in(ec2.endpoints, "vpc-endpoint", id);
    if (kind == "fl") return tagged_in(ec2.flow_logs, "vpc-flow-log", id);
    if (kind != "sgr") return {};
    for (auto& [group, all] : ec2.groups)
        if (const auto rule = all.rules.find(id); rule != all.rules.end())
            return {.type = "security-group-rule", .tags = &rule->second.tags};
    return {};
}

}  // namespace k3fleet::simcloud
