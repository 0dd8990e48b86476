// The last look before a call: is this action still right in the world as it is now?
//
// decide() has judged a world that may be seconds old, and a recorded plan may be finished by somebody else
// minutes later. So each action is judged once more, against a fresh observation where there is one.
#pragma once

#include <optional>
#include <string>

#include "base/time.h"
#include "core/model/intent.h"
#include "core/model/memory.h"
#include "core/model/plan.h"
#include "core/model/world.h"

namespace k3fleet::core {

// Why the action must not be carried out (a sentence), or empty if it may. `launched` = instances that this
// run of the plan has already started beyond those in `world`, `terminated` likewise.
struct GuardContext {
    const model::ClusterIntent& intent;
    const model::World& world;
    const model::Memory& memory;
    Timestamp now;
    int launched = 0;
    int terminated = 0;
};
std::optional<std::string> why_not(const model::Action& action, const GuardContext& context);

}  // namespace k3fleet::core
