// The request that launches one machine, with every default of the requirements in it: tags on whatever it
// creates, IMDSv2 with one hop, an encrypted gp3 volume, no public address, no key pair (docs/adr/0008).
#pragma once

#include <functional>
#include <string>

#include "adapters/aws/launch_site.h"
#include "base/result.h"
#include "ports/cloud.h"

namespace k3fleet::aws::ec2 {
struct RunInstancesRequest;
}

namespace k3fleet::aws {

// What a machine begins with.
struct Start {
    std::string image;      // By type (architecture) and role.
    std::string user_data;  // What it runs, at most 16 KiB, no secrets.
};

struct LaunchSettings {
    std::string managed_by = "k3fleet";
    std::string home_region;  // Of the project; empty: the same region.
    std::string key_arn;      // Encrypts the volume; empty: AWS's own key.
    int volume_gib = 20;

    // Must give the same for the same request, since a token stands for exactly one set of parameters.
    std::function<Result<Start>(const ports::LaunchRequest&)> start;
};

// InvalidArgument: a token or a role that does not fit the contract of ports::Cloud, or a spot master.
Status check_launch(const ports::LaunchRequest& request);

// Of a request that was checked. InvalidArgument: user data that is too long.
Result<ec2::RunInstancesRequest> launch_request(const ports::LaunchRequest& request, const Place& place,
                                                const LaunchSettings& settings, const std::string& region);

}  // namespace k3fleet::aws
