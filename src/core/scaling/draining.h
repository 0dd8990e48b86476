// The drains that memory holds, each moved on by one step a tick.
#pragma once

#include <optional>

#include "core/draft.h"
#include "core/scaling/fleet.h"

namespace k3fleet::scaling {

void continue_drains(core::Draft& draft, Fleet& fleet);

// When the next drain that nobody is forced to may begin in this pool; empty: at any time. One that was given
// up is not tried again at once, on the next worker with the same pods: it would cordon them one after the
// other, all night.
std::optional<Timestamp> no_drain_before(const model::Memory& memory, const model::PoolName& pool);

// Starts a drain of this worker, which has a node, and takes its first step. From now on it counts as gone.
void start_drain(core::Draft& draft, Worker& worker, std::string reason,
                 model::Drain::AtDeadline at_deadline);

// Ends a worker on which nothing runs yet: there is nothing to drain. From now on it counts as gone, and its
// end is followed until it is seen.
void end_booting(core::Draft& draft, Worker& worker, std::string reason);

}  // namespace k3fleet::scaling
