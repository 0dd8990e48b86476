// Error codes to exit codes.
#include "cli/exit_code.h"

namespace k3fleet::cli {

ExitCode exit_code(ErrorCode code) {
    switch (code) {
        case ErrorCode::InvalidArgument:
        case ErrorCode::NotFound: return ExitCode::Usage;
        case ErrorCode::Conflict:
        case ErrorCode::Refused:
        case ErrorCode::PermissionDenied: return ExitCode::Refused;
        case ErrorCode::Throttled:
        case ErrorCode::NoCapacity:
        case ErrorCode::Unavailable:
        case ErrorCode::DeadlineExceeded: return ExitCode::Incomplete;
        case ErrorCode::Cancelled: return ExitCode::Interrupted;
        case ErrorCode::Corrupt:
        case ErrorCode::Internal: return ExitCode::Internal;
    }
    return ExitCode::Internal;
}

}  // namespace k3fleet::cli
