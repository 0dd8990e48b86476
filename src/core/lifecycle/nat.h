// The NAT instance: the cheap way out of the private subnets, where network.egress says nat-instance.
#pragma once

#include "core/draft.h"

namespace k3fleet::lifecycle {

// Launches it where there is none, and ends one that stopped or is no longer wanted. Address and route belong
// to its network interface, which stays, so that a new machine takes over as soon as it is up; meanwhile
// nothing leaves the private subnets, and people are told.
void keep_nat(core::Draft& draft);

}  // namespace k3fleet::lifecycle
