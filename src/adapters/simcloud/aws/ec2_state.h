// EC2's part of a simulated account: networks, and what is known of machines besides that they run.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"

namespace k3fleet::simcloud {

// Amazon Linux, as its public parameters name it.
inline constexpr std::string_view kArm64Image = "ami-0a1200000000000a6";
inline constexpr std::string_view kAmd64Image = "ami-0a1200000000000d6";

using Tags = std::map<std::string, std::string>;

struct Vpc {
    std::string id;
    std::string cidr;
    Tags tags;
};

struct Subnet {
    std::string id;
    std::string vpc;
    std::string zone;
    std::string cidr;
    Tags tags;
};

struct SecurityGroup {
    std::string id;
    std::string vpc;
    std::string name;
    std::string description;
    Tags tags;
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
};

// What a launch said of a machine; its life is the engine's.
struct Machine {
    std::uint64_t number = 0;  // The engine's.
    std::string id;
    std::string token;  // The client's.
    std::string image;
    std::string type;
    std::string subnet;
    std::string interface;
    std::string address;
    std::vector<std::string> groups;
    std::string profile;
    std::string user_data;  // Digest: whoever reads it in a log learns nothing.
    bool spot = false;
    bool locked = false;  // Against termination.
    Tags tags;
    Tags request_tags;       // Of the spot request.
    Timestamp tags_seen_at;  // Describe does not show them before.
};

// What a client token has launched.
struct LaunchToken {
    std::string machine;
    std::string fingerprint;  // Of the parameters, to tell the same from others.
};

struct Ec2State {
    std::uint64_t next = 1;  // Of what is made, in order.
    std::map<std::string, Vpc> vpcs;
    std::map<std::string, Subnet> subnets;
    std::map<std::string, SecurityGroup> groups;
    std::map<std::string, Interface> interfaces;
    std::map<std::string, Machine> machines;
    std::map<std::string, LaunchToken> tokens;  // Also of machines that are gone.
    // Public images with what they run on.
    std::map<std::string, std::string> images{{std::string(kArm64Image), "arm64"},
                                              {std::string(kAmd64Image), "x86_64"}};
    std::int64_t on_demand_vcpus = 256;  // Quotas.
    std::int64_t spot_vcpus = 256;
};

template <typename Archive>
void fields(Archive& archive, Vpc& vpc) {
    archive(vpc.id, vpc.cidr, vpc.tags);
}
template <typename Archive>
void fields(Archive& archive, Subnet& subnet) {
    archive(subnet.id, subnet.vpc, subnet.zone, subnet.cidr, subnet.tags);
}
template <typename Archive>
void fields(Archive& archive, SecurityGroup& group) {
    archive(group.id, group.vpc, group.name, group.description, group.tags);
}
template <typename Archive>
void fields(Archive& archive, Interface& interface) {
    archive(interface.id, interface.subnet, interface.address, interface.groups, interface.machine,
            interface.of_launch, interface.description, interface.service, interface.tags);
}
template <typename Archive>
void fields(Archive& archive, Machine& m) {
    archive(m.number, m.id, m.token, m.image, m.type, m.subnet, m.interface, m.address, m.groups, m.profile,
            m.user_data, m.spot, m.locked, m.tags, m.request_tags, m.tags_seen_at);
}
template <typename Archive>
void fields(Archive& archive, LaunchToken& token) {
    archive(token.machine, token.fingerprint);
}
template <typename Archive>
void fields(Archive& archive, Ec2State& ec2) {
    archive(ec2.next, ec2.vpcs, ec2.subnets, ec2.groups, ec2.interfaces, ec2.machines, ec2.tokens, ec2.images,
            ec2.on_demand_vcpus, ec2.spot_vcpus);
}

}  // namespace k3fleet::simcloud
