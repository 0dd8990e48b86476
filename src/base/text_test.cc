// Text helpers.
#include "base/text.h"

#include <gtest/gtest.h>

#include "tests/support/property.h"

namespace k3fleet {
namespace {

TEST(Text, SplitAndJoinAreInverse) {
    using Parts = std::vector<std::string>;
    EXPECT_EQ(split("", ','), Parts{""});
    EXPECT_EQ(split("a,,b,", ','), (Parts{"a", "", "b", ""}));
    EXPECT_EQ(join({}, ", "), "");
    EXPECT_EQ(join({"a", "b"}, ", "), "a, b");
    testing_support::property([] {
        const auto text = *rc::gen::container<std::string>(rc::gen::element('a', 'b', ','));
        RC_ASSERT(join(split(text, ','), ",") == text);
    });
}

TEST(Text, WordsAreJoinedAsInASentence) {
    EXPECT_EQ(join_words({}, "and"), "");
    EXPECT_EQ(join_words({"a"}, "and"), "a");
    EXPECT_EQ(join_words({"a", "b"}, "or"), "a or b");
    EXPECT_EQ(join_words({"a", "b", "c"}, "and"), "a, b and c");
}

TEST(Text, TrimTakesBlanksFromBothEnds) {
    EXPECT_EQ(trim(" \t a b\r\n"), "a b");
    EXPECT_EQ(trim(" \n"), "");
    EXPECT_EQ(trim(""), "");
}

TEST(Text, NearestFindsTypingErrorsOnly) {
    const std::vector<std::string> words{"min", "max", "instanceTypes", "zones", "market", "autoscaling"};
    struct Row {
        const char* word;
        const char* expected;
    };
    const Row rows[] = {
        {"mni", "min"},
        {"instanceType", "instanceTypes"},
        {"instancetypes", "instanceTypes"},
        {"zone", "zones"},
        {"maket", "market"},
        {"autosacling", "autoscaling"},
        {"banana", ""},
        {"", ""},
        {"x", ""},
        {"MAX", "max"},
        {"zzz", ""},
        {"market", "market"},
    };
    for (const auto& row : rows) EXPECT_EQ(nearest(row.word, words), row.expected) << row.word;
    EXPECT_EQ(nearest("min", {}), "");
    EXPECT_EQ(nearest(std::string(100'000, 'a'), {std::string(100'000, 'a')}), "");
}

TEST(Text, CountsAgreeWithTheirNoun) {
    EXPECT_EQ(counted(0, "node"), "0 nodes");
    EXPECT_EQ(counted(1, "node"), "1 node");
    EXPECT_EQ(counted(2, "node"), "2 nodes");
    EXPECT_EQ(counted(2, "policy", "policies"), "2 policies");
    EXPECT_EQ(counted(1, "policy", "policies"), "1 policy");
}

}  // namespace
}  // namespace k3fleet
