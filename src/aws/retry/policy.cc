#include "aws/retry/policy.h"

#include <algorithm>
#include <array>

#include "base/ranges.h"

namespace k3fleet::retry {
namespace {

constexpr int kRetryCost = 5;
constexpr int kTimeoutCost = 10;
constexpr Duration kLongestBackoff = std::chrono::seconds{20};

// botocore 1.43.11, retries/standard.py.
constexpr std::array<std::string_view, 14> kThrottling = {
    "BandwidthLimitExceeded",
    "EC2ThrottledException",
    "LimitExceededException",
    "PriorRequestNotComplete",
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "RequestThrottled",
    "RequestThrottledException",
    "SlowDown",
    "ThrottledException",
    "Throttling",
    "ThrottlingException",
    "TooManyRequestsException",
    "TransactionInProgressException",
};

// Answers with other statuses that are worth another try.
constexpr std::array<std::string_view, 4> kTransient = {"RequestTimeout", "RequestTimeoutException",
                                                        "InternalError", "InternalFailure"};

}  // namespace

bool is_throttling_code(std::string_view code) { return contains(kThrottling, code); }

Failure classify(const Error& error, const aws::CallReport& report) {
    if (report.corrected) return Failure::Corrected;
    if (error.code == ErrorCode::Throttled || is_throttling_code(error.provider_code))
        return Failure::Throttled;
    // Comes with status 500; another offering may help, the same again does not.
    if (error.code == ErrorCode::NoCapacity) return Failure::Final;
    const bool no_answer = report.status == 0;
    if (no_answer && (error.code == ErrorCode::Unavailable || error.code == ErrorCode::DeadlineExceeded))
        return Failure::Transient;
    if (contains(std::array{500, 502, 503, 504}, report.status) || contains(kTransient, error.provider_code))
        return Failure::Transient;
    return Failure::Final;
}

bool may_repeat(const aws::Operation& operation, const aws::CallReport& report) {
    return operation.repeat != aws::Repeat::Never || report.applied == aws::CallReport::Applied::No;
}

Duration backoff(int tries, double share) {
    const Duration full{1000LL << std::clamp(tries - 1, 0, 10)};
    return Duration{
        static_cast<std::int64_t>(share * static_cast<double>(std::min(full, kLongestBackoff).count()))};
}

std::optional<int> TokenBucket::take(bool timed_out) {
    const std::scoped_lock lock(mutex_);
    const int cost = timed_out ? kTimeoutCost : kRetryCost;
    if (left_ < cost) return std::nullopt;
    left_ -= cost;
    return cost;
}

void TokenBucket::give_back(int cost) {
    const std::scoped_lock lock(mutex_);
    left_ = std::min(kCapacity, left_ + std::max(cost, 1));
}

int TokenBucket::left() {
    const std::scoped_lock lock(mutex_);
    return left_;
}

}  // namespace k3fleet::retry
