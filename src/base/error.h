// Errors are values. One vocabulary of few codes; what a provider said stays in the message and the trail.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace k3fleet {

enum class ErrorCode {
    InvalidArgument,   // The caller's input is wrong; trying again is pointless.
    NotFound,          // The thing does not exist (for deletes: already done).
    Conflict,          // Somebody else changed or holds it.
    Refused,           // A safety rule or precondition says no.
    PermissionDenied,  // Credentials are missing, wrong or too weak.
    Throttled,         // Too many calls; try later.
    NoCapacity,        // The provider has none of what was asked for; try another offering.
    Unavailable,       // The other side is down or unreachable; the call may have been applied.
    DeadlineExceeded,  // No answer in time; the call may have been applied.
    Cancelled,         // We were asked to stop.
    Corrupt,           // Data does not have the shape it must have.
    Internal,          // A bug, or an environment so broken that nothing better can be said.
};

std::string_view to_string(ErrorCode code);

struct Error {
    ErrorCode code = ErrorCode::Internal;
    std::string message;             // What is wrong and what to do about it, without a trailing full stop.
    std::vector<std::string> trail;  // What was being done, innermost first.
    // The provider's own name for it, for adapters that must tell cases apart: "DependencyViolation".
    std::string provider_code;
    // How long to wait before another try makes sense; empty = do not retry by itself.
    std::optional<std::chrono::milliseconds> retry_after;

    // Adds what was being done; returns itself so that it can be used in a return statement.
    Error&& with(std::string what) &&;

    // On one line, for logs, records and lists: "what is wrong; what to do (while outer, while inner)".
    std::string describe() const;
};

}  // namespace k3fleet
