// Networks in EC2's part of a simulated account: plain data, saved with the world.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/time.h"

namespace k3fleet::simcloud {

using Tags = std::map<std::string, std::string>;

struct Vpc {
    std::string id;
    std::string cidr;
    Tags tags;
    std::string tenancy = "default";
    bool dns_support = true;
    bool dns_hostnames = false;
};

struct Subnet {
    std::string id;
    std::string vpc;
    std::string zone;
    std::string cidr;
    Tags tags;
    bool public_addresses = false;  // Machines get one unless they say otherwise.
};

struct GroupRule {
    std::string id;
    bool out = false;
    std::string protocol;  // "tcp", "-1"
    std::int32_t from = -1;
    std::int32_t to = -1;
    std::string cidr;  // The other side: one of these two.
    std::string group;
    std::string description;
    Tags tags;
};

struct SecurityGroup {
    std::string id;
    std::string vpc;
    std::string name;  // "default": AWS's own, which goes with its VPC.
    std::string description;
    Tags tags;
    std::map<std::string, GroupRule> rules;
};

struct Interface {
    std::string id;
    std::string subnet;
    std::string address;
    std::vector<std::string> groups;
    std::string machine;     // Attached to; empty: free. May name one that is gone.
    bool of_launch = false;  // Goes with its machine.
    std::string description;
    std::string service;  // Of AWS that made it and alone detaches and deletes it ("lambda"); empty: ours.
    Tags tags;
    bool checked = true;               // Source and destination of what passes.
    std::optional<Timestamp> ends_at;  // When its service takes it away.
};

struct PublicAddress {
    std::string id;       // Of its allocation.
    std::string address;  // Of the ranges for documentation.
    std::string association;
    std::string interface;  // That it is associated with; empty: none.
    Tags tags;
};

struct RouteTable {
    std::string id;
    std::string vpc;
    std::map<std::string, std::string> routes;  // Range -> id of what it leads to; without the local one.
    std::map<std::string, std::string> associations;  // Id -> subnet; empty: all that have none.
    Tags tags;
};

struct InternetGateway {
    std::string id;
    std::string vpc;  // Attached to; empty: to none.
    Tags tags;
};

struct NatGateway {
    std::string id;
    std::string subnet;
    std::string address;    // Its allocation.
    std::string interface;  // Empty: it failed.
    std::string failure;    // AWS's code, shown once it is no longer pending.
    Timestamp made_at;
    Timestamp ready_at;
    std::optional<Timestamp> deleted_at;  // Asked for.
    std::optional<Timestamp> gone_at;     // Both or none.
    Tags tags;
};

struct Endpoint {
    std::string id;
    std::string vpc;
    std::string service;  // "com.amazonaws.ap-southeast-1.s3"
    bool gateway = false;
    std::vector<std::string> tables;  // Of a gateway.
    std::vector<std::string> groups;
    std::map<std::string, std::string> interfaces;  // By subnet.
    std::string policy;                             // As it was given; empty: all is allowed.
    bool private_dns = false;
    Timestamp made_at;
    Timestamp ready_at;
    std::optional<Timestamp> gone_at;
    Tags tags;
};

struct FlowLog {
    std::string id;
    std::string resource;
    std::string traffic;
    std::string log_group;
    std::string role;
    std::int32_t interval = 600;  // Seconds.
    Timestamp made_at;
    Tags tags;
};

// What a client token has made.
struct MadeOnce {
    std::string id;
    std::string fingerprint;  // Of the parameters, to tell the same from others.
    Timestamp at;
};

template <typename Archive>
void fields(Archive& archive, Vpc& vpc) {
    archive(vpc.id, vpc.cidr, vpc.tags, vpc.tenancy, vpc.dns_support, vpc.dns_hostnames);
}
template <typename Archive>
void fields(Archive& archive, Subnet& subnet) {
    archive(subnet.id, subnet.vpc, subnet.zone, subnet.cidr, subnet.tags, subnet.public_addresses);
}
template <typename Archive>
void fields(Archive& archive, GroupRule& rule) {
    archive(rule.id, rule.out, rule.protocol, rule.from, rule.to, rule.cidr, rule.group, rule.description,
            rule.tags);
}
template <typename Archive>
void fields(Archive& archive, SecurityGroup& group) {
    archive(group.id, group.vpc, group.name, group.description, group.tags, group.rules);
}
template <typename Archive>
void fields(Archive& archive, Interface& i) {
    archive(i.id, i.subnet, i.address, i.groups, i.machine, i.of_launch, i.description, i.service, i.tags,
            i.checked, i.ends_at);
}
template <typename Archive>
void fields(Archive& archive, PublicAddress& address) {
    archive(address.id, address.address, address.association, address.interface, address.tags);
}
template <typename Archive>
void fields(Archive& archive, RouteTable& table) {
    archive(table.id, table.vpc, table.routes, table.associations, table.tags);
}
template <typename Archive>
void fields(Archive& archive, InternetGateway& gateway) {
    archive(gateway.id, gateway.vpc, gateway.tags);
}
template <typename Archive>
void fields(Archive& archive, NatGateway& nat) {
    archive(nat.id, nat.subnet, nat.address, nat.interface, nat.failure, nat.made_at, nat.ready_at,
            nat.deleted_at, nat.gone_at, nat.tags);
}
template <typename Archive>
void fields(Archive& archive, Endpoint& e) {
    archive(e.id, e.vpc, e.service, e.gateway, e.tables, e.groups, e.interfaces, e.policy, e.private_dns,
            e.made_at, e.ready_at, e.gone_at, e.tags);
}
template <typename Archive>
void fields(Archive& archive, FlowLog& log) {
    archive(log.id, log.resource, log.traffic, log.log_group, log.role, log.interval, log.made_at, log.tags);
}
template <typename Archive>
void fields(Archive& archive, MadeOnce& made) {
    archive(made.id, made.fingerprint, made.at);
}

}  // namespace k3fleet::simcloud
