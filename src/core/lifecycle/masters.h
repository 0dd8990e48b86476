// The masters of a cluster: founded one after the other, and never replaced behind anyone's back.
#pragma once

#include "core/draft.h"

namespace k3fleet::lifecycle {

// Launches the master of each slot that was never founded: slot 0 first, each next one when those before it
// are Ready, since K3s servers must not start for the first time in parallel. A founded master that is gone
// is reported (P1), not replaced: a new one in its place would be an empty cluster (dev) or needs the etcd
// member removed first (ha).
void keep_masters(core::Draft& draft);

}  // namespace k3fleet::lifecycle
