#include "aws/credentials/ini.h"

#include <gtest/gtest.h>

namespace k3fleet::credentials {
namespace {

TEST(Ini, ReadsSectionsKeysCommentsAndBothDelimiters) {
    const auto sections = parse_ini(
        "# first\n"
        "[default]\n"
        "Region = eu-west-1\n"
        "output:json\r\n"
        "; a comment\n"
        "url = https://h/?a=b#c ; kept\n"
        "\n"
        "[ profile  dev ]  # after the bracket\n"
        "empty =\n",
        "config");
    ASSERT_TRUE(sections.has_value()) << sections.error().describe();
    ASSERT_EQ(sections->size(), 2U);
    const auto& first = (*sections)[0];
    EXPECT_EQ(first.name, "default");
    EXPECT_EQ(first.values.at("region").text, "eu-west-1");
    EXPECT_EQ(first.values.at("region").line, 3);
    EXPECT_EQ(first.values.at("output").text, "json");
    EXPECT_EQ(first.values.at("url").text, "https://h/?a=b#c ; kept");
    EXPECT_EQ((*sections)[1].name, "profile  dev");
    EXPECT_EQ((*sections)[1].values.at("empty").text, "");
}

TEST(Ini, IndentedLinesContinueAValueOrAreNestedInAnEmptyOne) {
    const auto sections = parse_ini(
        "[default]\n"
        "s3 =\n"
        "  Addressing_Style = path\n"
        "  # comment\n"
        "\n"
        "  max_bandwidth = 1MB/s = x\n"
        "process = one\n"
        "   two\n"
        "region = us-east-1\n",
        "config");
    ASSERT_TRUE(sections.has_value()) << sections.error().describe();
    const auto& values = sections->front().values;
    EXPECT_EQ(values.at("s3").nested.at("addressing_style"), "path");
    EXPECT_EQ(values.at("s3").nested.at("max_bandwidth"), "1MB/s = x");
    EXPECT_EQ(values.at("process").text, "one\ntwo");
    EXPECT_EQ(values.at("region").text, "us-east-1");
}

TEST(Ini, SettingsMayAllBeIndentedAlike) {
    const auto sections = parse_ini(
        "[profile dev]\n"
        "    region = eu-west-1\n"
        "    s3 =\n"
        "        addressing_style = path\n"
        "    output = json\n",
        "config");
    ASSERT_TRUE(sections.has_value()) << sections.error().describe();
    const auto& values = sections->front().values;
    EXPECT_EQ(values.at("region").text, "eu-west-1");
    EXPECT_EQ(values.at("s3").nested.at("addressing_style"), "path");
    EXPECT_EQ(values.at("output").text, "json");
}

TEST(Ini, ErrorsNameFileAndLineButNoValue) {
    struct Case {
        const char* text;
        const char* message;
    };
    for (const auto& [text, message] : {
             Case{"region = x\n",
                  "config:1: there must be a section such as [default] before the first setting"},
             Case{"[default\n", "config:1: the section's name does not end with ]"},
             Case{"\n[]\n", "config:2: the section has no name"},
             Case{"[a]\n[a]\n", "config:2: there is a section [a] already, in line 1; join the two"},
             Case{"[a]\nhunter2\n", "config:2: this is neither a [section] nor `key = value`"},
             Case{"[a]\n= hunter2\n", "config:2: this is neither a [section] nor `key = value`"},
             Case{"[a]\nk = 1\nK = hunter2\n", "config:3: k is set already, in line 2"},
             Case{"[a]\ns3 =\n\n  hunter2\n",
                  "config:4: an indented line below a setting without a value must be `key = value`"},
             Case{"[a]\ns3 =\n  b = 1\n  b = 2", "config:4: b is set already, a few lines above"},
         }) {
        const auto sections = parse_ini(text, "config");
        ASSERT_FALSE(sections.has_value()) << text;
        EXPECT_EQ(sections.error().message, message);
        EXPECT_EQ(sections.error().code, ErrorCode::InvalidArgument);
    }
}

TEST(Ini, ByteOrderMarkAndMissingLastLineEndAreFine) {
    const auto sections = parse_ini("\xEF\xBB\xBF[default]\nregion=x", "config");
    ASSERT_TRUE(sections.has_value());
    EXPECT_EQ(sections->front().values.at("region").text, "x");
    EXPECT_TRUE(parse_ini("", "config")->empty());
}

TEST(SplitWords, SplitsAsAShellDoesWithoutExpanding) {
    using Words = std::vector<std::string>;
    struct Case {
        const char* text;
        Words words;
    };
    for (const auto& [text, words] : {
             Case{"", {}},
             Case{"  a  b\t c\n", {"a", "b", "c"}},
             Case{R"(/opt/my\ tool --x "a b" 'c "d"' e"f"g)",
                  {"/opt/my tool", "--x", "a b", "c \"d\"", "efg"}},
             Case{R"("a\"b\\c\d" '' $HOME `id` *;|)", {"a\"b\\c\\d", "", "$HOME", "`id`", "*;|"}},
             Case{R"('a\b')", {"a\\b"}},
         }) {
        const auto got = split_words(text);
        ASSERT_TRUE(got.has_value()) << text;
        EXPECT_EQ(*got, words) << text;
    }
    for (const char* text : {"\"a", "'a", "a\\"}) EXPECT_FALSE(split_words(text).has_value()) << text;
}

}  // namespace
}  // namespace k3fleet::credentials
