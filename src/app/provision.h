// Carries out plans of resources: side by side where nothing forbids it, waiting where AWS takes its time,
// telling what is waited for. Nothing is kept between runs: what was done is what AWS says is there, so a run
// that was killed is gone on with by making a new plan.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "core/resources/diff.h"
#include "ports/clock.h"
#include "ports/executor.h"
#include "ports/resources.h"

namespace k3fleet::app {

struct ProvisionProgress {
    Timestamp now;
    std::size_t done = 0;
    std::size_t total = 0;
    std::vector<std::string> waiting;  // "NAT gateway shop-nat: gets its address"
    Duration remaining{};              // Estimated, along the longest chain of what is left.
};

struct Provisioning {
    ports::Resources& resources;
    ports::Executor& executor;
    ports::Clock& clock;
    std::string run;  // Differs from run to run: part of the tokens, which AWS remembers beyond a deletion.
    std::function<void(const ProvisionProgress&)> tell = [](const ProvisionProgress&) {};
    // Called between calls: an error ends the run after what is under way (a lost lease).
    std::function<Status()> may_go_on = [] { return Status{}; };
};

// Everything of the graph and everything else that carries our tags, as it is now. The first error ends it.
Result<resources::Sight> see(const resources::Graph& graph, Provisioning& with);
// The same for who has surveyed the graph's project already: as it was since then.
Result<resources::Sight> see(const resources::Graph& graph, Provisioning& with, ports::Survey& survey);

struct KeptByAws {
    std::string type;
    std::string name;
    Timestamp until;
};

struct FailedChange {
    resources::Change change;
    Error error;
};

struct Outcome {
    std::size_t done = 0;
    std::size_t skipped = 0;  // Needed something that failed.
    std::vector<FailedChange> failed;
    std::vector<KeptByAws> kept;
    std::optional<Error> stopped;  // Cancelled, or what may_go_on said.
    bool complete() const { return failed.empty() && skipped == 0 && !stopped; }
};

// `sight` is that which the plan was made from; it is brought up to date.
Outcome carry_out(const resources::ChangePlan& plan, const resources::Graph& graph, resources::Sight& sight,
                  Provisioning& with);

// How long the plan takes along its longest chain, by what is typical.
Duration estimate(const resources::ChangePlan& plan);

}  // namespace k3fleet::app
