// Whom the client trusts, and what it says when it does not.
#include "net/tls.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>

#include "base/text.h"
#include "net/http.h"
#include "tests/support/http_server.h"

namespace k3fleet::net {
namespace {

using support::HttpServer;
using support::Identity;
using support::reply;
using support::ServedRequest;
using support::TestCa;

class Tls : public ::testing::Test {
protected:
    const TestCa ca{"Right Authority"};
    const TestCa other{"Wrong Authority"};

    std::unique_ptr<HttpServer> serve(Identity identity, std::string client_ca = "") const {
        return std::make_unique<HttpServer>([](const ServedRequest&) { return reply(200, "safe"); },
                                            support::ServerTls{std::move(identity), std::move(client_ca)});
    }

    static Result<HttpResponse> get(TlsOptions tls, const std::string& url) {
        return make_http_client({.tls = std::move(tls), .cancel = CancelToken()})->send({.url = url});
    }

    static void expect_refused(const Result<HttpResponse>& answer, std::string_view says) {
        ASSERT_FALSE(answer);
        EXPECT_EQ(answer.error().code, ErrorCode::Unavailable);
        EXPECT_NE(answer.error().message.find(says), std::string::npos) << answer.error().message;
    }
};

TEST_F(Tls, TrustsTheGivenAuthorityByNameAndByAddress) {
    const auto server = serve(ca.issue_local());
    for (const std::string host : {"127.0.0.1", "localhost"}) {
        const auto answer =
            get({.ca_pem = ca.certificate_pem()}, format("https://{}:{}/", host, server->port()));
        ASSERT_TRUE(answer) << answer.error().describe();
        EXPECT_EQ(answer->body, "safe");
    }
}

TEST_F(Tls, ReusesAnEncryptedConnection) {
    const auto server = serve(ca.issue_local());
    const auto http = make_http_client({.tls = {.ca_pem = ca.certificate_pem()}, .cancel = CancelToken()});
    for (int i = 0; i < 10; ++i)
        ASSERT_TRUE(http->send({.method = "POST", .url = server->url(), .body = "x"}));
    EXPECT_EQ(server->connections(), 1);
}

TEST_F(Tls, RefusesAnotherAuthorityAndNamesTheIssuerAndTheSetting) {
    const auto server = serve(ca.issue_local());
    const auto answer =
        get({.ca_pem = other.certificate_pem(), .ca_setting = "metrics.caFile"}, server->url());
    expect_refused(answer, "Right Authority");
    expect_refused(answer, "metrics.caFile");
    expect_refused(answer, format("127.0.0.1:{}", server->port()));
    EXPECT_TRUE(server->requests().empty());
}

TEST_F(Tls, RefusesAnotherNameAndSaysWhichTheCertificateHas) {
    const auto server =
        serve(ca.issue({.common_name = "127.0.0.1", .names = {"DNS:prom.example", "IP:10.9.8.7"}}));
    expect_refused(get({.ca_pem = ca.certificate_pem()}, server->url()), "prom.example, 10.9.8.7");
    expect_refused(get({.ca_pem = ca.certificate_pem()}, format("https://localhost:{}/", server->port())),
                   "not for 'localhost'");
    EXPECT_TRUE(get({.ca_pem = ca.certificate_pem(), .server_name = "prom.example"}, server->url()));
    EXPECT_TRUE(server->requests().size() == 1);
}

TEST_F(Tls, RefusesCertificatesOutsideTheirTime) {
    using std::chrono::hours;
    const auto expired = serve(ca.issue({.common_name = "old",
                                         .names = {"IP:127.0.0.1"},
                                         .valid_from = hours{-48},
                                         .valid_until = hours{-24}}));
    expect_refused(get({.ca_pem = ca.certificate_pem()}, expired->url()), "expired on");
    const auto future = serve(ca.issue({.common_name = "new",
                                        .names = {"IP:127.0.0.1"},
                                        .valid_from = hours{24},
                                        .valid_until = hours{48}}));
    expect_refused(get({.ca_pem = ca.certificate_pem()}, future->url()), "valid only from");
}

TEST_F(Tls, ShowsItsOwnCertificateToServersThatAsk) {
    const auto server = serve(ca.issue_local(), ca.certificate_pem());
    const Identity mine = ca.issue({.common_name = "operator"});
    const auto answer = get({.ca_pem = ca.certificate_pem(),
                             .client_certificate_pem = mine.certificate_pem,
                             .client_key_pem = Secret(mine.key_pem)},
                            server->url());
    ASSERT_TRUE(answer) << answer.error().describe();
    EXPECT_EQ(server->requests().at(0).client_name, "operator");
    EXPECT_EQ(get({.ca_pem = ca.certificate_pem()}, server->url()).error().code, ErrorCode::Unavailable);
}

TEST_F(Tls, SaysWhatIsWrongWithOptions) {
    const Identity one = ca.issue_local();
    const Identity two = ca.issue_local();
    struct Case {
        TlsOptions options;
        const char* says;
    };
    const Case cases[] = {
        {{.ca_pem = "no PEM"}, "BEGIN CERTIFICATE"},
        {{.ca_pem = ca.certificate_pem() + "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"},
         "cannot be read"},
        {{.ca_file = "/nowhere/ca.pem"}, "/nowhere/ca.pem"},
        {{.system_ca_file = "/nowhere/bundle.pem"}, "/nowhere/bundle.pem"},
        {{.ca_pem = ca.certificate_pem(), .client_certificate_pem = one.certificate_pem}, "give both"},
        {{.ca_pem = ca.certificate_pem(),
          .client_certificate_pem = one.certificate_pem,
          .client_key_pem = Secret(two.key_pem)},
         "does not belong"},
        {{.ca_pem = ca.certificate_pem(),
          .client_certificate_pem = "x",
          .client_key_pem = Secret(two.key_pem)},
         "client certificate cannot be read"},
        {{.ca_pem = ca.certificate_pem(),
          .client_certificate_pem = one.certificate_pem,
          .client_key_pem = Secret("x")},
         "client key cannot be read"},
    };
    for (const auto& c : cases) {
        const auto context = make_tls_context(c.options);
        ASSERT_FALSE(context) << c.says;
        EXPECT_EQ(context.error().code, ErrorCode::InvalidArgument);
        EXPECT_NE(context.error().message.find(c.says), std::string::npos) << context.error().message;
        EXPECT_EQ(context.error().message.find("PRIVATE KEY-----\nM"), std::string::npos);
    }
}

TEST_F(Tls, TakesTheSystemsAuthoritiesOnlyWhenNoneIsGivenOrBothAreAskedFor) {
    const std::string path = ::testing::TempDir() + "k3fleet-tls-test-ca.pem";
    std::ofstream(path) << ca.certificate_pem();
    const auto server = serve(ca.issue_local());

    EXPECT_EQ(find_system_ca_file({.system_ca_file = path}), path);
    EXPECT_TRUE(get({.system_ca_file = path}, server->url()));
    EXPECT_FALSE(get({.ca_pem = other.certificate_pem(), .system_ca_file = path}, server->url()))
        << "a given CA replaces the system's";
    EXPECT_TRUE(get({.trust = TlsOptions::Trust::GivenAndSystem,
                     .ca_pem = other.certificate_pem(),
                     .system_ca_file = path},
                    server->url()));
    EXPECT_NE(find_system_ca_file({}), path);
    EXPECT_FALSE(get({.ca_file = path, .server_name = "elsewhere"}, server->url()));
    EXPECT_TRUE(get({.ca_file = path}, server->url()));
    ::unlink(path.c_str());
}

TEST_F(Tls, SaysWhenTheTwoSidesDoNotSpeakTheSame) {
    HttpServer plain(
        [](const ServedRequest&) { return reply(200, ""); });  // Waits for a request line for ever.
    const auto mute = make_http_client({.tls = {.ca_pem = ca.certificate_pem()}, .cancel = CancelToken()})
                          ->send({.url = format("https://127.0.0.1:{}/", plain.port()),
                                  .timeout = std::chrono::milliseconds{100}});
    ASSERT_FALSE(mute);
    EXPECT_EQ(mute.error().code, ErrorCode::DeadlineExceeded);
    EXPECT_NE(mute.error().message.find("TLS handshake"), std::string::npos) << mute.error().message;

    const auto encrypted = serve(ca.issue_local());
    expect_refused(get({}, format("http://127.0.0.1:{}/", encrypted->port())), "without an answer");
}

TEST_F(Tls, TellsATruncatedAnswerFromAnEndedOne) {
    using support::Reply;
    const support::ServerTls tls{.identity = ca.issue_local()};
    const std::string open_ended = "HTTP/1.1 200 OK\r\n\r\nall of it";
    HttpServer polite(
        [&](const ServedRequest&) { return Reply{.bytes = open_ended, .then = Reply::Then::Close}; }, tls);
    HttpServer cut(
        [&](const ServedRequest&) { return Reply{.bytes = open_ended, .then = Reply::Then::Reset}; }, tls);
    const auto whole = get({.ca_pem = ca.certificate_pem()}, polite.url());
    ASSERT_TRUE(whole) << whole.error().describe();
    EXPECT_EQ(whole->body, "all of it");
    const auto part = get({.ca_pem = ca.certificate_pem()}, cut.url());
    ASSERT_FALSE(part);
    EXPECT_EQ(part.error().code, ErrorCode::Unavailable);
}

}  // namespace
}  // namespace k3fleet::net
