// How long one call may take in all, and who may end it early. Internal to net.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/text.h"
#include "base/time.h"
#include "net/cancel.h"

namespace k3fleet::net {

// Monotonic, as a wall clock that is set must neither end a call nor stretch it.
using Monotonic = std::chrono::steady_clock;

struct Deadline {
    Duration given;  // For messages.
    CancelToken cancel;
    Monotonic::time_point at = Monotonic::now() + given;

    bool expired() const { return Monotonic::now() >= at; }
    bool over() const { return cancel.cancelled() || expired(); }

    // Why a call that is over() ended. `what` says what was missing: "host:443 did not answer".
    Error error(std::string_view what) const {
        if (cancel.cancelled())
            return {.code = ErrorCode::Cancelled, .message = format("interrupted: {} yet", what)};
        return {.code = ErrorCode::DeadlineExceeded,
                .message = format("{} within {}", what, k3fleet::to_string(given))};
    }
};

}  // namespace k3fleet::net
