// While machines are to join or to go, a loop is looked at every few seconds: one chain of wake-ups. The tick
// that opens such work begins it, each wake-up goes on with it, and it ends with the work. A chain that
// breaks is mended by the schedule's next tick.
#pragma once

#include <optional>

#include "app/tick.h"
#include "base/time.h"

namespace k3fleet::app {

// No chain looks sooner than that again, and none later than after twice that.
inline constexpr Duration kSoonestWakeUp = std::chrono::seconds{10};

// How long after this tick the next wake-up comes; empty: none. `woken`: a wake-up asked for this tick.
std::optional<Duration> next_wake_up(const TickReport& report, bool woken);

}  // namespace k3fleet::app
