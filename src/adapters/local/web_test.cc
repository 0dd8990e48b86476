#include "adapters/local/web.h"

#include <gtest/gtest.h>

#include <map>
#include <vector>

#include "base/text.h"

namespace k3fleet::local {
namespace {

// Answers by URL; what it does not know is 404.
class Servers final : public net::HttpClient {
public:
    Result<net::HttpResponse> send(const net::HttpRequest& request, net::HttpTrace&) override {
        asked.push_back(request.url);
        EXPECT_EQ(request.method, "GET");
        EXPECT_EQ(request.max_response_bytes, 1UL << 20);
        if (down) return fail(ErrorCode::Unavailable, "no such host");
        const auto found = answers.find(request.url);
        if (found == answers.end()) return net::HttpResponse{.status = 404, .headers = {}, .body = "gone"};
        return found->second;
    }

    void sends_on(const std::string& from, const std::string& to, int status = 302) {
        answers[from] = {.status = status, .headers = {{"location", to}}, .body = "moved"};
    }

    std::map<std::string, net::HttpResponse> answers;
    std::vector<std::string> asked;
    bool down = false;
};

constexpr const char* kUrl = "https://github.example/k3s/v1%2Bk3s1/sums.txt";

TEST(Web, FollowsReleasesToTheHostThatKeepsThem) {
    for (const int status : {301, 302, 303, 307, 308}) {
        Servers servers;
        servers.sends_on(kUrl, "/elsewhere", status);
        servers.sends_on("https://github.example/elsewhere", "//files.example/x?signature=abc", status);
        servers.answers["https://files.example/x?signature=abc"] = {
            .status = 200, .headers = {}, .body = "sums"};
        EXPECT_EQ(fetch_text(servers, kUrl), "sums") << status;
        EXPECT_EQ(servers.asked.size(), 3U);
    }
}

TEST(Web, SaysWhereItFailed) {
    const std::string signed_url = "https://files.example/x?signature=abc";
    const struct {
        const char* what;
        std::function<void(Servers&)> make;
        ErrorCode code;
        const char* says;
    } rows[] = {
        {"absent", [](Servers&) {}, ErrorCode::NotFound, "sums.txt answered 404"},
        {"forbidden", [](Servers& s) { s.answers[kUrl].status = 403; }, ErrorCode::PermissionDenied, "403"},
        {"too many", [](Servers& s) { s.answers[kUrl].status = 429; }, ErrorCode::Throttled, "429"},
        {"broken", [](Servers& s) { s.answers[kUrl].status = 503; }, ErrorCode::Unavailable, "503"},
        {"empty", [](Servers& s) { s.answers[kUrl].status = 204; }, ErrorCode::Unavailable, "204"},
        {"down", [](Servers& s) { s.down = true; }, ErrorCode::Unavailable, "no such host"},
        {"on and on", [](Servers& s) { s.sends_on(kUrl, kUrl); }, ErrorCode::Unavailable, "on and on"},
        {"to plain http", [](Servers& s) { s.sends_on(kUrl, "http://files.example/x"); },
         ErrorCode::Unavailable, "not encrypted"},
        {"to a file", [](Servers& s) { s.sends_on(kUrl, "file:///etc/passwd"); }, ErrorCode::Unavailable,
         "not used"},
        {"to nowhere", [](Servers& s) { s.answers[kUrl].status = 302; }, ErrorCode::Unavailable, "not used"},
        {"absent elsewhere", [&](Servers& s) { s.sends_on(kUrl, signed_url); }, ErrorCode::NotFound,
         "https://files.example/x answered 404"},
    };
    for (const auto& row : rows) {
        Servers servers;
        row.make(servers);
        const auto text = fetch_text(servers, kUrl);
        ASSERT_FALSE(text) << row.what;
        EXPECT_EQ(text.error().code, row.code) << row.what;
        EXPECT_TRUE(text.error().describe().contains(row.says))
            << row.what << ": " << text.error().describe();
        EXPECT_FALSE(text.error().describe().contains("signature")) << row.what;
        EXPECT_LE(servers.asked.size(), 6U) << row.what;
    }
}

TEST(Web, AsksNobodyWithoutEncryption) {
    for (const char* url : {"http://github.example/x", "file:///etc/passwd", "github.example/x", ""}) {
        Servers servers;
        const auto text = fetch_text(servers, url);
        ASSERT_FALSE(text) << url;
        EXPECT_EQ(text.error().code, ErrorCode::InvalidArgument) << url;
        EXPECT_TRUE(servers.asked.empty()) << url;
    }
}

TEST(Web, HeedsTheVariablesOfCommandLineTools) {
    const auto options = [](std::map<std::string, std::string> variables) {
        return web_options([&](const std::string& name) { return variables[name]; });
    };
    EXPECT_EQ(options({{"HTTP_PROXY", "http://p:1"}}).proxy.for_http, "") << "may be a request's header";
    EXPECT_EQ(options({{"HTTPS_PROXY", "http://p:1"}}).proxy.for_https, "http://p:1");
    EXPECT_EQ(options({{"HTTPS_PROXY", "http://p:1"}, {"https_proxy", "http://q:2"}}).proxy.for_https,
              "http://q:2");
    EXPECT_EQ(options({{"NO_PROXY", "a"}}).proxy.except, "a");
    EXPECT_EQ(options({{"SSL_CERT_FILE", "/s"}}).tls.system_ca_file, "/s");
    EXPECT_EQ(options({{"SSL_CERT_FILE", "/s"}, {"AWS_CA_BUNDLE", "/a"}}).tls.system_ca_file, "/a");
}

}  // namespace
}  // namespace k3fleet::local
