// Spot notices: a replacement first, then the drain.
#pragma once

#include "core/draft.h"
#include "core/scaling/fleet.h"

namespace k3fleet::scaling {

// For each worker that AWS announced to take back and that is not being drained yet: one launch in its place
// (if the pool has room), then a forced drain that ends before the machine does.
// A drain under way is hurried.
void replace_interrupted(core::Draft& draft, Fleet& fleet);

}  // namespace k3fleet::scaling
