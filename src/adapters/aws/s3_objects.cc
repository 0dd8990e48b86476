#include "adapters/aws/s3_objects.h"

#include <algorithm>
#include <utility>

#include "aws/gen/s3.h"
#include "base/text.h"

namespace k3fleet::aws {
namespace {

using ports::Condition;

// https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html
constexpr std::size_t kMaxKeyBytes = 1024;
constexpr int kMaxPage = 1000;
constexpr int kMaxPages = 1000;
// "409 Conflict: retry the upload": two conditional writes of one name ran at once and both may have failed.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
constexpr int kMaxCollisions = 4;
constexpr const char* kMark = "k3fleet-write";

Status check_key(const std::string& key) {
    if (key.empty() || key.size() > kMaxKeyBytes)
        return fail(ErrorCode::InvalidArgument,
                    format("an object's name has 1 to {} bytes, this one has {}", kMaxKeyBytes, key.size()));
    if (key.find('\0') != std::string::npos)
        return fail(ErrorCode::InvalidArgument, "an object's name must not contain a NUL byte");
    return {};
}

bool condition_failed(const Error& error, const Condition& condition) {
    if (condition.kind == Condition::Kind::Always) return false;
    // If-Match on an object that is not there is answered "NoSuchKey".
    if (condition.kind == Condition::Kind::IfMatch && error.provider_code == "NoSuchKey") return true;
    return error.code == ErrorCode::Conflict;
}

bool answer_lost(const Error& error, const CallReport& report) {
    return report.applied == CallReport::Applied::Maybe &&
           (error.code == ErrorCode::Unavailable || error.code == ErrorCode::DeadlineExceeded);
}

std::unexpected<Error> conflict(const std::string& key, const Condition& condition, const Error& cause) {
    std::string message = format("{} was changed by somebody else meanwhile: nothing was written", key);
    if (condition.kind == Condition::Kind::IfAbsent)
        message = format("{} exists already: nothing was written", key);
    else if (cause.provider_code == "NoSuchKey")
        message = format("{} was removed meanwhile: nothing was written", key);
    return std::unexpected(Error{.code = ErrorCode::Conflict,
                                 .message = std::move(message),
                                 .trail = cause.trail,
                                 .provider_code = cause.provider_code,
                                 .retry_after = {}});
}

// Several writes at the same time, of which S3 took none: what is there now, nobody said.
std::unexpected<Error> collided(const std::string& key, const Error& cause) {
    return std::unexpected(
        Error{.code = ErrorCode::Unavailable,
              .message = format("others write {} at the same time: nothing was written", key),
              .trail = cause.trail,
              .provider_code = cause.provider_code,
              .retry_after = {}});
}

}  // namespace

Result<std::optional<ports::Object>> S3Objects::get(const std::string& key) {
    K3F_TRY(check_key(key));
    auto got = api_.call(
        s3::GetObjectRequest{.bucket = bucket_.name, .key = key, .expected_bucket_owner = bucket_.owner},
        options());
    if (got) {
        if (!got->etag) return fail(ErrorCode::Corrupt, format("S3 gave {} without an etag", key));
        return ports::Object{.data = std::move(got->body).value_or(""), .etag = *std::move(got->etag)};
    }
    if (got.error().provider_code == "NoSuchKey") return std::nullopt;
    if (got.error().code == ErrorCode::PermissionDenied) {
        const auto there = exists_by_list(key);
        if (there && !*there) return std::nullopt;
    }
    return std::unexpected(std::move(got).error());
}

Result<bool> S3Objects::exists_by_list(const std::string& key) {
    const auto names = K3F_TRY(list(key, "", 1));
    return !names.empty() && names.front() == key;
}

std::optional<std::string> S3Objects::written_with(const std::string& key, const std::string& mark) {
    const auto there = api_.call(
        s3::GetObjectRequest{.bucket = bucket_.name, .key = key, .expected_bucket_owner = bucket_.owner},
        options());
    if (!there) return std::nullopt;
    const auto found = there->metadata.find(kMark);
    if (found == there->metadata.end() || found->second != mark) return std::nullopt;
    return there->etag;
}

Result<std::string> S3Objects::put(const std::string& key, std::string_view data,
                                   const Condition& condition) {
    K3F_TRY(check_key(key));
    const std::string mark = random_.hex(16);
    s3::PutObjectRequest request{.body = std::string(data),
                                 .bucket = bucket_.name,
                                 .key = key,
                                 .expected_bucket_owner = bucket_.owner};
    request.metadata[kMark] = mark;
    if (condition.kind == Condition::Kind::IfAbsent) request.if_none_match = std::string("*");
    if (condition.kind == Condition::Kind::IfMatch) request.if_match = condition.etag;
    bool perhaps_ours = false;
    for (int collisions = 1;; ++collisions) {
        CallReport report;
        CallOptions call = options();
        call.report = &report;
        const auto done = api_.call(request, call);
        if (done && done->etag) return *done->etag;
        if (done) return fail(ErrorCode::Corrupt, format("S3 stored {} without giving an etag", key));
        perhaps_ours = perhaps_ours || report.tries > 1;
        const bool lost = answer_lost(done.error(), report);
        const bool refused = condition_failed(done.error(), condition);
        if (perhaps_ours || (lost && condition.kind != Condition::Kind::Always)) {
            if (auto etag = written_with(key, mark)) return *std::move(etag);
        }
        if (!refused) return std::unexpected(done.error());
        if (done.error().provider_code != "ConditionalRequestConflict")
            return conflict(key, condition, done.error());
        if (collisions >= kMaxCollisions) return collided(key, done.error());
    }
}

Result<std::vector<std::string>> S3Objects::list(const std::string& prefix, const std::string& after,
                                                 int limit) {
    if (limit < 1)
        return fail(ErrorCode::InvalidArgument, format("a list of at most {} objects is no list", limit));
    std::vector<std::string> keys;
    s3::ListObjectsV2Request request{
        .bucket = bucket_.name, .prefix = prefix, .expected_bucket_owner = bucket_.owner};
    if (!after.empty()) request.start_after = after;
    for (int page = 0; page < kMaxPages; ++page) {
        request.max_keys = std::min<int>(kMaxPage, limit - static_cast<int>(keys.size()));
        const auto answer = K3F_TRY(api_.call(request, options()));
        for (const auto& object : answer.contents)
            if (object.key && std::ssize(keys) < limit) keys.push_back(*object.key);
        if (std::ssize(keys) >= limit || !answer.is_truncated.value_or(false)) return keys;
        if (!answer.next_continuation_token)
            return fail(ErrorCode::Corrupt, format("S3 broke off the list of {} without a token", prefix));
        request.continuation_token = answer.next_continuation_token;
    }
    return fail(ErrorCode::Corrupt, format("S3 gives more than {} pages for {}", kMaxPages, prefix));
}

Status S3Objects::remove(const std::string& key) {
    K3F_TRY(check_key(key));
    const auto done = api_.call(
        s3::DeleteObjectRequest{.bucket = bucket_.name, .key = key, .expected_bucket_owner = bucket_.owner},
        options());
    if (!done && done.error().provider_code != "NoSuchKey") return std::unexpected(done.error());
    return {};
}

}  // namespace k3fleet::aws
