// The parts put together, by what goes over the wire; and the decorators that look on.
#include "aws/client.h"

#include <gtest/gtest.h>

#include "aws/gen/sts.h"
#include "aws/recording_api.h"
#include "base/text.h"
#include "tests/support/aws_machine.h"
#include "tests/support/http_server.h"

namespace k3fleet::aws {
namespace {

using support::ServedRequest;

constexpr const char* kIdentity =
    "<GetCallerIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><GetCallerIdentityResult>"
    "<Account>000000000001</Account></GetCallerIdentityResult></GetCallerIdentityResponse>";

class ClientTest : public testing::Test {
protected:
    ClientTest() {
        machine.variables = {{"AWS_ENDPOINT_URL", server.url("")}, {"AWS_EC2_METADATA_DISABLED", "true"}};
        machine.shared("[default]\naws_access_key_id = base\naws_secret_access_key = s\n");
        machine.config(
            "[default]\nregion = eu-west-1\n"
            "[profile dev]\nrole_arn = arn\nsource_profile = default\nregion = us-west-2\n");
    }
    support::Reply serve(const ServedRequest& request) {
        if (request.parameter("Action") == "GetCallerIdentity") return support::reply(status, kIdentity);
        return support::reply(
            200,
            "<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>role</AccessKeyId>"
            "<SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken>"
            "<Expiration>2026-11-18T13:06:40Z</Expiration></Credentials></AssumeRoleResult>"
            "</AssumeRoleResponse>");
    }
    int status = 200;
    support::HttpServer server{[this](const ServedRequest& request) { return serve(request); }};
    support::AwsMachine machine;
    credentials::Outside outside = machine.outside();
};

TEST_F(ClientTest, CallsWithTheProfilesRoleInTheProfilesRegion) {
    const auto client = Client::make(outside, {.profile = "dev", .user_agent = "k3fleet/1"});
    ASSERT_TRUE(client.has_value()) << client.error().describe();
    EXPECT_TRUE(server.requests().empty()) << "nothing is asked before the first call";
    for (int i = 0; i < 2; ++i) {
        const auto identity = (*client)->api().call(sts::GetCallerIdentityRequest{});
        ASSERT_TRUE(identity.has_value()) << identity.error().describe();
        EXPECT_EQ(identity->account, "000000000001");
    }
    const auto requests = server.requests();
    ASSERT_EQ(requests.size(), 3U) << "the role is assumed once";
    EXPECT_NE(requests[0].header("Authorization").find("Credential=base/20261118/us-west-2/sts/"),
              std::string::npos);
    EXPECT_NE(requests[1].header("Authorization").find("Credential=role/20261118/us-west-2/sts/"),
              std::string::npos);
    EXPECT_EQ(requests[1].header("User-Agent"), "k3fleet/1");
}

TEST_F(ClientTest, ReportsWrongSettingsAtOnce) {
    EXPECT_EQ(Client::make(outside, {.profile = "div"}).error().code, ErrorCode::NotFound);
    machine.variables["AWS_MAX_ATTEMPTS"] = "many";
    EXPECT_EQ(Client::make(outside, {}).error().code, ErrorCode::InvalidArgument);
}

TEST_F(ClientTest, TriesAsOftenAsTheSettingsSay) {
    machine.variables["AWS_MAX_ATTEMPTS"] = "2";
    status = 503;
    const auto client = Client::make(outside, {});
    CallReport report;
    EXPECT_FALSE((*client)->api().call(sts::GetCallerIdentityRequest{}, {.report = &report}).has_value());
    EXPECT_EQ(report.tries, 2);
    EXPECT_FALSE((*client)->once().call(sts::GetCallerIdentityRequest{}).has_value());
    EXPECT_EQ(server.requests().size(), 3U);
}

TEST_F(ClientTest, DecoratorsSeeEveryCallAndChangeNothing) {
    const auto client = Client::make(outside, {});
    RecordingApi recording((*client)->once());
    std::vector<std::string> seen;
    MeasuredApi measured(
        recording, [ticks = Duration{0}]() mutable { return ticks += Duration{7}; },
        [&](const Measured& call) {
            seen.push_back(format("{} {} {} {}", call.operation.name, call.took.count(), call.report.status,
                                  call.error == nullptr));
        });
    EXPECT_TRUE(measured.call(sts::GetCallerIdentityRequest{}, {.region = "eu-west-3"}).has_value());
    status = 403;
    EXPECT_FALSE(measured.call(sts::GetCallerIdentityRequest{}).has_value());
    EXPECT_EQ(seen,
              (std::vector<std::string>{"GetCallerIdentity 7 200 true", "GetCallerIdentity 7 403 false"}));
    const auto calls = recording.calls();
    ASSERT_EQ(calls.size(), 2U);
    EXPECT_EQ(calls[0].service, "sts");
    EXPECT_EQ(calls[0].region, "eu-west-3");
    EXPECT_TRUE(calls[0].succeeded);
    EXPECT_FALSE(calls[1].succeeded);
}

}  // namespace
}  // namespace k3fleet::aws
