// EC2's security groups: what their rules allow.
//
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AuthorizeSecurityGroupIngress.html
#include "adapters/simcloud/aws/ec2_rules.h"

#include <algorithm>
#include <charconv>

#include "adapters/simcloud/aws/ec2_things.h"
#include "core/intent/cidr.h"

namespace k3fleet::simcloud {
namespace {

constexpr std::ptrdiff_t kMostRules = 60;  // Of a group, each way.
constexpr std::size_t kMostLetters = 255;  // Of a description.
constexpr std::int32_t kLastPort = 65'535;

std::unexpected<Error> invalid(std::string message) {
    return refuse("InvalidParameterValue", std::move(message));
}
std::unexpected<Error> not_simulated(std::string_view what) {
    return refuse("InvalidParameterCombination", format("{} of rules are not simulated", what));
}
std::unexpected<Error> no_rule(const std::string& id) {
    return refuse("InvalidSecurityGroupRuleId.NotFound",
                  format("The security group rule ID '{}' does not exist", id));
}

bool same_rule(const GroupRule& a, const GroupRule& b) {
    return a.out == b.out && a.protocol == b.protocol && a.from == b.from && a.to == b.to &&
           a.cidr == b.cidr && a.group == b.group;
}

std::string describe(const GroupRule& rule) {
    return format("peer: {}, {}, from port: {}, to port: {}, ALLOW",
                  rule.cidr.empty() ? rule.group : rule.cidr, rule.protocol, rule.from, rule.to);
}

// As EC2 keeps it: numbers that have names have them.
Result<std::string> read_protocol(const std::optional<std::string>& text) {
    std::string protocol = text.value_or("");
    std::ranges::transform(protocol, protocol.begin(), [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    for (const auto& [name, number] :
         {std::pair("tcp", "6"), std::pair("udp", "17"), std::pair("icmp", "1"), std::pair("-1", "all")})
        if (protocol == name || protocol == number) return std::string(name);
    int number = -1;
    const char* end = protocol.data() + protocol.size();
    const auto [stop, error] = std::from_chars(protocol.data(), end, number);
    if (error != std::errc() || stop != end || number < 0 || number > 255)
        return invalid(format("Invalid value '{}' for IP protocol. Unknown protocol", protocol));
    return protocol;
}

Status read_ports(GroupRule& rule, std::optional<std::int32_t> from, std::optional<std::int32_t> to) {
    if (rule.protocol != "tcp" && rule.protocol != "udp") {
        const bool typed = rule.protocol == "icmp";
        rule.from = typed ? from.value_or(-1) : -1;
        rule.to = typed ? to.value_or(-1) : -1;
        return {};
    }
    if (!from || !to)
        return invalid("Invalid value 'Must specify both from and to ports with TCP/UDP.' for portRange.");
    if (*from < 0 || *to > kLastPort || *from > *to)
        return invalid(format("TCP/UDP port ({}:{}) out of range", *from, *to));
    rule.from = *from;
    rule.to = *to;
    return {};
}

Status read_description(GroupRule& rule, const std::optional<std::string>& text) {
    if (text && (text->size() > kMostLetters || !is_group_text(*text)))
        return invalid(
            "Invalid rule description. Valid descriptions are strings less than 256 characters "
            "from the following set:  a-zA-Z0-9. _-:/()#,@[]+=&;{}!$*");
    rule.description = text.value_or("");
    return {};
}

// Without host bits, as EC2 keeps it.
Status read_range(GroupRule& rule, const std::optional<std::string>& text) {
    const auto range = intent::parse_cidr(text.value_or(""));
    if (!range) return invalid(format("CIDR block {} is malformed", text.value_or("")));
    rule.cidr = intent::to_string(*range);
    return {};
}

Status read_group(const Call& call, const std::string& vpc, GroupRule& rule, const std::string& group) {
    if (K3F_TRY(find_group(call, group))->vpc != vpc)
        return refuse(
            "InvalidGroup.NotFound",
            format("You have specified two resources that belong to different networks: {}", group));
    rule.group = group;
    return {};
}

// One rule for each of the other sides that a permission names.
Status read_permission(const Call& call, const std::string& vpc, const ec2::IpPermission& permission,
                       GroupRule rule, std::vector<GroupRule>& rules) {
    rule.protocol = K3F_TRY(read_protocol(permission.ip_protocol));
    K3F_TRY(read_ports(rule, permission.from_port, permission.to_port));
    if (!permission.ipv6_ranges.empty()) return not_simulated("ranges of IPv6");
    if (!permission.prefix_list_ids.empty()) return not_simulated("prefix lists");
    if (permission.ip_ranges.empty() && permission.user_id_group_pairs.empty())
        return refuse("MissingParameter", "Source group or cidr must be specified");
    for (const auto& range : permission.ip_ranges) {
        GroupRule one = rule;
        K3F_TRY(read_range(one, range.cidr_ip));
        K3F_TRY(read_description(one, range.description));
        rules.push_back(std::move(one));
    }
    for (const auto& pair : permission.user_id_group_pairs) {
        if (!pair.group_id || pair.group_name || pair.vpc_id || pair.vpc_peering_connection_id)
            return not_simulated("groups by other than their ids");
        GroupRule one = rule;
        K3F_TRY(read_group(call, vpc, one, *pair.group_id));
        K3F_TRY(read_description(one, pair.description));
        rules.push_back(std::move(one));
    }
    return {};
}

Status check_new(const SecurityGroup& group, const std::vector<GroupRule>& rules) {
    std::vector<GroupRule> all;
    for (const auto& [id, rule] : group.rules) all.push_back(rule);
    for (const GroupRule& rule : rules) {
        if (std::ranges::any_of(all, [&](const GroupRule& other) { return same_rule(other, rule); }))
            return refuse("InvalidPermission.Duplicate",
                          format("the specified rule \"{}\" already exists", describe(rule)));
        all.push_back(rule);
        const auto same_way = [&](const GroupRule& other) { return other.out == rule.out; };
        if (std::ranges::count_if(all, same_way) > kMostRules)
            return refuse("RulesPerSecurityGroupLimitExceeded",
                          "The maximum number of rules per security group has been reached");
    }
    return {};
}

ec2::SecurityGroupRule show_rule(const Call& call, const std::string& group, const GroupRule& rule) {
    ec2::SecurityGroupRule shown{.security_group_rule_id = rule.id, .group_id = group};
    shown.group_owner_id = call.account.number;
    shown.is_egress = rule.out;
    shown.ip_protocol = rule.protocol;
    shown.from_port = rule.from;
    shown.to_port = rule.to;
    if (!rule.cidr.empty()) shown.cidr_ipv4 = rule.cidr;
    if (!rule.group.empty()) {
        auto& other = shown.referenced_group_info.emplace();
        other.group_id = rule.group;
        other.user_id = call.account.number;
    }
    if (!rule.description.empty()) shown.description = rule.description;
    shown.tags = listed(rule.tags);
    return shown;
}

// Rules are things of their own only where they get tags.
template <typename Request>
Status needs_authorize(const Call& call, const Request& request, Needs& needs) {
    const std::string id = request.group_id.value_or("");
    const Tags tags = tags_given(request.tag_specifications, "security-group-rule");
    needs_thing(call, needs, "security-group", id, K3F_TRY(find_group(call, id))->tags);
    if (!tags.empty()) needs_new(call, needs, "security-group-rule", tags);
    return {};
}

template <typename Request, bool out>
Result<typename Request::Response> authorize(Call& call, const Request& request) {
    SecurityGroup& group = *K3F_TRY(find_group(call, request.group_id.value_or("")));
    const Tags tags = tags_given(request.tag_specifications, "security-group-rule");
    K3F_TRY(check_tags(tags));
    if (request.ip_permissions.empty())
        return refuse("MissingParameter", "Either 'ipPermissions' or 'securityGroupRuleIds' should be given");
    std::vector<GroupRule> rules;
    for (const auto& permission : request.ip_permissions)
        K3F_TRY(read_permission(call, group.vpc, permission, {.out = out, .tags = tags}, rules));
    K3F_TRY(check_new(group, rules));
    typename Request::Response answer;
    answer.return_ = true;
    for (GroupRule& rule : rules) {
        rule.id = make_id(call, "sgr");
        answer.security_group_rules.push_back(show_rule(call, group.id, rule));
        group.rules[rule.id] = rule;
    }
    return answer;
}

template <typename Request>
Status needs_group(const Call& call, const Request& request, Needs& needs) {
    const std::string id = request.group_id.value_or("");
    needs_thing(call, needs, "security-group", id, K3F_TRY(find_group(call, id))->tags);
    return {};
}

template <typename Request, bool out>
Result<typename Request::Response> revoke(Call& call, const Request& request) {
    SecurityGroup& group = *K3F_TRY(find_group(call, request.group_id.value_or("")));
    if (request.security_group_rule_ids.empty())
        return refuse("MissingParameter", "Either 'ipPermissions' or 'securityGroupRuleIds' should be given");
    for (const std::string& id : request.security_group_rule_ids)
        if (const auto rule = group.rules.find(id); rule == group.rules.end() || rule->second.out != out)
            return no_rule(id);
    for (const std::string& id : request.security_group_rule_ids) group.rules.erase(id);
    typename Request::Response answer;
    answer.return_ = true;
    return answer;
}

Status needs_modify(const Call& call, const ec2::ModifySecurityGroupRulesRequest& request, Needs& needs) {
    const SecurityGroup& group = *K3F_TRY(find_group(call, *request.group_id));
    needs_thing(call, needs, "security-group", group.id, group.tags);
    for (const auto& update : request.security_group_rules) {
        const auto rule = group.rules.find(update.security_group_rule_id.value_or(""));
        if (rule == group.rules.end()) return no_rule(update.security_group_rule_id.value_or(""));
        needs_thing(call, needs, "security-group-rule", rule->first, rule->second.tags);
    }
    return {};
}

// The rule as it will be: what the request leaves out is taken away, the kind of the other side stays.
Result<GroupRule> read_update(const Call& call, const std::string& vpc, const GroupRule& old,
                              const ec2::SecurityGroupRuleRequest& wanted) {
    GroupRule rule{.id = old.id, .out = old.out, .tags = old.tags};
    rule.protocol = K3F_TRY(read_protocol(wanted.ip_protocol));
    K3F_TRY(read_ports(rule, wanted.from_port, wanted.to_port));
    K3F_TRY(read_description(rule, wanted.description));
    if (wanted.cidr_ipv6) return not_simulated("ranges of IPv6");
    if (wanted.prefix_list_id) return not_simulated("prefix lists");
    if (wanted.cidr_ipv4.has_value() == wanted.referenced_group_id.has_value())
        return invalid("Exactly one of CidrIpv4 and ReferencedGroupId is given");
    if (wanted.cidr_ipv4.has_value() != old.group.empty())
        return invalid("You can't change the type of source or destination of a security group rule");
    if (wanted.cidr_ipv4) K3F_TRY(read_range(rule, wanted.cidr_ipv4));
    if (wanted.referenced_group_id) K3F_TRY(read_group(call, vpc, rule, *wanted.referenced_group_id));
    return rule;
}

Result<ec2::ModifySecurityGroupRulesResponse> modify(Call& call,
                                                     const ec2::ModifySecurityGroupRulesRequest& request) {
    SecurityGroup& group = *K3F_TRY(find_group(call, *request.group_id));
    SecurityGroup changed = group;
    for (const auto& update : request.security_group_rules) {
        const std::string id = update.security_group_rule_id.value_or("");
        const auto old = changed.rules.find(id);
        if (old == changed.rules.end()) return no_rule(id);
        if (!update.security_group_rule)
            return refuse("MissingParameter", "The request must contain the parameter SecurityGroupRule");
        const GroupRule rule =
            K3F_TRY(read_update(call, group.vpc, old->second, *update.security_group_rule));
        changed.rules.erase(old);
        K3F_TRY(check_new(changed, {rule}));
        changed.rules[id] = rule;
    }
    group = std::move(changed);
    return ec2::ModifySecurityGroupRulesResponse{.return_ = true};
}

// All rules of the account in the order of their ids, as DescribeSecurityGroupRules pages through them.
struct RuleOfGroup {
    std::string group;
    GroupRule rule;
    Tags tags;
};

Result<ec2::DescribeSecurityGroupRulesResponse> describe_rules(
    Call& call, const ec2::DescribeSecurityGroupRulesRequest& request) {
    std::map<std::string, RuleOfGroup> rules;
    for (const auto& [group_id, group] : call.account.ec2.groups)
        for (const auto& [id, rule] : group.rules)
            rules[id] = {.group = group_id, .rule = rule, .tags = rule.tags};
    const auto judge = [](const RuleOfGroup& one, const ec2::Filter& filter) -> std::optional<bool> {
        if (filter.name == "group-id") return one_of(filter, one.group);
        if (filter.name == "security-group-rule-id") return one_of(filter, one.rule.id);
        return std::nullopt;
    };
    const Listing asked{.ids = request.security_group_rule_ids,
                        .filters = request.filters,
                        .page = K3F_TRY(page_of(call, request.next_token, request.max_results)),
                        .unknown = "InvalidSecurityGroupRuleId.NotFound"};
    const auto show = [&](const RuleOfGroup& one) { return show_rule(call, one.group, one.rule); };
    auto found = K3F_TRY(list_things(call, rules, asked, judge, show));
    return ec2::DescribeSecurityGroupRulesResponse{.security_group_rules = found.first,
                                                   .next_token = found.second};
}

}  // namespace

bool is_group_text(std::string_view text) {
    constexpr std::string_view kOthers = " ._-:/()#,@[]+=&;{}!$*";
    return std::ranges::all_of(
        text, [&](char c) { return is_letter_or_digit(c) || kOthers.find(c) != std::string_view::npos; });
}

void add_permission(const Call& call, aws::List<ec2::IpPermission>& shown, const GroupRule& rule) {
    const bool ports = rule.protocol != "-1";
    const auto same = [&](const ec2::IpPermission& other) {
        return other.ip_protocol == rule.protocol &&
               (!ports || (other.from_port == rule.from && other.to_port == rule.to));
    };
    auto found = std::ranges::find_if(shown, same);
    if (found == shown.end()) {
        ec2::IpPermission made{.ip_protocol = rule.protocol};
        if (ports) made.from_port = rule.from, made.to_port = rule.to;
        shown.push_back(std::move(made));
        found = shown.end() - 1;
    }
    std::optional<std::string> why;
    if (!rule.description.empty()) why = rule.description;
    if (!rule.cidr.empty()) found->ip_ranges.push_back({.description = why, .cidr_ip = rule.cidr});
    if (rule.group.empty()) return;
    ec2::UserIdGroupPair pair{.description = why, .user_id = call.account.number};
    pair.group_id = rule.group;
    found->user_id_group_pairs.push_back(std::move(pair));
}

void add_ec2_rules(Handlers& handlers) {
    using In = ec2::AuthorizeSecurityGroupIngressRequest;
    using Out = ec2::AuthorizeSecurityGroupEgressRequest;
    using NotIn = ec2::RevokeSecurityGroupIngressRequest;
    using NotOut = ec2::RevokeSecurityGroupEgressRequest;
    handlers.add<In>({"GroupId", "IpPermissions", "TagSpecifications"}, needs_authorize<In>,
                     authorize<In, false>);
    handlers.add<Out>({"GroupId", "IpPermissions", "TagSpecifications"}, needs_authorize<Out>,
                      authorize<Out, true>);
    handlers.add<NotIn>({"GroupId", "SecurityGroupRuleIds"}, needs_group<NotIn>, revoke<NotIn, false>);
    handlers.add<NotOut>({"GroupId", "SecurityGroupRuleIds"}, needs_group<NotOut>, revoke<NotOut, true>);
    handlers.add<ec2::ModifySecurityGroupRulesRequest>({"GroupId", "SecurityGroupRules"}, needs_modify,
                                                       modify);
    handlers.add<ec2::DescribeSecurityGroupRulesRequest>(
        {"Filters", "SecurityGroupRuleIds", "NextToken", "MaxResults"}, needs_look, describe_rules);
    add_ec2_groups(handlers);
}

}  // namespace k3fleet::simcloud
