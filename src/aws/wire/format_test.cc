#include "aws/wire/format.h"

#include <gtest/gtest.h>

#include <limits>

#include "aws/wire/text.h"
#include "base/json.h"
#include "base/text.h"
#include "tests/support/aws_shapes.h"

namespace k3fleet::wire {
namespace {

using aws_shapes::Bound;
using aws_shapes::Raw;
using aws_shapes::Thing;

const Timestamp kAt = from_unix_seconds(1'422'172'800);  // 2015-01-25T08:00:00Z, a Sunday.

Thing full_thing() {
    Thing thing{.name = "a&b <c>", .on = true, .count = -7, .size = 1LL << 40, .ratio = 10.8};
    thing.password = Secret("hush");
    thing.bytes = std::string("\0\xff", 2);
    thing.at = kAt;
    thing.date = kAt;
    thing.names = {"x", "y"};
    thing.flat = {"1", "2"};
    thing.tags = {{"k", "v"}, {"l", ""}};
    thing.flat_tags = {{"f", "g"}};
    thing.children = {Thing{.name = "child"}};
    thing.holes.emplace_back("first");
    thing.holes.emplace_back(std::nullopt);
    thing.inner.emplace().name = "inside";
    return thing;
}

net::HttpResponse answer(int status, std::string body, net::HttpHeaders headers = {}) {
    return {.status = status, .headers = std::move(headers), .body = std::move(body)};
}

std::string header(const HttpMessage& message, std::string_view name) {
    for (const auto& [key, value] : message.headers) {
        if (key == name) return value;
    }
    return "(none)";
}

TEST(QueryFormatTest, AFormSpellsThePathOfEachValue) {
    const Thing thing = full_thing();
    const auto query = encode(aws_shapes::kQuery, &thing);
    ASSERT_TRUE(query) << query.error().describe();
    EXPECT_EQ(query->path, "/");
    EXPECT_EQ(header(*query, "Content-Type"), "application/x-www-form-urlencoded; charset=utf-8");
    EXPECT_EQ(
        query->body,
        "Action=Order&Version=2026-01-01&Name=a%26b%20%3Cc%3E&On=true&Count=-7&Size=1099511627776&Ratio=10.8"
        "&Password=hush&Bytes=AP8%3D&At=2015-01-25T08%3A00%3A00Z"
        "&Date=Sun%2C%2025%20Jan%202015%2008%3A00%3A00%20GMT&Names.member.1=x&Names.member.2=y"
        "&Flat.1=1&Flat.2=2&Tags.entry.1.key=k&Tags.entry.1.value=v&Tags.entry.2.key=l&Tags.entry.2.value="
        "&FlatTags.1.key=f&FlatTags.1.value=g&Children.item.1.Name=child&Holes.member.1=first"
        "&Holes.member.2=&Inner.Name=inside");
    const auto ec2 = encode(aws_shapes::kEc2, &thing);
    ASSERT_TRUE(ec2);
    EXPECT_NE(ec2->body.find("&Names.1=x&Names.2=y&"), std::string::npos) << ec2->body;
}

TEST(QueryFormatTest, AnEmptyListThatIsPresentIsSentByQueryOnly) {
    Thing thing;
    thing.names.mark_present();
    EXPECT_EQ(encode(aws_shapes::kQuery, &thing)->body, "Action=Order&Version=2026-01-01&Names=");
    EXPECT_EQ(encode(aws_shapes::kEc2, &thing)->body, "Action=Order&Version=2026-01-01");
}

constexpr std::string_view kThingXml =
    "<Name>a&amp;b</Name><Unknown><deep/></Unknown><On>true</On><Count>3</Count><Ratio>NaN</Ratio>"
    "<Bytes>AP8=</Bytes><At>2015-01-25T08:00:00.250Z</At><Names><item>x</item><item/></Names>"
    "<Flat>1</Flat><Tags><entry><key>k</key><value>v</value></entry></Tags><Flat>2</Flat>"
    "<FlatTags><key>f</key><value>g</value></FlatTags><Password>hush</Password>"
    "<Children><item><Name>child</Name></item></Children><Inner/>";

void expect_thing(const Thing& thing) {
    EXPECT_EQ(thing.name, "a&b");
    EXPECT_EQ(thing.on, true);
    EXPECT_EQ(thing.count, 3);
    EXPECT_TRUE(thing.ratio && *thing.ratio != *thing.ratio);
    EXPECT_EQ(thing.bytes, std::string("\0\xff", 2));
    EXPECT_EQ(thing.at, kAt + std::chrono::milliseconds{250});
    EXPECT_EQ(thing.names, (aws::List<std::string>{"x", ""}));
    EXPECT_EQ(thing.flat, (aws::List<std::string>{"1", "2"}));
    EXPECT_EQ(thing.tags.at("k"), "v");
    EXPECT_EQ(thing.flat_tags.at("f"), "g");
    EXPECT_EQ(thing.password->reveal(), "hush");
    ASSERT_EQ(thing.children.size(), 1U);
    EXPECT_EQ(thing.children[0].name, "child");
    EXPECT_TRUE(thing.inner.has_value());
    EXPECT_FALSE(thing.size.has_value());
}

TEST(QueryFormatTest, AnswersAreReadFromTheirResultElement) {
    Thing query, ec2;
    const Status read =
        decode(aws_shapes::kQuery,
               answer(200, format("<?xml version=\"1.0\"?><OrderResponse xmlns=\"u\"><OrderResult>{}"
                                  "</OrderResult></OrderResponse>",
                                  kThingXml)),
               &query);
    ASSERT_TRUE(read) << read.error().describe();
    expect_thing(query);
    ASSERT_TRUE(
        decode(aws_shapes::kEc2, answer(200, format("<OrderResponse>{}</OrderResponse>", kThingXml)), &ec2));
    expect_thing(ec2);
}

TEST(QueryFormatTest, AnAnswerThatIsNotOursIsCorruptAndNeverEmpty) {
    for (const std::string_view body :
         {"", "<html><body>busy</body></html>", "<OrderResponse>", "<OrderResponse><OrderResult><Name>",
          "<OrderResponse></OrderResponse>", "{}"}) {
        Thing thing;
        const Status read = decode(aws_shapes::kQuery, answer(200, std::string(body)), &thing);
        ASSERT_FALSE(read) << body;
        EXPECT_EQ(read.error().code, ErrorCode::Corrupt) << body;
    }
}

TEST(FormatTest, AWrongValueIsNamedByItsPath) {
    Thing thing;
    const Status xml = decode(
        aws_shapes::kEc2,
        answer(200,
               "<OrderResponse><Children><item/><item><Count>many</Count></item></Children></OrderResponse>"),
        &thing);
    ASSERT_FALSE(xml);
    EXPECT_EQ(xml.error().message, "Order.Children[1].Count: 'many' is no whole number of 32 bits");
    const Status json =
        decode(aws_shapes::kJson11, answer(200, R"({"Children":[{"Tags":{"k":1}}]})"), &thing);
    ASSERT_FALSE(json);
    EXPECT_EQ(json.error().message,
              "Order.Children[0].Tags[\"k\"]: the answer has a whole number here, not a text");
    const Status secret = decode(aws_shapes::kJson11, answer(200, R"({"Bytes":"hush!"})"), &thing);
    ASSERT_FALSE(secret);
    EXPECT_EQ(secret.error().message.find("hush"), std::string::npos);
}

TEST(JsonFormatTest, TheBodyIsADocumentAndAHeaderNamesTheOperation) {
    Thing thing = full_thing();
    thing.ratio = std::numeric_limits<double>::infinity();
    thing.document = *json::parse(R"({"any":[1,null]})");
    const auto message = encode(aws_shapes::kJson10, &thing);
    ASSERT_TRUE(message);
    EXPECT_EQ(header(*message, "X-Amz-Target"), "Shop_2026.Order");
    EXPECT_EQ(header(*message, "Content-Type"), "application/x-amz-json-1.0");
    EXPECT_EQ(header(*encode(aws_shapes::kJson11, &thing), "Content-Type"), "application/x-amz-json-1.1");
    EXPECT_EQ(message->body,
              R"({"Name":"a&b <c>","On":true,"Count":-7,"Size":1099511627776,"Ratio":"Infinity",)"
              R"("Password":"hush","Bytes":"AP8=","At":1422172800,"Date":"Sun, 25 Jan 2015 08:00:00 GMT",)"
              R"("Document":{"any":[1,null]},"Names":["x","y"],"Flat":["1","2"],"Tags":{"k":"v","l":""},)"
              R"("FlatTags":{"f":"g"},"Children":[{"Name":"child"}],"Holes":["first",null],)"
              R"("Inner":{"Name":"inside"}})");
}

TEST(JsonFormatTest, AnswersTellAbsentFromNullInLists) {
    Thing thing;
    const Status read =
        decode(aws_shapes::kJson11,
               answer(200, R"({"Name":"a&b","Size":null,"On":true,"Count":3.0,"Ratio":"NaN","Bytes":"AP8=",)"
                           R"("At":1422172800.25,"Names":["x",null,""],"Holes":["h",null],"Flat":["1","2"],)"
                           R"("Tags":{"k":"v","n":null},"FlatTags":{"f":"g"},"Password":"hush","Inner":{},)"
                           R"("Children":[{"Name":"child"}],"New":{"a":[1]}})"),
               &thing);
    ASSERT_TRUE(read) << read.error().describe();
    expect_thing(thing);
    EXPECT_FALSE(thing.tags.contains("n"));
    ASSERT_EQ(thing.holes.size(), 2U);
    EXPECT_FALSE(thing.holes[1].has_value());
}

TEST(JsonFormatTest, NumbersThatDoNotFitAreCorrupt) {
    for (const std::string_view body : {R"({"Count":2147483648})", R"({"Count":1.5})", R"({"Size":1e30})",
                                        R"({"At":1e300})", R"({"On":"true"})", R"([])", "", "{"}) {
        Thing thing;
        const Status read = decode(aws_shapes::kJson11, answer(200, std::string(body)), &thing);
        ASSERT_FALSE(read) << body;
        EXPECT_EQ(read.error().code, ErrorCode::Corrupt) << body;
    }
}

Bound full_bound() {
    Bound bound{.bucket = "a b", .key = "dir/x+y", .ids = {"1", "2&3"}, .more = {{"id", "no"}, {"z", "ü"}}};
    bound.since = kAt;
    bound.roles = {"plain", "with, comma"};
    bound.meta = {{"color", "red"}};
    return bound;
}

TEST(RestFormatTest, MembersTravelInUriQueryAndHeaders) {
    const Bound bound = full_bound();
    const auto message = encode(aws_shapes::kRestJson, &bound, [] { return "made"; });
    ASSERT_TRUE(message) << message.error().describe();
    EXPECT_EQ(message->method, "POST");
    EXPECT_EQ(message->path, "/a%20b/dir/x%2By");
    const std::vector<std::pair<std::string, std::string>> query = {
        {"acl", ""}, {"x", "1"}, {"id", "1"}, {"id", "2&3"}, {"z", "ü"}};
    EXPECT_EQ(message->query, query);
    EXPECT_EQ(header(*message, "If-Modified-Since"), "Sun, 25 Jan 2015 08:00:00 GMT");
    EXPECT_EQ(header(*message, "X-Roles"), "plain, \"with, comma\"");
    EXPECT_EQ(header(*message, "x-meta-color"), "red");
    EXPECT_EQ(message->body, R"({"ClientToken":"made"})");
    EXPECT_EQ(encode(aws_shapes::kRestXml, &bound)->body, "");
}

TEST(RestFormatTest, WhatThePathIsMadeOfMustBeThere) {
    const Bound bound{.bucket = "b"};
    const auto message = encode(aws_shapes::kRestXml, &bound);
    ASSERT_FALSE(message);
    EXPECT_EQ(message.error().code, ErrorCode::InvalidArgument);
    EXPECT_EQ(message.error().message, "Order.Key: it must be given, since the request's path is made of it");
}

TEST(RestFormatTest, XmlBodiesHaveAttributesListsAndMaps) {
    Bound bound = full_bound();
    bound.thing.emplace() = full_thing();
    bound.thing->attribute = "\"q\"";
    const auto message = encode(aws_shapes::kRestXml, &bound);
    ASSERT_TRUE(message);
    EXPECT_EQ(header(*message, "Content-Type"), "application/xml");
    EXPECT_EQ(
        message->body,
        "<Bound><Thing xsi:attribute=\"&quot;q&quot;\"><Name>a&amp;b &lt;c&gt;</Name><On>true</On>"
        "<Count>-7</Count><Size>1099511627776</Size><Ratio>10.8</Ratio><Password>hush</Password>"
        "<Bytes>AP8=</Bytes><At>2015-01-25T08:00:00Z</At><Date>Sun, 25 Jan 2015 08:00:00 GMT</Date>"
        "<Names><member>x</member><member>y</member></Names><Flat>1</Flat><Flat>2</Flat>"
        "<Tags><entry><key>k</key><value>v</value></entry><entry><key>l</key><value></value></entry></Tags>"
        "<FlatTags><key>f</key><value>g</value></FlatTags>"
        "<Children><item><Name>child</Name></item></Children>"
        "<Holes><member>first</member><member></member></Holes><Inner><Name>inside</Name></Inner>"
        "</Thing></Bound>");
}

TEST(RestFormatTest, AnswersAreReadFromHeadersStatusAndBody) {
    const net::HttpHeaders headers = {{"x-roles", "a, \"b,c\" ,d"},
                                      {"if-modified-since", "Sun, 25 Jan 2015 08:00:00 GMT"},
                                      {"X-Meta-Color", "red"}};
    Bound json, xml;
    ASSERT_TRUE(decode(aws_shapes::kRestJson, answer(201, R"({"ClientToken":"t"})", headers), &json));
    ASSERT_TRUE(
        decode(aws_shapes::kRestXml, answer(201, "<Any><ClientToken>t</ClientToken></Any>", headers), &xml));
    for (const Bound& bound : {json, xml}) {
        EXPECT_EQ(bound.roles, (aws::List<std::string>{"a", "b,c", "d"}));
        EXPECT_EQ(bound.since, kAt);
        EXPECT_EQ(bound.meta.at("Color"), "red");
        EXPECT_EQ(bound.status, 201);
        EXPECT_EQ(bound.token, "t");
    }
}

TEST(RestFormatTest, ARawPayloadIsTheBodyAsItIs) {
    const Raw raw{.type = "image/png", .body = std::string("\0<x>", 4)};
    for (const Operation* operation : {&aws_shapes::kRawJson, &aws_shapes::kRawXml}) {
        const auto message = encode(*operation, &raw);
        ASSERT_TRUE(message);
        EXPECT_EQ(message->body, *raw.body);
        EXPECT_EQ(header(*message, "Content-Type"), "image/png");
        Raw back;
        ASSERT_TRUE(decode(*operation, answer(200, "<Error><Code>x</Code></Error>"), &back));
        EXPECT_EQ(back.body, "<Error><Code>x</Code></Error>");
    }
}

TEST(FormatTest, AHostLabelMustFitAHostName) {
    Operation operation = aws_shapes::kJson11;
    operation.host_prefix = "{Name}.data.";
    std::array<Member, 1> members = {aws_shapes::kThing.fields()[0]};
    members[0].traits |= aws::trait::kHostLabel;
    Type type = aws_shapes::kThing;
    type.members = members.data();
    type.member_count = 1;
    operation.input = &type;
    Thing thing{.name = "acct-1"};
    EXPECT_EQ(encode(operation, &thing)->host_prefix, "acct-1.data.");
    for (const char* bad : {"", "a/b", "a b", "evil.example.com/?"}) {
        thing.name = bad;
        const auto message = encode(operation, &thing);
        ASSERT_FALSE(message) << bad;
        EXPECT_EQ(message.error().code, ErrorCode::InvalidArgument);
    }
}

TEST(FormatTest, NestingBeyondTheLimitIsCorrupt) {
    std::string xml, json;
    for (int i = 0; i < 5000; ++i) {
        xml += "<Inner>";
        json += R"({"Inner":)";
    }
    std::string closed = "<OrderResponse>" + xml;
    for (int i = 0; i < 5000; ++i) closed += "</Inner>";
    closed += "</OrderResponse>";
    Thing thing;
    EXPECT_EQ(decode(aws_shapes::kEc2, answer(200, closed), &thing).error().code, ErrorCode::Corrupt);
    EXPECT_EQ(decode(aws_shapes::kJson11, answer(200, json), &thing).error().code, ErrorCode::Corrupt);
}

}  // namespace
}  // namespace k3fleet::wire
