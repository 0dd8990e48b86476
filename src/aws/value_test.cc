#include "aws/value.h"

#include <gtest/gtest.h>

#include "base/json.h"
#include "tests/support/aws_shapes.h"

namespace k3fleet::aws {
namespace {

using aws_shapes::Bound;
using aws_shapes::kThing;
using aws_shapes::Thing;

constexpr std::string_view kDocument =
    R"({"Name":"n","On":false,"Count":1,"Size":4294967296,"Ratio":0.5,"Password":"hush","Bytes":"AP8=",)"
    R"("At":"2015-01-25T08:00:00Z","Document":{"x":[null]},"Names":["a"],"Tags":{"k":"v"},)"
    R"("Children":[{"Name":"c","Names":[]}],"Holes":["h",null],"Inner":{"Ratio":"NaN"}})";

TEST(AwsValueTest, ADocumentBecomesAStructAndTheSameDocumentAgain) {
    Thing thing;
    const Status read = from_value(kThing, *json::parse(kDocument), &thing, "Order");
    ASSERT_TRUE(read) << read.error().describe();
    EXPECT_EQ(thing.password->reveal(), "hush");
    EXPECT_TRUE(thing.children[0].names.present());
    EXPECT_EQ(json::write(to_value(kThing, &thing, {.secrets = ValueOptions::Secrets::Shown})), kDocument);
}

TEST(AwsValueTest, SecretsAreShownOnlyWhenAsked) {
    Thing thing{.password = Secret("hush")};
    EXPECT_EQ(json::write(to_value(kThing, &thing)), "{\"Password\":\"(hidden)\"}");
}

TEST(AwsValueTest, WhatDoesNotFitIsNamedByItsPlace) {
    const struct {
        std::string_view json;
        std::string_view message;
    } cases[] = {
        {R"({"Count":"3"})", "Order.Count: a text stands here; expected a whole number"},
        {R"({"Children":[{},{"Count":3000000000}]})", "Order.Children[1].Count: 3000000000 is out of range"},
        {R"({"Tags":{"k":1}})", "Order.Tags[\"k\"]: a whole number stands here; expected a text"},
        {R"({"At":"soon"})", "Order.At: 'soon' is no time"},
        {R"({"Bytes":"%"})", "Order.Bytes: the value is not base64"},
        {R"([])", "Order: a list stands here; expected an object"},
    };
    for (const auto& row : cases) {
        Thing thing;
        const Status read = from_value(kThing, *json::parse(row.json), &thing, "Order");
        ASSERT_FALSE(read) << row.json;
        EXPECT_EQ(read.error().code, ErrorCode::InvalidArgument) << row.json;
        EXPECT_EQ(read.error().message, row.message);
    }
    Thing thing;
    const Status read = from_value(kThing, *json::parse(R"({"Inner":{"Nome":"x"}})"), &thing, "Order");
    ASSERT_FALSE(read);
    EXPECT_TRUE(read.error().message.starts_with(
        "Order.Inner.Nome: there is no such member; did you mean Name? allowed: Name, On, Count"))
        << read.error().message;
}

TEST(AwsValueTest, RequiredMembersAreMissedAtAnyDepth) {
    Thing thing{.name = "n"};
    EXPECT_TRUE(check_required(kThing, &thing, "Order"));
    thing.children = {Thing{.name = "c"}, Thing{}};
    const Status checked = check_required(kThing, &thing, "Order");
    ASSERT_FALSE(checked);
    EXPECT_EQ(checked.error().message, "Order.Children[1].Name: it is required");
}

}  // namespace
}  // namespace k3fleet::aws
