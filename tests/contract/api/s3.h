// What is asked of S3: bytes, conditions, versions, pages, and what is refused.
#pragma once

#include "aws/gen/s3.h"
#include "base/text.h"
#include "tests/contract/api/served.h"

namespace k3fleet::contract {

template <typename Backend>
class S3Api : public Served<Backend> {
protected:
    S3Api() { this->done(create()); }
    std::string bucket() const { return this->backend_.fresh + "-bucket"; }
    aws::s3::CreateBucketRequest create() const {
        aws::s3::CreateBucketRequest request{.bucket = bucket()};
        request.create_bucket_configuration.emplace().location_constraint = this->backend_.region;
        return request;
    }
    aws::s3::PutObjectRequest put(std::string key, std::string body = "x") const {
        return {.body = std::move(body), .bucket = bucket(), .key = std::move(key)};
    }
    aws::s3::GetObjectRequest get(std::string key) const {
        return {.bucket = bucket(), .key = std::move(key)};
    }
    aws::s3::DeleteObjectRequest remove(std::string key) const {
        return {.bucket = bucket(), .key = std::move(key)};
    }
};

TYPED_TEST_SUITE_P(S3Api);

TYPED_TEST_P(S3Api, KeepsBytesAndMetadata) {
    const std::string bytes("\0\xff\n<&>", 6);
    auto request = this->put("folder/a b+c", bytes);
    request.metadata["mark"] = "7";
    request.content_type = "text/plain";
    const auto put = this->done(request);
    const auto got = this->done(this->get("folder/a b+c"));
    EXPECT_EQ(got.body, bytes);
    EXPECT_EQ(got.etag, put.etag);
    EXPECT_EQ(got.metadata.at("mark"), "7");
    EXPECT_EQ(got.content_type, "text/plain");
    EXPECT_EQ(got.content_length, 6);
    const auto head = this->done(aws::s3::HeadObjectRequest{.bucket = this->bucket(), .key = "folder/a b+c"});
    EXPECT_EQ(head.etag, put.etag);
    EXPECT_EQ(head.content_length, 6);
    EXPECT_NE(this->done(this->put("folder/a b+c", "other")).etag, put.etag);
}

TYPED_TEST_P(S3Api, WritesUnderConditions) {
    auto absent = this->put("a", "1");
    absent.if_none_match = "*";
    auto match = this->put("a", "2");
    match.if_match = "\"00000000000000000000000000000000\"";
    EXPECT_EQ(this->code(match), "NoSuchKey");
    match.if_match = this->done(absent).etag;
    EXPECT_EQ(this->code(absent), "PreconditionFailed");
    EXPECT_EQ(this->code(match), "");
    EXPECT_EQ(this->code(match), "PreconditionFailed");
    EXPECT_EQ(this->done(this->get("a")).body, "2");
    auto only_if = this->get("a");
    only_if.if_match = match.if_match;
    EXPECT_EQ(this->code(only_if), "PreconditionFailed");
}

TYPED_TEST_P(S3Api, ListsInPages) {
    for (const char* key : {"j/2", "j/10", "j/1", "k", "j"}) this->done(this->put(key));
    aws::s3::ListObjectsV2Request request{.bucket = this->bucket(), .max_keys = 2, .prefix = "j/"};
    const auto keys = [](const aws::s3::ListObjectsV2Response& answer) {
        std::string all;
        for (const auto& object : answer.contents) all += *object.key + " ";
        return all;
    };
    const auto first = this->done(request);
    EXPECT_EQ(keys(first), "j/1 j/10 ");
    EXPECT_EQ(first.is_truncated, true);
    EXPECT_EQ(first.key_count, 2);
    request.continuation_token = first.next_continuation_token;
    const auto second = this->done(request);
    EXPECT_EQ(keys(second), "j/2 ");
    EXPECT_EQ(second.is_truncated, false);
    EXPECT_EQ(
        keys(this->done(aws::s3::ListObjectsV2Request{.bucket = this->bucket(), .start_after = "j/10"})),
        "j/2 k ");
    request.continuation_token = "guessed";
    EXPECT_EQ(this->code(request), this->unless_moto("InvalidArgument", "500"));
}

TYPED_TEST_P(S3Api, KeepsVersions) {
    namespace s3 = aws::s3;
    s3::PutBucketVersioningRequest versions{.bucket = this->bucket()};
    versions.versioning_configuration.emplace().status = "Enabled";
    EXPECT_FALSE(this->done(s3::GetBucketVersioningRequest{.bucket = this->bucket()}).status.has_value());
    this->done(versions);
    EXPECT_EQ(this->done(s3::GetBucketVersioningRequest{.bucket = this->bucket()}).status, "Enabled");
    const auto first = this->done(this->put("a", "1"));
    const auto second = this->done(this->put("a", "2"));
    EXPECT_NE(first.version_id, second.version_id);
    const auto marker = this->done(this->remove("a"));
    EXPECT_EQ(marker.delete_marker, true);
    EXPECT_EQ(this->code(this->get("a")), "NoSuchKey");
    auto old = this->get("a");
    old.version_id = first.version_id;
    EXPECT_EQ(this->done(old).body, "1");
    old.version_id = marker.version_id;
    EXPECT_EQ(this->code(old), this->unless_moto("MethodNotAllowed", "NoSuchVersion"));
    const auto all = this->done(s3::ListObjectVersionsRequest{.bucket = this->bucket()});
    ASSERT_EQ(all.versions.size(), 2U);
    EXPECT_EQ(all.versions[0].version_id, second.version_id);
    ASSERT_EQ(all.delete_markers.size(), 1U);
    EXPECT_EQ(all.delete_markers[0].is_latest, true);
    auto unmark = this->remove("a");
    unmark.version_id = marker.version_id;
    this->done(unmark);
    EXPECT_EQ(this->done(this->get("a")).body, "2");
    EXPECT_EQ(this->code(s3::DeleteBucketRequest{.bucket = this->bucket()}), "BucketNotEmpty");
}

TYPED_TEST_P(S3Api, RefusesTheSame) {
    namespace s3 = aws::s3;
    auto elsewhere = this->get("a");
    elsewhere.bucket = this->backend_.fresh + "-none";
    EXPECT_EQ(this->code(elsewhere), "NoSuchBucket");
    EXPECT_EQ(this->code(this->get("missing")), "NoSuchKey");
    EXPECT_EQ(this->code(s3::HeadObjectRequest{.bucket = this->bucket(), .key = "missing"}), "404");
    EXPECT_EQ(this->code(s3::HeadBucketRequest{.bucket = elsewhere.bucket}), "404");
    EXPECT_EQ(this->code(this->put(std::string(1025, 'k'))), this->unless_moto("KeyTooLongError", ""));
    this->code(this->remove(std::string(1025, 'k')));
    EXPECT_EQ(this->code(this->remove("missing")), "");
    EXPECT_EQ(this->code(this->create()), "BucketAlreadyOwnedByYou");
    auto foreign = this->put("a");
    foreign.expected_bucket_owner = "999999999999";
    EXPECT_EQ(this->code(foreign), this->unless_moto("AccessDenied", ""));
    this->done(this->put("a"));
    EXPECT_EQ(this->code(s3::DeleteBucketRequest{.bucket = this->bucket()}), "BucketNotEmpty");
    s3::DeleteObjectsRequest all{.bucket = this->bucket()};
    all.delete_.emplace().objects = {{.key = "a"}, {.key = "missing"}};
    EXPECT_EQ(this->done(all).deleted.size(), 2U);
    EXPECT_EQ(this->code(s3::DeleteBucketRequest{.bucket = this->bucket()}), "");
}

REGISTER_TYPED_TEST_SUITE_P(S3Api, KeepsBytesAndMetadata, WritesUnderConditions, ListsInPages, KeepsVersions,
                            RefusesTheSame);

}  // namespace k3fleet::contract
