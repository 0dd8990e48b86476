// Whether something can be decided on at all. What comes from a cluster file has been checked by core/intent;
// a case out of the journal may have been written by anybody.
#pragma once

#include "base/result.h"
#include "core/model/intent.h"
#include "core/model/memory.h"

namespace k3fleet::core {

// Corrupt, with what is wrong: a length that is none, limits that no cluster file has,
// a plan that is pending.
Status check_decidable(const model::ClusterIntent& intent, const model::Memory& memory);

}  // namespace k3fleet::core
