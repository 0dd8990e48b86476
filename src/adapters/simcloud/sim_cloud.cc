#include "adapters/simcloud/sim_cloud.h"

#include <algorithm>
#include <set>

#include "adapters/simcloud/aws/furnish.h"

namespace k3fleet::simcloud {

aws::Ec2Cloud& SimCloud::in(const model::ProjectName& project, const std::string& region) {
    const std::scoped_lock lock(mutex_);
    Place& place = places_[{project, region}];
    if (!place.cloud) {
        place.api = world_.api_in(region);
        place.cloud = std::make_unique<aws::Ec2Cloud>(
            *place.api, clock_,
            aws::Ec2Options{.project = project, .region = region, .launch = simulated_launches(region)});
    }
    return *place.cloud;
}

Result<aws::Ec2Cloud*> SimCloud::of(const model::ClusterName& cluster) {
    const ClusterSetup setup = K3F_TRY(world_.setup_of(cluster, false));
    return &in(setup.project, setup.region);
}

std::vector<SimCloud::Key> SimCloud::places() {
    std::set<Key> all;
    for (const ClusterSetup& setup : world_.setups()) all.emplace(setup.project, setup.region);
    return {all.begin(), all.end()};
}

Result<std::vector<model::Instance>> SimCloud::instances(const model::ClusterName& cluster) {
    return K3F_TRY(of(cluster))->instances(cluster);
}

Result<std::vector<model::Offering>> SimCloud::offerings(const model::ClusterIntent& intent) {
    return in(intent.project, intent.region).offerings(intent);
}

Result<model::Instance> SimCloud::launch(const ports::LaunchRequest& request) {
    const ClusterSetup setup = K3F_TRY(world_.setup_of(request.cluster, true));
    return in(setup.project, setup.region).launch(request);
}

Result<std::vector<model::Instance>> SimCloud::launched_with(const model::ClusterName& cluster,
                                                             const model::Token& token) {
    return K3F_TRY(of(cluster))->launched_with(cluster, token);
}

Status SimCloud::terminate(const model::ClusterName& cluster, const model::Terminate& target) {
    return K3F_TRY(of(cluster))->terminate(cluster, target);
}

Result<std::optional<model::ClusterName>> SimCloud::owner(const model::InstanceId& instance) {
    for (const auto& [project, region] : places())
        if (auto found = K3F_TRY(in(project, region).owner(instance))) return found;
    return std::nullopt;
}

Result<std::vector<ports::Resource>> SimCloud::resources(const model::ProjectName& project) {
    std::vector<ports::Resource> list;
    for (const auto& [owner, region] : places()) {
        if (!project.empty() && owner != project) continue;
        auto some = K3F_TRY(in(owner, region).resources(owner));
        std::ranges::move(some, std::back_inserter(list));
    }
    std::ranges::sort(list, {}, &ports::Resource::id);
    return list;
}

}  // namespace k3fleet::simcloud
