// Policies with principals: whom they mean, and what is no policy.
#include "adapters/simcloud/aws/resource_policy.h"

#include <gtest/gtest.h>

#include "base/text.h"

namespace k3fleet::simcloud {
namespace {

using On = ResourcePolicy::On;

std::string document(std::string_view statements) {
    return format(R"({{"Version":"2012-10-17","Statement":[{}]}})", statements);
}
std::string let_in(std::string_view principal, std::string_view more = "") {
    return format(R"({{"Effect":"Allow","Principal":{},"Action":"sqs:SendMessage","Resource":"*"{}}})",
                  principal, more);
}
bool lets(const std::string& text, const PolicyPrincipal& who, const iam::Request& request) {
    const auto policy = ResourcePolicy::parse(text, On::Resources);
    EXPECT_TRUE(policy) << (policy ? "" : policy.error().describe());
    return policy && policy->allows(who, request);
}

const iam::Request kSend{.action = "sqs:SendMessage", .resource = "arn:aws:sqs:eu-west-1:111122223333:q"};
const PolicyPrincipal kEvents{"Service", "events.amazonaws.com"};

TEST(ResourcePolicy, MeansWhomItNames) {
    const PolicyPrincipal role{"AWS", "arn:aws:iam::111122223333:role/shop"};
    struct Case {
        std::string principal;
        PolicyPrincipal who;
        bool meant;
    };
    for (const auto& [principal, who, meant] :
         std::vector<Case>{{R"({"Service":"events.amazonaws.com"})", kEvents, true},
                           {R"({"Service":["s3.amazonaws.com","events.amazonaws.com"]})", kEvents, true},
                           {R"({"Service":"s3.amazonaws.com"})", kEvents, false},
                           {R"("*")", kEvents, true},
                           {R"({"AWS":"*"})", kEvents, true},
                           {R"({"AWS":"*"})", role, true},
                           {R"({"AWS":"arn:aws:iam::111122223333:root"})", role, true},
                           {R"({"AWS":"111122223333"})", role, true},
                           {R"({"AWS":"arn:aws:iam::444455556666:root"})", role, false},
                           {R"({"AWS":"arn:aws:iam::111122223333:role/shop"})", role, true},
                           {R"({"AWS":"arn:aws:iam::111122223333:role/other"})", role, false}})
        EXPECT_EQ(lets(document(let_in(principal)), who, kSend), meant) << principal << " " << who.id;
}

TEST(ResourcePolicy, OneDenialIsEnough) {
    const std::string allow = let_in(R"("*")");
    const std::string deny = R"({"Effect":"Deny","Principal":"*","Action":"sqs:*","Resource":"*",)"
                             R"("Condition":{"Bool":{"aws:SecureTransport":"false"}}})";
    iam::Request request = kSend;
    request.context.set("aws:SecureTransport", {"true"});
    EXPECT_TRUE(lets(document(allow + "," + deny), kEvents, request));
    request.context.set("aws:SecureTransport", {"false"});
    EXPECT_FALSE(lets(document(allow + "," + deny), kEvents, request));
    EXPECT_FALSE(lets(document(deny + "," + allow), kEvents, request));
}

TEST(ResourcePolicy, AsksConditionsAndTheOthersThanNamed) {
    const std::string source = R"(,"Condition":{"StringEquals":{"aws:SourceAccount":"111122223333"}})";
    iam::Request request = kSend;
    EXPECT_FALSE(lets(document(let_in(R"({"Service":"events.amazonaws.com"})", source)), kEvents, request));
    request.context.set("aws:SourceAccount", {"111122223333"});
    EXPECT_TRUE(lets(document(let_in(R"({"Service":"events.amazonaws.com"})", source)), kEvents, request));
    const std::string others =
        R"({"Effect":"Allow","NotPrincipal":{"Service":"s3.amazonaws.com"},"Action":"sqs:*","Resource":"*"})";
    EXPECT_TRUE(lets(document(others), kEvents, kSend));
    EXPECT_FALSE(lets(document(others), {"Service", "s3.amazonaws.com"}, kSend));
}

TEST(ResourcePolicy, WhatIsNoPolicyIsRefused) {
    const std::string trust =
        R"({"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"})";
    const std::string resource = let_in(R"({"AWS":"*"})");
    struct Case {
        std::string text;
        On on;
        std::string says;
    };
    for (const auto& [text, on, says] : std::vector<Case>{
             {"", On::Resources, "invalid Json"},
             {"[]", On::Resources, "invalid Json"},
             {"{}", On::Resources, "Statement"},
             {document(""), On::Resources, "no statement"},
             {document("1"), On::Resources, "no object"},
             {document(trust), On::Resources, "Resource"},
             {document(resource), On::Role, "prohibited field Resource"},
             {document(R"({"Effect":"Allow","Action":"a:b","Resource":"*"})"), On::Resources, "Principal"},
             {document(let_in(R"("me")")), On::Resources, "Invalid principal"},
             {document(let_in(R"({"Sevice":"x"})")), On::Resources, "Invalid principal"},
             {document(let_in(R"({"Service":""})")), On::Resources, "Invalid principal"},
             {document(let_in(R"("*")", R"(,"Condition":{"Equals":{"a":"b"}})")), On::Resources, "Equals"},
             {document(let_in(R"("*")", R"(,"Sid":"a")") + "," + let_in(R"("*")", R"(,"Sid":"a")")),
              On::Resources, "unique"}}) {
        const auto policy = ResourcePolicy::parse(text, on);
        ASSERT_FALSE(policy) << text;
        EXPECT_NE(policy.error().describe().find(says), std::string::npos) << policy.error().describe();
    }
    EXPECT_TRUE(ResourcePolicy::parse(document(trust), On::Role));
}

TEST(ResourcePolicy, KnowsWhoseAnArnIs) {
    EXPECT_EQ(account_of("arn:aws:iam::111122223333:role/a:b"), "111122223333");
    EXPECT_EQ(account_of("111122223333"), "111122223333");
    EXPECT_EQ(account_of("arn:aws"), "");
}

}  // namespace
}  // namespace k3fleet::simcloud
