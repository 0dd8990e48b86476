// The real clock, and one that stands still.
#pragma once

#include <mutex>

#include "net/cancel.h"
#include "ports/clock.h"

namespace k3fleet::local {

// The machine's clock. Waiting follows changes of it (NTP, a suspended laptop) within a minute.
class SystemClock final : public ports::Clock {
public:
    // Waiting ends with Cancelled when the token is cancelled: Ctrl-C, by default.
    explicit SystemClock(net::CancelToken cancel = net::CancelToken::process());
    Timestamp now() override;
    Status sleep_until(Timestamp until) override;

private:
    net::CancelToken cancel_;
};

// For `--at`: a moment that was chosen. It only moves when somebody would have waited, and then at once.
class FixedClock final : public ports::Clock {
public:
    explicit FixedClock(Timestamp at) : at_(at) {}
    Timestamp now() override;
    Status sleep_until(Timestamp until) override;

private:
    std::mutex mutex_;
    Timestamp at_;
};

}  // namespace k3fleet::local
