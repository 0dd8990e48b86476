// More workers, fewer, or as many as there are: the policy's answer turned into actions.
#pragma once

#include "core/draft.h"
#include "core/scaling/fleet.h"

namespace k3fleet::scaling {

// What is blocked when the load is unknown.
inline constexpr std::string_view kJudgeTheLoad = "judge the load";

// First every pool is kept within its own bounds, then the thresholds judge the cluster as a whole. A
// cluster-wide step up goes to the pool with the cheapest offering that has room; a step down takes the
// worker that is least missed. Also sets the plan's summary,
// and asks to be called again soon while work is open.
void resize(core::Draft& draft, Fleet& fleet);

}  // namespace k3fleet::scaling
