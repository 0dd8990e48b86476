// What counts as a URL, and that nothing secret or dangerous comes out of one.
#include "net/url.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace k3fleet::net {
namespace {

struct GoodCase {
    const char* text;
    const char* scheme;
    const char* host;
    int port;
    const char* target;
    const char* authority;
};

TEST(Url, TakesWhatHttpNeeds) {
    const GoodCase cases[] = {
        {"http://prom", "http", "prom", 80, "/", "prom"},
        {"HTTPS://Prom.Example:9090/api/v1/query?query=up#top", "https", "prom.example", 9090,
         "/api/v1/query?query=up", "prom.example:9090"},
        {"https://10.0.0.1:443/", "https", "10.0.0.1", 443, "/", "10.0.0.1"},
        {"http://[::1]:8080?x=1", "http", "::1", 8080, "/?x=1", "[::1]:8080"},
        {"https://[2001:DB8::1]/a//b", "https", "2001:db8::1", 443, "/a//b", "[2001:db8::1]"},
        {"http://h/a@b:c", "http", "h", 80, "/a@b:c", "h"},
        {"http://u:p%40ss@h:81/", "http", "h", 81, "/", "h:81"},
    };
    for (const auto& c : cases) {
        const auto url = parse_url(c.text);
        ASSERT_TRUE(url) << c.text << ": " << url.error().message;
        EXPECT_EQ(url->scheme, c.scheme) << c.text;
        EXPECT_EQ(url->host, c.host) << c.text;
        EXPECT_EQ(url->port, c.port) << c.text;
        EXPECT_EQ(url->target, c.target) << c.text;
        EXPECT_EQ(url->authority(), c.authority) << c.text;
    }
}

TEST(Url, RefusesWhatCannotBeSentAndSaysWhy) {
    const std::pair<const char*, const char*> cases[] = {
        {"", "does not begin with"},
        {"prom:9090", "does not begin with"},
        {"ftp://h/", "only http:// and https://"},
        {"http://", "names no host"},
        {"http:///path", "names no host"},
        {"http://h:0/", "port"},
        {"http://h:65536/", "port"},
        {"http://h:/", "port"},
        {"http://h:80a/", "port"},
        {"http://h h/", "blank"},
        {"http://h/a b", "blank"},
        {"http://h/a\r\nX-Injected: 1", "control"},
        {"http://h\xc3\xa9/", "non-ASCII"},
        {"http://[::1/", "never closed"},
        {"http://[::zz]/", "no IPv6 address"},
        {"http://[::1]x/", "may follow"},
        {"http://a_b!/", "character"},
        {"http://u%zz@h/", "hex"},
    };
    for (const auto& [text, why] : cases) {
        const auto url = parse_url(text);
        ASSERT_FALSE(url) << text;
        EXPECT_EQ(url.error().code, ErrorCode::InvalidArgument) << text;
        EXPECT_NE(url.error().message.find(why), std::string::npos) << text << ": " << url.error().message;
    }
}

TEST(Url, KeepsUserInformationAndQueryOutOfMessages) {
    for (const char* text :
         {"http://ann:hidden@h:0/?token=hidden", "ann:hidden@h/?hidden", "http://ann:hidden@h/a b#hidden"}) {
        const auto url = parse_url(text);
        ASSERT_FALSE(url);
        EXPECT_EQ(url.error().message.find("hidden"), std::string::npos) << url.error().message;
    }
}

TEST(Url, DecodesUserInformation) {
    const auto url = parse_url("http://a%20b:c%3Ad:e@h/");
    ASSERT_TRUE(url);
    EXPECT_EQ(url->username, "a b");
    EXPECT_EQ(url->password.reveal(), "c:d:e");
    EXPECT_EQ(url->peer(), "h:80");
}

TEST(Url, KnowsLiterals) {
    EXPECT_TRUE(parse_url("http://127.0.0.1/")->host_is_address());
    EXPECT_TRUE(parse_url("http://[::1]/")->host_is_address());
    EXPECT_FALSE(parse_url("http://127.0.0.1.example/")->host_is_address());
}

RC_GTEST_PROP(Url, EncodingIsUndoneByDecoding, (const std::string& text)) {
    const auto encoded = percent_encode(text);
    for (const char c : encoded) RC_ASSERT(c > ' ' && c <= '~' && c != '&' && c != '=' && c != '+');
    const auto decoded = percent_decode(encoded);
    RC_ASSERT(decoded.has_value());
    RC_ASSERT(*decoded == text);
}

TEST(Url, BuildsQueriesAndPaths) {
    EXPECT_EQ(query_string({{"query", "up{a=\"b\"} > 1"}, {"time", "5"}}),
              "query=up%7Ba%3D%22b%22%7D%20%3E%201&time=5");
    EXPECT_EQ(query_string({}), "");
    for (const char* base : {"http://h/p", "http://h/p/"})
        for (const char* path : {"api", "/api"}) EXPECT_EQ(join_url(base, path), "http://h/p/api");
    EXPECT_FALSE(percent_decode("%4"));
    EXPECT_FALSE(percent_decode("%-1"));
}

}  // namespace
}  // namespace k3fleet::net
