// S3: the settings of buckets. Each is kept as the document that the request was, once it is found sound, and
// shown again; those that nobody has set show what AWS gives to new buckets.
//
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_Operations_Amazon_Simple_Storage_Service.html
#include <algorithm>
#include <array>

#include "adapters/simcloud/aws/kept_policy.h"
#include "adapters/simcloud/aws/s3_common.h"
#include "adapters/simcloud/aws/s3_lifecycle.h"
#include "adapters/simcloud/aws/s3_notifications.h"
#include "adapters/simcloud/aws/tags.h"
#include "aws/value.h"
#include "base/json.h"
#include "base/text.h"

namespace k3fleet::simcloud {
namespace {

namespace s3 = aws::s3;

constexpr std::size_t kMaxPolicy = 20'480;
constexpr const char* kEncryption = "ServerSideEncryptionConfiguration";
constexpr const char* kPublicAccess = "PublicAccessBlockConfiguration";
constexpr const char* kOwnership = "OwnershipControls";
constexpr const char* kLifecycle = "LifecycleConfiguration";

// IAM has names of its own for some.
struct Action {
    std::string_view operation;
    std::string_view action;
};
constexpr std::array kActions = {
    Action{"PutBucketEncryption", "s3:PutEncryptionConfiguration"},
    Action{"GetBucketEncryption", "s3:GetEncryptionConfiguration"},
    Action{"PutPublicAccessBlock", "s3:PutBucketPublicAccessBlock"},
    Action{"GetPublicAccessBlock", "s3:GetBucketPublicAccessBlock"},
    Action{"PutBucketNotificationConfiguration", "s3:PutBucketNotification"},
    Action{"GetBucketNotificationConfiguration", "s3:GetBucketNotification"},
    Action{"PutBucketLifecycleConfiguration", "s3:PutLifecycleConfiguration"},
    Action{"GetBucketLifecycleConfiguration", "s3:GetLifecycleConfiguration"},
};

template <typename Request>
Status needs_bucket(const Call& call, const Request& request, Needs& needs) {
    const auto* const known =
        std::ranges::find(kActions, std::string_view(call.operation.name), &Action::operation);
    needs.add(known == kActions.end() ? format("s3:{}", call.operation.name) : std::string(known->action),
              bucket_arn(request.bucket), s3_context(call));
    return {};
}

std::unexpected<Error> malformed() {
    return refuse(
        "MalformedXML",
        "The XML you provided was not well-formed or did not validate against our published schema");
}

// What each setting is checked for; some are completed.

Status check(const Call&, const S3Bucket&, s3::ServerSideEncryptionConfiguration& wanted) {
    if (wanted.rules.size() != 1) return malformed();
    const auto& by_default = wanted.rules[0].apply_server_side_encryption_by_default;
    if (!by_default) return malformed();
    const std::string algorithm = by_default->sse_algorithm.value_or("");
    const bool by_kms = algorithm == "aws:kms" || algorithm == "aws:kms:dsse";
    if (!by_kms && algorithm != "AES256") return malformed();
    if (!by_kms && by_default->kms_master_key_id)
        return refuse("InvalidArgument",
                      "a KMSMasterKeyID is not applicable if the default sse algorithm is "
                      "not aws:kms or aws:kms:dsse");
    if (!wanted.rules[0].bucket_key_enabled) wanted.rules[0].bucket_key_enabled = false;
    return {};
}

Status check(const Call&, const S3Bucket&, s3::PublicAccessBlockConfiguration& wanted) {
    if (!wanted.block_public_acls && !wanted.ignore_public_acls && !wanted.block_public_policy &&
        !wanted.restrict_public_buckets)
        return refuse("InvalidRequest", "Must specify at least one configuration.");
    for (auto* setting : {&wanted.block_public_acls, &wanted.ignore_public_acls, &wanted.block_public_policy,
                          &wanted.restrict_public_buckets})
        if (!*setting) *setting = false;
    return {};
}

Status check(const Call&, const S3Bucket&, s3::OwnershipControls& wanted) {
    if (wanted.rules.size() != 1) return malformed();
    const std::string owner = wanted.rules[0].object_ownership.value_or("");
    const bool known =
        owner == "BucketOwnerEnforced" || owner == "BucketOwnerPreferred" || owner == "ObjectWriter";
    return known ? Status() : malformed();
}

Status check(const Call& call, const S3Bucket& bucket, s3::BucketLifecycleConfiguration& wanted) {
    return check_lifecycle(call, bucket, wanted);
}

Status check(const Call& call, const S3Bucket& bucket, s3::NotificationConfiguration& wanted) {
    return check_notifications(call, bucket, wanted);
}

// Which member of the request holds the setting.
template <typename Request>
struct Of;
template <>
struct Of<s3::PutBucketEncryptionRequest> {
    static constexpr auto kName = kEncryption;
    static constexpr auto kMember = &s3::PutBucketEncryptionRequest::server_side_encryption_configuration;
};
template <>
struct Of<s3::PutPublicAccessBlockRequest> {
    static constexpr auto kName = kPublicAccess;
    static constexpr auto kMember = &s3::PutPublicAccessBlockRequest::public_access_block_configuration;
};
template <>
struct Of<s3::PutBucketOwnershipControlsRequest> {
    static constexpr auto kName = kOwnership;
    static constexpr auto kMember = &s3::PutBucketOwnershipControlsRequest::ownership_controls;
};
template <>
struct Of<s3::PutBucketLifecycleConfigurationRequest> {
    static constexpr auto kName = kLifecycle;
    static constexpr auto kMember = &s3::PutBucketLifecycleConfigurationRequest::lifecycle_configuration;
};
template <>
struct Of<s3::PutBucketNotificationConfigurationRequest> {
    static constexpr auto kName = kNotifications;
    static constexpr auto kMember =
        &s3::PutBucketNotificationConfigurationRequest::notification_configuration;
};

template <typename Request>
Result<typename Request::Response> put(Call& call, const Request& request) {
    S3Bucket& bucket = *K3F_TRY(find_bucket(call, request.bucket, request.expected_bucket_owner));
    Request completed = request;
    auto& wanted = completed.*Of<Request>::kMember;
    if (!wanted) return malformed();
    K3F_TRY(check(call, bucket, *wanted));
    // A key's ARN counts as a secret in AWS's model; here it must be found again.
    const Value whole = aws::to_value(*Request::operation().input, &completed,
                                      {.secrets = aws::ValueOptions::Secrets::Shown});
    bucket.settings[Of<Request>::kName] = json::write(*whole.find(Of<Request>::kName));
    if constexpr (std::is_same_v<Request, s3::PutBucketNotificationConfigurationRequest>)
        send_test_events(call, bucket, *wanted);
    typename Request::Response answer;
    if constexpr (requires { answer.transition_default_minimum_object_size; })
        answer.transition_default_minimum_object_size = kSmallest;
    return answer;
}

// The answer of a document; `member` null: it is the whole answer.
template <typename Response>
Result<Response> shown(const aws::Type& type, const Value& document, const char* member) {
    Response answer;
    const Value whole = member == nullptr ? document : Value::object({{member, document}});
    K3F_TRY(aws::from_value(type, whole, &answer, "a saved setting"));
    return answer;
}

// As it was set, or `otherwise`; of null: the refusal of this code.
template <typename Request>
Result<typename Request::Response> get(Call& call, const Request& request, const char* name,
                                       const char* member, const Value& otherwise, std::string_view missing) {
    const S3Bucket& bucket = *K3F_TRY(find_bucket(call, request.bucket, request.expected_bucket_owner));
    const auto found = bucket.settings.find(name);
    Value document = otherwise;
    if (found != bucket.settings.end()) document = K3F_TRY(json::parse(found->second));
    if (document.is_null()) return refuse(missing, "The bucket has no such configuration", 404);
    return shown<typename Request::Response>(*Request::operation().output, document, member);
}

// Since January 2023 new buckets are encrypted, and since April 2023 closed and their owner's.

Result<s3::GetBucketEncryptionResponse> get_encryption(Call& call,
                                                       const s3::GetBucketEncryptionRequest& request) {
    Value rule = Value::object({{"BucketKeyEnabled", false}});
    rule.set("ApplyServerSideEncryptionByDefault", Value::object({{"SSEAlgorithm", "AES256"}}));
    return get(call, request, kEncryption, kEncryption, Value::object({{"Rules", Value::array({rule})}}), "");
}

Result<s3::GetPublicAccessBlockResponse> get_public_access(Call& call,
                                                           const s3::GetPublicAccessBlockRequest& request) {
    const Value closed = Value::object({{"BlockPublicAcls", true},
                                        {"IgnorePublicAcls", true},
                                        {"BlockPublicPolicy", true},
                                        {"RestrictPublicBuckets", true}});
    return get(call, request, kPublicAccess, kPublicAccess, closed, "");
}

Result<s3::GetBucketOwnershipControlsResponse> get_ownership(
    Call& call, const s3::GetBucketOwnershipControlsRequest& request) {
    const Value owned = Value::object({{"ObjectOwnership", "BucketOwnerEnforced"}});
    return get(call, request, kOwnership, kOwnership, Value::object({{"Rules", Value::array({owned})}}), "");
}

Result<s3::GetBucketLifecycleConfigurationResponse> get_lifecycle(
    Call& call, const s3::GetBucketLifecycleConfigurationRequest& request) {
    auto answer = K3F_TRY(get(call, request, kLifecycle, nullptr, Value(), "NoSuchLifecycleConfiguration"));
    answer.transition_default_minimum_object_size = kSmallest;
    return answer;
}

auto get_notifications(Call& call, const s3::GetBucketNotificationConfigurationRequest& request) {
    return get(call, request, kNotifications, nullptr, Value::object(), "");
}

// The policy.

std::unexpected<Error> malformed_policy(std::string why) { return refuse("MalformedPolicy", std::move(why)); }

Status check_policy(Call& call, const S3Bucket& bucket, const std::string& policy) {
    if (policy.size() > kMaxPolicy)
        return refuse("PolicyTooLarge", format("A bucket's policy has at most {} bytes", kMaxPolicy));
    if (const std::string wrong = wrong_kept_policy(policy); !wrong.empty()) return malformed_policy(wrong);
    if (names_strangers(call, policy)) return malformed_policy("Invalid principal in policy");
    for (const std::string& action : actions_in(policy))
        if (!lower(action).starts_with("s3:") && action != "*")
            return malformed_policy("Policy has invalid action");
    const std::string arn = bucket_arn(bucket.name);
    for (const std::string& resource : resources_in(policy))
        if (resource != arn && !resource.starts_with(arn + "/"))
            return malformed_policy("Policy has invalid resource");
    const s3::GetPublicAccessBlockRequest asked{.bucket = bucket.name};
    const auto access = K3F_TRY(get_public_access(call, asked));
    if (is_public(policy) && access.public_access_block_configuration->block_public_policy.value_or(false))
        return refuse("AccessDenied",
                      "public policies are blocked by the BlockPublicPolicy block public access setting");
    return {};
}

Result<s3::PutBucketPolicyResponse> put_policy(Call& call, const s3::PutBucketPolicyRequest& request) {
    S3Bucket& bucket = *K3F_TRY(find_bucket(call, request.bucket, request.expected_bucket_owner));
    K3F_TRY(check_policy(call, bucket, *request.policy));
    bucket.policy = *request.policy;
    return s3::PutBucketPolicyResponse{};
}

Result<s3::GetBucketPolicyResponse> get_policy(Call& call, const s3::GetBucketPolicyRequest& request) {
    const S3Bucket& bucket = *K3F_TRY(find_bucket(call, request.bucket, request.expected_bucket_owner));
    if (bucket.policy.empty()) return refuse("NoSuchBucketPolicy", "The bucket policy does not exist");
    return s3::GetBucketPolicyResponse{.policy = bucket.policy};
}

// That there is none is no error.
Result<s3::DeleteBucketPolicyResponse> delete_policy(Call& call,
                                                     const s3::DeleteBucketPolicyRequest& request) {
    K3F_TRY(find_bucket(call, request.bucket, request.expected_bucket_owner))->policy.clear();
    return s3::DeleteBucketPolicyResponse{};
}

// Tags. Those that are put are all that there are then.

Result<s3::PutBucketTaggingResponse> put_tagging(Call& call, const s3::PutBucketTaggingRequest& request) {
    S3Bucket& bucket = *K3F_TRY(find_bucket(call, request.bucket, request.expected_bucket_owner));
    K3F_TRY(check_bucket_tags(request.tagging->tag_set));
    bucket.tags = tags_in(request.tagging->tag_set);
    bucket.tagged_at = call.now;
    return s3::PutBucketTaggingResponse{};
}

Result<s3::GetBucketTaggingResponse> get_tagging(Call& call, const s3::GetBucketTaggingRequest& request) {
    const S3Bucket& bucket = *K3F_TRY(find_bucket(call, request.bucket, request.expected_bucket_owner));
    if (bucket.tags.empty()) return refuse("NoSuchTagSet", "The TagSet does not exist");
    s3::GetBucketTaggingResponse answer;
    put_tags(bucket.tags, answer.tag_set);
    return answer;
}

}  // namespace

Status check_bucket_tags(const aws::List<s3::Tag>& tags) {
    if (repeats_key(tags)) return refuse("InvalidTag", "Cannot provide multiple Tags with the same key");
    const std::string wrong = wrong_tags(tags_in(tags));
    if (wrong.empty()) return {};
    return refuse(too_many_tags(tags_in(tags), {}) ? "BadRequest" : "InvalidTag", wrong);
}

TaggedThings tagged_buckets(const Account& account) {
    TaggedThings all;
    for (const auto& [name, bucket] : account.s3.buckets)
        all.push_back({.arn = bucket_arn(name), .tags = bucket.tags, .since = bucket.tagged_at});
    return all;
}

void add_s3_settings(Handlers& handlers) {
    const auto add_put = [&]<typename Request>(Request /*unused*/) {
        handlers.add<Request>({"Bucket", Of<Request>::kName, "ExpectedBucketOwner"}, needs_bucket, put);
    };
    add_put(s3::PutBucketEncryptionRequest{});
    add_put(s3::PutPublicAccessBlockRequest{});
    add_put(s3::PutBucketOwnershipControlsRequest{});
    add_put(s3::PutBucketLifecycleConfigurationRequest{});
    add_put(s3::PutBucketNotificationConfigurationRequest{});
    const auto add = [&]<typename Request>(Result<typename Request::Response> (*act)(Call&, const Request&)) {
        handlers.add<Request>({"Bucket", "ExpectedBucketOwner"}, needs_bucket, act);
    };
    add.operator()<s3::GetBucketEncryptionRequest>(get_encryption);
    add.operator()<s3::GetPublicAccessBlockRequest>(get_public_access);
    add.operator()<s3::GetBucketOwnershipControlsRequest>(get_ownership);
    add.operator()<s3::GetBucketLifecycleConfigurationRequest>(get_lifecycle);
    add.operator()<s3::GetBucketNotificationConfigurationRequest>(get_notifications);
    add.operator()<s3::GetBucketPolicyRequest>(get_policy);
    add.operator()<s3::DeleteBucketPolicyRequest>(delete_policy);
    add.operator()<s3::GetBucketTaggingRequest>(get_tagging);
    handlers.add<s3::PutBucketPolicyRequest>({"Bucket", "Policy", "ExpectedBucketOwner"}, needs_bucket,
                                             put_policy);
    handlers.add<s3::PutBucketTaggingRequest>({"Bucket", "Tagging", "ExpectedBucketOwner"}, needs_bucket,
                                              put_tagging);
}

}  // namespace k3fleet::simcloud
