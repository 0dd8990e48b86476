#include "base/error.h"

#include <gtest/gtest.h>

namespace k3fleet {
namespace {

// One line, whatever the message: records, logs and lists have no room for more.
TEST(Error, IsDescribedOnOneLine) {
    const struct {
        const char* message;
        std::vector<std::string> trail;
        const char* said;
    } rows[] = {
        {"no answer", {}, "no answer"},
        {"no answer", {"asking", "looking"}, "no answer (while looking, while asking)"},
        {"no answer\nis the address right?", {}, "no answer; is the address right?"},
        {"no answer\nis it right?", {"asking"}, "no answer; is it right? (while asking)"},
        {"two ways:\n  the one:    a\n  the other:  b\n", {}, "two ways: the one: a; the other: b"},
        {"a\n\nb", {}, "a; b"},
        {"", {"asking"}, " (while asking)"},
    };
    for (const auto& row : rows) {
        const Error error{.code = ErrorCode::Unavailable, .message = row.message, .trail = row.trail};
        EXPECT_EQ(error.describe(), row.said);
    }
}

}  // namespace
}  // namespace k3fleet
