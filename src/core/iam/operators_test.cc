// Operators and patterns by themselves, at the ends of what they take.
#include "core/iam/operators.h"

#include <gtest/gtest.h>

#include "core/iam/evaluate.h"

namespace k3fleet::iam {
namespace {

using Variables = ConditionTest::Variables;
using Texts = std::vector<std::string>;

bool holds(std::string_view op, const Texts& wanted, const Texts& values) {
    Context context;
    context.set("aws:X", values);
    const auto test = ConditionTest::parse(op, "aws:X", wanted, Variables::Yes);
    EXPECT_TRUE(test.has_value()) << op;
    return test && test->holds(context);
}

std::string fault(std::string_view op, const Texts& wanted) {
    const auto test = ConditionTest::parse(op, "aws:X", wanted, Variables::Yes);
    return test ? "" : test.error().describe();
}

TEST(Ip, ReadsEveryFormOfAnAddress) {
    const std::vector<unsigned char> one = parse_ip("2001:db8::1");
    ASSERT_EQ(one.size(), 16U);
    EXPECT_EQ(one[0], 0x20);
    EXPECT_EQ(one[1], 0x01);
    EXPECT_EQ(one[3], 0xb8);
    EXPECT_EQ(one[15], 1);
    EXPECT_EQ(parse_ip("2001:db8:0:0:0:0:0:1"), one);
    EXPECT_EQ(parse_ip("2001:0db8::0:1"), one);
    EXPECT_EQ(parse_ip("::"), std::vector<unsigned char>(16, 0));
    EXPECT_EQ(parse_ip("1:2:3:4:5:6:7::"), parse_ip("1:2:3:4:5:6:7:0"));
    EXPECT_EQ(parse_ip("::2:3:4:5:6:7:8"), parse_ip("0:2:3:4:5:6:7:8"));
    EXPECT_EQ(parse_ip("255.0.0.1"), (std::vector<unsigned char>{255, 0, 0, 1}));
}

TEST(Ip, RefusesWhatIsNone) {
    for (const char* text : {"",
                             ":",
                             "1",
                             "1.2.3",
                             "1.2.3.4.5",
                             "1.2.3.256",
                             "1.2.3.-1",
                             "1.2.3.x",
                             "1.2.3.",
                             "1:2:3",
                             "1:2:3:4:5:6:7:8:9",
                             "1:2:3:4:5:6:7:8::",
                             "::1:2:3:4:5:6:7:8",
                             "1:2:3:4:5::6:7:8",
                             "zz::1",
                             "1::zz",
                             "::12345",
                             "2001:db8::g",
                             "1::2::3",
                             "1:2:3:4:5:6:7:zz",
                             "1:2:3:4:5:6:7:"})
        EXPECT_TRUE(parse_ip(text).empty()) << text;
}

TEST(Ip, ARangeHoldsWhatSharesItsBits) {
    EXPECT_TRUE(holds("IpAddress", {"10.0.0.0/9"}, {"10.127.255.255"}));
    EXPECT_FALSE(holds("IpAddress", {"10.0.0.0/9"}, {"10.128.0.0"}));
    EXPECT_TRUE(holds("IpAddress", {"10.0.0.0/0"}, {"255.1.2.3"}));
    EXPECT_FALSE(holds("IpAddress", {"10.0.0.0/0"}, {"::1"})) << "of the other kind";
    EXPECT_TRUE(holds("IpAddress", {"10.1.2.3/32"}, {"10.1.2.3"}));
    EXPECT_FALSE(holds("IpAddress", {"10.1.2.3/32"}, {"10.1.2.2"}));
    EXPECT_FALSE(holds("IpAddress", {"10.1.2.3"}, {"10.1.2.2"})) << "one address";
    EXPECT_TRUE(holds("IpAddress", {"2001:db8::/33"}, {"2001:db8:7fff::"}));
    EXPECT_FALSE(holds("IpAddress", {"2001:db8::/33"}, {"2001:db8:8000::"}));
    EXPECT_FALSE(holds("IpAddress", {"10.0.0.0/8"}, {"nonsense"}));
    EXPECT_TRUE(holds("NotIpAddress", {"10.0.0.0/8"}, {"11.0.0.0"}));
    for (const char* range : {"10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/1.5", "10.0.0.0/", "::/129", "/8"})
        EXPECT_NE(fault("IpAddress", {range}), "") << range;
    EXPECT_EQ(fault("IpAddress", {"::/128"}), "");
}

TEST(Operators, OfSeveralValuesNegationMeansNoneOfThem) {
    const Texts both{"a", "b"};
    EXPECT_TRUE(holds("StringEquals", {"a"}, both));
    EXPECT_FALSE(holds("StringNotEquals", {"a"}, both));
    EXPECT_TRUE(holds("StringNotEquals", {"c"}, both));
    EXPECT_TRUE(holds("ForAnyValue:StringNotEquals", {"a"}, both));
    EXPECT_FALSE(holds("ForAnyValue:StringNotEquals", both, both));
    EXPECT_FALSE(holds("ForAllValues:StringEquals", {"a"}, both));
    EXPECT_TRUE(holds("ForAllValues:StringEquals", both, both));
    EXPECT_FALSE(holds("ForAllValues:StringNotEquals", {"a"}, both));
}

TEST(Operators, AnAbsentKeyIsNoValueAtAll) {
    EXPECT_FALSE(holds("StringEquals", {"a"}, {}));
    EXPECT_TRUE(holds("StringNotEquals", {"a"}, {}));
    EXPECT_TRUE(holds("StringEqualsIfExists", {"a"}, {}));
    EXPECT_TRUE(holds("ForAllValues:StringEquals", {"a"}, {}));
    EXPECT_FALSE(holds("ForAnyValue:StringEquals", {"a"}, {}));
    EXPECT_FALSE(holds("ForAnyValue:StringNotEquals", {"a"}, {}));
    EXPECT_TRUE(holds("Null", {"true"}, {}));
    EXPECT_FALSE(holds("Null", {"false"}, {}));
    EXPECT_TRUE(holds("Null", {"false"}, {"a"}));
}

TEST(Operators, NumbersAndDatesCompareAtTheirEnds) {
    struct Case {
        const char* op;
        bool below, same, above;  // What a request below, at and above the wanted value is.
    };
    for (const Case& c :
         {Case{"Equals", false, true, false}, Case{"NotEquals", true, false, true},
          Case{"LessThan", true, false, false}, Case{"LessThanEquals", true, true, false},
          Case{"GreaterThan", false, false, true}, Case{"GreaterThanEquals", false, true, true}}) {
        const std::string number = std::string("Numeric") + c.op, date = std::string("Date") + c.op;
        EXPECT_EQ(holds(number, {"10"}, {"9.5"}), c.below) << number;
        EXPECT_EQ(holds(number, {"10"}, {"1e1"}), c.same) << number;
        EXPECT_EQ(holds(number, {"10"}, {"10.5"}), c.above) << number;
        EXPECT_EQ(holds(date, {"2026-11-22"}, {"2026-11-21T23:59Z"}), c.below) << date;
        EXPECT_EQ(holds(date, {"2026-11-22"}, {"2026-11-22T00:00:00Z"}), c.same) << date;
        EXPECT_EQ(holds(date, {"2026-11-22"}, {"1795305601"}), c.above) << date;
    }
    EXPECT_FALSE(holds("NumericEquals", {"10"}, {"ten"}));
    for (const char* text : {"", "1x", "inf", "-inf", "nan"})
        EXPECT_NE(fault("NumericEquals", {text}), "") << text;
    for (const char* text : {"", "2026-11", "2026-11-32", "1e5", "soon"})
        EXPECT_NE(fault("DateEquals", {text}), "") << text;
}

TEST(Operators, OneQuantifierAndAtLeastOneValue) {
    EXPECT_NE(fault("ForAllValues:ForAnyValue:StringEquals", {"a"}), "");
    EXPECT_NE(fault("ForAnyValue:ForAllValues:StringEquals", {"a"}), "");
    EXPECT_NE(fault("ForAllValues:Null", {"true"}), "");
    EXPECT_NE(fault("StringEqualsIfExistsIfExists", {"a"}), "");
    EXPECT_NE(fault("StringEquals", {}).find("has no value"), std::string::npos);
    EXPECT_EQ(fault("Bool", {"TRUE"}), "");
    EXPECT_TRUE(holds("Bool", {"TRUE"}, {"True"}));
    EXPECT_FALSE(holds("Bool", {"true"}, {"false"}));
    EXPECT_TRUE(holds("BinaryEquals", {"AP8="}, {"AP8="}));
    EXPECT_FALSE(holds("BinaryEquals", {"AP8="}, {"ap8="}));
}

TEST(Operators, ExplainSaysWhatIsAndWhatWasWanted) {
    const auto test = *ConditionTest::parse("StringEquals", "aws:X", {"a", "b"}, Variables::Yes);
    EXPECT_EQ(test.explain({}), "StringEquals aws:X: absent, wanted a or b");
    EXPECT_EQ(test.explain({{"aws:X", {"c", "d"}}}), "StringEquals aws:X: is c, d, wanted a or b");
}

bool matches(std::string_view pattern, std::string_view text, const Context& context = {}) {
    const auto parsed = Pattern::parse(pattern, Meaning::All);
    EXPECT_TRUE(parsed.has_value()) << pattern;
    return parsed && parsed->matches(text, context);
}

TEST(Pattern, AVariableMayHaveADefault) {
    const Context alice{{"aws:username", {"alice"}}}, two{{"aws:username", {"a", "b"}}};
    for (const char* pattern :
         {"u/${aws:username,'nobody'}", "u/${aws:username, 'nobody'}", "u/${ aws:username , 'nobody' }"}) {
        EXPECT_TRUE(matches(pattern, "u/alice", alice)) << pattern;
        EXPECT_TRUE(matches(pattern, "u/nobody")) << pattern;
        EXPECT_FALSE(matches(pattern, "u/a", two)) << pattern;
    }
    EXPECT_TRUE(matches("u/${aws:username,''}", "u/"));
    EXPECT_FALSE(matches("u/${aws:username}", "u/"));
    for (const char* pattern :
         {"${aws:username,'}", "${aws:username,nobody}", "${aws:username,'x}", "${aws:x", "${x}", "${}"})
        EXPECT_FALSE(Pattern::parse(pattern, Meaning::All)) << pattern;
}

TEST(Pattern, WhatAVariableHoldsMeansNothing) {
    const Context odd{{"aws:username", {"a*:b"}}};
    EXPECT_TRUE(matches("${aws:username}", "a*:b", odd));
    EXPECT_FALSE(matches("${aws:username}", "axx:b", odd));
    EXPECT_TRUE(matches("${*}${?}${$}", "*?$"));
    EXPECT_FALSE(matches("${*}", "x"));
    // A colon of a variable separates no parts.
    const auto arn = *Pattern::parse("arn:aws:s3:::${aws:username}", Meaning::All);
    EXPECT_TRUE(arn.matches_arn("arn:aws:s3:::a*:b", odd));
    const auto early = *Pattern::parse("arn:${aws:username}:s3:::x", Meaning::All);
    EXPECT_FALSE(early.matches_arn("arn:a*:b:s3:::x", odd));
}

TEST(Pattern, AnArnMatchesPartByPart) {
    const auto arn = [](std::string_view pattern, std::string_view text) {
        return Pattern::parse(pattern, Meaning::All)->matches_arn(text, {});
    };
    EXPECT_TRUE(arn("*", "anything"));
    EXPECT_TRUE(arn("arn:aws:s3:::b/*", "arn:aws:s3:::b/k:with:colons"));
    EXPECT_TRUE(arn("arn:*:s3:*:*:b", "arn:aws:s3:eu-west-1:1:b"));
    EXPECT_FALSE(arn("arn:*", "arn:aws:s3:::b")) << "a wildcard reaches no further than its part";
    EXPECT_FALSE(arn("arn:aws:s3:::b", "arn:aws:s3"));
    EXPECT_FALSE(arn("arn:aws:s3", "arn:aws:s3:::b"));
    EXPECT_FALSE(arn("*:*:*:*:*:*", "x")) << "no ARN";
    EXPECT_FALSE(arn("*:*:*:*:*:*", "a:b:c:d:e")) << "five parts";
    EXPECT_TRUE(arn("*:*:*:*:*:*", "a:b:c:d:e:"));
    EXPECT_FALSE(arn("arn:aws:s3:eu-west-1:*:b", "arn:aws:s3:eu-west-1:1:x:b"))
        << "the account ends at its colon";
    EXPECT_FALSE(arn("arn:aws:s3:::B", "arn:aws:s3:::b")) << "case matters";
    EXPECT_FALSE(arn("arn:aws:ec2:::b", "arn:aws:s3:::b"));
}

TEST(Pattern, CaseMattersWhereItIsAsked) {
    const auto pattern = *Pattern::parse("s3:Get*", Meaning::Wildcards);
    EXPECT_FALSE(pattern.matches("S3:getobject", {}));
    EXPECT_TRUE(pattern.matches("S3:getobject", {}, Pattern::Case::Insensitive));
    EXPECT_FALSE(pattern.matches("S3:putobject", {}, Pattern::Case::Insensitive));
}

}  // namespace
}  // namespace k3fleet::iam
