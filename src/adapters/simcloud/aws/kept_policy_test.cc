#include "adapters/simcloud/aws/kept_policy.h"

#include <gtest/gtest.h>

namespace k3fleet::simcloud {
namespace {

constexpr const char* kQueue = "arn:aws:sqs:eu-west-1:111122223333:ticks";

// One statement with these elements besides its principal.
std::string policy(const std::string& principal, const std::string& rest) {
    return R"({"Version": "2012-10-17", "Statement": [{)" + principal + ", " + rest + "}]}";
}

const std::string kSend = R"("Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "*")";
const std::string kSendFromBucket =
    kSend + R"(, "Condition": {"ArnLike": {"aws:SourceArn": "arn:aws:s3:::shop*"}})";

TEST(KeptPolicy, LetsInWhomItNames) {
    struct Row {
        std::string text;
        bool in;
    };
    const Row rows[] = {
        {"", false},
        {"{", false},
        {policy(R"("Principal": {"Service": "s3.amazonaws.com"})", kSend), true},
        {policy(R"("Principal": {"Service": ["events.amazonaws.com", "s3.amazonaws.com"]})", kSend), true},
        {policy(R"("Principal": {"Service": "events.amazonaws.com"})", kSend), false},
        {policy(R"("Principal": {"AWS": "111122223333"})", kSend), false},
        {policy(R"("Principal": {"AWS": "*"})", kSend), true},
        {policy(R"("Principal": "*")", kSend), true},
        {policy(R"("Principal": "*")", kSendFromBucket), true},
        {policy(R"("Principal": "*")",
                R"("Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "arn:aws:sqs:*:*:other")"),
         false},
        {policy(R"("Principal": "*")", R"("Effect": "Allow", "Action": "sqs:GetQueueUrl", "Resource": "*")"),
         false},
        {policy(R"("Principal": "*")",
                kSend + R"(}, {"Effect": "Deny", "Principal": "*", "Action": "sqs:*", "Resource": "*")"),
         false},
    };
    for (const Row& row : rows) {
        iam::Request request{.action = "sqs:SendMessage", .resource = kQueue};
        request.context = {{"aws:SourceArn", {"arn:aws:s3:::shop-state"}}};
        EXPECT_EQ(lets_service_in(row.text, "s3.amazonaws.com", request), row.in) << row.text;
    }
    iam::Request other{.action = "sqs:SendMessage", .resource = kQueue};
    other.context = {{"aws:SourceArn", {"arn:aws:s3:::elsewhere"}}};
    EXPECT_FALSE(lets_service_in(policy(R"("Principal": "*")", kSendFromBucket), "s3.amazonaws.com", other));
}

TEST(KeptPolicy, MustBeOne) {
    EXPECT_EQ(wrong_kept_policy(policy(R"("Principal": "*")", kSend)), "");
    EXPECT_NE(wrong_kept_policy("[]"), "");
    EXPECT_NE(wrong_kept_policy(R"({"Version": "2012-10-17"})"), "");
    EXPECT_NE(wrong_kept_policy(policy(R"("Sid": "Nobody")", kSend)), "");
    EXPECT_NE(wrong_kept_policy(policy(R"("Principal": "*", "NotPrincipal": "*")", kSend)), "");
    EXPECT_NE(wrong_kept_policy(policy(R"("Principal": "*")", R"("Effect": "Perhaps", "Action": "s3:*",
                                                                      "Resource": "*")")),
              "");
}

TEST(KeptPolicy, IsPublicIfItLetsAnyoneInWithoutACondition) {
    EXPECT_TRUE(is_public(policy(R"("Principal": "*")", kSend)));
    EXPECT_TRUE(is_public(policy(R"("Principal": {"AWS": ["*"]})", kSend)));
    EXPECT_FALSE(is_public(policy(R"("Principal": "*")", kSendFromBucket)));
    EXPECT_FALSE(is_public(policy(R"("Principal": {"Service": "s3.amazonaws.com"})", kSend)));
    EXPECT_FALSE(
        is_public(policy(R"("Principal": "*")", R"("Effect": "Deny", "Action": "sqs:*", "Resource": "*")")));
}

}  // namespace
}  // namespace k3fleet::simcloud
