// The lease on a project as a whole: whoever sets it up, or prepares a cluster of it, holds it.
#pragma once

#include <optional>

#include "base/result.h"
#include "base/time.h"
#include "ports/clock.h"
#include "ports/loop_state.h"

namespace k3fleet::app {

// Which item holds it: there is no cluster of this name.
ports::LoopKey project_lease();

// Five minutes long, and renewed by hold(). It is an item of the table that the set-up itself makes and
// removes: while there is no table nobody can hold it, and making the table has one winner.
class ProjectLease {
public:
    // Both must outlive this.
    ProjectLease(ports::LoopState& state, ports::Clock& clock, model::HolderId holder)
        : state_(state), clock_(clock), holder_(std::move(holder)) {}

    // Takes it, or renews it when a minute has passed. Conflict: somebody else has it; the message names who
    // and until when.
    Status hold();
    void give_back();

private:
    ports::LoopState& state_;
    ports::Clock& clock_;
    model::HolderId holder_;
    std::optional<ports::LoopItem> held_;
    Timestamp taken_;
};

}  // namespace k3fleet::app
