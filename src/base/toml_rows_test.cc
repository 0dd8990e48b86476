#include "base/toml_rows.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/text.h"

namespace k3fleet {
namespace {

// What was read, in its order: "+" for a row, "key:value" for a line of it; "bad" is not understood.
struct Read {
    std::vector<std::string> said;
    Status status;
};

Read read(std::string_view toml) {
    Read read;
    read.status = read_toml_rows(toml, {.name = "port",
                                        .what = "the table of ports",
                                        .begin = [&] { read.said.emplace_back("+"); },
                                        .set =
                                            [&](std::string_view key, std::string_view value) {
                                                read.said.push_back(format("{}:{}", key, value));
                                                return key != "bad";
                                            }});
    return read;
}

TEST(TomlRows, AreReadInTheirOrderWithWhatStandsBeforeThem) {
    const Read done =
        read("# a comment\nas_of = \"2026-01-01\"\n\n  [[port]]\n\tname=\"api\"  \nfirst = 1\n[[port]]");
    ASSERT_TRUE(done.status) << done.status.error().message;
    EXPECT_EQ(done.said,
              (std::vector<std::string>{"as_of:\"2026-01-01\"", "+", "name:\"api\"", "first:1", "+"}));
}

TEST(TomlRows, NameTheLineThatIsNotUnderstood) {
    struct Row {
        const char* toml;
        const char* line;
    };
    for (const Row& row : {Row{"[[port]]\nbad = 1\n", "2"}, Row{"first = 1\n\n# ...\nnothing\n", "4"},
                           Row{"[[ports]]", "1"}, Row{"[port]", "1"}, Row{"\n[[port]", "2"}}) {
        const Read done = read(row.toml);
        ASSERT_FALSE(done.status) << row.toml;
        EXPECT_EQ(done.status.error().code, ErrorCode::Corrupt);
        EXPECT_EQ(done.status.error().message,
                  format("line {} of the table of ports is not understood", row.line));
    }
}

}  // namespace
}  // namespace k3fleet
