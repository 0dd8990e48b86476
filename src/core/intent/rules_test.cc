// Each rule for texts: what it takes, what it refuses, and that the pattern in the schema takes all it takes.
#include "core/intent/rules.h"

#include <gtest/gtest.h>

#include <regex>

#include "core/intent/cidr.h"

namespace k3fleet::intent {
namespace {

struct Case {
    const char* name;
    const TextRule& rule;
    std::vector<std::string> good;
    std::vector<std::string> bad;
};

const std::vector<Case>& cases() {
    static const std::vector<Case> kCases = {
        {"project",
         kProjectName,
         {"a", "node-fleet", "p2"},
         {"-a", "a-", "2a", "A", "a_b", "a.b", "awsome", "sg-a", "xn--a", "abcdefghijklmnopqrstuvwxyz"}},
        {"cluster", kClusterName, {"b", "b-c", "shop1"}, {"amazonas", "amzn-x", "sthree-x", "ä"}},
        {"pool", kPoolName, {"default", "aws"}, {"Default", "a b"}},
        {"region",
         kRegion,
         {"us-east-1", "ap-southeast-7", "mx-central-1"},
         {"cn-north-1", "us-gov-east-1", "us-iso-east-1", "us-east-1a", "us-east", "us-east-10", "useast1",
          "eu-best-1"}},
        {"zone",
         kZone,
         {"us-east-1a", "ap-northeast-1d"},
         {"us-east-1", "us-east-1-bos-1a", "us-east-1A", "a"}},
        {"type", kInstanceType, {"t4g.small", "m7i.large", "c5.metal"}, {"t4g", "T4G.small", "t4g.tiny"}},
        {"k3s",
         kK3sVersion,
         {"v1.31.4+k3s1", "v1.30.0+k3s10"},
         {"1.31.4+k3s1", "v1.31.4", "v1.31+k3s1", "v1.9.1+k3s1", "v2.31.4+k3s1", "v1.31.04+k3s1",
          "v1.31.4+k3s0", "v1.31.4+k3s1 ", "v1.31.4+k3s1x", "latest"}},
        {"label key",
         kLabelKey,
         {"team", "a.b_c-D", "example.com/x", "node.kubernetes.io/y", "my-k3s.io.example/z"},
         {"", "-a", "a/b/c", "/a", "Example.com/x", "kubernetes.io/role", "x.k8s.io/y", "k3s.io/a",
          "k3fleet.dev/pool", "node-restriction.kubernetes.io/x"}},
        {"label value", kLabelValue, {"", "a", "A.b_c-1"}, {"a b", "-a", "a-", std::string(64, 'a')}},
        {"taint",
         kTaint,
         {"a:NoSchedule", "a=b:NoExecute", "example.com/a=:PreferNoSchedule"},
         {"a", "a=b", "a:noschedule", "a=b c:NoExecute", ":NoSchedule", "=b:NoSchedule"}},
        {"metric", kMetricName, {"queue-depth", "p95_ms"}, {"cpu", "memory", "pending", "P95", "9x", "a.b"}},
        {"promql",
         kPromQl,
         {"up", "sum(rate(x{a=\"}\"}[5m]))", "a # )", "x{y=~'(a|b)\\''}", "vector(`\\`)"},
         {"sum(x", "x)", "x{a=\"}", "(]", "a\x01"}},
        {"url",
         kUrl,
         {"http://a", "https://p.example.com:9090/prom", "http://10.0.0.1:80", "http://[::1]:9090"},
         {"p:9090", "ftp://a", "http://", "http://u:p@a", "http://u@a", "http://a?x=1", "http://a#b",
          "http://a:0", "http://a:b", "http://a b", "http://[::1", "http://-a"}},
        {"user", kUserName, {"ops", "o p"}, {"a:b", "a\n"}},
        {"file", kFilePath, {"/run/x", "./x", "../x y"}, {"x", "hunter", "/run/", "~/x", "/a\nb"}},
        {"ssh",
         kSshCidr,
         {"203.0.113.7/32", "10.0.0.0/8", "198.51.100.0/24"},
         {"0.0.0.0/0", "::/0", "0.0.0.0/1", "128.0.0.0/1", "64.0.0.0/7", "203.0.113.7", "203.0.113.7/24",
          "2001:db8::/64", "203.0.113.7/33", "1.2.3/24", "01.2.3.4/32", "256.0.0.0/8", "1.2.3.4/-1",
          "1.2.3.4/", "/8", "1.2.3.4.5/32"}},
        {"vpc",
         kVpcCidr,
         {"10.0.0.0/16", "172.31.0.0/16", "192.168.0.0/24", "10.44.0.0/16"},
         {"10.0.0.0/15", "10.0.0.0/25", "172.32.0.0/16", "8.8.8.0/24", "10.42.0.0/16", "10.43.7.0/24",
          "10.0.0.1/16"}},
        {"email",
         kEmail,
         {"ops@example.com", "a.b+c@x.y.example"},
         {"ops", "@example.com", "a@b", "a@b@c.de", "a b@c.de", "a@-b.de", "a@b..de"}},
        {"tag", kTagValue, {"k3fleet", "Team A"}, {"aws:x", " a", "a\"b"}},
    };
    return kCases;
}

TEST(TextRules, TakeAndRefuse) {
    const auto& catalogue = cost::Catalogue::builtin();
    for (const auto& one : cases()) {
        SCOPED_TRACE(one.name);
        auto pattern = std::regex(std::string(one.rule.pattern));
        auto good = one.good;
        good.emplace_back(one.rule.example);
        for (const auto& text : good) {
            auto wrong = one.rule.check(text, catalogue);
            EXPECT_FALSE(wrong) << text << ": " << (wrong ? wrong->message : "");
            EXPECT_TRUE(std::regex_search(text, pattern)) << text << " against " << one.rule.pattern;
            EXPECT_LE(text.size(), one.rule.most);
        }
        for (const auto& text : one.bad) {
            auto wrong = one.rule.check(text, catalogue);
            ASSERT_TRUE(wrong) << text << " is accepted";
            EXPECT_FALSE(wrong->message.empty()) << text;
        }
    }
}

TEST(TextRules, ComplaintsAboutSecretsDoNotRepeatThem) {
    const auto& catalogue = cost::Catalogue::builtin();
    const std::string value = "PLACEHOLDER-VALUE";
    for (const auto& [rule, text] : {std::pair{&kUrl, "http://ops:" + value + "@host"},
                                     std::pair{&kFilePath, value}, std::pair{&kUserName, "ops:" + value}}) {
        auto wrong = rule->check(text, catalogue);
        ASSERT_TRUE(wrong);
        EXPECT_EQ(wrong->value, Complaint::Value::Secret);
        EXPECT_FALSE((wrong->message + wrong->remedy).contains(value));
    }
}

TEST(TextRules, RemediesOfNamesAreNamesThemselves) {
    const auto& catalogue = cost::Catalogue::builtin();
    for (std::string text : {"My Shop", "9lives", "a__b", "Shop-", "the-online-shop-of-our-company"}) {
        auto wrong = kClusterName.check(text, catalogue);
        ASSERT_TRUE(wrong) << text;
        auto first = wrong->remedy.find('"');
        ASSERT_NE(first, std::string::npos) << wrong->remedy;
        auto remedy = wrong->remedy.substr(first + 1, wrong->remedy.rfind('"') - first - 1);
        EXPECT_FALSE(kClusterName.check(remedy, catalogue)) << remedy;
    }
}

TEST(Cidr, KnowsBaseSizeAndOverlap) {
    auto cidr = parse_cidr("10.1.2.3/16");
    ASSERT_TRUE(cidr);
    EXPECT_EQ(to_string(*cidr), "10.1.0.0/16");
    EXPECT_EQ(cidr->addresses(), 65536U);
    EXPECT_TRUE(parse_cidr("10.0.0.0/8")->contains(*cidr));
    EXPECT_FALSE(cidr->contains(*parse_cidr("10.0.0.0/8")));
    EXPECT_TRUE(cidr->overlaps(*parse_cidr("10.0.0.0/8")));
    EXPECT_FALSE(cidr->overlaps(*parse_cidr("10.2.0.0/16")));
    EXPECT_TRUE(parse_cidr("0.0.0.0/0")->contains(*parse_cidr("255.255.255.255/32")));
}

}  // namespace
}  // namespace k3fleet::intent
