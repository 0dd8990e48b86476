// Decorators that look on: who called what, and how long it took. Both are thread-safe and change nothing.
#pragma once

#include <functional>
#include <mutex>
#include <string>
#include <vector>

#include "aws/api.h"
#include "base/time.h"

namespace k3fleet::aws {

struct RecordedCall {
    std::string service;
    std::string operation;
    std::string region;         // As the call named it; empty: the client's own.
    std::string provider_code;  // AWS's own, if it refused.
    bool succeeded = false;
};

// Keeps what was called, in order of completion: for tests,
// and for comparing with the rights that were granted.
class RecordingApi final : public Api {
public:
    explicit RecordingApi(Api& inner) : inner_(inner) {}

    Status invoke(const Operation& operation, const void* request, void* response,
                  const CallOptions& options) override;
    std::vector<RecordedCall> calls() const;

private:
    Api& inner_;
    mutable std::mutex mutex_;
    std::vector<RecordedCall> calls_;
};

struct Measured {
    const Operation& operation;
    Duration took;
    const CallReport& report;
    const Error* error;  // Null: it succeeded.
};

// Tells `observe` after each call; it is called by whoever called, possibly several at once. `ticks` is a
// monotonic clock.
class MeasuredApi final : public Api {
public:
    MeasuredApi(Api& inner, std::function<Duration()> ticks, std::function<void(const Measured&)> observe)
        : inner_(inner), ticks_(std::move(ticks)), observe_(std::move(observe)) {}

    Status invoke(const Operation& operation, const void* request, void* response,
                  const CallOptions& options) override;

private:
    Api& inner_;
    std::function<Duration()> ticks_;
    std::function<void(const Measured&)> observe_;
};

}  // namespace k3fleet::aws
