// Which offerings to try for one more worker of a pool, best first.
#pragma once

#include <vector>

#include "core/draft.h"
#include "core/scaling/fleet.h"

namespace k3fleet::scaling {

// At most this many attempts a launch: enough for three zones on both markets, few enough for one tick.
inline constexpr std::size_t kMaxAttempts = 8;

// The attempts of one launch, without tokens; empty if nothing that the pool allows is on offer.
//
// Spot while the pool is below its goal of floor(total * spot_percent / 100), with on demand behind it for
// when there is no spot capacity; else on demand only (N-31). Within a market the least-filled zone first,
// then by price. `planned` are the offerings of launches that this plan already holds for the pool.
std::vector<model::Launch::Attempt> choose_offerings(const core::Draft& draft, const Fleet& fleet,
                                                     const model::NodePool& pool,
                                                     const std::vector<model::Offering>& planned);

}  // namespace k3fleet::scaling
