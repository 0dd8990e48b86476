// One table from AWS's error codes to ours.
//
// Sources: "Error codes for the Amazon EC2 API", "Common error types" of the other services, and the retry
// behaviour page of the AWS SDKs and Tools reference guide (throttling codes).
#include <algorithm>
#include <array>
#include <string_view>

#include "aws/wire/format.h"

namespace k3fleet::wire {

namespace {

struct Row {
    std::string_view code;
    ErrorCode meaning;
};

// Exact names; they go before the families below.
constexpr std::array kCodes = {
    // Throttling, as the SDKs' standard retry mode has it.
    Row{"Throttling", ErrorCode::Throttled},
    Row{"ThrottlingException", ErrorCode::Throttled},
    Row{"ThrottledException", ErrorCode::Throttled},
    Row{"RequestThrottled", ErrorCode::Throttled},
    Row{"RequestThrottledException", ErrorCode::Throttled},
    Row{"TooManyRequestsException", ErrorCode::Throttled},
    Row{"ProvisionedThroughputExceededException", ErrorCode::Throttled},
    Row{"TransactionInProgressException", ErrorCode::Throttled},
    Row{"RequestLimitExceeded", ErrorCode::Throttled},
    Row{"BandwidthLimitExceeded", ErrorCode::Throttled},
    Row{"LimitExceededException", ErrorCode::Throttled},
    Row{"PriorRequestNotComplete", ErrorCode::Throttled},
    Row{"EC2ThrottledException", ErrorCode::Throttled},
    Row{"SlowDown", ErrorCode::Throttled},
    Row{"RequestThrottledByKms", ErrorCode::Throttled},
    // Nothing to be had of what was asked for: another type, zone or market may do.
    Row{"InsufficientInstanceCapacity", ErrorCode::NoCapacity},
    Row{"InsufficientHostCapacity", ErrorCode::NoCapacity},
    Row{"InsufficientReservedInstanceCapacity", ErrorCode::NoCapacity},
    Row{"InsufficientCapacity", ErrorCode::NoCapacity},
    Row{"InsufficientCapacityOnOutpost", ErrorCode::NoCapacity},
    Row{"InsufficientAddressCapacity", ErrorCode::NoCapacity},
    Row{"InsufficientFreeAddressesInSubnet", ErrorCode::NoCapacity},
    Row{"UnfulfillableCapacity", ErrorCode::NoCapacity},
    Row{"SpotMaxPriceTooLow", ErrorCode::NoCapacity},
    Row{"MaxSpotInstanceCountExceeded", ErrorCode::NoCapacity},
    Row{"InstanceLimitExceeded", ErrorCode::NoCapacity},
    Row{"VcpuLimitExceeded", ErrorCode::NoCapacity},
    Row{"Unsupported", ErrorCode::NoCapacity},  // The type is not offered in that zone.
    // Credentials or rights.
    Row{"AccessDenied", ErrorCode::PermissionDenied},
    Row{"AccessDeniedException", ErrorCode::PermissionDenied},
    Row{"UnauthorizedOperation", ErrorCode::PermissionDenied},
    Row{"NotAuthorized", ErrorCode::PermissionDenied},
    Row{"AuthFailure", ErrorCode::PermissionDenied},
    Row{"AuthorizationError", ErrorCode::PermissionDenied},
    Row{"Blocked", ErrorCode::PermissionDenied},
    Row{"OptInRequired", ErrorCode::PermissionDenied},
    Row{"PendingVerification", ErrorCode::PermissionDenied},
    Row{"InvalidClientTokenId", ErrorCode::PermissionDenied},
    Row{"InvalidAccessKeyId", ErrorCode::PermissionDenied},
    Row{"UnrecognizedClientException", ErrorCode::PermissionDenied},
    Row{"SignatureDoesNotMatch", ErrorCode::PermissionDenied},
    Row{"InvalidSignatureException", ErrorCode::PermissionDenied},
    Row{"IncompleteSignature", ErrorCode::PermissionDenied},
    Row{"IncompleteSignatureException", ErrorCode::PermissionDenied},
    Row{"MissingAuthenticationToken", ErrorCode::PermissionDenied},
    Row{"MissingAuthenticationTokenException", ErrorCode::PermissionDenied},
    Row{"ExpiredToken", ErrorCode::PermissionDenied},
    Row{"ExpiredTokenException", ErrorCode::PermissionDenied},
    Row{"InvalidToken", ErrorCode::PermissionDenied},
    Row{"RequestExpired", ErrorCode::PermissionDenied},
    Row{"RequestTimeTooSkewed", ErrorCode::PermissionDenied},
    Row{"RequestInTheFuture", ErrorCode::PermissionDenied},
    // Somebody else changed it, holds it, or it is there already.
    Row{"ConditionalCheckFailedException", ErrorCode::Conflict},
    Row{"ConditionalRequestConflict", ErrorCode::Conflict},
    Row{"TransactionConflictException", ErrorCode::Conflict},
    Row{"TransactionCanceledException", ErrorCode::Conflict},
    Row{"PreconditionFailed", ErrorCode::Conflict},
    Row{"PreconditionFailedException", ErrorCode::Conflict},
    Row{"DependencyViolation", ErrorCode::Conflict},
    Row{"DeleteConflict", ErrorCode::Conflict},
    Row{"ResourceInUseException", ErrorCode::Conflict},
    Row{"VolumeInUse", ErrorCode::Conflict},
    Row{"IncorrectInstanceState", ErrorCode::Conflict},
    Row{"IncorrectState", ErrorCode::Conflict},
    Row{"InvalidState", ErrorCode::Conflict},
    Row{"IdempotentParameterMismatch", ErrorCode::Conflict},
    Row{"IdempotentInstanceTerminated", ErrorCode::Conflict},
    Row{"ConcurrentModification", ErrorCode::Conflict},
    Row{"ConcurrentModificationException", ErrorCode::Conflict},
    Row{"OperationAborted", ErrorCode::Conflict},
    Row{"BucketNotEmpty", ErrorCode::Conflict},
    Row{"BucketAlreadyOwnedByYou", ErrorCode::Conflict},
    Row{"QueueDeletedRecently", ErrorCode::Conflict},
    Row{"AWS.SimpleQueueService.QueueDeletedRecently", ErrorCode::Conflict},
    // Families would read these wrongly.
    Row{"OperationNotPermitted", ErrorCode::Refused},
    Row{"DryRunOperation", ErrorCode::Refused},
    Row{"QueueDoesNotExist", ErrorCode::NotFound},
    Row{"ParameterNotFound", ErrorCode::NotFound},
    Row{"AWS.SimpleQueueService.NonExistentQueue", ErrorCode::NotFound},
    Row{"InvocationDoesNotExist", ErrorCode::NotFound},
    Row{"InvalidInstanceId", ErrorCode::NotFound},  // ssm: not known to it (yet).
    // The other side is in trouble; the call may have been applied.
    Row{"InternalError", ErrorCode::Unavailable},
    Row{"InternalFailure", ErrorCode::Unavailable},
    Row{"InternalServerError", ErrorCode::Unavailable},
    Row{"InternalServiceError", ErrorCode::Unavailable},
    Row{"ServiceUnavailable", ErrorCode::Unavailable},
    Row{"ServiceUnavailableException", ErrorCode::Unavailable},
    Row{"Unavailable", ErrorCode::Unavailable},
    Row{"ServerInternal", ErrorCode::Unavailable},
    Row{"RequestTimeout", ErrorCode::Unavailable},
    Row{"RequestTimeoutException", ErrorCode::Unavailable},
};

// Names that follow a pattern: "InvalidInstanceID.NotFound", "NoSuchBucket", "ResourceNotFoundException".
struct Family {
    std::string_view begin;
    std::string_view end;
    ErrorCode meaning;
};
constexpr std::array kFamilies = {
    Family{"", ".NotFound", ErrorCode::NotFound},
    Family{"", "NotFound", ErrorCode::NotFound},
    Family{"", "NotFoundException", ErrorCode::NotFound},
    Family{"", "DoesNotExist", ErrorCode::NotFound},
    Family{"", "NotExist", ErrorCode::NotFound},
    Family{"NoSuch", "", ErrorCode::NotFound},
    Family{"", ".Duplicate", ErrorCode::Conflict},
    Family{"", ".InUse", ErrorCode::Conflict},
    Family{"", ".AlreadyExists", ErrorCode::Conflict},
    Family{"", "AlreadyExists", ErrorCode::Conflict},
    Family{"", "AlreadyExistsException", ErrorCode::Conflict},
    Family{"", "ExistsException", ErrorCode::Conflict},
    Family{"", "ConflictException", ErrorCode::Conflict},
    Family{"Resource.AlreadyAssociated", "", ErrorCode::Conflict},
    Family{"", "LimitExceeded", ErrorCode::Refused},
    Family{"", "QuotaExceeded", ErrorCode::Refused},
    Family{"", "QuotaExceededException", ErrorCode::Refused},
};

ErrorCode code_of_status(int status) {
    switch (status) {
        case 401:
        case 403: return ErrorCode::PermissionDenied;
        case 404:
        case 410: return ErrorCode::NotFound;
        case 409:
        case 412: return ErrorCode::Conflict;
        case 429: return ErrorCode::Throttled;
        case 408: return ErrorCode::Unavailable;
        default: return status >= 500 ? ErrorCode::Unavailable : ErrorCode::InvalidArgument;
    }
}

}  // namespace

ErrorCode error_code(std::string_view aws_code, int status) {
    const auto exact = std::ranges::find(kCodes, aws_code, &Row::code);
    if (exact != kCodes.end()) return exact->meaning;
    const auto family = std::ranges::find_if(kFamilies, [&](const Family& row) {
        return aws_code.starts_with(row.begin) && aws_code.ends_with(row.end);
    });
    return family != kFamilies.end() ? family->meaning : code_of_status(status);
}

}  // namespace k3fleet::wire
