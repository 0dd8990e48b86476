// AWS::EC2::SecurityGroupIngress and AWS::EC2::SecurityGroupEgress, and the rules that a group lists itself.
#include "adapters/aws/resources/security_rules.h"

#include <algorithm>
#include <array>

#include "adapters/aws/resources/kinds_known.h"
#include "aws/gen/ec2.h"

namespace k3fleet::resources {

namespace ec2 = aws::ec2;

namespace {

// How a peer is written: in CloudFormation's rule, in EC2's, in a request to authorize (a list's only item)
// and in one to modify.
struct Peer {
    std::string_view in;
    std::string_view out;
    std::string_view read;
    std::string_view list;
    std::string_view item;
    std::string_view modify;
    std::string_view property(Direction direction) const { return direction == Direction::In ? in : out; }
};
constexpr std::array<Peer, 3> kPeers = {
    {{"CidrIp", "CidrIp", "CidrIpv4", "IpRanges", "CidrIp", "CidrIpv4"},
     {"SourceSecurityGroupId", "DestinationSecurityGroupId", "ReferencedGroupInfo.GroupId",
      "UserIdGroupPairs", "GroupId", "ReferencedGroupId"},
     {"SourcePrefixListId", "DestinationPrefixListId", "PrefixListId", "PrefixListIds", "PrefixListId",
      "PrefixListId"}}};
constexpr auto kIdentity = std::to_array<std::string_view>(
    {"IpProtocol", "FromPort", "ToPort", "CidrIp", "SourceSecurityGroupId", "DestinationSecurityGroupId",
     "SourcePrefixListId", "DestinationPrefixListId"});

bool has_ports(const Value& rule) { return rule.string_at("IpProtocol") != "-1"; }

Value identity(const Value& rule) {
    Value same = take(rule, kIdentity);
    if (has_ports(same)) return same;
    same.set("FromPort", Value());  // All protocols have all ports.
    return same.set("ToPort", Value());
}

// Null where EC2 shows none: tagged rules without ports have -1.
Rule rule_from(const Value& item, Direction direction) {
    Rule rule{.id = item.string_at("SecurityGroupRuleId"),
              .properties = take(item, {"IpProtocol"}),
              .tags = tags_of(at(item, "Tags"))};
    if (has_ports(rule.properties)) take(rule.properties, item, {"FromPort", "ToPort"});
    for (const Peer& peer : kPeers)
        if (const Value& value = at(item, peer.read); !value.is_null())
            rule.properties.set(peer.property(direction), value);
    rule.properties.set("Description", at(item, "Description"));
    return rule;
}

Value permission_of(const Value& rule, Direction direction) {
    Value permission = take(rule, {"IpProtocol", "FromPort", "ToPort"});
    for (const Peer& peer : kPeers) {
        const Value& value = at(rule, peer.property(direction));
        if (value.is_null()) continue;
        Value item = Value::object({{peer.item, value}});
        take(item, rule, {"Description"});
        permission.set(peer.list, Value::array({item}));
    }
    return permission;
}

// The whole rule: what a request to modify leaves out is taken away.
Value modified(const Value& rule, Direction direction) {
    Value whole = take(rule, {"IpProtocol", "FromPort", "ToPort", "Description"});
    if (!has_ports(rule)) whole.set("FromPort", -1).set("ToPort", -1);
    for (const Peer& peer : kPeers)
        if (const Value& value = at(rule, peer.property(direction)); !value.is_null())
            whole.set(peer.modify, value);
    return whole;
}

Result<std::optional<Observed>> find(Context& context, const Resource& resource, Direction direction) {
    const std::string group = text(resource, "GroupId");
    if (group.empty()) return std::optional<Observed>();
    for (Rule& rule : K3F_TRY(rules_in(context, group, direction))) {
        if (!same_rule(rule.properties, resource.properties)) continue;
        Observed observed;
        observed.physical_id = std::move(rule.id);
        observed.properties = std::move(rule.properties).set("GroupId", group);
        return std::optional(std::move(observed));
    }
    return std::optional<Observed>();
}

Result<std::string> create(Context& context, const Resource& resource, Direction direction) {
    K3F_TRY(authorize(context, text(resource, "GroupId"), resource.properties, direction, resource.id));
    const auto made = K3F_TRY(find(context, resource, direction));
    return made ? made->physical_id : "";
}

Status update(Context& context, const Observed& observed, const Resource& resource, Direction direction) {
    if (!differs(observed, resource, "Description")) return {};
    return rewrite(context, text(resource, "GroupId"), observed.physical_id, resource.properties, direction);
}

Result<Removal> remove(Context& context, const Observed& observed, Direction direction) {
    return removed(
        revoke(context, observed.properties.string_at("GroupId"), {observed.physical_id}, direction));
}

}  // namespace

Result<std::vector<Rule>> rules_in(Context& context, const std::string& group, Direction direction) {
    const auto items = ask_all<ec2::DescribeSecurityGroupRulesRequest>(
        context, Value::object({{"Filters", Value::array({filter("group-id", group)})}}),
        "SecurityGroupRules");
    std::vector<Rule> rules;
    if (!items && items.error().code == ErrorCode::NotFound) return rules;
    for (const Value& item : K3F_TRY(items))
        if (at(item, "IsEgress") == Value(direction == Direction::Out))
            rules.push_back(rule_from(item, direction));
    return rules;
}

bool same_rule(const Value& a, const Value& b) { return identity(a) == identity(b); }

Status authorize(Context& context, const std::string& group, const Value& rule, Direction direction,
                 const LogicalId& owner) {
    const Tags tags = {{std::string(model::names::kProjectTag), context.scope.project.str()},
                       {std::string(model::names::kLogicalTag), owner.str()}};
    const Value request = Value::object(
        {{"GroupId", group},
         {"IpPermissions", Value::array({permission_of(rule, direction)})},
         {"TagSpecifications", Value::array({Value::object(
                                   {{"ResourceType", "security-group-rule"}, {"Tags", tag_list(tags)}})})}});
    Status done = direction == Direction::In
                      ? tell<ec2::AuthorizeSecurityGroupIngressRequest>(context, request)
                      : tell<ec2::AuthorizeSecurityGroupEgressRequest>(context, request);
    if (!done && is(done.error(), "InvalidPermission.Duplicate")) return {};
    return done;
}

Status rewrite(Context& context, const std::string& group, const std::string& id, const Value& wanted,
               Direction direction) {
    const Value rule =
        Value::object({{"SecurityGroupRuleId", id}, {"SecurityGroupRule", modified(wanted, direction)}});
    return tell<ec2::ModifySecurityGroupRulesRequest>(
        context, Value::object({{"GroupId", group}, {"SecurityGroupRules", Value::array({rule})}}));
}

Status revoke(Context& context, const std::string& group, const std::vector<std::string>& rules,
              Direction direction) {
    if (rules.empty()) return {};
    Value ids = Value::array();
    for (const std::string& rule : rules) ids.push(rule);
    const Value request = Value::object({{"GroupId", group}, {"SecurityGroupRuleIds", ids}});
    Status done = direction == Direction::In ? tell<ec2::RevokeSecurityGroupIngressRequest>(context, request)
                                             : tell<ec2::RevokeSecurityGroupEgressRequest>(context, request);
    if (!done && done.error().code == ErrorCode::NotFound) return {};
    return done;
}

constinit const Implementation kSecurityGroupIngress = {
    .type = "AWS::EC2::SecurityGroupIngress",
    .find = [](Context& c, const Resource& r) { return find(c, r, Direction::In); },
    .create = [](Context& c, const Resource& r, const std::string&) { return create(c, r, Direction::In); },
    .update = [](Context& c, const Observed& o, const Resource& r) { return update(c, o, r, Direction::In); },
    .remove = [](Context& c, const Observed& o) { return remove(c, o, Direction::In); },
};

constinit const Implementation kSecurityGroupEgress = {
    .type = "AWS::EC2::SecurityGroupEgress",
    .find = [](Context& c, const Resource& r) { return find(c, r, Direction::Out); },
    .create = [](Context& c, const Resource& r, const std::string&) { return create(c, r, Direction::Out); },
    .update = [](Context& c, const Observed& o,
                 const Resource& r) { return update(c, o, r, Direction::Out); },
    .remove = [](Context& c, const Observed& o) { return remove(c, o, Direction::Out); },
};

}  // namespace k3fleet::resources
