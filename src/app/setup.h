// Sets an account up for a project and takes that down again: what `plan`, `init`,
// `uninit` and `status` share.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "app/project_lease.h"
#include "app/provision.h"
#include "core/model/intent.h"
#include "core/resources/price.h"
#include "ports/loop_state.h"

namespace k3fleet::app {

// What a set-up works on. References outlive it.
struct SetupSite {
    model::Scope scope;  // Without cluster.
    Provisioning provisioning;
    ports::LoopState& state;
    model::HolderId holder;
};

struct SetupPlan {
    resources::Graph graph;
    resources::Sight sight;
    resources::ChangePlan plan;
    std::vector<resources::PriceLine> prices;  // Of the whole graph.
    std::string digest;
};

// A look at everything of the project that is here. It takes AWS seconds: a command looks once, and again
// after something may have changed.
Result<std::unique_ptr<ports::Survey>> survey_project(SetupSite& site);

// What there is to do so that the account is as the project says. Changes nothing.
Result<SetupPlan> plan_setup(SetupSite& site, resources::Graph graph, ports::Survey& survey);

// Carries it out under the project's lease. Conflict: somebody else works on the project; its message names
// who and until when.
Result<Outcome> carry_out_setup(SetupSite& site, SetupPlan& plan);

// What `uninit` would do. Refused while clusters have anything here; the message names them.
Result<SetupPlan> plan_takedown(SetupSite& site, resources::Graph graph, resources::Purge purge,
                                ports::Survey& survey);

}  // namespace k3fleet::app
