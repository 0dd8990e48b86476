// What can be known of a cluster's nodes from outside its network: whether its master serves.
//
// The API server is reachable inside the VPC only (G-5), and the function that keeps the masters is not in
// there, so that it can heal the way out. A serving master writes the join secret every 30 minutes
// (core/bootstrap/bootstrap.h), which it can do only with the API server's help: that is the sign.
#pragma once

#include <functional>
#include <string>

#include "ports/clock.h"
#include "ports/cloud.h"
#include "ports/kubernetes.h"
#include "ports/secrets.h"

namespace k3fleet::aws {

class MasterSigns final : public ports::Kubernetes {
public:
    // All must outlive this. `join_secret` is the secret's name.
    MasterSigns(ports::Cloud& cloud, ports::Secrets& secrets, ports::Clock& clock, model::ClusterName cluster,
                std::string join_secret);

    // Masters alone, without sizes: Ready if the sign is younger than the machine and than 95 minutes, the
    // last token's life. Unavailable while several masters are alive, since the sign does not say whose it
    // is.
    Result<std::vector<model::Node>> nodes() override;

    // Unavailable, all of them.
    Result<std::vector<model::Pod>> pods() override;
    Result<std::vector<model::DisruptionBudget>> disruption_budgets() override;
    Status cordon(const model::Cordon& request) override;
    Result<ports::EvictionAnswer> evict(const model::Evict& request) override;
    Status delete_node(const model::DeleteNode& request) override;

private:
    ports::Cloud& cloud_;
    ports::Secrets& secrets_;
    ports::Clock& clock_;
    model::ClusterName cluster_;
    std::string join_secret_;
};

}  // namespace k3fleet::aws
