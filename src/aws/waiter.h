// Waits until AWS says that something is so: asks again and again, as AWS's own model of the waiter says,
// until its success, its failure, or the deadline.
#pragma once

#include "aws/api.h"
#include "base/check.h"
#include "ports/clock.h"

namespace k3fleet::aws {

struct WaitOptions {
    Timestamp deadline;
    // Between two questions. Empty: the waiter's own (EC2's 15 s is slow, so it may be set shorter).
    std::optional<Duration> delay;
    CallOptions call;
};

// DeadlineExceeded: not so yet; the thing waited for may still come. Refused: the waiter's failure state,
// which will not become its success. Else the error of a call that no acceptor names.
// A deadline in the past asks once.
Status wait_until(Api& api, const Waiter& waiter, const void* request, ports::Clock& clock,
                  const WaitOptions& options);

// The request must be of the waiter's operation.
template <typename Request>
Status wait_until(Api& api, const Waiter& waiter, const Request& request, ports::Clock& clock,
                  const WaitOptions& options) {
    K3F_CHECK(&Request::operation() == waiter.operation);
    return wait_until(api, waiter, static_cast<const void*>(&request), clock, options);
}

// What one answer means: `done` is how the call ended, `response` its answer if it succeeded. Pure; for
// tests. InvalidArgument if the waiter has a path that is not understood.
Result<WaitState> judge(const Waiter& waiter, const Status& done, const CallReport& report,
                        const void* response);

}  // namespace k3fleet::aws
