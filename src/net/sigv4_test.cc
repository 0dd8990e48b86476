// What is signed, how it is written down, and what is refused. Whole signatures are compared with what
// botocore 1.43.11 makes of the same request; 10,000 random ones in tests/contract/sigv4.
#include "net/sigv4.h"

#include <gtest/gtest.h>

#include "base/text.h"

namespace k3fleet::net {
namespace {

using std::chrono::seconds;

const Timestamp kNow = from_unix_seconds(1795317300);  // 2026-11-22T03:15:00Z
const SigningCredentials kKeys{.access_key_id = "ID", .secret_access_key = Secret("word")};
const SigningCredentials kSession{
    .access_key_id = "ID", .secret_access_key = Secret("word"), .session_token = Secret("tok+en/=")};

SigV4Scope scope(std::string_view service, const SigningCredentials& credentials = kKeys) {
    return {.credentials = credentials, .region = "ap-southeast-1", .service = service, .now = kNow};
}

std::string header(const HttpRequest& request, std::string_view name) {
    std::string found;
    for (const auto& [given, value] : request.headers) {
        if (given == name) found += (found.empty() ? "" : "|") + value;
    }
    return found;
}

std::string canonical(std::string_view service, std::string_view target, const HttpHeaders& headers = {}) {
    const auto steps = sigv4_steps(
        {.method = "GET", .target = target, .host = "h.example", .headers = headers, .payload_hash = "x"},
        scope(service));
    return steps ? steps->canonical_request : steps.error().describe();
}

// Of the canonical request.
std::string line(const std::string& text, std::size_t number) {
    const auto lines = split(text, '\n');
    return number < lines.size() ? lines[number] : "none";
}

TEST(SigV4, SignsARequestOfAQueryService) {
    HttpRequest request{.method = "POST",
                        .url = "https://ec2.ap-southeast-1.amazonaws.com/",
                        .headers = {{"Content-Type", "application/x-www-form-urlencoded"}},
                        .body = "Action=DescribeRegions&Version=2016-11-15"};
    ASSERT_TRUE(sigv4_sign(request, scope("ec2")));
    EXPECT_EQ(header(request, "X-Amz-Date"), "20261122T031500Z");
    EXPECT_EQ(header(request, "Authorization"),
              "AWS4-HMAC-SHA256 Credential=ID/20261122/ap-southeast-1/ec2/aws4_request, "
              "SignedHeaders=content-type;host;x-amz-date, "
              "Signature=336c891df4381154fdc78c64c812fac17ca6707c42c38fd64b2dc4227a5d8c00");
    EXPECT_EQ(request.headers.size(), 3U);
}

TEST(SigV4, SignsAnS3RequestWithItsHashAndSessionAndPathAsItIs) {
    HttpRequest request{.method = "PUT",
                        .url = "https://bucket.s3.ap-southeast-1.amazonaws.com/a//b/../c%20d?x=2&x=1&acl",
                        .headers = {{"If-None-Match", "*"}},
                        .body = "body"};
    ASSERT_TRUE(sigv4_sign(request, scope("s3", kSession)));
    EXPECT_EQ(header(request, "X-Amz-Security-Token"), "tok+en/=");
    EXPECT_EQ(header(request, "X-Amz-Content-Sha256"),
              "230d8358dc8e8890b4c58deeb62912ee2f20357ae92a5cc861b98e68fe31acb5");
    EXPECT_EQ(header(request, "Authorization"),
              "AWS4-HMAC-SHA256 Credential=ID/20261122/ap-southeast-1/s3/aws4_request, SignedHeaders=host;"
              "if-none-match;x-amz-content-sha256;x-amz-date;x-amz-security-token, "
              "Signature=01ee445939c1312377d92daf24bf947d91802ed0bece832166cfd8e16cf152c3");
}

TEST(SigV4, SignsAgainAsIfForTheFirstTime) {
    const HttpRequest plain{.method = "POST",
                            .url = "https://sts.ap-southeast-1.amazonaws.com/",
                            .headers = {{"Content-Type", "text/plain"}},
                            .body = "x"};
    auto once = plain;
    ASSERT_TRUE(sigv4_sign(once, scope("sts")));
    auto again = plain;
    auto earlier = scope("s3", kSession);
    earlier.now -= seconds{600};
    ASSERT_TRUE(sigv4_sign(again, earlier));
    EXPECT_NE(header(again, "Authorization"), header(once, "Authorization"));
    ASSERT_TRUE(sigv4_sign(again, scope("sts")));
    EXPECT_EQ(again.headers, once.headers);
}

TEST(SigV4, LeavesTheBodyUnsignedWhenAsked) {
    HttpRequest request{.method = "PUT", .url = "https://h.example/", .body = "x"};
    auto unsigned_body = scope("execute-api");
    unsigned_body.payload_hash = kUnsignedPayload;
    ASSERT_TRUE(sigv4_sign(request, unsigned_body));
    const auto first = header(request, "Authorization");
    EXPECT_EQ(header(request, "X-Amz-Content-Sha256"), "UNSIGNED-PAYLOAD");
    request.body = "y";
    ASSERT_TRUE(sigv4_sign(request, unsigned_body));
    EXPECT_EQ(header(request, "Authorization"), first);
    ASSERT_TRUE(sigv4_sign(request, scope("execute-api")));
    EXPECT_NE(header(request, "Authorization"), first);
}

TEST(SigV4, WritesPathsAsTheServiceWill) {
    struct Case {
        const char* target;
        const char* general;
        const char* s3;
    };
    const Case cases[] = {
        {"/", "/", "/"},
        {"/a/b", "/a/b", "/a/b"},
        {"/a/b/", "/a/b/", "/a/b/"},
        {"//a///b//", "/a/b/", "//a///b//"},
        {"/a/./b/../c", "/a/c", "/a/./b/../c"},
        {"/../..", "/", "/../.."},
        {"/a%20b/%E1%88%B4", "/a%2520b/%25E1%2588%25B4", "/a%20b/%E1%88%B4"},
        {"/a%2fb", "/a%252fb", "/a%2Fb"},
        {"/a:b@c(d)+e", "/a%3Ab%40c%28d%29%2Be", "/a%3Ab%40c%28d%29%2Be"},
        {"/-._~A9", "/-._~A9", "/-._~A9"},
    };
    for (const auto& c : cases) {
        EXPECT_EQ(line(canonical("ec2", c.target), 1), c.general) << c.target;
        EXPECT_EQ(line(canonical("s3", c.target), 1), c.s3) << c.target;
    }
}

TEST(SigV4, SortsTheQueryByEncodedBytes) {
    struct Case {
        const char* query;
        const char* canonical;
    };
    const Case cases[] = {
        {"", ""},
        {"b=2&a=1", "a=1&b=2"},
        {"a=2&a=1&a=10", "a=1&a=10&a=2"},
        {"acl", "acl="},
        {"b&a=", "a=&b="},
        {"a=1&&", "a=1"},
        {"aa=1&a=2&a-b=3&A=4", "A=4&a=2&a-b=3&aa=1"},  // By name, not by the text "name=value".
        {"p=a/b:c&q=%e1%88%b4", "p=a%2Fb%3Ac&q=%E1%88%B4"},
        {"x=%41%7e", "x=A~"},
        {"x=a=b", "x=a%3Db"},
        {"%C3%A9=1&z=2", "%C3%A9=1&z=2"},
    };
    for (const auto& c : cases)
        EXPECT_EQ(line(canonical("sqs", format("/?{}", c.query)), 2), c.canonical) << c.query;
}

TEST(SigV4, FoldsHeadersAndLeavesThoseOutThatChangeOnTheWay) {
    const std::string text = canonical("sqs", "/",
                                       {{"X-B", "  two   words\t here "},
                                        {"x-a", "1"},
                                        {"X-A", " 2 "},
                                        {"X-Empty", ""},
                                        {"User-Agent", "any"},
                                        {"Connection", "close"},
                                        {"X-Amzn-Trace-Id", "1"},
                                        {"Authorization", "old"}});
    EXPECT_EQ(text,
              "GET\n/\n\nhost:h.example\nx-a:1,2\nx-b:two words here\nx-empty:\n\nhost;x-a;x-b;x-empty\nx");
}

TEST(SigV4, TakesTheHostFromTheHeaderElseFromTheUrlWithItsUnusualPort) {
    EXPECT_EQ(line(canonical("sqs", "/", {{"Host", "other:81"}}), 3), "host:other:81");
    HttpRequest with_port{.url = "http://LOCALHOST:4566/"};
    HttpRequest given{.url = "http://10.0.0.1/", .headers = {{"Host", "localhost:4566"}}};
    ASSERT_TRUE(sigv4_sign(with_port, scope("sqs")));
    ASSERT_TRUE(sigv4_sign(given, scope("sqs")));
    EXPECT_EQ(header(with_port, "Authorization"), header(given, "Authorization"));
}

TEST(SigV4, PutsTheSignatureIntoUrls) {
    const auto object =
        sigv4_presigned_url({.url = "https://bucket.s3.ap-southeast-1.amazonaws.com/k%20y?versionId=a%2Fb"},
                            scope("s3", kSession), seconds{600});
    ASSERT_TRUE(object) << object.error().describe();
    EXPECT_EQ(*object,
              "https://bucket.s3.ap-southeast-1.amazonaws.com/k%20y?versionId=a%2Fb&X-Amz-Algorithm="
              "AWS4-HMAC-SHA256&X-Amz-Credential=ID%2F20261122%2Fap-southeast-1%2Fs3%2Faws4_request&"
              "X-Amz-Date=20261122T031500Z&X-Amz-Expires=600&X-Amz-SignedHeaders=host&"
              "X-Amz-Security-Token=tok%2Ben%2F%3D&X-Amz-Signature="
              "67ccbf8d99e06b30f1e628ed56a70ca5d509eb8c23e618bca3874203b9e93568");
    const auto identity = sigv4_presigned_url(
        {.url = "https://sts.ap-southeast-1.amazonaws.com/?Action=GetCallerIdentity&Version=2011-06-15",
         .headers = {{"x-k8s-aws-id", "c1"}}},
        scope("sts"), seconds{60});
    ASSERT_TRUE(identity) << identity.error().describe();
    EXPECT_TRUE(
        identity->ends_with("&X-Amz-SignedHeaders=host%3Bx-k8s-aws-id&X-Amz-Signature="
                            "e0698d2b4516fdbce6c32a028284febc72248e1b62ea4648044c6dfb140c4097"))
        << *identity;
}

TEST(SigV4, RefusesWhatCannotBeSignedRight) {
    HttpRequest plus{.url = "https://h.example/?a=b+c"};
    HttpRequest percent{.url = "https://h.example/?a=%zz"};
    HttpRequest no_url{.url = "h.example"};
    for (HttpRequest* request : {&plus, &percent, &no_url}) {
        const auto done = sigv4_sign(*request, scope("sqs"));
        ASSERT_FALSE(done) << request->url;
        EXPECT_EQ(done.error().code, ErrorCode::InvalidArgument);
    }
    HttpRequest good{.url = "https://h.example/"};
    const SigningCredentials none;
    EXPECT_EQ(sigv4_sign(good, scope("sqs", none)).error().code, ErrorCode::InvalidArgument);
    for (const int validity : {0, -5, 7 * 86400 + 1})
        EXPECT_EQ(sigv4_presigned_url(good, scope("s3"), seconds{validity}).error().code,
                  ErrorCode::InvalidArgument);
    EXPECT_TRUE(sigv4_presigned_url(good, scope("s3"), seconds{7 * 86400}));
}

}  // namespace
}  // namespace k3fleet::net
