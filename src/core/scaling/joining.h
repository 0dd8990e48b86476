// From launch to Ready: what was started must join, and what does not is given back.
#pragma once

#include "core/draft.h"
#include "core/scaling/fleet.h"

namespace k3fleet::scaling {

// Closes launches whose node is Ready; ends machines that did not join within joinTimeout (ghosts cost money
// and do no work); forgets those that never appeared or died, and says so.
// Needs known nodes to call anything a ghost.
void settle_joining(core::Draft& draft, Fleet& fleet);

// Deletes Node objects whose machine is gone: K3s has no cloud controller that would. Never touches a node
// that is Ready or that has no provider id: it may be somebody else's.
void sweep_ghost_nodes(core::Draft& draft, const Fleet& fleet);

}  // namespace k3fleet::scaling
