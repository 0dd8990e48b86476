// A simulated account as `init` and `cluster create` leave it, as far as loops and machines of a cluster find
// what they look for: network, groups, interfaces with fixed addresses, instance profiles, table, bucket and
// topic. Made by calls, with the names and tags of core/model/resource_names.h.
#pragma once

#include <string>
#include <vector>

#include "aws/api.h"
#include "base/result.h"
#include "core/model/resource_names.h"

namespace k3fleet::simcloud {

struct Furnishing {
    model::Scope scope;              // Of the cluster.
    std::vector<std::string> zones;  // Each gets a public and a private subnet.
    int masters = 1;                 // Slots, each with an interface.
};

// Idempotent for what belongs to the project, so that a second cluster may be furnished.
Status furnish(aws::Api& api, const Furnishing& what);

}  // namespace k3fleet::simcloud
