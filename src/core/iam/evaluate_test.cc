#include "core/iam/evaluate.h"

#include <gtest/gtest.h>

#include "base/json.h"
#include "base/text.h"
#include "tests/support/property.h"

namespace k3fleet::iam {
namespace {

using Entries = std::initializer_list<std::pair<std::string_view, std::vector<std::string>>>;

IdentityPolicies policies(std::string_view statements, std::string_view version = "2012-10-17") {
    IdentityPolicies made;
    const auto value = json::parse(format(R"({{"Version":"{}","Statement":[{}]}})", version, statements));
    EXPECT_TRUE(value.has_value()) << statements;
    const Status added = made.add("p", *value);
    EXPECT_TRUE(added.has_value()) << added.error().describe();
    return made;
}

std::string fault(std::string_view policy) {
    IdentityPolicies made;
    const auto value = json::parse(policy);
    EXPECT_TRUE(value.has_value()) << policy;
    const Status added = made.add("p", *value);
    return added ? "" : added.error().describe();
}

// Does one test of a condition hold?
bool holds(std::string_view condition, Context context) {
    const IdentityPolicies made =
        policies(format(R"({{"Effect":"Allow","Action":"*","Resource":"*","Condition":{}}})", condition));
    return made.evaluate({"s3:GetObject", "*", std::move(context)}).allowed();
}

TEST(Evaluate, OperatorsHoldAsIamSays) {
    struct Case {
        std::string_view condition;
        Context context;
        bool expected;
    };
    const Case cases[] = {
        {R"({"StringEquals":{"aws:X":"a"}})", {{"aws:x", {"a"}}}, true},   // Keys have no case,
        {R"({"StringEquals":{"aws:X":"a"}})", {{"aws:X", {"A"}}}, false},  // values do.
        {R"({"StringEquals":{"aws:X":["a","b"]}})", {{"aws:X", {"b"}}}, true},
        {R"({"StringEquals":{"aws:X":"a*"}})", {{"aws:X", {"ab"}}}, false},
        {R"({"StringEquals":{"aws:X":"a"}})", {}, false},
        {R"({"StringEqualsIfExists":{"aws:X":"a"}})", {}, true},
        {R"({"StringEqualsIfExists":{"aws:X":"a"}})", {{"aws:X", {"b"}}}, false},
        {R"({"StringNotEquals":{"aws:X":["a","b"]}})", {{"aws:X", {"b"}}}, false},
        {R"({"StringNotEquals":{"aws:X":["a","b"]}})", {{"aws:X", {"c"}}}, true},
        {R"({"StringNotEquals":{"aws:X":"a"}})", {}, true},
        {R"({"StringNotEqualsIfExists":{"aws:X":"a"}})", {}, true},
        {R"({"StringEqualsIgnoreCase":{"aws:X":"aB"}})", {{"aws:X", {"Ab"}}}, true},
        {R"({"StringNotEqualsIgnoreCase":{"aws:X":"aB"}})", {{"aws:X", {"Ab"}}}, false},
        {R"({"StringLike":{"aws:X":"a*c?"}})", {{"aws:X", {"abbcd"}}}, true},
        {R"({"StringLike":{"aws:X":"a*c?"}})", {{"aws:X", {"abbc"}}}, false},
        {R"({"StringNotLike":{"aws:X":"a*"}})", {{"aws:X", {"b"}}}, true},
        {R"({"NumericEquals":{"aws:X":"7"}})", {{"aws:X", {"7.0"}}}, true},
        {R"({"NumericEquals":{"aws:X":7}})", {{"aws:X", {"seven"}}}, false},
        {R"({"NumericNotEquals":{"aws:X":"7"}})", {{"aws:X", {"8"}}}, true},
        {R"({"NumericLessThan":{"aws:X":"7"}})", {{"aws:X", {"7"}}}, false},
        {R"({"NumericLessThanEquals":{"aws:X":"7"}})", {{"aws:X", {"7"}}}, true},
        {R"({"NumericGreaterThan":{"aws:X":"7"}})", {{"aws:X", {"7.5"}}}, true},
        {R"({"NumericGreaterThanEquals":{"aws:X":"7"}})", {{"aws:X", {"6"}}}, false},
        {R"({"DateLessThan":{"aws:X":"2026-01-02"}})", {{"aws:X", {"2026-01-01T23:59:59Z"}}}, true},
        {R"({"DateGreaterThan":{"aws:X":"2026-01-02T00:00Z"}})", {{"aws:X", {"1767312001"}}}, true},
        {R"({"DateEquals":{"aws:X":"2026-01-02T00:00:00Z"}})",
         {{"aws:X", {"2026-01-02T01:00:00+01:00"}}},
         true},
        {R"({"DateNotEquals":{"aws:X":"2026-01-02"}})", {}, true},
        {R"({"Bool":{"aws:X":"true"}})", {{"aws:X", {"True"}}}, true},
        {R"({"Bool":{"aws:X":false}})", {{"aws:X", {"true"}}}, false},
        {R"({"BoolIfExists":{"aws:X":"false"}})", {}, true},
        {R"({"BinaryEquals":{"aws:X":"aGk="}})", {{"aws:X", {"aGk="}}}, true},
        {R"({"IpAddress":{"aws:X":"10.0.0.0/9"}})", {{"aws:X", {"10.127.1.1"}}}, true},
        {R"({"IpAddress":{"aws:X":"10.0.0.0/9"}})", {{"aws:X", {"10.128.0.0"}}}, false},
        {R"({"IpAddress":{"aws:X":"10.0.0.7"}})", {{"aws:X", {"10.0.0.7"}}}, true},
        {R"({"IpAddress":{"aws:X":"2001:db8::/33"}})", {{"aws:X", {"2001:db8:7fff::1"}}}, true},
        {R"({"IpAddress":{"aws:X":"2001:db8::/33"}})", {{"aws:X", {"2001:db8:8000::1"}}}, false},
        {R"({"IpAddress":{"aws:X":"0.0.0.0/0"}})", {{"aws:X", {"::1"}}}, false},
        {R"({"NotIpAddress":{"aws:X":"10.0.0.0/8"}})", {{"aws:X", {"11.0.0.1"}}}, true},
        {R"({"NotIpAddress":{"aws:X":"10.0.0.0/8"}})", {}, true},
        {R"({"ArnEquals":{"aws:X":"arn:aws:s3:::b*"}})", {{"aws:X", {"arn:aws:s3:::bucket"}}}, true},
        {R"({"ArnLike":{"aws:X":"arn:aws:sns:*:1:t"}})", {{"aws:X", {"arn:aws:sns:eu-west-1:1:t"}}}, true},
        {R"({"ArnLike":{"aws:X":"arn:aws:sns:*:t"}})", {{"aws:X", {"arn:aws:sns:eu-west-1:1:t"}}}, false},
        {R"({"ArnNotLike":{"aws:X":"arn:aws:sns:*:*:*"}})", {{"aws:X", {"arn:aws:sqs:r:1:q"}}}, true},
        {R"({"ArnNotEquals":{"aws:X":"arn:aws:sqs:r:1:q"}})", {{"aws:X", {"arn:aws:sqs:r:1:q"}}}, false},
        {R"({"Null":{"aws:X":"true"}})", {}, true},
        {R"({"Null":{"aws:X":"true"}})", {{"aws:X", {"a"}}}, false},
        {R"({"Null":{"aws:X":"false"}})", {{"aws:X", {"a"}}}, true},
        {R"({"Null":{"aws:X":"false"}})", {{"aws:X", {}}}, false},
        {R"({"ForAllValues:StringEquals":{"aws:X":["a","b"]}})", {{"aws:X", {"a", "b"}}}, true},
        {R"({"ForAllValues:StringEquals":{"aws:X":["a","b"]}})", {{"aws:X", {"a", "c"}}}, false},
        {R"({"ForAllValues:StringEquals":{"aws:X":"a"}})", {}, true},
        {R"({"ForAnyValue:StringEquals":{"aws:X":["a","b"]}})", {{"aws:X", {"c", "b"}}}, true},
        {R"({"ForAnyValue:StringEquals":{"aws:X":"a"}})", {}, false},
        {R"({"ForAnyValue:StringEqualsIfExists":{"aws:X":"a"}})", {}, true},
        {R"({"ForAllValues:StringNotEquals":{"aws:X":"a"}})", {{"aws:X", {"b", "a"}}}, false},
        {R"({"ForAnyValue:StringNotEquals":{"aws:X":"a"}})", {{"aws:X", {"b", "a"}}}, true},
        {R"({"ForAnyValue:StringNotEquals":{"aws:X":"a"}})", {}, false},
        // All operators and keys must hold.
        {R"({"StringEquals":{"aws:X":"a","aws:Y":"b"}})", {{"aws:X", {"a"}}}, false},
        {R"({"StringEquals":{"aws:X":"a"},"Bool":{"aws:Y":"true"}})",
         {{"aws:X", {"a"}}, {"aws:Y", {"true"}}},
         true},
        // Variables.
        {R"({"StringEquals":{"aws:X":"${aws:username}"}})",
         {{"aws:X", {"ann"}}, {"aws:username", {"ann"}}},
         true},
        {R"({"StringLike":{"aws:X":"${aws:username}"}})",
         {{"aws:X", {"ann"}}, {"aws:username", {"*"}}},
         false},
        {R"({"StringEquals":{"aws:X":"${aws:username}"}})", {{"aws:X", {"ann"}}}, false},
        {R"({"StringEquals":{"aws:X":"${aws:username, 'bob'}"}})", {{"aws:X", {"bob"}}}, true},
        {R"({"StringLike":{"aws:X":"${*}a*"}})", {{"aws:X", {"*ab"}}}, true},
        {R"({"StringLike":{"aws:X":"${*}a*"}})", {{"aws:X", {"bab"}}}, false},
    };
    for (const Case& c : cases) EXPECT_EQ(holds(c.condition, c.context), c.expected) << c.condition;
}

TEST(Evaluate, ActionsAndResourcesMatchAsIamSays) {
    struct Case {
        std::string_view statement;  // Without effect.
        std::string action, resource;
        bool expected;
    };
    const Case cases[] = {
        {R"("Action":"EC2:runinstances","Resource":"*")", "ec2:RunInstances", "*", true},
        {R"("Action":"ec2:Describe*","Resource":"*")", "ec2:DescribeInstances", "*", true},
        {R"("Action":"ec2:*","Resource":"*")", "ec2messages:GetMessages", "*", false},
        {R"("Action":["s3:Get?bject","s3:Put*"],"Resource":"*")", "s3:GetObject", "arn:aws:s3:::b/k", true},
        {R"("NotAction":"iam:*","Resource":"*")", "s3:GetObject", "arn:aws:s3:::b/k", true},
        {R"("NotAction":["iam:*","s3:*"],"Resource":"*")", "s3:GetObject", "arn:aws:s3:::b/k", false},
        {R"("Action":"s3:*","Resource":"arn:aws:s3:::b/*")", "s3:GetObject", "arn:aws:s3:::b/a/c:d", true},
        {R"("Action":"s3:*","Resource":"arn:aws:s3:::b/*")", "s3:GetObject", "arn:aws:s3:::b", false},
        {R"("Action":"s3:*","Resource":"arn:aws:s3:::B/*")", "s3:GetObject", "arn:aws:s3:::b/a", false},
        {R"("Action":"s3:*","NotResource":"arn:aws:s3:::b/*")", "s3:GetObject", "arn:aws:s3:::c/a", true},
        {R"("Action":"s3:*","NotResource":"arn:aws:s3:::b/*")", "s3:GetObject", "arn:aws:s3:::b/a", false},
        {R"("Action":"ec2:*","Resource":"arn:aws:ec2:*:*:instance/*")", "ec2:StopInstances",
         "arn:aws:ec2:eu-west-1:1:instance/i-1", true},
        {R"("Action":"ec2:*","Resource":"arn:aws:ec2:*:instance/*")", "ec2:StopInstances",
         "arn:aws:ec2:eu-west-1:1:instance/i-1", false},  // A wildcard stays within its part.
        {R"("Action":"ec2:*","Resource":"arn:aws:ec2:*:*:instance/*")", "ec2:DescribeInstances", "*", false},
        {R"("Action":"s3:*","Resource":"arn:aws:s3:::b/${aws:username}/*")", "s3:GetObject",
         "arn:aws:s3:::b/ann/x", true},
        {R"("Action":"s3:*","Resource":"arn:aws:s3:::b/${aws:userid}/*")", "s3:GetObject",
         "arn:aws:s3:::b/ann/x", false},
        {R"("Action":"secretsmanager:*","Resource":"arn:aws:secretsmanager:r:1:secret:s/k3s-token-??????")",
         "secretsmanager:GetSecretValue", "arn:aws:secretsmanager:r:1:secret:s/k3s-token-AbC123", true},
        {R"("Action":"secretsmanager:*","Resource":"arn:aws:secretsmanager:r:1:secret:s/k3s-token-??????")",
         "secretsmanager:GetSecretValue", "arn:aws:secretsmanager:r:1:secret:s/k3s-token-x-AbC123", false},
    };
    for (const Case& c : cases) {
        const IdentityPolicies made = policies(format(R"({{"Effect":"Allow",{}}})", c.statement));
        EXPECT_EQ(made.evaluate({c.action, c.resource, {{"aws:username", {"ann"}}}}).allowed(), c.expected)
            << c.statement << " " << c.action << " " << c.resource;
    }
}

TEST(Evaluate, ADenialWinsAndTheAnswerSaysWhatDecided) {
    const IdentityPolicies made =
        policies(R"({"Sid":"Read","Effect":"Allow","Action":"s3:Get*","Resource":"*"},)"
                 R"({"Sid":"Own","Effect":"Allow","Action":"s3:PutObject","Resource":"arn:aws:s3:::b/*",)"
                 R"("Condition":{"StringEquals":{"aws:RequestTag/Project":"shop"}}},)"
                 R"({"Effect":"Deny","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/secret"})");
    struct Case {
        Request request;
        Verdict verdict;
        std::string said;
    };
    const Case cases[] = {
        {{"s3:GetObject", "arn:aws:s3:::b/k", {}}, Verdict::Allowed, "allowed by Read of p"},
        {{"s3:GetObject", "arn:aws:s3:::b/secret", {}}, Verdict::Denied, "denied by statement 3 of p"},
        {{"s3:DeleteObject", "arn:aws:s3:::b/k", {}}, Verdict::NotAllowed, "no statement allows the action"},
        {{"s3:PutObject", "arn:aws:s3:::c/k", {}},
         Verdict::NotAllowed,
         "allowed by none: Own: not on arn:aws:s3:::c/k"},
        {{"s3:PutObject", "arn:aws:s3:::b/k", {}},
         Verdict::NotAllowed,
         "allowed by none: Own: StringEquals aws:RequestTag/Project: absent, wanted shop"},
        {{"s3:PutObject", "arn:aws:s3:::b/k", {{"aws:RequestTag/Project", {"x"}}}},
         Verdict::NotAllowed,
         "allowed by none: Own: StringEquals aws:RequestTag/Project: is x, wanted shop"},
    };
    for (const Case& c : cases) {
        const Decision decision = made.evaluate(c.request);
        EXPECT_EQ(decision.verdict, c.verdict) << c.said;
        EXPECT_EQ(decision.describe(), c.said);
    }
}

TEST(Evaluate, AStatementWithoutANameIsNamedByItsPlace) {
    const IdentityPolicies made = policies(R"({"Effect":"Allow","Action":"s3:Get*","Resource":"*"},)"
                                           R"({"Effect":"Allow","Action":"s3:Put*","Resource":"b"})");
    EXPECT_EQ(made.evaluate({"s3:PutObject", "a", {}}).describe(), "allowed by none: statement 2: not on a");
}

TEST(Evaluate, VariablesAreTextInTheLanguageOf2008) {
    const std::string_view statement =
        R"({"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::b/${aws:username}"})";
    const Request request{"s3:GetObject", "arn:aws:s3:::b/ann", {{"aws:username", {"ann"}}}};
    EXPECT_TRUE(policies(statement).evaluate(request).allowed());
    EXPECT_FALSE(policies(statement, "2008-10-17").evaluate(request).allowed());
}

TEST(Evaluate, APolicyThatWouldSilentlyDoNothingIsAnError) {
    const auto one = [](std::string_view statement) {
        return fault(format(R"({{"Version":"2012-10-17","Statement":{}}})", statement));
    };
    const auto test = [&](std::string_view condition) {
        return one(format(R"({{"Effect":"Allow","Action":"*","Resource":"*","Condition":{}}})", condition));
    };
    const std::pair<std::string, std::string_view> cases[] = {
        {fault("[]"), "policy p is no object"},
        {fault(R"({"Version":"2012-10-17"})"), "policy p has no Statement"},
        {fault(R"({"Version":"2013-10-17","Statement":[]})"), "no version 2013-10-17"},
        {fault(R"({"Version":"2012-10-17","Statements":[]})"), "element Statements"},
        {one(R"({"Effect":"allow","Action":"*","Resource":"*"})"), "Effect must be Allow or Deny"},
        {one(R"({"Effect":"Allow","Resource":"*"})"), "needs either Action or NotAction"},
        {one(R"({"Effect":"Allow","Action":"*","NotAction":"*","Resource":"*"})"), "needs either Action or"},
        {one(R"({"Effect":"Allow","Action":"*"})"), "needs either Resource or NotResource"},
        {one(R"({"Effect":"Allow","Action":"RunInstances","Resource":"*"})"), "'RunInstances' is no action"},
        {one(R"({"Effect":"Allow","Action":[],"Resource":"*"})"), "Action is empty"},
        {one(R"({"Effect":"Allow","NotAction":[],"Resource":"*"})"), "NotAction is empty"},
        {one(R"({"Effect":"Allow","Action":"*","NotResource":{}})"), "NotResource is a mapping"},
        {one(R"([{"Effect":"Allow","Action":"*","Resource":7.5},{"Effect":"No"}])"),
         "statement 2 of policy p"},
        {one(R"([7])"), "is no object"},
        {one(R"({"Effect":"Allow","Action":"*","Resource":"*","Principal":"*"})"), "element Principal"},
        {one(R"({"Effect":"Allow","Action":"*","Resource":"arn:${aws:username"})"), "not closed"},
        {one(R"({"Effect":"Allow","Action":"*","Resource":"arn:${user}"})"), "is no condition key"},
        {test(R"({"StringEqualz":{"aws:X":"a"}})"), "no condition operator StringEqualz"},
        {test(R"({"NullIfExists":{"aws:X":"true"}})"), "no condition operator NullIfExists"},
        {test(R"({"StringEquals":{"aws:X":[]}})"), "aws:X is empty"},
        {test(R"({"StringEquals":{"aws:X":{}}})"), "must be a text"},
        {test(R"({"StringEquals":"a"})"), "must be an object of keys"},
        {test(R"({"NumericEquals":{"aws:X":"many"}})"), "'many' is no number"},
        {test(R"({"NumericEquals":{"aws:X":"inf"}})"), "'inf' is no number"},
        {test(R"({"NumericEquals":{"aws:X":"nan"}})"), "'nan' is no number"},
        {test(R"({"IpAddress":{"aws:X":"10.0.0.0/nan"}})"), "is no address or range"},
        {test(R"({"DateEquals":{"aws:X":"soon"}})"), "'soon' is no date"},
        {test(R"({"Bool":{"aws:X":"yes"}})"), "'yes' is no 'true' or 'false'"},
        {test(R"({"IpAddress":{"aws:X":"10.0.0.0/33"}})"), "is no address or range"},
        {test(R"({"IpAddress":{"aws:X":"10.0.0.256"}})"), "is no address or range"},
    };
    for (const auto& [said, expected] : cases)
        EXPECT_NE(said.find(expected), std::string::npos) << expected << ": " << said;
    const std::string twice = fault(
        R"({"Version":"2012-10-17","Statement":[{"Sid":"A","Effect":"Allow","Action":"*","Resource":"*"},)"
        R"({"Sid":"A","Effect":"Deny","Action":"*","Resource":"*"}]})");
    EXPECT_NE(twice.find("two statements are called A"), std::string::npos) << twice;
}

// Wildcards against the definition: * is any text, ? any character.
bool by_definition(std::string_view pattern, std::string_view text) {
    if (pattern.empty()) return text.empty();
    if (pattern.front() == '*')
        return by_definition(pattern.substr(1), text) ||
               (!text.empty() && by_definition(pattern, text.substr(1)));
    return !text.empty() && (pattern.front() == '?' || pattern.front() == text.front()) &&
           by_definition(pattern.substr(1), text.substr(1));
}

TEST(EvaluateProperties, WildcardsMatchByTheirDefinition) {
    testing_support::property([] {
        const auto pattern = *rc::gen::container<std::string>(rc::gen::element('a', 'b', '*', '?'));
        const auto text = *rc::gen::container<std::string>(rc::gen::element('a', 'b'));
        const auto made = Pattern::parse(pattern.substr(0, 12), Meaning::Wildcards);
        RC_ASSERT(made.has_value());
        RC_ASSERT(made->matches(text.substr(0, 12), {}) ==
                  by_definition(pattern.substr(0, 12), text.substr(0, 12)));
    });
}

TEST(EvaluateProperties, MoreDenialsNeverAllowMore) {
    testing_support::property([] {
        const auto resource = *rc::gen::element<std::string>("*", "arn:aws:s3:::b/*", "arn:aws:s3:::b/k");
        const auto denied = *rc::gen::element<std::string>("*", "arn:aws:s3:::b/k", "arn:aws:s3:::c/*");
        const auto key = *rc::gen::element<std::string>("aws:X", "aws:Y");
        const std::string allow = format(R"({{"Effect":"Allow","Action":"s3:*","Resource":"{}"}})", resource);
        const std::string deny = format(
            R"({{"Effect":"Deny","Action":"s3:Get*","Resource":"{}","Condition":{{"StringEquals":{{"{}":"1"}}}}}})",
            denied, key);
        const Request request{"s3:GetObject", "arn:aws:s3:::b/k", {{"aws:X", {"1"}}}};
        const bool with = policies(allow + "," + deny).evaluate(request).allowed();
        RC_ASSERT(!with || policies(allow).evaluate(request).allowed());
        RC_ASSERT(with == policies(deny + "," + allow).evaluate(request).allowed());
    });
}

}  // namespace
}  // namespace k3fleet::iam
