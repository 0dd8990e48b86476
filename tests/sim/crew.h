// The two functions of one cluster on a simulated account, with their roles: each start is a tick, and
// machines begin with the scripts that production gives them. What stands around them, a gate decides.
#pragma once

#include <memory>

#include "adapters/simcloud/controller.h"
#include "app/machine_start.h"
#include "app/tick.h"

namespace k3fleet::sim {

class Crew {
public:
    // Engine and gate must outlive it. `scope` is the cluster's.
    Crew(simcloud::Engine& engine, simcloud::Gate& gate, const model::Scope& scope, std::uint64_t seed);

    // One start of one of them, by the cluster's file as it is stored.
    Result<app::TickReport> tick(model::Loop loop);
    // Scheduled starts of both, every two minutes for so long. The first error that is no lease of another's.
    Status run(std::chrono::minutes length);

private:
    struct Function {
        Function(Crew& crew, model::Loop loop, std::uint64_t seed);
        std::unique_ptr<simcloud::Rights> rights;
        std::unique_ptr<simcloud::Controller> controller;
        std::unique_ptr<app::Services> services;
    };
    Result<aws::Start> start_of(simcloud::Controller& controller, const ports::LaunchRequest& request);

    simcloud::Engine& engine_;
    simcloud::Gate& gate_;
    model::Scope scope_;
    Function infra_;
    Function workers_;
};

}  // namespace k3fleet::sim
