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

struct LaunchSettings {
    std::string managed_by = "k3fleet";
    std::string home_region;  // Of the project; empty: the same region.
    std::string key_arn;      // Encrypts the volume; empty: AWS's own key.
    int volume_gib = 20;

    // Both must give the same for the same request, since a token stands for exactly one set of parameters.
    // The machine image, by type (architecture) and role.
    std::function<Result<std::string>(const ports::LaunchRequest&)> image;
    // What the machine runs at its first start: plain text, at most 16 KiB, no secrets.
    std::function<Result<std::string>(const ports::LaunchRequest&)> user_data;
};

// InvalidArgument: a token or a role that does not fit the contract of ports::Cloud, or a spot master.
Status check_launch(const ports::LaunchRequest& request);

// Of a request that was checked. InvalidArgument: user data that is too long.
Result<ec2::RunInstancesRequest> launch_request(const ports::LaunchRequest& request, const Place& place,
                                                const LaunchSettings& settings, const std::string& region);

}  // namespace k3fleet::aws
