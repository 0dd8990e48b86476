#include "aws/recording_api.h"

namespace k3fleet::aws {

Status RecordingApi::invoke(const Operation& operation, const void* request, void* response,
                            const CallOptions& options) {
    Status done = inner_.invoke(operation, request, response, options);
    const std::scoped_lock lock(mutex_);
    calls_.push_back({.service = operation.service->id,
                      .operation = operation.name,
                      .region = options.region,
                      .provider_code = done ? "" : done.error().provider_code,
                      .succeeded = done.has_value()});
    return done;
}

std::vector<RecordedCall> RecordingApi::calls() const {
    const std::scoped_lock lock(mutex_);
    return calls_;
}

Status MeasuredApi::invoke(const Operation& operation, const void* request, void* response,
                           const CallOptions& options) {
    CallReport own;
    CallOptions reported = options;
    if (reported.report == nullptr) reported.report = &own;
    const Duration begun = ticks_();
    Status done = inner_.invoke(operation, request, response, reported);
    observe_({.operation = operation,
              .took = ticks_() - begun,
              .report = *reported.report,
              .error = done ? nullptr : &done.error()});
    return done;
}

}  // namespace k3fleet::aws
