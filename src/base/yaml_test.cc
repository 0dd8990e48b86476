// YAML: the core schema, what is refused and how that is said, and that JSON means the same in both readers.
#include "base/yaml.h"

#include <gtest/gtest.h>

#include <limits>

#include "base/json.h"
#include "base/text.h"
#include "tests/support/property.h"
#include "tests/support/values.h"

namespace k3fleet {
namespace {

std::string message_for(std::string_view text, yaml::Limits limits = {}) {
    const auto value = yaml::parse(text, limits);
    if (value) return "accepted: " + yaml::write(*value);
    EXPECT_EQ(value.error().code, ErrorCode::InvalidArgument);
    return value.error().message;
}

struct Scalar {
    const char* text;
    Value expected;
};

std::vector<Scalar> core_schema() {
    constexpr double kInfinity = std::numeric_limits<double>::infinity();
    const double nan = std::numeric_limits<double>::quiet_NaN();
    return {
        {"~", nullptr},
        {"null", nullptr},
        {"NULL", nullptr},
        {"", nullptr},
        {"true", true},
        {"True", true},
        {"FALSE", false},
        {"yes", "yes"},
        {"off", "off"},
        {"tRUE", "tRUE"},
        {"0", 0},
        {"-7", -7},
        {"+7", 7},
        {"012", 12},
        {"0x1F", 31},
        {"0o17", 15},
        {"0x", "0x"},
        {"0o8", "0o8"},
        {"-0x1", "-0x1"},
        {"1_000", "1_000"},
        {"9223372036854775807", std::int64_t{9223372036854775807}},
        {"9223372036854775808", 9223372036854775808.0},
        {"-9223372036854775808", std::numeric_limits<std::int64_t>::min()},
        {"1.", 1.0},
        {".5", 0.5},
        {"-.5", -0.5},
        {"1e3", 1000.0},
        {"+1.5E-1", 0.15},
        {".", "."},
        {"1e", "1e"},
        {"1.2.3", "1.2.3"},
        {"e3", "e3"},
        {"--1", "--1"},
        {".inf", kInfinity},
        {"-.Inf", -kInfinity},
        {"+.INF", kInfinity},
        {".nan", nan},
        {".NaN", nan},
        {"-.nan", "-.nan"},
        {"NaN", "NaN"},
        {"Infinity", "Infinity"},
        {"-Infinity", "-Infinity"},
        {"inf", "inf"},
        {"12:30", "12:30"},
        {"2026-11-22", "2026-11-22"},
        {"'1'", "1"},
        {"\"true\"", "true"},
        {"'~'", "~"},
        {"''", ""},
        {"|\n  7\n", "7\n"},
        {">-\n  a\n  b\n", "a b"},
        {"v1.30.4+k3s1", "v1.30.4+k3s1"},
    };
}

TEST(YamlRead, ResolvesScalarsByTheCoreSchema) {
    for (const auto& row : core_schema()) {
        for (const std::string& text :
             {std::string("k: ") + row.text, std::string("k:   ") + row.text + "  # note"}) {
            if (text.find('\n') != std::string::npos && text.ends_with("note")) continue;
            const auto value = yaml::parse(text);
            ASSERT_TRUE(value) << text << ": " << value.error().message;
            ASSERT_TRUE(value->find("k")) << text;
            EXPECT_EQ(*value->find("k"), row.expected) << text;
        }
    }
}

TEST(YamlRead, KnowsPositionsOfKeysAndValues) {
    const auto value = yaml::parse("# é\nname: demo\n'é':  {ü: [ö, x]}\npools:\n- min: 2\n  max: 3\r\n");
    ASSERT_TRUE(value) << value.error().message;
    EXPECT_EQ(value->position, (Position{2, 1}));
    EXPECT_EQ(value->members()[0].key_position, (Position{2, 1}));
    EXPECT_EQ(value->find("name")->position, (Position{2, 7}));
    EXPECT_EQ(value->members()[1].key_position, (Position{3, 1}));
    EXPECT_EQ(value->path("é")->position, (Position{3, 7}));
    EXPECT_EQ(value->path("é")->members()[0].key_position, (Position{3, 8}));
    EXPECT_EQ(value->path("é.ü")->items()[1].position, (Position{3, 15}));
    EXPECT_EQ(value->find("pools")->position, (Position{5, 1}));
    const auto& pool = value->find("pools")->items()[0];
    EXPECT_EQ(pool.position, (Position{5, 3}));
    EXPECT_EQ(pool.find("max")->position, (Position{6, 8}));
    EXPECT_EQ(*pool.find("max"), Value(3));
}

TEST(YamlRead, AcceptsWhatPeopleWrite) {
    EXPECT_EQ(yaml::parse("")->is_null(), true);
    EXPECT_EQ(yaml::parse("# nothing\n\n")->is_null(), true);
    EXPECT_EQ(*yaml::parse("---\na: 1\n...\n"), Value::object({{"a", 1}}));
    EXPECT_EQ(*yaml::parse("%YAML 1.2\n---\na: 1\n"), Value::object({{"a", 1}}));
    EXPECT_EQ(*yaml::parse("\xEF\xBB\xBF"
                           "a: 1"),
              Value::object({{"a", 1}}));
    EXPECT_EQ(*yaml::parse("a: 1\r\nb: 2\r\n"), Value::object({{"a", 1}, {"b", 2}}));
    EXPECT_EQ(*yaml::parse("{a: 1, b: [x, y]} # flow"),
              Value::object({{"a", 1}, {"b", Value::array({"x", "y"})}}));
    EXPECT_EQ(*yaml::parse("{\"a\": 1, # a comment makes it YAML\n \"b\": yes,}"),
              Value::object({{"a", 1}, {"b", "yes"}}));
    EXPECT_EQ(*yaml::parse("1: x\ntrue: y"), Value::object({{"1", "x"}, {"true", "y"}}));
    EXPECT_EQ(*yaml::parse("a:\n\n  - b:\n    - c\n"),
              Value::object({{"a", Value::array({Value::object({{"b", Value::array({"c"})}})})}}));
    EXPECT_EQ(*yaml::parse("\"\\N7é\\_\": \"\\L\\_\""), Value::object({{"\u00857é\u00a0", "\u2028\u00a0"}}));
    EXPECT_EQ(*yaml::parse("a: 'it''s'\nb: \"\\u00e9\\x41\""), Value::object({{"a", "it's"}, {"b", "éA"}}));
    EXPECT_EQ(*yaml::parse("a: '!x'\nb: x!y&z*"), Value::object({{"a", "!x"}, {"b", "x!y&z*"}}));
}

TEST(YamlRead, RefusesTrapsWithThePlaceAndTheRemedy) {
    struct Row {
        const char* text;
        const char* message;
    };
    const Row rows[] = {
        {"a: 1\nb: 2\na: 3\n",
         "line 3, column 1: the key \"a\" stands here a second time, the first is in line 1"},
        {"x:\n  'b': 1\n  b: 2",
         "line 3, column 3: the key \"b\" stands here a second time, the first is in line 2"},
        {"{\"a\": 1, \"a\": 2}", "line 1, column 10: the key \"a\" stands here a second time"},
        {"{a: 1, a: 2}", "line 1, column 8: the key \"a\" stands here a second time, the first is in line 1"},
        {"a: &x 1\n", "line 1, column 4: anchors (&name) are not supported: write the value out"},
        {"a: &x {b: 1}\nc: *x\n", "line 1, column 4: anchors (&name) are not supported: write the value out"},
        {"&k a: 1\n", "line 1, column 1: anchors (&name) are not supported: write the value out"},
        {"a: !!str 1",
         "line 1, column 4: tags (!name) are not supported: leave the tag out, or quote a text that "
         "begins with '!'"},
        {"a: ! 1",
         "line 1, column 4: tags (!name) are not supported: leave the tag out, or quote a text that begins "
         "with '!'"},
        {"a: !x [1]",
         "line 1, column 4: tags (!name) are not supported: leave the tag out, or quote a text that begins "
         "with '!'"},
        {"a: 1\n---\nb: 2\n", "line 2, column 1: a second document begins here: put one document in a file"},
        {"? [a]\n: 1\n", "line 1, column 3: a key must be a text, not a list"},
        {"{a: 1}: 1\n", "line 1, column 1: a key must be a text, not a mapping"},
        {"~: 1\n", "line 1, column 1: a key must be a text: quote it if it is meant to be one"},
        {"a: 1e999\n", "line 1, column 4: the number 1e999 is too large: quote it if a text is meant"},
        {"a: 0xFFFFFFFFFFFFFFFFF",
         "line 1, column 4: the number 0xFFFFFFFFFFFFFFFFF is too large: quote it if a text "
         "is meant"},
        {"a:\n  b: 1\n\tc: 2\n", "line 3, column 1: a tab in the indentation: indent with spaces"},
        {"a: \xff\n", "line 1, column 4: a byte that is not UTF-8: save the file as UTF-8"},
        {"a: 1\nb: \x01\n", "line 2, column 4: a control character (U+0001): only text is allowed here"},
        {"{\"a\": 1 \"b\": 2}", "line 1, column 9: not valid JSON at '\"'"},
        {"{\n  \"a\": [1, 2\n}", "line 3, column 1: not valid JSON at '}'"},
        {"{\"a\": \"\xff\"}", "line 1, column 8: a byte that is not UTF-8"},
    };
    for (const auto& row : rows) EXPECT_EQ(message_for(row.text), row.message) << row.text;
    EXPECT_EQ(message_for("a: *x\n").substr(0, 18), "line 1, column 4: ");
    EXPECT_EQ(message_for("a: [1, 2\nb: 3\n").substr(0, 7), "line 2,");
    EXPECT_EQ(message_for("a: 'it''s\nb: 1"), "line 2, column 5: the text ends inside quotes");
    for (const char* text : {"a: 'x\n", "a: 'x\nb: 'y'\n", "a: 'x\nb: y\n", "a: \"x\nb: \"y\"\n",
                             "a: \"x\\\"\nb: 1\n", "a: \"x\n\n\nb: 1\n"}) {
        EXPECT_EQ(message_for(text), format("line 1, column 4: the closing {} is missing", text[3])) << text;
    }
    EXPECT_EQ(*yaml::parse("a: 'x\n\n  y'\nb:\n- \"p\n q\"\nc: ['v\nw']"),
              Value::object({{"a", "x\ny"}, {"b", Value::array({"p q"})}, {"c", Value::array({"v w"})}}));
    EXPECT_EQ(message_for(std::string("a: \0b", 5)),
              "line 1, column 4: a control character (U+0000): only text is allowed here");
}

TEST(YamlRead, ExplainsCommonMistakes) {
    struct Row {
        const char* text;
        const char* message;
    };
    const Row rows[] = {
        {"a: 1\nb\n", "line 2, column 1: a ':' is missing behind \"b\""},
        {"a: 1\nb c\n", "line 2, column 1: a ':' is missing behind \"b c\""},
        {"a: 1\n'b'\n",
         "line 2, column 1: this does not belong to the mapping above: check indentation and quotes"},
        {"- a\nb: 1\n",
         "line 2, column 1: this does not belong to what stands above it: check the indentation"},
        {"  a: 1\nb: 2\n",
         "line 2, column 1: this does not belong to what stands above it: check the indentation"},
        {"pools:\n  - name: x\n   min: 2\n",
         "line 3, column 4: this does not belong to the list above: check the indentation"},
        {"a: 'x' y\n",
         "line 1, column 8: this does not belong to the mapping above: check indentation and quotes"},
        {"a: b: c\n",
         "line 1, column 5: a ':' does not belong here: check the indentation, or quote a text that contains "
         "': '"},
        {"a: [1,,2]\n", "line 1, column 7: an item is missing before the ','"},
        {"a: {b: 1 c: 2}\n", "line 1, column 11: a ',' or '}' is missing before this"},
        {"a: [1 2\n", "line 2, column 1: a ',' or ']' is missing before this"},
        {"a: [b]]\n", "line 1, column 7: a closing bracket without an opening one"},
        {"a: - b\n", "line 1, column 4: a list item does not belong here: begin it in a line of its own"},
        {"a: @x\n", "line 1, column 4: a text cannot begin with this character: quote it"},
    };
    for (const auto& row : rows) EXPECT_EQ(message_for(row.text), row.message) << row.text;
    const Value two = Value::object({{"a", 1}, {"b c", nullptr}});
    for (const char* text :
         {"a: 1\nb c:\n", "a : 1\n'b c' :\n", "? a\n: 1\n? b c\n", "{a: 1, b c}", "{a: 1, b c: ~}"}) {
        EXPECT_EQ(yaml::parse(text).value_or("refused"), two) << text << message_for(text);
    }
    EXPECT_EQ(*yaml::parse("[~, null, ]"), Value::array({nullptr, nullptr}));
}

TEST(YamlRead, HoldsItsLimits) {
    EXPECT_EQ(message_for("a: 12345", {.bytes = 7}),
              "line 1, column 1: the file has 8 bytes, more than the 7 allowed");
    EXPECT_EQ(message_for("a: {b: [c]}", {.depth = 2}), "line 1, column 8: nested deeper than 2 levels");
    EXPECT_EQ(message_for("a: {b: c}", {.depth = 2}).substr(0, 9), "accepted:");
    EXPECT_EQ(message_for("{\"b\": [[1]]}", {.depth = 2}), "line 1, column 8: nested deeper than 2 levels");
    std::string deep_lists, deep_maps, question_marks;
    for (int i = 0; i < 5000; ++i) {
        deep_lists += "- ";
        question_marks += "? ";
        deep_maps += std::string(static_cast<std::size_t>(i % 400), ' ') + "a:\n";
    }
    for (const auto& text : {std::string(500'000, '['), std::string(500'000, '{'), deep_lists, question_marks,
                             deep_maps, std::string("a: ") + std::string(500'000, '[')}) {
        EXPECT_TRUE(message_for(text).starts_with("line ")) << text.substr(0, 20);
    }
}

TEST(YamlWrite, LooksAsPeopleWriteIt) {
    const Value value = Value::object({
        {"name", "demo"},
        {"version", "v1.30.4+k3s1"},
        {"pools",
         Value::array(
             {Value::object({{"min", 2}, {"types", Value::array({"t3.medium", "c5.large"})}}), "x"})},
        {"labels", Value::object({{"a b", "yes"}, {"on", "10"}, {"url", "http://127.0.0.1:9090/x"}})},
        {"empty", Value::array()},
        {"none", nullptr},
        {"share", 0.5},
        {"matrix", Value::array({Value::array({1, 2}), Value::object()})},
    });
    EXPECT_EQ(yaml::write(value), R"(name: demo
version: v1.30.4+k3s1
pools:
  - min: 2
    types:
      - t3.medium
      - c5.large
  - x
labels:
  a b: "yes"
  "on": "10"
  url: http://127.0.0.1:9090/x
empty: []
none: null
share: 0.5
matrix:
  - - 1
    - 2
  - {}
)");
    EXPECT_EQ(yaml::write("x"), "x\n");
    EXPECT_EQ(yaml::write(Value::array({-std::numeric_limits<double>::infinity()})), "- -.inf\n");
}

TEST(YamlProperty, WhatIsWrittenReadsBack) {
    testing_support::property([] {
        Value value = *testing_support::arbitrary_value();
        if (*rc::gen::arbitrary<bool>())
            value = Value::array({value, std::numeric_limits<double>::quiet_NaN()});
        const auto again = yaml::parse(yaml::write(value));
        if (!again) RC_LOG() << again.error().message << "\n" << yaml::write(value);
        RC_ASSERT(again.has_value());
        RC_ASSERT(*again == value);
    });
    const Value long_key =
        Value::object({{std::string(5000, 'k'), Value::array({1})}, {std::string(3000, 'm'), "x"}});
    EXPECT_EQ(yaml::parse(yaml::write(long_key)).value_or(Value()), long_key);
}

TEST(YamlProperty, EveryJsonDocumentMeansTheSame) {
    testing_support::property([] {
        const Value value = *testing_support::arbitrary_value();
        for (const auto& text : {json::write(value), json::write_pretty(value), "\t" + json::write(value)}) {
            const auto by_yaml = yaml::parse(text);
            const auto by_json = json::parse(text);
            if (!by_yaml) RC_LOG() << by_yaml.error().message;
            RC_ASSERT(by_yaml.has_value());
            RC_ASSERT(*by_yaml == *by_json);
        }
    });
    for (const char* text : {R"("\ud83d\ude00\/\u0000")", "[\t1\t,\n\t2\t]", R"({"a":{"b":[]},"":null})",
                             "-0", " 1e5 ", "\"a\\nb\"", "true", R"({"a":"b: c # d"})", "[\r\n1]"}) {
        ASSERT_TRUE(yaml::parse(text)) << text << yaml::parse(text).error().message;
        EXPECT_EQ(*yaml::parse(text), *json::parse(text)) << text;
    }
    EXPECT_EQ(yaml::parse("[1,\n {\"é\": 2}]")->items()[1].find("é")->position, (Position{2, 8}));
}

TEST(YamlProperty, DamagedTextNeverCrashes) {
    testing_support::property([] {
        std::string text = yaml::write(*testing_support::arbitrary_value());
        const std::string_view tricky = "\t\n:-?,[]{}#&*!|>'\"%@` ~0";
        for (int i = *rc::gen::inRange(0, 6); i > 0 && !text.empty(); --i) {
            const auto at = *rc::gen::inRange<std::size_t>(0, text.size());
            text.insert(at, 1, tricky[*rc::gen::inRange<std::size_t>(0, tricky.size())]);
        }
        const auto value = yaml::parse(text);
        if (value) {
            RC_ASSERT(yaml::parse(yaml::write(*value)).value_or("lost") == *value);
        } else {
            RC_ASSERT(value.error().message.starts_with("line "));
        }
    });
}

}  // namespace
}  // namespace k3fleet
