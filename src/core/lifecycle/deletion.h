// The end of a cluster: workers first, masters when no worker is left.
#pragma once

#include "core/draft.h"

namespace k3fleet::lifecycle {

// Terminates every worker: nothing is drained, as there is nowhere to go.
void tear_down_workers(core::Draft& draft);

// Terminates the masters once no worker of the cluster is alive, and then the NAT instance.
void tear_down_infra(core::Draft& draft);

// Whether nothing that costs money is left, as far as is known.
bool nothing_left(const model::World& world);

}  // namespace k3fleet::lifecycle
