// Alignment in terminal columns.
#include "cli/table.h"

#include <gtest/gtest.h>

namespace k3fleet::cli {
namespace {

TEST(Table, CountsColumnsNotBytes) {
    struct Case {
        std::string_view text;
        int width;
    };
    const Case cases[] = {{"", 0},        {"abc", 3},      {"Köln", 4}, {"日本", 4},
                          {"e\u0301", 1}, {"\xff\xfe", 2}, {"…", 1},    {"🚀", 2}};
    for (const Case& c : cases) EXPECT_EQ(display_width(c.text), c.width) << c.text;
}

TEST(Table, AlignsColumnsAndLeavesNoBlanksAtTheEnd) {
    Table table({{"NAME"}, {"COUNT", Align::Right}, {"NOTE"}});
    table.row({"Köln", "7", ""});
    table.row({"日本", "1234567", "x"});
    EXPECT_EQ(table.render(Colours::Plain),
              "NAME    COUNT  NOTE\n"
              "Köln        7\n"
              "日本  1234567  x\n");
}

TEST(Table, ColoursDoNotDisturbTheAlignment) {
    Table table({{"A"}, {"B"}});
    table.row({Cell("up", Tone::Good), "1"});
    const std::string text = table.render(Colours::Ansi);
    EXPECT_NE(text.find("\x1b[32mup\x1b[0m  1\n"), std::string::npos) << text;
}

TEST(Table, MakesControlCharactersVisible) {
    Table table({{"NAME"}});
    table.row({"a\x1b[2Jb\nc"});
    EXPECT_EQ(table.render(Colours::Plain), "NAME\na\\x1b[2Jb\\x0ac\n");
}

TEST(Wrap, BreaksAtBlanksAndIndentsWhatFollows) {
    EXPECT_EQ(wrap("one two three", 9, 2), "one two\n  three");
    EXPECT_EQ(wrap("averyveryverylongword x", 5, 0), "averyveryverylongword\nx");
    EXPECT_EQ(wrap("", 5, 0), "");
}

}  // namespace
}  // namespace k3fleet::cli
