// ports::Cloud on EC2: machines of one project in one region, known by their tags.
//
// Launches are single RunInstances calls (docs/adr/0008): the plan already lists what to try next, each with
// a token of its own, and EC2 answers the same token with the same instance.
#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "adapters/aws/ec2_launch.h"
#include "adapters/aws/ec2_offerings.h"
#include "adapters/aws/launch_site.h"
#include "aws/api.h"
#include "ports/clock.h"
#include "ports/cloud.h"

namespace k3fleet::aws {

struct Ec2Options {
    model::ProjectName project;
    std::string region;
    LaunchSettings launch;
    Duration timeout = std::chrono::seconds{20};  // Of one call with all its tries.
};

class Ec2Cloud final : public ports::Cloud {
public:
    // Both must outlive this.
    Ec2Cloud(Api& api, ports::Clock& clock, Ec2Options options);

    // With the notices that note_interruption() was told of, and those that AWS shows when spot instances are
    // alive; if AWS does not answer that second question, the list is given without.
    Result<std::vector<model::Instance>> instances(const model::ClusterName& cluster) override;
    // In the intent's zones, else in those where the cluster has a subnet.
    Result<std::vector<model::Offering>> offerings(const model::ClusterIntent& intent) override;
    // InvalidArgument also if an instance was launched with this token and other parameters; if its type,
    // zone and market are the asked ones, it is given, whatever else differs. Conflict: the one that this
    // token launched has ended so long ago that AWS no longer shows it.
    Result<model::Instance> launch(const ports::LaunchRequest& request) override;
    Result<std::vector<model::Instance>> launched_with(const model::ClusterName& cluster,
                                                       const model::Token& token) override;
    // Lifts a master's lock against termination first.
    Status terminate(const model::ClusterName& cluster, const model::Terminate& target) override;
    Result<std::optional<model::ClusterName>> owner(const model::InstanceId& instance) override;
    // Machines only: what else there is, the resource graph knows.
    Result<std::vector<ports::Resource>> resources(const model::ProjectName& project) override;

    // The fixed addresses of the masters' slots, the first slot's first.
    Result<std::vector<std::string>> master_addresses(const model::ClusterName& cluster, int slots) {
        return site_.master_addresses(cluster, slots);
    }
    // EventBridge told us. Holds for as long as the process and the instance live.
    void note_interruption(const model::InstanceId& instance, Timestamp at);

private:
    CallOptions options() const { return {.timeout = options_.timeout}; }
    Result<model::Instance> launched_before(const ports::LaunchRequest& request, const Error& refusal);
    void add_notices(std::vector<model::Instance>& instances);
    Status ask_for_notices();

    Api& api_;
    ports::Clock& clock_;
    Ec2Options options_;
    LaunchSite site_;
    Ec2Offerings offerings_;
    std::mutex mutex_;
    std::map<model::InstanceId, Timestamp> notices_;
};

}  // namespace k3fleet::aws
