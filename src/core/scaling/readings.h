// The memory of the signals: one reading a slot.
#pragma once

#include <span>
#include <vector>

#include "core/draft.h"

namespace k3fleet::scaling {

// Puts the world's signals into the slot of `now`: a later tick of the same slot replaces an earlier one
// (N-30). Pending pods come from whoever knows more: metrics or the API server. When metrics are out,
// the API's still count. Keeps as many as the widest window has: after one was widened in the cluster's file,
// what it judges is not known until it is full again.
void record_reading(core::Draft& draft);

// The last `count` slots up to the slot of `now`, oldest first, one each: slots without a reading stand as
// empty ones. Slots before the first reading ever are left out, so a young cluster has fewer than `count`.
std::vector<model::Reading> window(const model::Memory& memory, Timestamp now, Duration interval, int count);

}  // namespace k3fleet::scaling
