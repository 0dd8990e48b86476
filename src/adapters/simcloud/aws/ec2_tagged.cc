// EC2: what of it carries tags, for the Resource Groups Tagging API.
#include "adapters/simcloud/aws/tags.h"
#include "base/text.h"

namespace k3fleet::simcloud {
namespace {

template <typename Things>
void add(const Account& account, std::string_view type, const Things& things, TaggedThings& all) {
    for (const auto& [id, thing] : things)
        all.push_back(
            {.arn = arn_in(account, "ec2", format("{}/{}", type, id)), .tags = thing.tags, .since = {}});
}

}  // namespace

TaggedThings tagged_ec2(const Account& account) {
    TaggedThings all;
    const Ec2State& ec2 = account.ec2;
    add(account, "vpc", ec2.vpcs, all);
    add(account, "subnet", ec2.subnets, all);
    add(account, "security-group", ec2.groups, all);
    for (const auto& [id, group] : ec2.groups) add(account, "security-group-rule", group.rules, all);
    add(account, "network-interface", ec2.interfaces, all);
    add(account, "elastic-ip", ec2.addresses, all);
    add(account, "route-table", ec2.tables, all);
    add(account, "internet-gateway", ec2.gateways, all);
    add(account, "natgateway", ec2.nat_gateways, all);
    add(account, "vpc-endpoint", ec2.endpoints, all);
    add(account, "vpc-flow-log", ec2.flow_logs, all);
    for (const auto& [id, machine] : ec2.machines)
        all.push_back({.arn = arn_in(account, "ec2", "instance/" + id),
                       .tags = machine.tags,
                       .since = machine.tags_seen_at});
    return all;
}

}  // namespace k3fleet::simcloud
