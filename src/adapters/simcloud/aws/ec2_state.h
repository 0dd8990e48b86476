// EC2's part of a simulated account: networks, and what is known of machines besides that they run.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/simcloud/aws/ec2_network_state.h"
#include "base/time.h"

namespace k3fleet::simcloud {

// Amazon Linux, as its public parameters name it.
inline constexpr std::string_view kArm64Image = "ami-0a1200000000000a6";
inline constexpr std::string_view kAmd64Image = "ami-0a1200000000000d6";

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
    std::int64_t most_vpcs = 5;
    std::int64_t most_addresses = 5;
    std::map<std::string, PublicAddress> addresses;
    std::map<std::string, RouteTable> tables;
    std::map<std::string, InternetGateway> gateways;
    std::map<std::string, NatGateway> nat_gateways;
    std::map<std::string, Endpoint> endpoints;
    std::map<std::string, FlowLog> flow_logs;
    std::map<std::string, MadeOnce> made;  // By operation and token; launches are above.
};

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
            ec2.on_demand_vcpus, ec2.spot_vcpus, ec2.most_vpcs, ec2.most_addresses, ec2.addresses, ec2.tables,
            ec2.gateways, ec2.nat_gateways, ec2.endpoints, ec2.flow_logs, ec2.made);
}

}  // namespace k3fleet::simcloud
