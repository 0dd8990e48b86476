// AWS::S3::Bucket and AWS::S3::BucketPolicy. Each setting of a bucket is a call of its own, and every call
// names the account that the bucket must belong to.
#include <array>

#include "adapters/aws/resources/bucket_settings.h"
#include "adapters/aws/resources/documents.h"
#include "adapters/aws/resources/kinds_known.h"
#include "aws/gen/s3.h"
#include "base/json.h"
#include "base/text.h"

namespace k3fleet::resources {

namespace s3 = aws::s3;

namespace {

Value of(Context& context, const std::string& bucket) {
    return Value::object({{"Bucket", bucket}, {"ExpectedBucketOwner", context.scope.account}});
}

// A property, how it is read and set, and what it is called in the calls.
struct Setting {
    std::string_view property;
    const aws::Operation& (*get)();
    const aws::Operation& (*put)();
    std::string_view answer;   // Member of the answer; empty: all of it.
    std::string_view request;  // Member of the request.
    Value (*from_aws)(const Value& document);
    Value (*to_aws)(const Value& property);
};

Value same(const Value& document) { return document; }

constexpr std::array kSettings = {
    Setting{"VersioningConfiguration", &s3::GetBucketVersioningRequest::operation,
            &s3::PutBucketVersioningRequest::operation, "", "VersioningConfiguration", same, same},
    Setting{"BucketEncryption", &s3::GetBucketEncryptionRequest::operation,
            &s3::PutBucketEncryptionRequest::operation, "ServerSideEncryptionConfiguration",
            "ServerSideEncryptionConfiguration", encryption_from_aws, encryption_to_aws},
    Setting{"PublicAccessBlockConfiguration", &s3::GetPublicAccessBlockRequest::operation,
            &s3::PutPublicAccessBlockRequest::operation, "PublicAccessBlockConfiguration",
            "PublicAccessBlockConfiguration", same, same},
    Setting{"OwnershipControls", &s3::GetBucketOwnershipControlsRequest::operation,
            &s3::PutBucketOwnershipControlsRequest::operation, "OwnershipControls", "OwnershipControls", same,
            same},
    Setting{"LifecycleConfiguration", &s3::GetBucketLifecycleConfigurationRequest::operation,
            &s3::PutBucketLifecycleConfigurationRequest::operation, "", "LifecycleConfiguration",
            lifecycle_from_aws, lifecycle_to_aws},
    Setting{"NotificationConfiguration", &s3::GetBucketNotificationConfigurationRequest::operation,
            &s3::PutBucketNotificationConfigurationRequest::operation, "", "NotificationConfiguration",
            notifications_from_aws, notifications_to_aws},
};

Result<std::optional<Observed>> observe(Context& context, const std::string& bucket) {
    if (!K3F_TRY(look<s3::HeadBucketRequest>(context, of(context, bucket)))) return std::optional<Observed>();
    Observed observed;
    observed.physical_id = bucket;
    observed.attributes = Value::object({{"Arn", model::bucket_arn(bucket)}});
    observed.properties = Value::object({{"BucketName", bucket}});
    for (const Setting& setting : kSettings) {
        const auto answer = K3F_TRY(look(context, setting.get(), of(context, bucket)));
        const Value whole = answer ? *answer : Value();
        const Value& document = setting.answer.empty() ? whole : at(whole, setting.answer);
        observed.properties.set(setting.property, document.is_null() ? Value() : setting.from_aws(document));
    }
    const auto tags = K3F_TRY(look<s3::GetBucketTaggingRequest>(context, of(context, bucket)));
    if (tags) observed.tags = tags_of(at(*tags, "TagSet"));
    return std::optional(std::move(observed));
}

Status set_all(Context& context, const Observed& observed, const Resource& resource) {
    for (const Setting& setting : kSettings) {
        if (!differs(observed, resource, setting.property)) continue;
        Value request = of(context, observed.physical_id);
        request.set(setting.request, setting.to_aws(at(resource.properties, setting.property)));
        K3F_TRY(ask(context, setting.put(), request));
    }
    return {};
}

// Replaces all tags of a bucket, so those that others gave it go along.
Status tag(Context& context, const Observed& observed, const Resource& resource) {
    if (tags_to_set(observed, resource).empty()) return {};
    Tags all = observed.tags;
    for (const auto& [key, value] : resource.tags) all[key] = value;
    Value request = of(context, observed.physical_id);
    request.set("Tagging", Value::object({{"TagSet", tag_list(all)}}));
    return tell<s3::PutBucketTaggingRequest>(context, request);
}

Result<std::string> create(Context& context, const Resource& resource, const std::string& token) {
    static_cast<void>(token);  // The name is unique in the world.
    Observed fresh;
    fresh.physical_id = text(resource, "BucketName");
    Value configuration = Value::object({{"Tags", tag_list(resource.tags)}});
    if (context.scope.region != "us-east-1") configuration.set("LocationConstraint", context.scope.region);
    K3F_TRY(tell<s3::CreateBucketRequest>(
        context,
        Value::object({{"Bucket", fresh.physical_id}, {"CreateBucketConfiguration", configuration}})));
    const auto tags = K3F_TRY(look<s3::GetBucketTaggingRequest>(context, of(context, fresh.physical_id)));
    if (tags) fresh.tags = tags_of(at(*tags, "TagSet"));
    K3F_TRY(tag(context, fresh, resource));
    K3F_TRY(set_all(context, fresh, resource));
    return fresh.physical_id;
}

Status update(Context& context, const Observed& observed, const Resource& resource) {
    K3F_TRY(tag(context, observed, resource));
    return set_all(context, observed, resource);
}

// Up to a thousand objects, versions and marks of deletion; how many there were.
Result<std::size_t> empty_some(Context& context, const std::string& bucket) {
    const auto page = K3F_TRY(look<s3::ListObjectVersionsRequest>(context, of(context, bucket)));
    if (!page) return std::size_t{0};
    Value objects = Value::array();
    for (const std::string_view list : {"Versions", "DeleteMarkers"})
        for (const Value& item : at(*page, list).items()) objects.push(take(item, {"Key", "VersionId"}));
    if (objects.items().empty()) return std::size_t{0};
    Value request = of(context, bucket);
    request.set("Delete", Value::object({{"Objects", objects}, {"Quiet", true}}));
    const Value done = K3F_TRY(ask<s3::DeleteObjectsRequest>(context, request));
    if (const Value failed = at(done, "Errors"); !failed.items().empty())
        return fail(ErrorCode::Refused,
                    format("{} of {} objects of bucket {} cannot be deleted: {}", failed.items().size(),
                           objects.items().size(), bucket, failed.items().front().string_at("Message")));
    return objects.items().size();
}

Result<Removal> remove(Context& context, const Observed& observed) {
    const std::string& bucket = observed.physical_id;
    if (const std::size_t count = K3F_TRY(empty_some(context, bucket)); count == 1000)
        return going("the bucket is being emptied, a thousand objects a call");
    return removed(tell<s3::DeleteBucketRequest>(context, of(context, bucket)));
}

// The policy.

Result<std::optional<Observed>> find_policy(Context& context, const Resource& resource) {
    const std::string bucket = text(resource, "Bucket");
    if (bucket.empty()) return std::optional<Observed>();
    const auto answer = K3F_TRY(look<s3::GetBucketPolicyRequest>(context, of(context, bucket)));
    if (!answer) return std::optional<Observed>();
    Observed observed;
    observed.physical_id = bucket;
    observed.properties =
        Value::object({{"Bucket", bucket}, {"PolicyDocument", read_document(answer->string_at("Policy"))}});
    return std::optional(std::move(observed));
}

Result<std::string> put_policy(Context& context, const Resource& resource, const std::string& token) {
    static_cast<void>(token);  // The same again is the same.
    std::string bucket = text(resource, "Bucket");
    Value request = of(context, bucket);
    request.set("Policy", json::write(at(resource.properties, "PolicyDocument")));
    K3F_TRY(tell<s3::PutBucketPolicyRequest>(context, request));
    return bucket;
}

Status update_policy(Context& context, const Observed& observed, const Resource& resource) {
    if (!differs(observed, resource, "PolicyDocument")) return {};
    K3F_TRY(put_policy(context, resource, ""));
    return {};
}

Result<Removal> remove_policy(Context& context, const Observed& observed) {
    return removed(
        tell<s3::DeleteBucketPolicyRequest>(context, of(context, observed.properties.string_at("Bucket"))));
}

}  // namespace

constinit const Implementation kBucket = {
    .type = "AWS::S3::Bucket",
    .observe = observe,
    .create = create,
    .update = update,
    .remove = remove,
};

constinit const Implementation kBucketPolicy = {
    .type = "AWS::S3::BucketPolicy",
    .find = find_policy,
    .create = put_policy,
    .update = update_policy,
    .remove = remove_policy,
};

}  // namespace k3fleet::resources
