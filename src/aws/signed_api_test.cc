// What goes over the wire and what comes back, against a server in the test.
#include "aws/signed_api.h"

#include <gtest/gtest.h>

#include "aws/retry/retrying_api.h"
#include "base/text.h"
#include "tests/support/aws_machine.h"
#include "tests/support/aws_shapes.h"
#include "tests/support/http_server.h"

namespace k3fleet::aws {
namespace {

using aws_shapes::Bound;
using aws_shapes::kBound;
using aws_shapes::kThing;
using aws_shapes::Thing;
using Applied = CallReport::Applied;
using support::reply;
using support::ServedRequest;

constexpr Service kService{.id = "shapes",
                           .service_id = "Shapes",
                           .endpoint_prefix = "shapes",
                           .signing_name = "shapes",
                           .api_version = "2020-01-01",
                           .protocol = Protocol::Json10,
                           .target_prefix = "Shapes_2020"};
constexpr Operation kDo{.service = &kService,
                        .name = "Do",
                        .method = "POST",
                        .uri = "/",
                        .input = &kThing,
                        .output = &kThing,
                        .repeat = Repeat::Safe};

// Counts what was rejected; the keys are numbered.
class Source final : public credentials::CredentialSource {
public:
    std::string describe() const override { return "test"; }
    Result<credentials::Credentials> get() override {
        if (failing) return fail(ErrorCode::PermissionDenied, "no credentials");
        return credentials::Credentials{.access_key_id = format("key-{}", rejected),
                                        .secret_access_key = Secret("s"),
                                        .session_token = Secret("token"),
                                        .expires = {}};
    }
    bool reject(const credentials::Credentials&) override {
        ++rejected;
        return renewable;
    }
    int rejected = 0;
    bool renewable = true;
    bool failing = false;
};

class SignedApiTest : public testing::Test {
protected:
    SignedApi make(std::string region = "eu-west-1") {
        return SignedApi(*machine.http, source, machine.clock, machine.random,
                         {.region = std::move(region),
                          .rules = {.custom_url = [this](const Service&) { return server.url(""); }},
                          .user_agent = "k3fleet/test"});
    }
    Status call(const Operation& operation = kDo) {
        report = {};
        return api.invoke(operation, &request, &response, {.report = &report});
    }
    support::AwsMachine machine;
    Source source;
    std::function<support::Reply(const ServedRequest&)> answer = [](const ServedRequest&) {
        return reply(200, R"({"Name": "answer"})", {{"x-amzn-RequestId", "id-1"}});
    };
    support::HttpServer server{[this](const ServedRequest& got) { return answer(got); }};
    SignedApi api = make();
    Thing request{.name = "ask"};
    Thing response;
    CallReport report;
};

TEST_F(SignedApiTest, WritesSignsSendsAndReads) {
    ASSERT_TRUE(call().has_value());
    EXPECT_EQ(response.name, "answer");
    EXPECT_EQ(report.applied, Applied::Yes);
    EXPECT_EQ(report.status, 200);
    EXPECT_EQ(report.request_id, "id-1");
    EXPECT_EQ(report.tries, 1);
    const auto sent = server.requests().at(0);
    EXPECT_EQ(sent.body, R"({"Name":"ask"})");
    EXPECT_EQ(sent.header("X-Amz-Target"), "Shapes_2020.Do");
    EXPECT_EQ(sent.header("User-Agent"), "k3fleet/test");
    EXPECT_EQ(sent.header("X-Amz-Security-Token"), "token");
    EXPECT_EQ(sent.header("X-Amz-Date"), "20261118T110640Z");
    EXPECT_NE(sent.header("Authorization").find("Credential=key-0/20261118/eu-west-1/shapes/aws4_request"),
              std::string::npos);
}

TEST_F(SignedApiTest, ACallMayNameItsRegion) {
    ASSERT_TRUE(api.invoke(kDo, &request, &response, {.region = "us-west-2"}).has_value());
    EXPECT_NE(server.requests().at(0).header("Authorization").find("/us-west-2/"), std::string::npos);
}

TEST_F(SignedApiTest, UnsignedOperationsCarryNoCredentials) {
    Operation open = kDo;
    open.unsigned_call = true;
    source.failing = true;
    ASSERT_TRUE(call(open).has_value());
    EXPECT_EQ(server.requests().at(0).header("Authorization"), "");
}

TEST_F(SignedApiTest, WithoutCredentialsNothingIsSent) {
    source.failing = true;
    const Status done = call();
    EXPECT_EQ(done.error().describe(), "no credentials (while calling shapes Do in eu-west-1)");
    EXPECT_EQ(report.applied, Applied::No);
    EXPECT_EQ(report.tries, 0);
    EXPECT_TRUE(server.requests().empty());
}

TEST_F(SignedApiTest, ARefusalKeepsAwsOwnCodeAndWasNotApplied) {
    answer = [](const ServedRequest&) {
        return reply(400, R"({"__type": "x#ThrottlingException", "message": "slowly"})",
                     {{"x-amzn-RequestId", "id-2"}});
    };
    const Status done = call();
    EXPECT_EQ(done.error().code, ErrorCode::Throttled);
    EXPECT_EQ(done.error().provider_code, "ThrottlingException");
    EXPECT_NE(done.error().describe().find("id-2"), std::string::npos) << done.error().describe();
    EXPECT_EQ(report.applied, Applied::No);
    answer = [](const ServedRequest&) { return reply(500, "{}"); };
    EXPECT_FALSE(call().has_value());
    EXPECT_EQ(report.applied, Applied::Maybe);
}

TEST_F(SignedApiTest, KnowsWhetherABrokenCallCanHaveArrived) {
    answer = [](const ServedRequest&) {
        return support::Reply{.bytes = "", .then = support::Reply::Then::Reset};
    };
    EXPECT_EQ(call().error().code, ErrorCode::Unavailable);
    EXPECT_EQ(report.applied, Applied::Maybe);
    const std::string gone = [] {
        const support::HttpServer closed([](const ServedRequest&) { return reply(200, ""); });
        return closed.url("");
    }();
    SignedApi nowhere(*machine.http, source, machine.clock, machine.random,
                      {.region = "eu-west-1", .rules = {.custom_url = [&](const Service&) { return gone; }}});
    EXPECT_FALSE(nowhere.invoke(kDo, &request, &response, {.report = &report}).has_value());
    EXPECT_EQ(report.applied, Applied::No);
}

TEST_F(SignedApiTest, LearnsTheClockAndTheNextTryIsSignedWithIt) {
    // Ours says 11:06:40; AWS's is an hour ahead and refuses what is further off than five minutes.
    answer = [](const ServedRequest& got) {
        const support::ReplyHeaders date = {{"Date", "Wed, 18 Nov 2026 12:06:40 GMT"}};
        if (got.header("X-Amz-Date") == "20261118T120640Z") return reply(200, R"({"Name": "right"})", date);
        return reply(403, R"({"__type": "InvalidSignatureException", "message": "Signature expired"})", date);
    };
    retry::RetryingApi retrying(api, machine.clock, machine.random);
    const Status done = retrying.invoke(kDo, &request, &response, {.report = &report});
    ASSERT_TRUE(done.has_value()) << done.error().describe();
    EXPECT_EQ(response.name, "right");
    EXPECT_EQ(report.tries, 2);
    EXPECT_EQ(api.clock_correction(), std::chrono::hours{1});
    EXPECT_TRUE(machine.clock.slept().empty());
    EXPECT_EQ(source.rejected, 0);
}

TEST_F(SignedApiTest, TellsHowFarTheClocksAreApart) {
    answer = [](const ServedRequest&) {
        return reply(200, "{}", {{"Date", "Wed, 18 Nov 2026 11:10:40 GMT"}});
    };
    ASSERT_TRUE(call().has_value());
    ASSERT_TRUE(report.clock.has_value());
    EXPECT_EQ(report.clock->least, std::chrono::minutes{4});
    EXPECT_EQ(report.clock->most, std::chrono::minutes{4} + std::chrono::seconds{1});
    answer = [](const ServedRequest&) { return reply(200, "{}", {{"Date", "yesterday"}}); };
    ASSERT_TRUE(call().has_value());
    EXPECT_FALSE(report.clock.has_value());
}

TEST_F(SignedApiTest, AWrongSignatureWithARightClockIsFinal) {
    answer = [](const ServedRequest&) {
        return reply(403, R"({"__type": "InvalidSignatureException", "message": "no"})",
                     {{"Date", "Wed, 18 Nov 2026 11:07:40 GMT"}});
    };
    retry::RetryingApi retrying(api, machine.clock, machine.random);
    EXPECT_FALSE(retrying.invoke(kDo, &request, &response, {}).has_value());
    EXPECT_EQ(server.requests().size(), 1U);
    EXPECT_EQ(api.clock_correction(), Duration{0});
}

TEST_F(SignedApiTest, ExpiredCredentialsAreRenewedOnce) {
    answer = [](const ServedRequest& got) {
        if (got.header("Authorization").find("key-1/") != std::string::npos) return reply(200, "{}");
        return reply(400, R"({"__type": "ExpiredTokenException", "message": "expired"})");
    };
    retry::RetryingApi retrying(api, machine.clock, machine.random);
    EXPECT_TRUE(retrying.invoke(kDo, &request, &response, {}).has_value());
    EXPECT_EQ(server.requests().size(), 2U);

    answer = [](const ServedRequest&) { return reply(400, R"({"__type": "ExpiredTokenException"})"); };
    EXPECT_FALSE(retrying.invoke(kDo, &request, &response, {}).has_value());
    EXPECT_EQ(server.requests().size(), 4U) << "renewed once, not for ever";
    source.renewable = false;
    EXPECT_FALSE(retrying.invoke(kDo, &request, &response, {}).has_value());
    EXPECT_EQ(server.requests().size(), 5U);
}

TEST_F(SignedApiTest, AllTriesSendTheSameToken) {
    static constexpr Operation kCreate{.service = &kService,
                                       .name = "Create",
                                       .method = "POST",
                                       .uri = "/",
                                       .input = &kBound,
                                       .output = &kThing,
                                       .repeat = Repeat::Token};
    int left = 2;
    answer = [&](const ServedRequest&) { return left-- > 0 ? reply(500, "{}") : reply(200, "{}"); };
    Bound create;
    retry::RetryingApi retrying(api, machine.clock, machine.random);
    ASSERT_TRUE(retrying.invoke(kCreate, &create, &response, {}).has_value());
    const auto sent = server.requests();
    ASSERT_EQ(sent.size(), 3U);
    EXPECT_NE(sent[0].body.find("ClientToken"), std::string::npos) << sent[0].body;
    EXPECT_EQ(sent[0].body, sent[1].body);
    EXPECT_EQ(sent[0].body, sent[2].body);
    ASSERT_TRUE(retrying.invoke(kCreate, &create, &response, {}).has_value());
    EXPECT_NE(server.requests()[3].body, sent[0].body);
}

TEST_F(SignedApiTest, BucketsStandInThePathOfACustomEndpoint) {
    static constexpr Service kS3{.id = "s3",
                                 .service_id = "S3",
                                 .endpoint_prefix = "s3",
                                 .signing_name = "s3",
                                 .api_version = "",
                                 .protocol = Protocol::RestXml};
    static constexpr Operation kGet{.service = &kS3,
                                    .name = "Get",
                                    .method = "GET",
                                    .uri = "/{Bucket}/{Key+}",
                                    .input = &kBound,
                                    .output = &kThing,
                                    .repeat = Repeat::Safe};
    answer = [](const ServedRequest&) { return reply(200, "<Thing/>"); };
    Bound get{.bucket = "buck", .key = "a b/c+d"};
    const Status done = api.invoke(kGet, &get, &response, {});
    ASSERT_TRUE(done.has_value()) << done.error().describe();
    EXPECT_EQ(server.requests().at(0).target, "/buck/a%20b/c%2Bd");
    EXPECT_NE(server.requests().at(0).header("X-Amz-Content-Sha256"), "");
}

TEST_F(SignedApiTest, WithoutARegionTheErrorSaysWhatToSet) {
    SignedApi real(*machine.http, source, machine.clock, machine.random, {});
    const Status done = real.invoke(kDo, &request, &response, {.report = &report});
    EXPECT_EQ(done.error().code, ErrorCode::InvalidArgument);
    EXPECT_EQ(report.applied, Applied::No);
}

}  // namespace
}  // namespace k3fleet::aws
