// A simulated account as `init` and `cluster create` leave it, as far as loops and machines of a cluster find
// what they look for: network, groups, interfaces with fixed addresses, roles, instance profiles, table,
// bucket, topic and queues. Made by calls, with the names and tags of core/model/resource_names.h.
#pragma once

#include <string>
#include <vector>

#include "adapters/aws/ec2_launch.h"
#include "adapters/simcloud/aws/account.h"
#include "adapters/simcloud/state.h"
#include "aws/api.h"
#include "base/result.h"
#include "core/model/resource_names.h"

namespace k3fleet::simcloud {

struct Furnishing {
    model::Scope scope;              // Of the cluster.
    std::vector<std::string> zones;  // Each gets a public and a private subnet.
    int masters = 1;                 // Slots, each with an interface.
};

// The cluster's place in the simulated account. Its region is its project's home.
model::Scope scope_of(const Account& account, const ClusterSetup& setup);

// Idempotent for what belongs to the project, so that a second cluster may be furnished. `api` speaks to the
// account of this world; what it made stands as if it had stood for long.
Status furnish(aws::Api& api, WorldState& world, const Furnishing& what);
// Takes away what furnish() made for one cluster. Its machines have ended, and are listed for a while.
void unfurnish(WorldState& world, const model::Scope& scope);
bool is_furnished(const Account& account, const model::Scope& scope);

// What machines of such an account start with. Which image runs and what it does is the wiring's business in
// production; here machines do what their tags say.
aws::LaunchSettings simulated_launches(std::string home_region);

}  // namespace k3fleet::simcloud
