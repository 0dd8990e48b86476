// JSON: what is read, what is refused and where, and that writing and reading are inverse.
#include "base/json.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "base/text.h"
#include "tests/support/property.h"
#include "tests/support/values.h"

namespace k3fleet {
namespace {

TEST(JsonRead, TellsKindsOfNumbersApart) {
    struct Row {
        const char* text;
        Value expected;
    };
    const Row rows[] = {
        {"0", 0},
        {"-0", 0},
        {"9223372036854775807", std::int64_t{9223372036854775807}},
        {"-9223372036854775808", std::numeric_limits<std::int64_t>::min()},
        {"9223372036854775808", 9223372036854775808.0},
        {"-9223372036854775809", -9223372036854775809.0},
        {"123456789012345678901234567890", 123456789012345678901234567890.0},
        {"1.0", 1.0},
        {"1e3", 1000.0},
        {"0.1", 0.1},
        {"2.2250738585072011e-308", 2.2250738585072011e-308},
        {"179769313486231570000000000000000000000e270", std::numeric_limits<double>::max()},
        {"1e-400", 0.0},
        {"0.000001e-400", 0.0},
    };
    for (const auto& row : rows) {
        const auto value = json::parse(row.text);
        ASSERT_TRUE(value) << row.text << ": " << value.error().message;
        EXPECT_EQ(*value, row.expected) << row.text;
    }
}

TEST(JsonRead, ReadsTexts) {
    const auto value = json::parse(R"("\u0041\u00e9\ud83d\ude00 \"\\\/\b\f\n\r\t \u0000é😀")");
    ASSERT_TRUE(value) << value.error().message;
    EXPECT_EQ(*value->as_string(), std::string("Aé😀 \"\\/\b\f\n\r\t ") + '\0' + "é😀");
}

TEST(JsonRead, KeepsTheOrderOfMembers) {
    const auto value = json::parse(R"( {"z": 1, "a": [true, null, {"": "x"}], "m": {}} )");
    ASSERT_TRUE(value);
    EXPECT_EQ(json::write(*value), R"({"z":1,"a":[true,null,{"":"x"}],"m":{}})");
    EXPECT_EQ(value->position, Position{});
}

TEST(JsonRead, RefusesWithThePlace) {
    struct Row {
        std::string text;
        std::string message;
    };
    const Row rows[] = {
        {"", "line 1, column 1: the text ends too early"},
        {"{\n  \"a\": 1,\n}", "line 3, column 1: not valid JSON at '}'"},
        {"{\"a\":\n [1, 2", "line 2, column 7: the text ends too early"},
        {"[1]\n x", "line 2, column 2: only white space may follow the document"},
        {"{\"é\": x}", "line 1, column 7: not valid JSON at 'x'"},
        {"[\"\xff\"]", "line 1, column 3: a byte that is not UTF-8"},
        {"[\"a\tb\"]", "line 1, column 4: a control character (U+0009) must be written as an escape"},
        {"{\"a\": 1,\n \"b\": {}, \"a\": 2}", "line 2, column 11: the key \"a\" stands here a second time"},
        {"{\"1\":1,\"2\":1,\"3\":1,\"4\":1,\"5\":1,\"6\":1,\"7\":1,\"8\":1,\"9\":1,\"3\":1}",
         "line 1, column 56: the key \"3\" stands here a second time"},
        {"[1, -1e999]", "line 1, column 5: the number -1e999 is too large"},
        {"[01]", "line 1, column 3: not valid JSON at '1'"},
        {"[NaN]", "line 1, column 2: not valid JSON at 'N'"},
        {"[1] // no", "line 1, column 5: only white space may follow the document"},
        {"[\"\\ud83d\"]", "line 1, column 9: not valid JSON at '\"'"},
        {"[[[[]]]]", "line 1, column 4: nested deeper than 3 levels"},
    };
    for (const auto& row : rows) {
        for (const auto& result :
             {json::parse(row.text, {.depth = 3}), json::parse_with_positions(row.text, {.depth = 3})}) {
            ASSERT_FALSE(result) << row.text;
            EXPECT_EQ(result.error().code, ErrorCode::Corrupt);
            EXPECT_EQ(result.error().message, row.message) << row.text;
        }
    }
    EXPECT_TRUE(json::parse("[[[]]]", {.depth = 3}));
    EXPECT_TRUE(json::parse("[1]", {.bytes = 3}));
    EXPECT_FALSE(json::parse("[1] ", {.bytes = 3}));
}

TEST(JsonRead, NestingCannotExhaustTheStack) {
    const std::string deep(1 << 20, '[');
    EXPECT_FALSE(json::parse(deep));
    EXPECT_FALSE(json::parse_with_positions(deep));
}

TEST(JsonRead, KnowsPositions) {
    const auto value =
        json::parse_with_positions("{\n  \"é\\\"\": [1, \"x\\n\", {\"b\": -2.5}],\n  \"c\":true}");
    ASSERT_TRUE(value) << value.error().message;
    EXPECT_EQ(value->position, (Position{1, 1}));
    ASSERT_EQ(value->members().size(), 2U);
    const auto& first = value->members()[0];
    EXPECT_EQ(first.key_position, (Position{2, 3}));
    EXPECT_EQ(first.value.position, (Position{2, 10}));
    EXPECT_EQ(first.value.items()[0].position, (Position{2, 11}));
    EXPECT_EQ(first.value.items()[1].position, (Position{2, 14}));
    EXPECT_EQ(first.value.items()[2].position, (Position{2, 21}));
    EXPECT_EQ(first.value.items()[2].find("b")->position, (Position{2, 27}));
    EXPECT_EQ(value->members()[1].key_position, (Position{3, 3}));
    EXPECT_EQ(value->find("c")->position, (Position{3, 7}));
}

TEST(JsonWrite, IsDeterministicAndReadable) {
    const Value value = Value::object({{"name", "a\"\\\n\x01é"},
                                       {"whole", 1},
                                       {"double", 1.0},
                                       {"big", 1e22},
                                       {"small", 5e-324},
                                       {"none", nullptr},
                                       {"yes", true},
                                       {"list", Value::array({1, Value::array(), Value::object()})}});
    EXPECT_EQ(json::write(value),
              "{\"name\":\"a\\\"\\\\\\n\\u0001é\",\"whole\":1,\"double\":1.0,\"big\":1e+22,"
              "\"small\":5e-324,\"none\":null,\"yes\":true,\"list\":[1,[],{}]}");
    EXPECT_EQ(json::write_pretty(Value::object({{"a", Value::array({1, 2})}, {"b", Value::object()}})),
              "{\n  \"a\": [\n    1,\n    2\n  ],\n  \"b\": {}\n}\n");
    EXPECT_EQ(json::write("a\xff\xc0\xaf z"), "\"a\uFFFD\uFFFD\uFFFD z\"");
}

TEST(JsonWriteDeathTest, NumbersThatJsonDoesNotHaveAreABug) {
    EXPECT_DEATH(json::write(std::nan("")), "isfinite");
    EXPECT_DEATH(json::write(std::numeric_limits<double>::infinity()), "isfinite");
}

TEST(JsonProperty, WhatIsWrittenReadsBack) {
    testing_support::property([] {
        const Value value = *testing_support::arbitrary_value();
        for (const auto& text : {json::write(value), json::write_pretty(value)}) {
            const auto again = json::parse(text);
            RC_ASSERT(again.has_value());
            RC_ASSERT(*again == value);
            RC_ASSERT(json::write(*again) == json::write(value));
            RC_ASSERT(*json::parse_with_positions(text) == value);
        }
    });
}

TEST(JsonProperty, DamagedTextNeverCrashes) {
    testing_support::property([] {
        std::string text = json::write(*testing_support::arbitrary_value());
        for (int i = 0; i < 3 && !text.empty(); ++i) {
            text[*rc::gen::inRange<std::size_t>(0, text.size())] = *rc::gen::arbitrary<char>();
        }
        const auto plain = json::parse(text);
        const auto tracked = json::parse_with_positions(text);
        RC_ASSERT(plain.has_value() == tracked.has_value());
        if (plain) RC_ASSERT(*plain == *tracked);
        if (!plain) RC_ASSERT(plain.error().message == tracked.error().message);
    });
}

}  // namespace
}  // namespace k3fleet
