// When a failed call is made again: the "standard" retry mode of the AWS SDKs, and no call twice that could
// do harm. https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html
#pragma once

#include <cstdint>
#include <mutex>
#include <optional>
#include <string_view>

#include "aws/api.h"
#include "base/error.h"
#include "base/time.h"

namespace k3fleet::retry {

enum class Failure {
    Throttled,  // AWS refused it for now.
    Transient,  // A network or server error: another try may succeed.
    Corrected,  // The reason has been put right (clock, credentials).
    Final,      // Another try would end the same way.
};

// What kind of failure an error of an aws::Api is.
Failure classify(const Error& error, const aws::CallReport& report);

// AWS's codes for "too many calls", of all services and protocols.
bool is_throttling_code(std::string_view code);

// Whether the same request may be sent once more after this error: it surely was not applied, or the
// operation is safe to repeat.
bool may_repeat(const aws::Operation& operation, const aws::CallReport& report);

// Full jitter: a share (0 to 1) of the lesser of 20 seconds and 2^(tries - 1) seconds.
Duration backoff(int tries, double share);

// Tokens that all calls of a client share, so that many clients do not drown a service that struggles: a
// retry costs 5, after a timeout 10; success gives back what its last retry cost, or 1.
class TokenBucket {
public:
    static constexpr int kCapacity = 500;
    // What was taken; empty: there is not enough, do not retry.
    std::optional<int> take(bool timed_out);
    void give_back(int cost);  // 0: of a call that needed no retry.
    int left();

private:
    std::mutex mutex_;
    int left_ = kCapacity;
};

}  // namespace k3fleet::retry
