// The functions of a project on a simulated account, with their roles: each start is a tick, and machines
// begin with the scripts that production gives them. Part of the wiring.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "adapters/simcloud/controller.h"
#include "app/clusters.h"
#include "app/tick.h"

namespace k3fleet::app {

// The two of one cluster. What stands around them, a gate decides.
class Crew {
public:
    // Engine and gate must outlive it. `scope` is the cluster's.
    Crew(simcloud::Engine& engine, simcloud::Gate& gate, const model::Scope& scope, std::uint64_t seed);

    // One start of one of them, by the cluster's file as it is stored.
    Result<TickReport> tick(model::Loop loop);

private:
    struct Function {
        Function(Crew& crew, model::Loop loop, std::uint64_t seed);
        std::unique_ptr<simcloud::Rights> rights;
        std::unique_ptr<simcloud::Controller> controller;
        std::unique_ptr<Services> services;
    };
    Result<aws::Start> start_of(simcloud::Controller& controller, const ports::LaunchRequest& request);

    simcloud::Engine& engine_;
    simcloud::Gate& gate_;
    model::Scope scope_;
    ClusterFiles files_;
    Function infra_;
    Function workers_;
};

// All of a project in one region, as long as they and the clusters' files are there: started when a plan asks
// for it, two minutes later at the latest.
class Crews {
public:
    // The engine must outlive it. `project` is without cluster.
    Crews(simcloud::Engine& engine, model::Scope project);

    // Lets time pass. What a start ends with is the next one's business, as on AWS.
    void advance(Timestamp until);
    // How the last start ended that did not end well; a lease that another has is no failure.
    const std::optional<Error>& last_failure() const { return last_failure_; }

private:
    using Start = std::pair<model::ClusterName, model::Loop>;
    void find_work();
    Timestamp next_scheduled() const;
    void run(const Start& start);
    bool exists(const std::string& function) const;

    simcloud::Engine& engine_;
    simcloud::OpenGate gate_;
    model::Scope project_;
    std::map<model::ClusterName, std::unique_ptr<Crew>> crews_;
    std::map<Start, Timestamp> due_;
    std::optional<Error> last_failure_;
};

}  // namespace k3fleet::app
