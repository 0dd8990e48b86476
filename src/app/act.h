// Carries out the actions of a recorded plan, each with its token or its precondition.
#pragma once

#include <functional>
#include <vector>

#include "app/tick.h"
#include "core/model/memory.h"
#include "ports/loop_state.h"

namespace k3fleet::app {

struct Acted {
    std::vector<model::ActionResult> results;
    // An answer was lost, so what happened is not known: the plan stays recorded, and the next tick asks
    // again with the same tokens.
    enum class State { Settled, Unsettled } state = State::Settled;
};

// Commits that the first `refused` attempts of this launch were refused, before the next one is tried.
using NoteRefused = std::function<Status(int ordinal, int refused)>;

// Safe to repeat for the same plan, by this or another holder. `memory` is the one committed with the plan,
// `world` a fresh observation.
Acted act(const model::ClusterIntent& intent, const model::RecordedPlan& plan, const model::Memory& memory,
          model::World world, const ports::LoopItem& held, Services& services, const TickLimits& limits,
          const NoteRefused& note_refused);

// What became of a plan that is too old, or was made for another intent: launches that happened are found by
// their token and adopted, everything else counts as cancelled.
Acted look_up(const model::ClusterIntent& intent, const model::RecordedPlan& plan, Services& services);

}  // namespace k3fleet::app
