// How long machines are waited for.
#pragma once

#include "base/time.h"

namespace k3fleet::lifecycle {

// Until the next look while a machine comes or goes.
inline constexpr Duration kLookAgain = std::chrono::seconds{15};
// A machine that was launched may be missing from the cloud's list for as long as this.
inline constexpr Duration kUnseenFor = std::chrono::minutes{2};

}  // namespace k3fleet::lifecycle
