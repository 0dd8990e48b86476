// Everything of ours that is there: what the cloud says, not what a file remembers.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "app/wire.h"

namespace k3fleet::app {

struct Belonging {
    std::string kind;  // "instance", "bucket"
    std::string id;
    model::ClusterName cluster;  // Empty: of the project.
    std::string name;
    std::string state;
    std::optional<UsdPerHour> price;  // As it stands there; empty: by use, or not known.
    bool by_use = false;
    std::optional<Timestamp> since;  // Where the cloud says it.
};

// Machines, and whatever else this cloud itself has. Sorted by id.
Result<std::vector<Belonging>> inventory(ports::Cloud& cloud, const model::ProjectName& project);

// The machines of the site's project and everything that carries its tags: the project's own things first,
// then each cluster's. What is deleted and only kept by AWS is not there.
Result<std::vector<Belonging>> inventory(AwsSite& site);

}  // namespace k3fleet::app
