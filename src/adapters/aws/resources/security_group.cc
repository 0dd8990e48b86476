// AWS::EC2::SecurityGroup. Its name is unique in its VPC only. Rules that its properties list are its own:
// tag k3fleet:id tells them from rules that are resources of their own and from what others have added. The
// one that AWS puts into every new group, all out, counts as its own.
#include <algorithm>

#include "adapters/aws/resources/kinds_known.h"
#include "adapters/aws/resources/security_rules.h"
#include "aws/gen/ec2.h"

namespace k3fleet::resources {

namespace ec2 = aws::ec2;

namespace {

Result<Observed> read(Context& context, const Value& item);

constexpr Ec2Kind kEc2 = {.describe = &ec2::DescribeSecurityGroupsRequest::operation,
                          .list = "SecurityGroups",
                          .ids = "GroupIds",
                          .id = "GroupId",
                          .tag_type = "security-group",
                          .read = read};

struct Side {
    Direction direction;
    std::string_view property;
};
constexpr std::array<Side, 2> kSides = {
    {{Direction::In, "SecurityGroupIngress"}, {Direction::Out, "SecurityGroupEgress"}}};

Value all_out() { return Value::object({{"IpProtocol", "-1"}, {"CidrIp", "0.0.0.0/0"}}); }

Result<Observed> read(Context& /*context*/, const Value& item) {
    Observed observed = seen(kEc2, item);
    observed.properties = take(item, {"GroupName", "VpcId"});
    observed.properties.set("GroupDescription", at(item, "Description"));
    observed.attributes = take(item, {"GroupId", "VpcId"});
    return observed;
}

bool lists(const Value& rules, const Value& rule) {
    return std::ranges::any_of(rules.items(), [&](const Value& one) { return same_rule(one, rule); });
}

// Is it one that the group lists itself, or did? Not those that are resources of their own, nor what others
// have added; but AWS's own, which has no tags.
bool is_own(const Rule& rule, const Resource& group) {
    const auto owner = rule.tags.find(std::string(model::names::kLogicalTag));
    if (owner != rule.tags.end()) return owner->second == group.id.str();
    return same_rule(rule.properties, all_out());
}

Result<std::vector<Rule>> own_rules(Context& context, const std::string& id, const Side& side,
                                    const Resource& group) {
    const Value& wanted = at(group.properties, side.property);
    std::vector<Rule> rules = K3F_TRY(rules_in(context, id, side.direction));
    std::erase_if(rules,
                  [&](const Rule& rule) { return !lists(wanted, rule.properties) && !is_own(rule, group); });
    return rules;
}

Result<std::optional<Observed>> find(Context& context, const Resource& resource) {
    const std::string vpc = text(resource, "VpcId");
    if (vpc.empty()) return std::optional<Observed>();
    const std::string name = text(resource, "GroupName");
    const auto item = K3F_TRY(
        find_filtered(context, kEc2, Value::array({filter("group-name", name), filter("vpc-id", vpc)}),
                      [&](const Value& group) {
                          return group.string_at("GroupName") == name && group.string_at("VpcId") == vpc;
                      }));
    if (!item) return std::optional<Observed>();
    Observed observed = K3F_TRY(read(context, *item));
    for (const Side& side : kSides) {
        if (at(resource.properties, side.property).is_null()) continue;
        Value rules = Value::array();
        for (Rule& rule : K3F_TRY(own_rules(context, observed.physical_id, side, resource)))
            rules.push(std::move(rule.properties));
        observed.properties.set(side.property, std::move(rules));
    }
    return std::optional(std::move(observed));
}

Status set_rules(Context& context, const std::string& id, const Side& side, const Resource& resource) {
    const Value& wanted = at(resource.properties, side.property);
    if (wanted.is_null()) return {};
    Value there = Value::array();
    std::vector<std::string> surplus;
    for (const Rule& rule : K3F_TRY(own_rules(context, id, side, resource))) {
        there.push(rule.properties);
        if (!lists(wanted, rule.properties)) surplus.push_back(rule.id);
        // AWS's own says nothing of what it is for.
        for (const Value& one : wanted.items())
            if (same_rule(one, rule.properties) &&
                at(one, "Description") != at(rule.properties, "Description"))
                K3F_TRY(rewrite(context, id, rule.id, one, side.direction));
    }
    for (const Value& rule : wanted.items())
        if (!lists(there, rule)) K3F_TRY(authorize(context, id, rule, side.direction, resource.id));
    return revoke(context, id, surplus, side.direction);
}

Result<std::string> create(Context& context, const Resource& resource, const std::string& token) {
    static_cast<void>(token);  // A second group of that name is refused.
    Value request = take(resource.properties, {"GroupName", "VpcId"});
    request.set("Description", at(resource.properties, "GroupDescription"));
    request.set("TagSpecifications", tag_specifications(kEc2, resource.tags));
    const Value made = K3F_TRY(ask<ec2::CreateSecurityGroupRequest>(context, request));
    const std::string id = made.string_at("GroupId");
    for (const Side& side : kSides) K3F_TRY(set_rules(context, id, side, resource));
    return id;
}

Status update(Context& context, const Observed& observed, const Resource& resource) {
    K3F_TRY(set_tags(context, observed, resource));
    for (const Side& side : kSides) K3F_TRY(set_rules(context, observed.physical_id, side, resource));
    return {};
}

// Groups whose rules name each other hold each other: the rules go first, whoever made them.
Status drop_rules(Context& context, const std::string& id) {
    for (const Side& side : kSides) {
        std::vector<std::string> ids;
        for (const Rule& rule : K3F_TRY(rules_in(context, id, side.direction))) ids.push_back(rule.id);
        K3F_TRY(revoke(context, id, ids, side.direction));
    }
    return {};
}

Result<Removal> remove(Context& context, const Observed& observed) {
    K3F_TRY(drop_rules(context, observed.physical_id));
    const Status done =
        tell<ec2::DeleteSecurityGroupRequest>(context, Value::object({{"GroupId", observed.physical_id}}));
    return removed(done, done ? "" : interfaces_holding(context, "group-id", observed.physical_id));
}

}  // namespace

constinit const Implementation kSecurityGroup = {
    .type = "AWS::EC2::SecurityGroup",
    .observe = [](Context& c, const std::string& id) { return observe(c, kEc2, id); },
    .find = find,
    .create = create,
    .update = update,
    .remove = remove,
};

}  // namespace k3fleet::resources
