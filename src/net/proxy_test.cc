// Who is asked through the proxy. What travels through one is in http_proxy_test.cc.
#include "net/proxy.h"

#include <gtest/gtest.h>

#include "base/text.h"

namespace k3fleet::net {
namespace {

std::string route(const ProxySettings& settings, const std::string& url) {
    const auto rules = ProxyRules::parse(settings);
    if (!rules) return rules.error().describe();
    const Url* proxy = rules->proxy_for(*parse_url(url));
    return proxy == nullptr ? "direct" : format("{}://{}", proxy->scheme, proxy->peer());
}

TEST(Proxy, ChoosesTheProxyByTheAddressesScheme) {
    const ProxySettings both{.for_http = "http://plain:3128", .for_https = "https://safe"};
    EXPECT_EQ(route(both, "http://a.example/"), "http://plain:3128");
    EXPECT_EQ(route(both, "https://a.example/"), "https://safe:443");
    EXPECT_EQ(route({.for_http = "http://plain"}, "https://a.example/"), "direct");
    EXPECT_EQ(route({.for_https = " proxy "}, "https://a.example/"), "http://proxy:80");
    EXPECT_EQ(route({.for_https = "u:p@proxy:81"}, "https://a.example/"), "http://proxy:81");
    EXPECT_EQ(route({}, "https://a.example/"), "direct");
}

TEST(Proxy, CallsDirectlyWhatIsExcepted) {
    struct Case {
        const char* except;
        const char* url;
        bool direct;
    };
    const Case cases[] = {
        {"", "https://a.example/", false},
        {"*", "https://a.example/", true},
        {"a.example", "https://a.example/", true},
        {"A.Example", "https://a.EXAMPLE/", true},
        {"a.example", "https://b.a.example/", true},
        {"a.example", "https://ba.example/", false},
        {"a.example", "https://a.example.org/", false},
        {".a.example", "https://b.a.example/", true},
        {".a.example", "https://a.example/", true},
        {"*.a.example", "https://b.a.example/", true},
        {"a.example.", "https://a.example/", true},
        {"x, a.example ,y", "https://a.example/", true},
        {"x a.example", "https://a.example/", true},
        {"localhost", "https://localhost:4566/", true},
        {"localhost", "https://127.0.0.1/", false},
        {"a.example:8443", "https://a.example:8443/", true},
        {"a.example:8443", "https://a.example/", false},
        {"a.example:443", "https://a.example/", true},
        {"169.254.169.254", "https://169.254.169.254/", true},
        {"169.254.169.254", "https://169.254.169.25/", false},
        {"10.0.0.0/8", "https://10.1.2.3/", true},
        {"10.0.0.0/8", "https://11.1.2.3/", false},
        {"10.64.0.0/10", "https://10.127.0.1/", true},
        {"10.64.0.0/10", "https://10.128.0.1/", false},
        {"0.0.0.0/0", "https://10.1.2.3/", true},
        {"0.0.0.0/0", "https://a.example/", false},
        {"0.0.0.0/0", "https://[fd00::1]/", false},
        {"10.0.0.0/33", "https://10.0.0.0/", false},
        {"10.0.0.0/x", "https://10.0.0.0/", false},
        {"fd00:ec2::254", "https://[fd00:ec2::254]/", true},
        {"[fd00:ec2::254]", "https://[fd00:ec2::254]/", true},
        {"[fd00:ec2::254]:80", "https://[fd00:ec2::254]/", false},
        {"[fd00:ec2::254]:443", "https://[fd00:ec2::254]/", true},
        {"fd00::/8", "https://[fd12::1]/", true},
        {"fd00::/8", "https://[fe80::1]/", false},
        {"1.2.3.4:81", "https://1.2.3.4/", false},
        {"2.3.4", "https://1.2.3.4/", false},
        {",, ,.", "https://a.example/", false},
        {"amazonaws.com", "https://ec2.ap-southeast-1.amazonaws.com/", true},
    };
    for (const auto& c : cases) {
        const auto got = route({.for_https = "http://p:1", .except = c.except}, c.url);
        EXPECT_EQ(got, c.direct ? "direct" : "http://p:1") << c.except << " and " << c.url;
    }
}

TEST(Proxy, RefusesAProxyThatCannotBeUsedWithoutShowingItsPassword) {
    const std::string word = "s3" + std::string("cret");
    const std::string cases[] = {"socks5://u:" + word + "@host:1080", "http://u:" + word + "@ho st",
                                 "http://"};
    for (const auto& proxy : cases) {
        const auto rules = ProxyRules::parse({.for_https = proxy});
        ASSERT_FALSE(rules) << proxy;
        EXPECT_EQ(rules.error().code, ErrorCode::InvalidArgument);
        EXPECT_NE(rules.error().describe().find("proxy for https://"), std::string::npos);
        EXPECT_EQ(rules.error().describe().find(word), std::string::npos) << rules.error().describe();
    }
}

}  // namespace
}  // namespace k3fleet::net
