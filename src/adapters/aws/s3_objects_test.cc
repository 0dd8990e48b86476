#include "adapters/aws/s3_objects.h"

#include <gtest/gtest.h>

#include "aws/gen/s3.h"
#include "tests/support/aws_machine.h"
#include "tests/support/fake_aws.h"

namespace k3fleet::aws {
namespace {

using ports::Condition;
using support::aws_refuses;
using Applied = CallReport::Applied;

// A bucket with one object at most, and an answer that gets lost or is refused where a test says so.
struct S3ObjectsTest : ::testing::Test {
    S3ObjectsTest() {
        aws.on<s3::GetObjectRequest>([this](const auto& request) -> Result<s3::GetObjectResponse> {
            EXPECT_EQ(request.expected_bucket_owner, "111122223333");
            if (denied) return aws_refuses(ErrorCode::PermissionDenied, "AccessDenied");
            if (!kept) return aws_refuses(ErrorCode::NotFound, "NoSuchKey");
            return s3::GetObjectResponse{.body = kept->body, .etag = "\"there\"", .metadata = kept->metadata};
        });
    }
    void refuse_puts(ErrorCode code, const char* provider_code) {
        aws.on<s3::PutObjectRequest>(
            [this, code, provider_code](const auto& request) -> Result<s3::PutObjectResponse> {
                if (applied) kept = request;
                return aws_refuses(code, provider_code);
            });
    }

    support::FakeAws aws;
    support::SteadyRandom random;
    S3Objects objects{aws, random, {.name = "state", .owner = "111122223333"}};
    std::optional<s3::PutObjectRequest> kept;
    bool applied = false;  // Whether a put that is refused was done all the same, by an earlier try.
    bool denied = false;
};

TEST_F(S3ObjectsTest, AConditionalWriteWhoseAnswerWasLostIsRecognisedByItsMark) {
    applied = true;
    refuse_puts(ErrorCode::Conflict, "PreconditionFailed");
    aws.next = {.tries = 2, .applied = Applied::No};
    const auto put = objects.put("journal/1", "entry", Condition::if_absent());
    ASSERT_TRUE(put.has_value()) << put.error().describe();
    EXPECT_EQ(*put, "\"there\"");
}

TEST_F(S3ObjectsTest, SomebodyElsesObjectIsAConflictEvenWithTheSameBytes) {
    refuse_puts(ErrorCode::Conflict, "PreconditionFailed");
    kept.emplace().body = "entry";
    aws.next = {.tries = 2, .applied = Applied::No};
    const auto put = objects.put("journal/1", "entry", Condition::if_absent());
    ASSERT_FALSE(put.has_value());
    EXPECT_EQ(put.error().code, ErrorCode::Conflict);
}

TEST_F(S3ObjectsTest, ARefusalOfTheFirstTryIsBelievedWithoutLooking) {
    refuse_puts(ErrorCode::Conflict, "PreconditionFailed");
    EXPECT_EQ(objects.put("a", "1", Condition::if_match("\"0\"")).error().code, ErrorCode::Conflict);
    EXPECT_EQ(aws.calls, (std::vector<std::string>{"PutObject"}));
}

TEST_F(S3ObjectsTest, ALostAnswerThatTheLastTryDidNotSettleIsLookedUp) {
    applied = true;
    refuse_puts(ErrorCode::Unavailable, "");
    aws.next = {.tries = 3, .applied = Applied::Maybe};
    EXPECT_TRUE(objects.put("a", "1", Condition::if_absent()).has_value());
    applied = false;
    kept.reset();
    aws.next = {.tries = 3, .applied = Applied::Maybe};
    EXPECT_EQ(objects.put("a", "1", Condition::if_absent()).error().code, ErrorCode::Unavailable);
}

TEST_F(S3ObjectsTest, TwoWritesThatCollideAreTriedAgain) {
    int refused = 0;
    aws.on<s3::PutObjectRequest>([&](const auto&) -> Result<s3::PutObjectResponse> {
        if (refused++ < 2) return aws_refuses(ErrorCode::Conflict, "ConditionalRequestConflict");
        return s3::PutObjectResponse{.etag = "\"3\""};
    });
    EXPECT_EQ(objects.put("a", "1", Condition::if_absent()).value(), "\"3\"");
    refused = -100;
    aws.on<s3::PutObjectRequest>([&](const auto&) -> Result<s3::PutObjectResponse> {
        return aws_refuses(ErrorCode::Conflict, "ConditionalRequestConflict");
    });
    EXPECT_EQ(objects.put("a", "1", Condition::if_absent()).error().code, ErrorCode::Unavailable)
        << "nobody said that it exists";
}

TEST_F(S3ObjectsTest, AMatchOnAnObjectThatIsGoneIsAConflict) {
    refuse_puts(ErrorCode::NotFound, "NoSuchKey");
    EXPECT_EQ(objects.put("a", "1", Condition::if_match("\"0\"")).error().code, ErrorCode::Conflict);
    EXPECT_EQ(objects.put("a", "1", Condition::always()).error().code, ErrorCode::NotFound);
}

TEST_F(S3ObjectsTest, WhoMayNotListTheBucketLearnsByTheNameWhetherAnObjectIsMissing) {
    denied = true;
    bool there = false;
    aws.on<s3::ListObjectsV2Request>([&](const auto& request) -> Result<s3::ListObjectsV2Response> {
        EXPECT_EQ(request.prefix, "journal/1");
        s3::ListObjectsV2Response answer;
        if (there) answer.contents.push_back({.key = "journal/1"});
        return answer;
    });
    EXPECT_EQ(objects.get("journal/1").value(), std::nullopt);
    there = true;
    EXPECT_EQ(objects.get("journal/1").error().code, ErrorCode::PermissionDenied);
}

TEST_F(S3ObjectsTest, AMissingBucketIsNoMissingObject) {
    aws.on<s3::GetObjectRequest>([](const auto&) -> Result<s3::GetObjectResponse> {
        return aws_refuses(ErrorCode::NotFound, "NoSuchBucket");
    });
    EXPECT_EQ(objects.get("a").error().code, ErrorCode::NotFound);
}

}  // namespace
}  // namespace k3fleet::aws
