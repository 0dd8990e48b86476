// ports::Cloud of a world with clusters of several projects and regions: for each the adapter that production
// uses, over its own way to the simulated account.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "adapters/aws/ec2_cloud.h"
#include "adapters/simcloud/state.h"
#include "aws/api.h"
#include "ports/clock.h"
#include "ports/cloud.h"

namespace k3fleet::simcloud {

class SimCloud final : public ports::Cloud {
public:
    // What the world knows of clusters, and ways into its account.
    class World {
    public:
        virtual ~World() = default;
        // NotFound, with those there are; `alive` leaves out those that were removed.
        virtual Result<ClusterSetup> setup_of(const model::ClusterName& cluster, bool alive) = 0;
        virtual std::vector<ClusterSetup> setups() = 0;  // Removed ones, too.
        virtual std::unique_ptr<aws::Api> api_in(const std::string& region) = 0;
    };
    // Both must outlive it.
    SimCloud(World& world, ports::Clock& clock) : world_(world), clock_(clock) {}

    Result<std::vector<model::Instance>> instances(const model::ClusterName& cluster) override;
    Result<std::vector<model::Offering>> offerings(const model::ClusterIntent& intent) override;
    Result<model::Instance> launch(const ports::LaunchRequest& request) override;
    Result<std::vector<model::Instance>> launched_with(const model::ClusterName& cluster,
                                                       const model::Token& token) override;
    Status terminate(const model::ClusterName& cluster, const model::Terminate& target) override;
    Result<std::optional<model::ClusterName>> owner(const model::InstanceId& instance) override;
    Result<std::vector<ports::Resource>> resources(const model::ProjectName& project) override;

private:
    struct Place {
        std::unique_ptr<aws::Api> api;
        std::unique_ptr<aws::Ec2Cloud> cloud;
    };
    using Key = std::pair<model::ProjectName, std::string>;  // And the region.
    aws::Ec2Cloud& in(const model::ProjectName& project, const std::string& region);
    Result<aws::Ec2Cloud*> of(const model::ClusterName& cluster);
    std::vector<Key> places();

    World& world_;
    ports::Clock& clock_;
    std::mutex mutex_;
    std::map<Key, Place> places_;
};

}  // namespace k3fleet::simcloud
