// SnsNotifier and KeptSecrets: what is sent, and what refusals mean.
#include <gtest/gtest.h>

#include "adapters/aws/kept_secrets.h"
#include "adapters/aws/sns_notifier.h"
#include "aws/gen/secretsmanager.h"
#include "aws/gen/sns.h"
#include "tests/support/fake_aws.h"

namespace k3fleet::aws {
namespace {

using support::aws_refuses;
const model::ClusterName kDemo("demo");

TEST(SnsNotifier, SendsSeverityAndClusterForWhoRoutes) {
    support::FakeAws aws;
    sns::PublishRequest sent;
    aws.on<sns::PublishRequest>([&](const auto& request) -> Result<sns::PublishResponse> {
        sent = request;
        return sns::PublishResponse{};
    });
    SnsNotifier notifier(aws, "arn:aws:sns:ap-southeast-1:111122223333:demo-alerts");
    ASSERT_TRUE(notifier.notify(kDemo, {.severity = model::Severity::P1, .title = "Low", .text = "Why"}));
    EXPECT_EQ(sent.subject, "[P1] demo: Low");
    EXPECT_EQ(sent.message, "Low\n\nWhy");
    EXPECT_EQ(sent.message_attributes["severity"].string_value, "P1");
    EXPECT_EQ(sent.message_attributes["cluster"].string_value, "demo");
}

TEST(SnsNotifier, MakesASubjectThatSnsTakes) {
    const std::string long_title(300, 'x');
    EXPECT_EQ(sns_subject(kDemo, {.title = long_title}).size(), 99U);
    EXPECT_EQ(sns_subject(kDemo, {.title = "a\nb \xc3\xa4"}), "[info] demo: a?b ??");
}

TEST(KeptSecrets, AMissingSecretAndOneThatWaitsForDeletionAreNoErrors) {
    support::FakeAws aws;
    Result<secretsmanager::GetSecretValueResponse> answer = aws_refuses(ErrorCode::Internal, "");
    aws.on<secretsmanager::GetSecretValueRequest>([&](const auto&) { return answer; });
    KeptSecrets secrets(aws);
    answer = aws_refuses(ErrorCode::NotFound, "ResourceNotFoundException");
    EXPECT_EQ(secrets.get("demo/k3s-token").value(), std::nullopt);
    answer = aws_refuses(ErrorCode::InvalidArgument, "InvalidRequestException",
                         "You can't perform this operation on the secret because it was marked for deletion");
    EXPECT_EQ(secrets.get("demo/k3s-token").value(), std::nullopt);
    answer = aws_refuses(ErrorCode::PermissionDenied, "AccessDeniedException");
    EXPECT_EQ(secrets.get("demo/k3s-token").error().code, ErrorCode::PermissionDenied);
    answer = secretsmanager::GetSecretValueResponse{.version_id = "v1", .secret_string = Secret("hidden")};
    const auto got = secrets.get("demo/k3s-token").value();
    ASSERT_TRUE(got.has_value());
    EXPECT_EQ(got->value.reveal(), "hidden");
    EXPECT_EQ(got->version, "v1");
}

TEST(KeptSecrets, AreAskedForByNameAndWrittenWithAToken) {
    support::FakeAws aws;
    KeptSecrets secrets(aws);
    EXPECT_EQ(secrets.get("arn:aws:secretsmanager:r:1:secret:x").error().code, ErrorCode::InvalidArgument);
    EXPECT_EQ(secrets.put("demo/k3s-token", Secret("x"), "short").error().code, ErrorCode::InvalidArgument);
    aws.on<secretsmanager::PutSecretValueRequest>(
        [](const auto&) -> Result<secretsmanager::PutSecretValueResponse> {
            return aws_refuses(ErrorCode::Conflict, "ResourceExistsException");
        });
    const std::string token(32, 'a');
    EXPECT_EQ(secrets.put("demo/k3s-token", Secret("x"), token).error().code, ErrorCode::Conflict);
}

}  // namespace
}  // namespace k3fleet::aws
