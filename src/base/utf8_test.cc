// UTF-8: the edges of every range, and positions.
#include "base/utf8.h"

#include <gtest/gtest.h>

namespace k3fleet {
namespace {

TEST(Utf8, KnowsTheEdgesOfEveryRange) {
    struct Row {
        const char* bytes;
        std::size_t length;
    };
    const Row rows[] = {
        {"a", 1},
        {"\x7f", 1},
        {"\x80", 0},
        {"\xc1\xbf", 0},
        {"\xc2\x80", 2},
        {"\xdf\xbf", 2},
        {"\xe0\x9f\xbf", 0},
        {"\xe0\xa0\x80", 3},
        {"\xed\x9f\xbf", 3},
        {"\xed\xa0\x80", 0},
        {"\xee\x80\x80", 3},
        {"\xef\xbf\xbf", 3},
        {"\xf0\x8f\xbf\xbf", 0},
        {"\xf0\x90\x80\x80", 4},
        {"\xf4\x8f\xbf\xbf", 4},
        {"\xf4\x90\x80\x80", 0},
        {"\xf5\x80\x80\x80", 0},
        {"\xff", 0},
        {"\xc3", 0},
        {"\xe2\x82", 0},
        {"\xf0\x9f\x98", 0},
        {"\xe2\x28\xa1", 0},
        {"", 0},
    };
    for (const auto& row : rows) {
        EXPECT_EQ(utf8::character_length(row.bytes), row.length)
            << testing::PrintToString(std::string(row.bytes));
    }
    EXPECT_EQ(utf8::valid_prefix("aé😀"), 7U);
    EXPECT_EQ(utf8::valid_prefix("aé\xff"), 3U);
}

TEST(Utf8, PositionsCountCharacters) {
    const std::string_view text = "aé\n\n😀x";
    EXPECT_EQ(utf8::position_at(text, 0), (Position{1, 1}));
    EXPECT_EQ(utf8::position_at(text, 3), (Position{1, 3}));
    EXPECT_EQ(utf8::position_at(text, 4), (Position{2, 1}));
    EXPECT_EQ(utf8::position_at(text, 9), (Position{3, 2}));
    EXPECT_EQ(utf8::position_at(text, 999), (Position{3, 3}));
}

}  // namespace
}  // namespace k3fleet
