// S3's operations on buckets: made, looked for, removed, and whether they keep versions.
#include <algorithm>
#include <string>

#include "adapters/simcloud/aws/s3_common.h"
#include "adapters/simcloud/aws/tags.h"
#include "adapters/simcloud/engine.h"
#include "base/text.h"

namespace k3fleet::simcloud {
namespace {

namespace s3 = aws::s3;

constexpr const char* kEnabled = "Enabled";
constexpr const char* kSuspended = "Suspended";

// https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
bool is_name(const std::string& name) {
    const auto allowed = [](char c) {
        return (is_letter_or_digit(c) && lower(c) == c) || c == '-' || c == '.';
    };
    return name.size() >= 3 && name.size() <= 63 && std::ranges::all_of(name, allowed) &&
           is_letter_or_digit(name.front()) && is_letter_or_digit(name.back()) &&
           name.find("..") == std::string::npos;
}

template <typename Request>
Status needs_bucket(const Call& call, const Request& request, Needs& needs) {
    const bool head = std::string_view(call.operation.name) == "HeadBucket";
    needs.add(head ? "s3:ListBucket" : format("s3:{}", call.operation.name), bucket_arn(request.bucket),
              s3_context(call));
    return {};
}

// Tags in the request are a right of their own.
Status needs_create(const Call& call, const s3::CreateBucketRequest& request, Needs& needs) {
    iam::Context context = s3_context(call);
    const auto& wanted = request.create_bucket_configuration;
    if (wanted && !wanted->tags.empty()) {
        set_request_tags(context, tags_in(wanted->tags));
        needs.add("s3:TagResource", bucket_arn(request.bucket), context);
    }
    needs.add("s3:CreateBucket", bucket_arn(request.bucket), std::move(context));
    return {};
}

Result<s3::CreateBucketResponse> create_bucket(Call& call, const s3::CreateBucketRequest& request) {
    const std::string name = request.bucket.value_or("");
    if (!is_name(name)) return refuse("InvalidBucketName", "The specified bucket is not valid");
    const auto& wanted = request.create_bucket_configuration;
    if (wanted && (wanted->location || wanted->bucket))
        return refuse("NotImplemented", "Location and Bucket of CreateBucketConfiguration are not simulated");
    if (wanted) K3F_TRY(check_bucket_tags(wanted->tags));
    const std::string region = wanted ? wanted->location_constraint.value_or("us-east-1") : "us-east-1";
    if (region != call.account.region)
        return refuse(
            "IllegalLocationConstraintException",
            format("The {} location constraint is incompatible for the region specific endpoint this "
                   "request was sent to",
                   region));
    if (call.account.s3.buckets.contains(name))
        return refuse("BucketAlreadyOwnedByYou",
                      "Your previous request to create the named bucket succeeded and you already own it");
    S3Bucket bucket{.name = name, .created_at = call.now, .tagged_at = call.now};
    if (wanted) bucket.tags = tags_in(wanted->tags);
    call.account.s3.buckets.emplace(name, std::move(bucket));
    return s3::CreateBucketResponse{.location = format("http://{}.s3.amazonaws.com/", name)};
}

Status needs_list(const Call& call, const s3::ListBucketsRequest&, Needs& needs) {
    needs.add("s3:ListAllMyBuckets", "*", s3_context(call));
    return {};
}

// Those of every region. Nobody has more than a page of them here.
Result<s3::ListBucketsResponse> list_buckets(Call& call, const s3::ListBucketsRequest&) {
    s3::ListBucketsResponse answer;
    const auto add = [&](const Account& account) {
        for (const auto& [name, bucket] : account.s3.buckets)
            answer.buckets.push_back({.name = name, .creation_date = bucket.created_at});
    };
    add(call.home);
    for (const auto& [region, account] : call.engine.state().elsewhere) add(account);
    std::ranges::sort(answer.buckets, {}, &s3::Bucket::name);
    return answer;
}

Result<s3::HeadBucketResponse> head_bucket(Call& call, const s3::HeadBucketRequest& request) {
    const auto bucket = find_bucket(call, request.bucket, request.expected_bucket_owner);
    if (!bucket)
        return refuse_without_body(bucket.error().code == ErrorCode::NotFound ? 404 : 403,
                                   bucket.error().message);
    return s3::HeadBucketResponse{.bucket_region = call.account.region};
}

Result<s3::DeleteBucketResponse> delete_bucket(Call& call, const s3::DeleteBucketRequest& request) {
    const S3Bucket& bucket = *K3F_TRY(find_bucket(call, request.bucket, request.expected_bucket_owner));
    if (!bucket.objects.empty())
        return refuse("BucketNotEmpty",
                      "The bucket you tried to delete is not empty. You must delete all versions "
                      "in the bucket.");
    call.account.s3.buckets.erase(*request.bucket);
    return s3::DeleteBucketResponse{};
}

Result<s3::PutBucketVersioningResponse> put_versioning(Call& call,
                                                       const s3::PutBucketVersioningRequest& request) {
    S3Bucket& bucket = *K3F_TRY(find_bucket(call, request.bucket, request.expected_bucket_owner));
    const std::string status = request.versioning_configuration->status.value_or("");
    if (request.versioning_configuration->mfa_delete)
        return refuse("NotImplemented", "MFADelete is not simulated");
    if (status != kEnabled && status != kSuspended)
        return refuse("IllegalVersioningConfigurationException", "The Versioning element must be specified");
    bucket.versioning = status == kEnabled ? S3Bucket::Versioning::Enabled : S3Bucket::Versioning::Suspended;
    return s3::PutBucketVersioningResponse{};
}

Result<s3::GetBucketVersioningResponse> get_versioning(Call& call,
                                                       const s3::GetBucketVersioningRequest& request) {
    const S3Bucket& bucket = *K3F_TRY(find_bucket(call, request.bucket, request.expected_bucket_owner));
    s3::GetBucketVersioningResponse answer;
    if (bucket.versioning == S3Bucket::Versioning::Enabled) answer.status = kEnabled;
    if (bucket.versioning == S3Bucket::Versioning::Suspended) answer.status = kSuspended;
    return answer;
}

}  // namespace

void add_s3_buckets(Handlers& handlers) {
    handlers.add<s3::CreateBucketRequest>({"Bucket", "CreateBucketConfiguration"}, needs_create,
                                          create_bucket);
    handlers.add<s3::ListBucketsRequest>({}, needs_list, list_buckets);
    handlers.add<s3::HeadBucketRequest>({"Bucket", "ExpectedBucketOwner"}, needs_bucket, head_bucket);
    handlers.add<s3::DeleteBucketRequest>({"Bucket", "ExpectedBucketOwner"}, needs_bucket, delete_bucket);
    handlers.add<s3::PutBucketVersioningRequest>({"Bucket", "VersioningConfiguration", "ExpectedBucketOwner"},
                                                 needs_bucket, put_versioning);
    handlers.add<s3::GetBucketVersioningRequest>({"Bucket", "ExpectedBucketOwner"}, needs_bucket,
                                                 get_versioning);
}

}  // namespace k3fleet::simcloud
