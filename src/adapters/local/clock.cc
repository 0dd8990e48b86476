// Time from the machine. See clock.h.
#include "adapters/local/clock.h"

#include <algorithm>

namespace k3fleet::local {
namespace {
// A step of the wall clock is noticed this late at most.
constexpr Duration kLongestWait = std::chrono::minutes{1};
}  // namespace

SystemClock::SystemClock(net::CancelToken cancel) : cancel_(std::move(cancel)) {}

Timestamp SystemClock::now() { return std::chrono::floor<Duration>(std::chrono::system_clock::now()); }

Status SystemClock::sleep_until(Timestamp until) {
    while (true) {
        if (cancel_.cancelled()) return fail(ErrorCode::Cancelled, "interrupted while waiting");
        const Duration remaining = until - now();
        if (remaining <= Duration::zero()) return {};
        if (cancel_.wait_for(std::min(remaining, kLongestWait))) {
            return fail(ErrorCode::Cancelled, "interrupted while waiting");
        }
    }
}

Timestamp FixedClock::now() {
    const std::scoped_lock lock(mutex_);
    return at_;
}

Status FixedClock::sleep_until(Timestamp until) {
    const std::scoped_lock lock(mutex_);
    at_ = std::max(at_, until);
    return {};
}

}  // namespace k3fleet::local
