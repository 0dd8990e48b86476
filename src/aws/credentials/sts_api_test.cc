// What goes over the wire to the Security Token Service, against a server in the test.
#include "aws/credentials/sts_api.h"

#include <gtest/gtest.h>

#include "base/text.h"
#include "tests/support/aws_machine.h"
#include "tests/support/http_server.h"

namespace k3fleet::credentials {
namespace {

std::string answer_of(std::string_view operation) {
    return format(
        "<{0}Response xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><{0}Result><Credentials>"
        "<AccessKeyId>k</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken>"
        "<Expiration>2026-11-18T13:06:40Z</Expiration></Credentials></{0}Result></{0}Response>",
        operation);
}

class StsApiTest : public testing::Test {
protected:
    support::AwsMachine machine;
    int status = 200;
    support::HttpServer server{[this](const support::ServedRequest& request) {
        return support::reply(status, answer_of(request.parameter("Action")));
    }};
    StsApi sts{*machine.http,
               machine.clock,
               machine.random,
               {.custom_url = [this](const aws::Service&) { return server.url(""); }},
               "eu-west-1"};
    const Credentials source{
        .access_key_id = "base", .secret_access_key = Secret("x"), .session_token = {}, .expires = {}};
};

TEST_F(StsApiTest, ARoleIsAssumedBySignedRequest) {
    const auto got = sts.assume_role({.role_arn = "arn",
                                      .session_name = "me",
                                      .external_id = "e",
                                      .mfa_serial = "m",
                                      .mfa_code = "123456",
                                      .duration = std::chrono::seconds{900},
                                      .region = "us-west-2"},
                                     source);
    ASSERT_TRUE(got.has_value()) << got.error().describe();
    EXPECT_EQ(got->access_key_id, "k");
    EXPECT_EQ(got->session_token.reveal(), "t");
    EXPECT_EQ(got->expires, from_unix_seconds(1'795'007'200));
    const auto request = server.requests().at(0);
    EXPECT_EQ(request.parameter("Action"), "AssumeRole");
    EXPECT_EQ(request.parameter("RoleArn"), "arn");
    EXPECT_EQ(request.parameter("ExternalId"), "e");
    EXPECT_EQ(request.parameter("SerialNumber"), "m");
    EXPECT_EQ(request.parameter("TokenCode"), "123456");
    EXPECT_EQ(request.parameter("DurationSeconds"), "900");
    EXPECT_NE(request.header("Authorization").find("Credential=base/20261118/us-west-2/sts/aws4_request"),
              std::string::npos)
        << request.header("Authorization");
}

TEST_F(StsApiTest, WebIdentityIsNotSigned) {
    const auto got =
        sts.assume_role_with_web_identity({.role_arn = "arn", .session_name = "me"}, Secret("jwt"));
    ASSERT_TRUE(got.has_value()) << got.error().describe();
    const auto request = server.requests().at(0);
    EXPECT_EQ(request.parameter("Action"), "AssumeRoleWithWebIdentity");
    EXPECT_EQ(request.parameter("WebIdentityToken"), "jwt");
    EXPECT_EQ(request.header("Authorization"), "");
    EXPECT_EQ(request.header("X-Amz-Security-Token"), "");
}

}  // namespace
}  // namespace k3fleet::credentials
