// S3: conditions, versions, pages, owners, and who learns what.
#include <gtest/gtest.h>

#include <set>

#include "adapters/simcloud/aws/rights.h"
#include "adapters/simcloud/aws/s3_common.h"
#include "aws/gen/s3.h"
#include "base/text.h"
#include "tests/support/bare_account.h"

namespace k3fleet::simcloud {
namespace {

namespace s3 = aws::s3;

struct S3 : ::testing::Test, support::BareAccount {
    S3() { EXPECT_EQ(refusal(create("bucket")), ""); }
    static s3::CreateBucketRequest create(std::string name) {
        s3::CreateBucketRequest request{.bucket = std::move(name)};
        request.create_bucket_configuration.emplace().location_constraint = "ap-southeast-1";
        return request;
    }
    static s3::PutObjectRequest put(std::string key, std::string body = "x") {
        return {.body = std::move(body), .bucket = "bucket", .key = std::move(key)};
    }
    static s3::GetObjectRequest get(std::string key) { return {.bucket = "bucket", .key = std::move(key)}; }
    std::string written(const s3::PutObjectRequest& request) {
        const auto answer = api.call(request);
        return answer ? *answer->etag : answer.error().provider_code;
    }
    std::string read(const std::string& key) {
        const auto answer = api.call(get(key));
        return answer ? *answer->body : answer.error().provider_code;
    }
    void version(const char* status) {
        EXPECT_EQ(refusal(s3::PutBucketVersioningRequest{
                      .bucket = "bucket",
                      .versioning_configuration = s3::VersioningConfiguration{.status = status}}),
                  "");
    }
};

TEST_F(S3, KeepsBytesMetadataAndTime) {
    auto request = put("a", std::string("\0\xff", 2));
    request.metadata["Mark"] = "7";
    const std::string etag = written(request);
    EXPECT_EQ(etag.size(), 34U);
    pass(std::chrono::hours{1});
    const auto object = api.call(get("a"));
    ASSERT_TRUE(object.has_value());
    EXPECT_EQ(*object->body, std::string("\0\xff", 2));
    EXPECT_EQ(object->etag, etag);
    EXPECT_EQ(object->metadata.at("mark"), "7");
    EXPECT_EQ(*object->last_modified, engine.now() - std::chrono::hours{1});
    const auto head = api.call(s3::HeadObjectRequest{.bucket = "bucket", .key = "a"});
    EXPECT_EQ(*head->content_length, 2);
    EXPECT_EQ(head->etag, etag);
}

TEST_F(S3, WritesUnderConditionsOnly) {
    auto fresh = put("a", "1");
    fresh.if_none_match = "*";
    auto match = put("a", "2");
    match.if_match = etag_of("1");
    EXPECT_EQ(code(match), "NoSuchKey") << "nothing is there";
    EXPECT_EQ(code(fresh), "");
    EXPECT_EQ(code(fresh), "PreconditionFailed");
    EXPECT_EQ(code(match), "");
    EXPECT_EQ(code(match), "PreconditionFailed");
    EXPECT_EQ(read("a"), "2");
    match.if_none_match = "*";
    EXPECT_EQ(code(match), "NotImplemented");
    fresh.if_none_match = etag_of("2");
    EXPECT_EQ(code(fresh), "NotImplemented");
    auto only_if = get("a");
    only_if.if_match = etag_of("1");
    EXPECT_EQ(code(only_if), "PreconditionFailed");
    EXPECT_EQ(api.call(match).error().code, ErrorCode::InvalidArgument);
}

TEST_F(S3, AConditionalWriteMayCollideOnce) {
    engine.add_fault({.at = engine.now(), .kind = FaultKind::WriteCollision, .argument = "a"});
    EXPECT_EQ(code(put("a")), "") << "without a condition nothing collides";
    auto other = put("b");
    other.if_none_match = "*";
    EXPECT_EQ(code(other), "");
    auto match = put("a", "2");
    match.if_match = etag_of("x");
    EXPECT_EQ(code(match), "ConditionalRequestConflict");
    EXPECT_EQ(read("a"), "x");
    EXPECT_EQ(code(match), "");
}

TEST_F(S3, RefusesWithItsOwnCodes) {
    auto foreign = put("a");
    foreign.expected_bucket_owner = "999999999999";
    auto elsewhere = put("a");
    elsewhere.bucket = "elsewhere";
    auto large = put("a");
    large.metadata["m"] = std::string(2048, 'x');
    auto encrypted = put("a");
    encrypted.server_side_encryption = "aws:kms";
    EXPECT_EQ(code(foreign), "AccessDenied");
    EXPECT_EQ(code(elsewhere), "NoSuchBucket");
    EXPECT_EQ(code(large), "MetadataTooLarge");
    EXPECT_EQ(code(encrypted), "InvalidParameterCombination") << "not simulated";
    EXPECT_EQ(code(put(std::string(1025, 'k'))), "KeyTooLongError");
    EXPECT_EQ(code(get("missing")), "NoSuchKey");
    EXPECT_EQ(code(s3::HeadObjectRequest{.bucket = "bucket", .key = "missing"}), "404");
    EXPECT_EQ(code(s3::HeadBucketRequest{.bucket = "elsewhere"}), "404");
    EXPECT_EQ(api.call(s3::HeadBucketRequest{.bucket = "elsewhere"}).error().code, ErrorCode::NotFound);
    EXPECT_EQ(code(s3::HeadBucketRequest{.bucket = "bucket", .expected_bucket_owner = "999999999999"}),
              "403");
    EXPECT_EQ(code(create("bucket")), "BucketAlreadyOwnedByYou");
    EXPECT_EQ(code(create("Bucket")), "InvalidBucketName");
    EXPECT_EQ(code(create("b")), "InvalidBucketName");
    EXPECT_EQ(code(s3::CreateBucketRequest{.bucket = "other"}), "IllegalLocationConstraintException");
    ASSERT_EQ(code(put("a")), "");
    EXPECT_EQ(code(s3::DeleteBucketRequest{.bucket = "bucket"}), "BucketNotEmpty");
    EXPECT_EQ(code(s3::DeleteObjectRequest{.bucket = "bucket", .key = "a"}), "");
    EXPECT_EQ(code(s3::DeleteObjectRequest{.bucket = "bucket", .key = "a"}), "") << "a second time";
    EXPECT_EQ(code(s3::DeleteBucketRequest{.bucket = "bucket"}), "");
}

TEST_F(S3, ListsInPagesThatOthersChangeMeanwhile) {
    for (int i = 0; i < 5; ++i) ASSERT_EQ(code(put(format("j/{}", i))), "");
    ASSERT_EQ(code(put("k")), "");
    const auto list = [&](s3::ListObjectsV2Request request) {
        request.bucket = "bucket";
        const auto answer = api.call(request);
        std::string keys;
        for (const auto& object : answer->contents) keys += *object.key + " ";
        return std::pair(keys, answer->next_continuation_token);
    };
    EXPECT_EQ(list({.prefix = "j/"}).first, "j/0 j/1 j/2 j/3 j/4 ");
    EXPECT_EQ(list({.start_after = "j/3"}).first, "j/4 k ");
    EXPECT_EQ(list({.prefix = "j/", .start_after = "a"}).first, "j/0 j/1 j/2 j/3 j/4 ");
    engine.add_fault({.at = engine.now(), .kind = FaultKind::ShortPages});
    const auto first = list({.prefix = "j/"});
    EXPECT_EQ(first.first, "j/0 j/1 ");
    ASSERT_TRUE(first.second.has_value());
    ASSERT_EQ(code(s3::DeleteObjectRequest{.bucket = "bucket", .key = "j/1"}), "");
    ASSERT_EQ(code(put("j/0a")), "");
    ASSERT_EQ(code(put("j/2a")), "");
    EXPECT_EQ(list({.prefix = "j/", .continuation_token = first.second}).first, "j/2 j/2a ");
    EXPECT_EQ(code(s3::ListObjectsV2Request{.bucket = "bucket", .continuation_token = "guessed"}),
              "InvalidArgument");
    EXPECT_EQ(code(s3::ListObjectsV2Request{.bucket = "bucket", .max_keys = -1}), "InvalidArgument");
    EXPECT_EQ(code(s3::ListObjectsV2Request{.bucket = "bucket", .delimiter = "/"}),
              "InvalidParameterCombination");
}

TEST_F(S3, KeepsVersionsOnceItIsTold) {
    ASSERT_EQ(code(put("a", "old")), "");
    version("Enabled");
    const auto second = api.call(put("a", "new"));
    ASSERT_TRUE(second->version_id.has_value());
    const auto marker = api.call(s3::DeleteObjectRequest{.bucket = "bucket", .key = "a"});
    EXPECT_EQ(marker->delete_marker, true);
    EXPECT_EQ(read("a"), "NoSuchKey");
    auto old = get("a");
    old.version_id = "null";
    EXPECT_EQ(*api.call(old)->body, "old");
    old.version_id = second->version_id;
    EXPECT_EQ(*api.call(old)->body, "new");
    old.version_id = marker->version_id;
    EXPECT_EQ(code(old), "MethodNotAllowed");
    old.version_id = "other";
    EXPECT_EQ(code(old), "NoSuchVersion");
    const auto all = api.call(s3::ListObjectVersionsRequest{.bucket = "bucket"});
    ASSERT_EQ(all->versions.size(), 2U);
    ASSERT_EQ(all->delete_markers.size(), 1U);
    EXPECT_EQ(all->versions[0].version_id, second->version_id) << "the newest first";
    EXPECT_EQ(all->versions[0].is_latest, false);
    EXPECT_EQ(all->delete_markers[0].is_latest, true);
    EXPECT_EQ(code(s3::DeleteBucketRequest{.bucket = "bucket"}), "BucketNotEmpty");
    // Without the marker the object is back.
    EXPECT_EQ(code(s3::DeleteObjectRequest{.bucket = "bucket", .key = "a", .version_id = marker->version_id}),
              "");
    EXPECT_EQ(read("a"), "new");
    version("Suspended");
    ASSERT_EQ(code(put("a", "newest")), "");
    EXPECT_EQ(read("a"), "newest");
    EXPECT_EQ(api.call(s3::ListObjectVersionsRequest{.bucket = "bucket"})->versions.size(), 2U)
        << "the version null was replaced";
}

TEST_F(S3, ListsVersionsPageByPage) {
    version("Enabled");
    for (const char* key : {"a", "b", "a", "c", "a"}) ASSERT_EQ(code(put(key)), "");
    s3::ListObjectVersionsRequest request{.bucket = "bucket", .max_keys = 2};
    std::set<std::string> ids;
    std::string keys;
    for (int page = 0; page < 3; ++page) {
        const auto answer = api.call(request);
        ASSERT_TRUE(answer.has_value());
        for (const auto& one : answer->versions) {
            keys += *one.key;
            ids.insert(*one.version_id);
        }
        EXPECT_EQ(answer->is_truncated, page < 2);
        request.key_marker = answer->next_key_marker;
        request.version_id_marker = answer->next_version_id_marker;
    }
    EXPECT_EQ(keys, "aaabc");
    EXPECT_EQ(ids.size(), 5U);
}

// The autoscaler may read its cluster's journal, but list no more than its own names: it is told 403 of an
// object that is not there, while the operator is told 404.
TEST_F(S3, WhoMayNotListLearnsNothingOfMissingObjects) {
    const iam::Site site{.scope = {.project = model::ProjectName("shop"),
                                   .cluster = model::ClusterName("demo"),
                                   .account = account().number,
                                   .region = account().region,
                                   .home_region = account().region},
                         .clusters = {model::ClusterName("demo")},
                         .keys = iam::Keys::Aws};
    const std::string bucket = model::names::state_bucket(site.scope);
    ASSERT_EQ(code(create(bucket)), "");
    const auto autoscaler = Rights::of(iam::Principal::Autoscaler, site);
    const auto operators = Rights::of(iam::Principal::Operator, site);
    ASSERT_TRUE(autoscaler.has_value() && operators.has_value());
    SimApi as_autoscaler(engine, (*autoscaler)->arn(), autoscaler->get());
    SimApi as_operator(engine, (*operators)->arn(), operators->get());
    s3::PutObjectRequest entry{.bucket = bucket, .key = "journal/chain/demo/workers/1"};
    const s3::GetObjectRequest read{.bucket = bucket, .key = entry.key};
    EXPECT_EQ(as_autoscaler.call(read).error().provider_code, "AccessDenied");
    EXPECT_EQ(as_operator.call(read).error().provider_code, "NoSuchKey");
    EXPECT_TRUE(as_autoscaler.call(entry).has_value());
    EXPECT_TRUE(as_autoscaler.call(read).has_value());
    entry.key = "journal/chain/other/workers/1";
    EXPECT_EQ(as_autoscaler.call(entry).error().provider_code, "AccessDenied");
    const s3::ListObjectsV2Request own{.bucket = bucket, .prefix = "journal/chain/demo/workers/"};
    EXPECT_TRUE(as_autoscaler.call(own).has_value());
    EXPECT_EQ(as_autoscaler.call(s3::ListObjectsV2Request{.bucket = bucket}).error().provider_code,
              "AccessDenied");
}

TEST(S3Etag, DiffersWithEveryBit) {
    std::string bytes(100, '\0');
    std::set<std::string> etags{etag_of(bytes), etag_of(""), etag_of(std::string(99, '\0'))};
    for (std::size_t bit = 0; bit < 800; ++bit) {
        bytes[bit / 8] = static_cast<char>(1 << bit % 8);
        etags.insert(etag_of(bytes));
        bytes[bit / 8] = '\0';
    }
    EXPECT_EQ(etags.size(), 803U);
    EXPECT_EQ(etag_of("the same on every machine"), etag_of("the same on every machine"));
}

}  // namespace
}  // namespace k3fleet::simcloud
