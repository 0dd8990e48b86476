// Where a machine is put: a worker into the subnet of its zone and its group, a master or NAT instance on its
// interface.
// Found by the names and tags under which the resource graph makes them (core/resources), and kept for ten
// minutes.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "adapters/aws/expiring_cache.h"
#include "aws/api.h"
#include "ports/clock.h"
#include "ports/cloud.h"

namespace k3fleet::aws {

struct Place {
    std::string subnet_id;  // Of workers: private, in the offering's zone.
    std::string group_id;
    std::string interface_id;  // Of others instead of the two above: it has the address, and stays.
};

class LaunchSite {
public:
    // Both must outlive this.
    LaunchSite(Api& api, ports::Clock& clock, model::ProjectName project)
        : api_(api), clock_(clock), project_(std::move(project)) {}

    // NotFound: the cluster's network has no such subnet, group or interface; the message says what to do.
    // InvalidArgument: the slot's interface stands in another zone than the offering.
    Result<Place> place(const ports::LaunchRequest& request);
    // The zones in which the cluster has a private subnet, sorted.
    Result<std::vector<std::string>> zones(const model::ClusterName& cluster);
    // The fixed addresses of the masters' slots, the first slot's first.
    Result<std::vector<std::string>> master_addresses(const model::ClusterName& cluster, int slots);
    // AWS did not know what was found: look again the next time.
    void forget();

private:
    struct Interface {
        std::string id;
        std::string zone;
        std::string address;
    };
    using Subnets = std::map<std::string, std::string>;  // Zone -> id.
    Result<Subnets> subnets(const model::ClusterName& cluster);
    Result<std::string> worker_group(const model::ClusterName& cluster);
    Result<Interface> master_interface(const model::ClusterName& cluster, int slot);
    Result<Interface> nat_interface(const model::ClusterName& cluster);
    Result<Interface> interface(const model::ClusterName& cluster, const std::string& logical,
                                const std::string& whose);

    static constexpr Duration kKeep = std::chrono::minutes{10};
    Api& api_;
    ports::Clock& clock_;
    model::ProjectName project_;
    ExpiringCache<model::ClusterName, Subnets> subnets_{kKeep};
    ExpiringCache<model::ClusterName, std::string> groups_{kKeep};
    ExpiringCache<std::pair<model::ClusterName, std::string>, Interface> interfaces_{kKeep};
};

}  // namespace k3fleet::aws
