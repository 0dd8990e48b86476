// CloudTrail: whether it may write where a trail says, as it tries when a trail is made or changed.
//
// CloudTrail user guide, "Amazon S3 bucket policy for CloudTrail" and "Role policy document for CloudTrail to
// use CloudWatch Logs for monitoring"
#include "adapters/simcloud/aws/kept_policy.h"
#include "adapters/simcloud/aws/keys.h"
#include "adapters/simcloud/aws/roles.h"
#include "adapters/simcloud/aws/trails.h"
#include "base/text.h"

namespace k3fleet::simcloud {
namespace {

constexpr std::string_view kService = "cloudtrail.amazonaws.com";

// What CloudTrail says of itself when it acts for a trail.
iam::Context context_for(const Call& call, const Trail& trail) {
    return {{"aws:SourceAccount", {call.account.number}}, {"aws:SourceArn", {named_trail(call, trail.name)}}};
}

Status check_bucket(const Call& call, const Trail& trail) {
    const auto found = call.account.s3.buckets.find(trail.bucket);
    if (found == call.account.s3.buckets.end())
        return refuse("S3BucketDoesNotExistException", format("S3 bucket {} does not exist!", trail.bucket));
    const std::string& policy = found->second.policy;
    const std::string arn = "arn:aws:s3:::" + trail.bucket;
    const iam::Request look{
        .action = "s3:GetBucketAcl", .resource = arn, .context = context_for(call, trail)};
    iam::Request write{.action = "s3:PutObject", .context = context_for(call, trail)};
    write.resource = format("{}/{}{}AWSLogs/{}/CloudTrail/object", arn, trail.prefix,
                            trail.prefix.empty() ? "" : "/", call.account.number);
    write.context.set("s3:x-amz-acl", {"bucket-owner-full-control"});
    if (lets_service_in(policy, kService, look) && lets_service_in(policy, kService, write)) return {};
    return refuse("InsufficientS3BucketPolicyException",
                  format("Incorrect S3 bucket policy is detected for bucket: {}", trail.bucket));
}

std::unexpected<Error> no_log_group(std::string message) {
    return refuse("InvalidCloudWatchLogsLogGroupArnException", std::move(message));
}

// "arn:aws:logs:REGION:ACCOUNT:log-group:NAME:*"
Status check_log_group(const Call& call, const Trail& trail) {
    if (trail.log_group.empty() && trail.log_role.empty()) return {};
    if (trail.log_group.empty() || trail.log_role.empty())
        return refuse("InvalidParameterCombinationException",
                      "A log group and the role that writes to it are given together");
    const std::string groups = call.arn("logs", "log-group:");
    if (!trail.log_group.starts_with(groups) || !trail.log_group.ends_with(":*"))
        return no_log_group(format("{} is no ARN of a log group of this account and region, which ends in :*",
                                   trail.log_group));
    const std::string name =
        trail.log_group.substr(groups.size(), trail.log_group.size() - groups.size() - 2);
    if (!call.account.log_groups.groups.contains(name))
        return no_log_group(format("There is no log group {}", name));
    const RoleSeen role = role_for(call, trail.log_role, kService, named_trail(call, trail.name));
    if (role.as != RoleSeen::As::Usable)
        return refuse("InvalidCloudWatchLogsRoleArnException",
                      "Access denied. Check the trust relationships for your role.");
    const std::string stream =
        format("{}:log-stream:{}_CloudTrail_{}", trail.log_group.substr(0, trail.log_group.size() - 2),
               call.account.number, call.account.region);
    for (const char* action : {"logs:CreateLogStream", "logs:PutLogEvents"})
        if (!role_may(call, *role.role, {.action = action, .resource = stream}))
            return no_log_group("Access denied. Check the permissions for your role.");
    return {};
}

Status check_key(const Call& call, const Trail& trail) {
    if (trail.key.empty()) return {};
    const KeySeen key = key_for(call, trail.key);
    if (key.as == KeySeen::As::Missing)
        return refuse("KmsKeyNotFoundException", format("KMS key {} does not exist", trail.key));
    if (key.as != KeySeen::As::Usable)
        return refuse("KmsException", format("KMS key {} is not enabled", trail.key));
    iam::Context context = context_for(call, trail);
    context.set("kms:EncryptionContext:aws:cloudtrail:arn", {named_trail(call, trail.name)});
    if (key_lets_in(call, key, kService, "kms:GenerateDataKey", context)) return {};
    return refuse("InsufficientEncryptionPolicyException",
                  "Insufficient permissions to access S3 bucket or KMS key.");
}

}  // namespace

Status check_targets(const Call& call, const Trail& trail) {
    if (trail.every_region && !trail.global_events)
        return refuse("InvalidParameterCombinationException",
                      "Multi-Region trail must include global service events.");
    K3F_TRY(check_bucket(call, trail));
    K3F_TRY(check_key(call, trail));
    return check_log_group(call, trail);
}

}  // namespace k3fleet::simcloud
