#include "adapters/simcloud/aws/s3_lifecycle.h"

#include <set>

#include "base/text.h"

namespace k3fleet::simcloud {
namespace {

namespace s3 = aws::s3;

constexpr std::size_t kMaxRules = 1000;
constexpr std::size_t kMaxId = 255;

std::unexpected<Error> malformed() {
    return refuse(
        "MalformedXML",
        "The XML you provided was not well-formed or did not validate against our published schema");
}

Status check_days(std::string_view what, const std::optional<std::int32_t>& days) {
    if (!days || *days > 0) return {};
    return refuse("InvalidArgument", format("'{}' must be a positive integer", what));
}

// One of days, date and the mark of a deletion that nothing is left under.
Status check_expiration(const s3::LifecycleExpiration& expiration) {
    const int said = int(expiration.days.has_value()) + int(expiration.date.has_value()) +
                     int(expiration.expired_object_delete_marker.has_value());
    if (said != 1) return malformed();
    return check_days("Days for Expiration action", expiration.days);
}

Status check_rule(const s3::LifecycleRule& rule) {
    if (!rule.transitions.empty() || !rule.noncurrent_version_transitions.empty())
        return refuse("NotImplemented", "moving objects to other classes of storage is not simulated");
    const std::string status = rule.status.value_or("");
    if (status != "Enabled" && status != "Disabled") return malformed();
    if (rule.id.value_or("").size() > kMaxId)
        return refuse("InvalidArgument", "ID length should not exceed allowed limit of 255");
    if (rule.filter.has_value() == rule.prefix.has_value()) return malformed();  // One of both.
    if (!rule.expiration && !rule.noncurrent_version_expiration && !rule.abort_incomplete_multipart_upload)
        return refuse("InvalidRequest", "At least one action needs to be specified in a rule.");
    if (rule.expiration) K3F_TRY(check_expiration(*rule.expiration));
    if (rule.noncurrent_version_expiration) {
        if (!rule.noncurrent_version_expiration->noncurrent_days) return malformed();
        K3F_TRY(check_days("NoncurrentDays for NoncurrentVersionExpiration action",
                           rule.noncurrent_version_expiration->noncurrent_days));
    }
    if (!rule.abort_incomplete_multipart_upload) return {};
    if (!rule.abort_incomplete_multipart_upload->days_after_initiation) return malformed();
    return check_days("DaysAfterInitiation for AbortIncompleteMultipartUpload action",
                      rule.abort_incomplete_multipart_upload->days_after_initiation);
}

}  // namespace

Status check_lifecycle(const Call& call, const S3Bucket& bucket, s3::BucketLifecycleConfiguration& wanted) {
    if (wanted.rules.empty() || wanted.rules.size() > kMaxRules) return malformed();
    std::set<std::string> ids;
    for (s3::LifecycleRule& rule : wanted.rules) {
        K3F_TRY(check_rule(rule));
        if (rule.id.value_or("").empty()) {
            Prng random = call.dice("s3-lifecycle", format("{}/{}", bucket.name, ids.size()));
            rule.id = format("{:016x}", random.next());
        }
        if (!ids.insert(*rule.id).second)
            return refuse("InvalidArgument", "Rule ID must be unique. Found same ID for more than one rule");
    }
    return {};
}

}  // namespace k3fleet::simcloud
