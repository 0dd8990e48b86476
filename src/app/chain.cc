#include "app/chain.h"

#include <algorithm>

namespace k3fleet::app {

std::optional<Duration> next_wake_up(const TickReport& report, bool woken) {
    // Work that was open before a tick of the schedule has a chain already.
    if (!report.open_after || (report.open_before && !woken)) return std::nullopt;
    return std::clamp(report.plan.next_tick - report.at, kSoonestWakeUp, 2 * kSoonestWakeUp);
}

}  // namespace k3fleet::app
