// S3's operations on objects.
//
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_Operations_Amazon_Simple_Storage_Service.html and
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
#include <algorithm>
#include <utility>

#include "adapters/simcloud/aws/s3_common.h"
#include "adapters/simcloud/aws/s3_notifications.h"
#include "adapters/simcloud/engine.h"
#include "base/text.h"

namespace k3fleet::simcloud {
namespace {

namespace s3 = aws::s3;

constexpr std::size_t kMaxKey = 1024;
constexpr std::size_t kMaxMetadata = 2048;
constexpr std::size_t kMaxDeletes = 1000;

Status check_key(const std::optional<std::string>& key) {
    if (key.value_or("").empty()) return refuse("InvalidURI", "Couldn't parse the specified URI");
    if (key->size() > kMaxKey) return refuse("KeyTooLongError", "Your key is too long");
    return {};
}

std::unexpected<Error> condition_failed() {
    return refuse("PreconditionFailed", "At least one of the pre-conditions you specified did not hold");
}

// Who may not list a bucket does not learn whether an object is there: without it, reading needs that right.
template <typename Request>
Status needs_read(const Call& call, const Request& request, Needs& needs) {
    const iam::Context context = s3_context(call);
    const bool old = request.version_id.has_value();
    needs.add(old ? "s3:GetObjectVersion" : "s3:GetObject", object_arn(request.bucket, request.key), context);
    const auto bucket = call.account.s3.buckets.find(request.bucket.value_or(""));
    if (bucket == call.account.s3.buckets.end()) return {};
    if (current(bucket->second, request.key.value_or("")) == nullptr)
        needs.add("s3:ListBucket", bucket_arn(request.bucket), context);
    return {};
}

// The version that a request means. NoSuchKey, NoSuchVersion; MethodNotAllowed of a marker.
template <typename Request>
Result<const S3Version*> find_version(const S3Bucket& bucket, const Request& request) {
    const std::string& key = *request.key;
    if (!request.version_id) {
        const S3Version* newest = current(bucket, key);
        if (newest == nullptr) return refuse("NoSuchKey", "The specified key does not exist.");
        return newest;
    }
    const auto found = bucket.objects.find(key);
    if (found != bucket.objects.end()) {
        for (const S3Version& version : found->second) {
            if (version.id != *request.version_id) continue;
            if (version.marker)
                return refuse("MethodNotAllowed",
                              "The specified method is not allowed against this resource");
            return &version;
        }
    }
    return refuse("NoSuchVersion", "The specified version does not exist");
}

template <typename Request>
Status check_read_conditions(const Request& request, const S3Version& version) {
    if (request.if_match && *request.if_match != "*" && *request.if_match != version.etag)
        return condition_failed();
    if (request.if_none_match && (*request.if_none_match == "*" || *request.if_none_match == version.etag))
        return refuse("304", "Not Modified");
    return {};
}

template <typename Response>
Response shown(const S3Bucket& bucket, const S3Version& version) {
    Response answer;
    answer.last_modified = std::chrono::floor<std::chrono::seconds>(version.at);
    answer.content_length = static_cast<std::int64_t>(version.body.size());
    answer.etag = version.etag;
    answer.content_type = version.content_type.empty() ? "binary/octet-stream" : version.content_type;
    for (const auto& [name, value] : version.metadata) answer.metadata[name] = value;
    if (bucket.versioning != S3Bucket::Versioning::Never) answer.version_id = version.id;
    return answer;
}

Result<s3::GetObjectResponse> get_object(Call& call, const s3::GetObjectRequest& request) {
    K3F_TRY(check_key(request.key));
    const S3Bucket& bucket = *K3F_TRY(find_bucket(call, request.bucket, request.expected_bucket_owner));
    const S3Version& version = *K3F_TRY(find_version(bucket, request));
    K3F_TRY(check_read_conditions(request, version));
    auto answer = shown<s3::GetObjectResponse>(bucket, version);
    answer.body = version.body;
    return answer;
}

// A HEAD has no body, so its refusals have no code.
Result<s3::HeadObjectResponse> head_object(Call& call, const s3::HeadObjectRequest& request) {
    K3F_TRY(check_key(request.key));
    const auto bucket = find_bucket(call, request.bucket, request.expected_bucket_owner);
    if (!bucket)
        return refuse_without_body(bucket.error().code == ErrorCode::NotFound ? 404 : 403,
                                   bucket.error().message);
    const auto version = find_version(**bucket, request);
    if (!version) return refuse_without_body(404, version.error().message);
    const Status holds = check_read_conditions(request, **version);
    if (!holds) return refuse_without_body(412, holds.error().message);
    return shown<s3::HeadObjectResponse>(**bucket, **version);
}

Status needs_put(const Call& call, const s3::PutObjectRequest& request, Needs& needs) {
    needs.add("s3:PutObject", object_arn(request.bucket, request.key), s3_context(call));
    return {};
}

Status check_write_conditions(Call& call, const s3::PutObjectRequest& request, const S3Version* there) {
    if (!request.if_match && !request.if_none_match) return {};
    if (request.if_match && request.if_none_match)
        return refuse("NotImplemented",
                      "A header you provided implies functionality that is not implemented");
    // "409: retry the upload", when another conditional write of the name ends at the same time.
    if (call.engine.take_fault(FaultKind::WriteCollision, *request.key))
        return refuse("ConditionalRequestConflict",
                      "The conditional request cannot succeed due to a conflicting "
                      "operation against this resource");
    if (request.if_none_match) {
        if (*request.if_none_match != "*")
            return refuse("NotImplemented",
                          "A header you provided implies functionality that is not implemented");
        return there == nullptr ? Status() : condition_failed();
    }
    if (there == nullptr) return refuse("NoSuchKey", "The specified key does not exist.");
    return *request.if_match == there->etag || *request.if_match == "*" ? Status() : condition_failed();
}

Result<s3::PutObjectResponse> put_object(Call& call, const s3::PutObjectRequest& request) {
    K3F_TRY(check_key(request.key));
    S3Bucket& bucket = *K3F_TRY(find_bucket(call, request.bucket, request.expected_bucket_owner));
    S3Version version{.content_type = request.content_type.value_or("")};
    std::size_t metadata = 0;
    for (const auto& [name, value] : request.metadata) {
        metadata += name.size() + value.size();
        version.metadata.emplace(lower(name), value);
    }
    if (metadata > kMaxMetadata)
        return refuse("MetadataTooLarge", "Your metadata headers exceed the maximum allowed metadata size");
    K3F_TRY(check_write_conditions(call, request, current(bucket, *request.key)));
    version.body = request.body.value_or("");
    version.etag = etag_of(version.body);
    const S3Version& stored = store(call, bucket, *request.key, std::move(version));
    announce(call, bucket, "ObjectCreated:Put", *request.key, stored);
    s3::PutObjectResponse answer{.etag = stored.etag};
    if (bucket.versioning != S3Bucket::Versioning::Never) answer.version_id = stored.id;
    return answer;
}

Status needs_delete(const Call& call, const s3::DeleteObjectRequest& request, Needs& needs) {
    const char* action = request.version_id ? "s3:DeleteObjectVersion" : "s3:DeleteObject";
    needs.add(action, object_arn(request.bucket, request.key), s3_context(call));
    return {};
}

// What DeleteObject and DeleteObjects do to one object; nothing there is no error.
struct Deletion {
    std::string version_id;  // Of what was removed or of the marker that was put; empty: no versions.
    bool marker = false;
};

Deletion remove(Call& call, S3Bucket& bucket, const std::string& key,
                const std::optional<std::string>& version_id) {
    if (!version_id && bucket.versioning != S3Bucket::Versioning::Never) {
        const S3Version& marker = store(call, bucket, key, {.marker = true});
        announce(call, bucket, "ObjectRemoved:DeleteMarkerCreated", key, marker);
        return {.version_id = marker.id, .marker = true};
    }
    const auto found = bucket.objects.find(key);
    if (found == bucket.objects.end()) return {.version_id = version_id.value_or("")};
    Deletion done;
    const std::string id = version_id.value_or("null");
    std::erase_if(found->second, [&](const S3Version& version) {
        if (version.id != id) return false;
        done.marker = version.marker;
        announce(call, bucket, "ObjectRemoved:Delete", key, version);
        return true;
    });
    if (version_id) done.version_id = id;
    if (found->second.empty()) bucket.objects.erase(found);
    return done;
}

Result<s3::DeleteObjectResponse> delete_object(Call& call, const s3::DeleteObjectRequest& request) {
    K3F_TRY(check_key(request.key));
    S3Bucket& bucket = *K3F_TRY(find_bucket(call, request.bucket, request.expected_bucket_owner));
    const Deletion done = remove(call, bucket, *request.key, request.version_id);
    s3::DeleteObjectResponse answer;
    if (!done.version_id.empty()) answer.version_id = done.version_id;
    if (done.marker) answer.delete_marker = true;
    return answer;
}

Status needs_deletes(const Call& call, const s3::DeleteObjectsRequest& request, Needs& needs) {
    if (!request.delete_) return {};
    for (const auto& object : request.delete_->objects)
        needs.add(object.version_id ? "s3:DeleteObjectVersion" : "s3:DeleteObject",
                  object_arn(request.bucket, object.key), s3_context(call));
    return {};
}

Result<s3::DeleteObjectsResponse> delete_objects(Call& call, const s3::DeleteObjectsRequest& request) {
    S3Bucket& bucket = *K3F_TRY(find_bucket(call, request.bucket, request.expected_bucket_owner));
    const auto& objects = request.delete_->objects;
    if (objects.empty() || objects.size() > kMaxDeletes)
        return refuse(
            "MalformedXML",
            "The XML you provided was not well-formed or did not validate against our published schema");
    s3::DeleteObjectsResponse answer;
    for (const auto& object : objects) {
        if (object.etag || object.last_modified_time || object.size)
            return refuse("NotImplemented", "conditions of DeleteObjects are not simulated");
        K3F_TRY(check_key(object.key));
        const Deletion done = remove(call, bucket, *object.key, object.version_id);
        if (request.delete_->quiet.value_or(false)) continue;
        s3::DeletedObject& shown = answer.deleted.emplace_back(
            s3::DeletedObject{.key = object.key, .version_id = object.version_id});
        if (!done.marker) continue;
        shown.delete_marker = true;
        shown.delete_marker_version_id = done.version_id;
    }
    return answer;
}

Status needs_list(const Call& call, const s3::ListObjectsV2Request& request, Needs& needs) {
    iam::Context context = s3_context(call);
    if (request.prefix) context.set("s3:prefix", {*request.prefix});
    if (request.delimiter) context.set("s3:delimiter", {*request.delimiter});
    if (request.max_keys) context.set("s3:max-keys", {std::to_string(*request.max_keys)});
    needs.add("s3:ListBucket", bucket_arn(request.bucket), std::move(context));
    return {};
}

// Tokens of S3 are opaque; these name the last key, marked so that no other text is taken for one.
constexpr std::string_view kTokenMark = "1after:";

Result<std::string> first_after(const s3::ListObjectsV2Request& request) {
    if (!request.continuation_token) return request.start_after.value_or("");
    if (!request.continuation_token->starts_with(kTokenMark))
        return refuse("InvalidArgument", "The continuation token provided is incorrect");
    return request.continuation_token->substr(kTokenMark.size());
}

Result<s3::ListObjectsV2Response> list_objects(Call& call, const s3::ListObjectsV2Request& request) {
    const S3Bucket& bucket = *K3F_TRY(find_bucket(call, request.bucket, request.expected_bucket_owner));
    const std::size_t most = K3F_TRY(page_size(call, request.max_keys));
    const std::string after = K3F_TRY(first_after(request));
    const std::string prefix = request.prefix.value_or("");
    s3::ListObjectsV2Response answer{.is_truncated = false, .name = bucket.name, .prefix = prefix};
    answer.max_keys = request.max_keys.value_or(1000);
    answer.start_after = request.start_after;
    answer.continuation_token = request.continuation_token;
    auto at = after < prefix ? bucket.objects.lower_bound(prefix) : bucket.objects.upper_bound(after);
    for (; at != bucket.objects.end() && at->first.starts_with(prefix); ++at) {
        const S3Version& newest = at->second.back();
        if (newest.marker) continue;
        if (answer.contents.size() == most) {
            answer.is_truncated = most > 0;
            break;
        }
        answer.contents.push_back({.key = at->first,
                                   .last_modified = std::chrono::floor<std::chrono::seconds>(newest.at),
                                   .etag = newest.etag,
                                   .size = static_cast<std::int64_t>(newest.body.size()),
                                   .storage_class = "STANDARD"});
    }
    answer.key_count = static_cast<std::int32_t>(answer.contents.size());
    if (*answer.is_truncated)
        answer.next_continuation_token = format("{}{}", kTokenMark, *answer.contents.back().key);
    return answer;
}

Status needs_versions(const Call& call, const s3::ListObjectVersionsRequest& request, Needs& needs) {
    iam::Context context = s3_context(call);
    if (request.prefix) context.set("s3:prefix", {*request.prefix});
    needs.add("s3:ListBucketVersions", bucket_arn(request.bucket), std::move(context));
    return {};
}

Result<s3::ListObjectVersionsResponse> list_versions(Call& call,
                                                     const s3::ListObjectVersionsRequest& request) {
    const S3Bucket& bucket = *K3F_TRY(find_bucket(call, request.bucket, request.expected_bucket_owner));
    const std::size_t most = K3F_TRY(page_size(call, request.max_keys));
    const std::string prefix = request.prefix.value_or("");
    s3::ListObjectVersionsResponse answer{.is_truncated = false, .name = bucket.name, .prefix = prefix};
    std::size_t count = 0;
    bool past = !request.key_marker.has_value();
    for (auto key = bucket.objects.lower_bound(std::max(prefix, request.key_marker.value_or("")));
         key != bucket.objects.end() && key->first.starts_with(prefix); ++key) {
        if (key->first != request.key_marker) past = true;
        for (auto version = key->second.rbegin(); version != key->second.rend(); ++version) {
            if (!past) {
                past = request.version_id_marker && version->id == *request.version_id_marker;
                continue;
            }
            if (count == most) {
                answer.is_truncated = most > 0;
                return answer;
            }
            ++count;
            const bool latest = version == key->second.rbegin();
            const auto at = std::chrono::floor<std::chrono::seconds>(version->at);
            if (version->marker)
                answer.delete_markers.push_back(
                    {.key = key->first, .version_id = version->id, .is_latest = latest, .last_modified = at});
            else
                answer.versions.push_back({.etag = version->etag,
                                           .size = static_cast<std::int64_t>(version->body.size()),
                                           .storage_class = "STANDARD",
                                           .key = key->first,
                                           .version_id = version->id,
                                           .is_latest = latest,
                                           .last_modified = at});
            answer.next_key_marker = key->first;
            answer.next_version_id_marker = version->id;
        }
    }
    answer.next_key_marker.reset();
    answer.next_version_id_marker.reset();
    return answer;
}

}  // namespace

void add_s3_objects(Handlers& handlers) {
    handlers.add<s3::GetObjectRequest>(
        {"Bucket", "Key", "VersionId", "IfMatch", "IfNoneMatch", "ExpectedBucketOwner"}, needs_read,
        get_object);
    handlers.add<s3::HeadObjectRequest>(
        {"Bucket", "Key", "VersionId", "IfMatch", "IfNoneMatch", "ExpectedBucketOwner"}, needs_read,
        head_object);
    handlers.add<s3::PutObjectRequest>(
        {"Bucket", "Key", "Body", "Metadata", "ContentType", "IfMatch", "IfNoneMatch", "ExpectedBucketOwner"},
        needs_put, put_object);
    handlers.add<s3::DeleteObjectRequest>({"Bucket", "Key", "VersionId", "ExpectedBucketOwner"}, needs_delete,
                                          delete_object);
    handlers.add<s3::DeleteObjectsRequest>({"Bucket", "Delete", "ExpectedBucketOwner"}, needs_deletes,
                                           delete_objects);
    handlers.add<s3::ListObjectsV2Request>(
        {"Bucket", "Prefix", "StartAfter", "MaxKeys", "ContinuationToken", "ExpectedBucketOwner"}, needs_list,
        list_objects);
    handlers.add<s3::ListObjectVersionsRequest>(
        {"Bucket", "Prefix", "KeyMarker", "VersionIdMarker", "MaxKeys", "ExpectedBucketOwner"},
        needs_versions, list_versions);
}

}  // namespace k3fleet::simcloud
