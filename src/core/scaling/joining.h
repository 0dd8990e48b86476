// From launch to Ready: what was started must join, and what does not is given back.
#pragma once

#include "core/draft.h"
#include "core/scaling/fleet.h"

namespace k3fleet::scaling {

// Closes launches whose node is Ready; ends machines that did not join within joinTimeout (ghosts cost money
// and do no work); forgets those that never appeared or died, and says so.
// Needs known nodes to call anything a ghost.
void settle_joining(core::Draft& draft, Fleet& fleet);

// Deletes Node objects whose machine is terminated: K3s has no cloud controller that would. The machine must
// be listed as ours and as terminated, which EC2 does for about an hour: a node whose machine is not listed
// at all, or that is Ready, may be somebody else's and is never touched.
void sweep_ghost_nodes(core::Draft& draft, const Fleet& fleet);

}  // namespace k3fleet::scaling
