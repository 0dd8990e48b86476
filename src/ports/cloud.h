// Machines that can be bought and given back.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "core/model/ids.h"
#include "core/model/intent.h"
#include "core/model/plan.h"
#include "core/model/world.h"

namespace k3fleet::ports {

struct LaunchRequest {
    model::ProjectName project;
    model::ClusterName cluster;
    model::Role role = model::Role::Worker;
    model::PoolName pool;  // Of workers; else empty.
    int slot = -1;         // Masters: 0-2. Others: -1.
    model::Offering offering;
    model::Token token;
};

// InvalidArgument: role, slot and pool contradict each other.
Status check_place(const LaunchRequest& request);

// Everything of ours that exists or costs money, for `resources list`.
struct Resource {
    std::string kind;  // "instance", "bucket" …
    std::string id;
    std::string name;
    model::ClusterName cluster;  // Empty: of the project.
    std::string state;
    UsdPerHour price;
    Timestamp created_at;
};

class Cloud {
public:
    virtual ~Cloud() = default;

    // Instances that carry this cluster's tags, terminated ones for a while included. May miss one that was
    // launched seconds ago. Sorted by id.
    virtual Result<std::vector<model::Instance>> instances(const model::ClusterName& cluster) = 0;

    // What the intent's types cost in its zones, per market. Sorted by type, zone, market.
    virtual Result<std::vector<model::Offering>> offerings(const model::ClusterIntent& intent) = 0;

    // Idempotent by token: the same token gives the same instance again, also after it has ended.
    // NoCapacity: try the next attempt. InvalidArgument: the token was used with other parameters.
    virtual Result<model::Instance> launch(const LaunchRequest& request) = 0;

    // Instances launched with this token, found by tag: how a lost answer is looked up. Empty if none.
    virtual Result<std::vector<model::Instance>> launched_with(const model::ClusterName& cluster,
                                                               const model::Token& token) = 0;

    // Precondition: the instance carries the cluster's tag, this role and this pool; Refused otherwise.
    // Idempotent: one that is gone or going is not an error.
    virtual Status terminate(const model::ClusterName& cluster, const model::Terminate& target) = 0;

    // Whose machine it is, by its tags, also if it has just ended; empty if it is none of ours. For events,
    // which tell of every instance there is.
    virtual Result<std::optional<model::ClusterName>> owner(const model::InstanceId& instance) = 0;

    // Of one project; of all that are ours when the name is empty.
    virtual Result<std::vector<Resource>> resources(const model::ProjectName& project) = 0;
};

}  // namespace k3fleet::ports
