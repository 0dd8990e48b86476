// What a machine of a cluster begins with: its image, and the script that makes a node of it, from what
// `init` recorded, the cluster's file and where its masters are.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/result.h"
#include "core/model/intent.h"
#include "ports/cloud.h"
#include "ports/objects.h"

namespace k3fleet::app {

struct MachineStart {
    std::string image;
    std::string user_data;  // Packed.
};

// What is asked while one is made. References outlive it.
struct StartSources {
    std::string account;      // 12 digits
    ports::Objects& objects;  // Of the state bucket: what machines are made of (pins.h).
    ports::Cloud& cloud;
    std::function<Result<model::ClusterIntent>(const model::ClusterName&)> intent;
    // The fixed addresses of all slots of masters, the first slot's first.
    std::function<Result<std::vector<std::string>>(const model::ClusterName&, int masters)> slots;
    // Those that workers join by.
    std::function<Result<std::vector<std::string>>(const model::ClusterName&)> servers;
};

// The same for the same request as long as no other master of the cluster comes or goes, since EC2 takes a
// token with one set of parameters. InvalidArgument: no such type, slot or pool. NotFound: `init` has not
// recorded the cluster's version of K3s.
Result<MachineStart> machine_start(const ports::LaunchRequest& request, const StartSources& sources);

}  // namespace k3fleet::app
