// The client through proxies: what they are asked, what servers see, and what goes wrong on the way.
#include <gtest/gtest.h>

#include "base/text.h"
#include "net/http.h"
#include "tests/support/http_server.h"

namespace k3fleet::net {
namespace {

using std::chrono::milliseconds;
using support::HttpServer;
using support::Reply;
using support::reply;
using support::ServedRequest;
using support::ServerTls;
using support::TestCa;

const Reply kTunnel{.bytes = "HTTP/1.1 200 Connection established\r\n\r\n", .then = Reply::Then::Tunnel};

class ThroughProxy : public ::testing::Test {
protected:
    const TestCa ca{"Authority"};
    HttpServer server{[](const ServedRequest& request) { return reply(200, request.body + "!"); },
                      ServerTls{ca.issue_local(), ""}};

    static std::string url_of(const HttpServer& proxy, const std::string& user = "") {
        auto url = proxy.url("");
        return user.empty() ? url : url.insert(url.find("://") + 3, user + "@");
    }
    std::unique_ptr<HttpClient> client(ProxySettings proxy, TlsOptions tls = {}) const {
        if (tls.ca_pem.empty()) tls.ca_pem = ca.certificate_pem();
        return make_http_client({.tls = std::move(tls), .proxy = std::move(proxy), .cancel = CancelToken()});
    }
};

TEST_F(ThroughProxy, ForwardsPlainHttpWithTheWholeAddressAndTheProxysUser) {
    HttpServer proxy([](const ServedRequest&) { return reply(200, "forwarded"); });
    const auto http = client({.for_http = url_of(proxy, "ann:b%20c")});
    for (int i = 0; i < 3; ++i) {
        const auto answer = http->send({.url = "http://server.example:81/path?x=1"});
        ASSERT_TRUE(answer) << answer.error().describe();
        EXPECT_EQ(answer->body, "forwarded");
    }
    EXPECT_EQ(proxy.connections(), 1);
    const auto seen = proxy.requests().at(0);
    EXPECT_EQ(seen.target, "http://server.example:81/path?x=1");
    EXPECT_EQ(seen.header("host"), "server.example:81");
    EXPECT_EQ(seen.header("proxy-authorization"), "Basic YW5uOmIgYw==");
}

TEST_F(ThroughProxy, TunnelsHttpsAndKeepsTheTunnel) {
    HttpServer proxy([](const ServedRequest&) { return kTunnel; });
    const auto http = client({.for_https = url_of(proxy, "ann:b%20c")});
    for (int i = 0; i < 3; ++i) {
        HttpTrace trace;
        const auto answer = http->send({.method = "POST", .url = server.url("/x"), .body = "abc"}, trace);
        ASSERT_TRUE(answer) << answer.error().describe();
        EXPECT_EQ(answer->body, "abc!");
        EXPECT_EQ(trace.phase, HttpPhase::Done);
    }
    ASSERT_EQ(proxy.requests().size(), 1U);
    const auto asked = proxy.requests().at(0);
    EXPECT_EQ(asked.method, "CONNECT");
    EXPECT_EQ(asked.target, format("127.0.0.1:{}", server.port()));
    EXPECT_EQ(asked.header("host"), asked.target);
    EXPECT_EQ(asked.header("proxy-authorization"), "Basic YW5uOmIgYw==");
    ASSERT_EQ(server.requests().size(), 3U);
    EXPECT_EQ(server.requests().at(0).target, "/x");
    EXPECT_EQ(server.requests().at(0).header("proxy-authorization"), "") << "not for the server";
}

TEST_F(ThroughProxy, TalksTlsToTheProxyAndThroughIt) {
    HttpServer proxy([](const ServedRequest&) { return kTunnel; }, ServerTls{ca.issue_local(), ""});
    const auto http = client({.for_https = url_of(proxy)});
    std::string body(3UL << 20, '\0');
    for (std::size_t i = 0; i < body.size(); ++i) body[i] = static_cast<char>(i * 2654435761U >> 9);
    for (int i = 0; i < 2; ++i) {
        const auto answer = http->send({.method = "PUT", .url = server.url(), .body = body});
        ASSERT_TRUE(answer) << answer.error().describe();
        EXPECT_TRUE(answer->body == body + "!");
    }
    EXPECT_EQ(proxy.requests().size(), 1U);

    HttpServer plain_proxy([](const ServedRequest&) { return reply(200, "forwarded"); },
                           ServerTls{ca.issue_local(), ""});
    EXPECT_EQ(client({.for_http = url_of(plain_proxy)})->send({.url = "http://a.example/"})->body,
              "forwarded");
}

TEST_F(ThroughProxy, ShowsItsCertificateToTheServerOnly) {
    const auto mine = ca.issue({.common_name = "operator"});
    HttpServer asking([](const ServedRequest&) { return reply(200, ""); },
                      ServerTls{ca.issue_local(), ca.certificate_pem()});
    HttpServer proxy([](const ServedRequest&) { return kTunnel; }, ServerTls{ca.issue_local(), ""});
    HttpServer curious([](const ServedRequest&) { return kTunnel; },
                       ServerTls{ca.issue_local(), ca.certificate_pem()});
    const TlsOptions tls{.client_certificate_pem = mine.certificate_pem,
                         .client_key_pem = Secret(mine.key_pem)};
    const auto answer = client({.for_https = url_of(proxy)}, tls)->send({.url = asking.url()});
    ASSERT_TRUE(answer) << answer.error().describe();
    EXPECT_EQ(asking.requests().at(0).client_name, "operator");
    EXPECT_FALSE(client({.for_https = url_of(curious)}, tls)->send({.url = asking.url()}));
    EXPECT_TRUE(curious.requests().empty());
}

TEST_F(ThroughProxy, GoesDirectlyWhereItIsToldTo) {
    HttpServer proxy([](const ServedRequest&) { return kTunnel; });
    const auto http = client({.for_https = url_of(proxy)});
    EXPECT_TRUE(http->send({.url = server.url(), .route = Route::Direct}));
    EXPECT_TRUE(client({.for_https = url_of(proxy), .except = "127.0.0.0/8"})->send({.url = server.url()}));
    EXPECT_TRUE(client({.for_https = "socks5://x"})->send({.url = server.url(), .route = Route::Direct}));
    EXPECT_EQ(client({.for_https = "socks5://x"})->send({.url = server.url()}).error().code,
              ErrorCode::InvalidArgument);
    EXPECT_EQ(proxy.connections(), 0);
}

TEST_F(ThroughProxy, SaysWhatTheProxyRefusesAndThatNothingWasSent) {
    struct Case {
        Reply answer;
        ErrorCode code;
        const char* says;
    };
    const Case cases[] = {
        {reply(407, "who?"), ErrorCode::PermissionDenied, "user and password"},
        {reply(403, "no"), ErrorCode::Unavailable, "NO_PROXY"},
        {reply(503, "later"), ErrorCode::Unavailable, "status 503"},
        {{.bytes = "nonsense\r\n\r\n"}, ErrorCode::Corrupt, "HTTP"},
        {{.then = Reply::Then::Close}, ErrorCode::Unavailable, "without an answer"},
        {{.then = Reply::Then::Hang}, ErrorCode::DeadlineExceeded, "did not answer"},
    };
    for (const auto& c : cases) {
        HttpServer proxy([&](const ServedRequest&) { return c.answer; });
        HttpTrace trace;
        const auto answer = client({.for_https = url_of(proxy)})
                                ->send({.url = server.url(),
                                        .timeout = c.answer.then == Reply::Then::Hang ? milliseconds{150}
                                                                                      : milliseconds{20'000}},
                                       trace);
        ASSERT_FALSE(answer) << c.says;
        EXPECT_EQ(answer.error().code, c.code) << answer.error().describe();
        EXPECT_NE(answer.error().describe().find(c.says), std::string::npos) << answer.error().describe();
        EXPECT_NE(answer.error().describe().find(format("127.0.0.1:{}", proxy.port())), std::string::npos)
            << answer.error().describe();
        EXPECT_EQ(to_string(trace.phase), to_string(HttpPhase::Tunnelling));
        EXPECT_EQ(trace.reached, HttpTrace::Reached::No);
    }
    EXPECT_TRUE(server.requests().empty());
}

TEST_F(ThroughProxy, TrustsNeitherAFalseProxyNorAFalseServerBehindARightOne) {
    const TestCa other{"Wrong Authority"};
    HttpServer false_proxy([](const ServedRequest&) { return kTunnel; }, ServerTls{other.issue_local(), ""});
    const auto first = client({.for_https = url_of(false_proxy)})->send({.url = server.url()});
    ASSERT_FALSE(first);
    EXPECT_NE(first.error().message.find("Wrong Authority"), std::string::npos) << first.error().message;
    EXPECT_TRUE(false_proxy.requests().empty());

    HttpServer false_server([](const ServedRequest&) { return reply(200, ""); },
                            ServerTls{other.issue_local(), ""});
    HttpServer proxy([](const ServedRequest&) { return kTunnel; });
    HttpTrace trace;
    const auto second = client({.for_https = url_of(proxy)})->send({.url = false_server.url()}, trace);
    ASSERT_FALSE(second);
    EXPECT_NE(second.error().message.find("Wrong Authority"), std::string::npos) << second.error().message;
    EXPECT_EQ(trace.phase, HttpPhase::Securing);
    EXPECT_EQ(trace.reached, HttpTrace::Reached::No);
    EXPECT_TRUE(false_server.requests().empty());
}

}  // namespace
}  // namespace k3fleet::net
