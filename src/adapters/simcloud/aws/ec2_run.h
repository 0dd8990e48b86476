// What a RunInstances request asks for, checked as EC2 checks it.
#pragma once

#include <string>
#include <vector>

#include "adapters/simcloud/aws/ec2_common.h"
#include "core/cost/catalogue.h"

namespace k3fleet::simcloud {

struct SimInstance;

struct Asked {
    const cost::InstanceType* type = nullptr;
    std::string image;
    std::string subnet;  // Of the interface, if that is given.
    std::string zone;
    std::string interface;  // That is there already; empty: a new one.
    std::vector<std::string> groups;
    bool public_address = false;
    bool spot = false;
    bool locked = false;
    bool encrypted = false;
    std::string profile;
    std::string role;       // ARN of the profile's.
    std::string user_data;  // Decoded.
    std::string http_tokens = "optional";
    int hop_limit = 1;
};

// Refused with EC2's codes; what is not simulated, too.
Result<Asked> read_run(const Call& call, const ec2::RunInstancesRequest& request);

Status needs_run(const Call& call, const ec2::RunInstancesRequest& request, Needs& needs);
Result<ec2::RunInstancesResponse> run(Call& call, const ec2::RunInstancesRequest& request);

// The machine an interface is attached to; null: it is free.
SimInstance* interface_user(const Call& call, const Interface& interface);

// As DescribeInstances shows it. Of the engine's instance and what the launch said.
ec2::Instance show_machine(const Call& call, const Machine& machine);

}  // namespace k3fleet::simcloud
