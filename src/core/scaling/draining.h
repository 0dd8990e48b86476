// The drains that memory holds, each moved on by one step a tick.
#pragma once

#include "core/draft.h"
#include "core/scaling/fleet.h"

namespace k3fleet::scaling {

void continue_drains(core::Draft& draft, Fleet& fleet);

// Starts a drain of this worker, which has a node, and takes its first step. From now on it counts as gone.
void start_drain(core::Draft& draft, Worker& worker, std::string reason,
                 model::Drain::AtDeadline at_deadline);

// Ends a worker on which nothing runs yet: there is nothing to drain. From now on it counts as gone, and its
// end is followed until it is seen.
void end_booting(core::Draft& draft, Worker& worker, std::string reason);

}  // namespace k3fleet::scaling
