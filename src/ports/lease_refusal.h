// What an implementation of LoopState says when it refuses: the same words on every store.
#pragma once

#include <expected>
#include <optional>
#include <string>

#include "ports/loop_state.h"

namespace k3fleet::ports {

// "the workers loop of cluster shop"; of the empty cluster "the set-up of the project".
std::string describe(const LoopKey& key);

// InvalidArgument: no holder, or a lease of no time.
Status check_lease(const model::HolderId& holder, Duration lease);

// Conflict: `item` is somebody else's until its time is over.
std::unexpected<Error> lease_held(const LoopItem& item, Timestamp now);

// Conflict: why what `held` was taken for cannot be written. `stored` is what is there now; empty: it was
// removed.
std::unexpected<Error> lease_lost(const LoopItem& held, const std::optional<LoopItem>& stored);

}  // namespace k3fleet::ports
