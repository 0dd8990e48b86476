// Hostile texts through a real bash: it sees each of them as it is, and runs none of it (G-7).
#include "core/bootstrap/quote.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "base/text.h"
#include "tests/support/golden.h"
#include "tests/support/property.h"
#include "tests/support/temp_dir.h"

namespace k3fleet::bootstrap {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kPut = R"(set -euo pipefail
put() { mkdir -p "${2%/*}"; cat >"$2.new"; chmod "$1" "$2.new"; mv -fT "$2.new" "$2"; }
)";

void write_file(const fs::path& path, std::string_view text) {
    std::ofstream(path, std::ios::binary).write(text.data(), static_cast<std::streamsize>(text.size()));
}

// Runs the script in its own folder with a C locale; whether it ended well.
bool runs(const fs::path& folder, std::string_view script) {
    write_file(folder / "script", script);
    const std::string command =
        format("cd '{}' && LC_ALL=C bash ./script </dev/null >out 2>err", folder.string());
    return std::system(command.c_str()) == 0;
}

// Pieces that would do something if they were not quoted, between arbitrary bytes.
std::string hostile_text() {
    const std::vector<std::string> pieces = {"'",
                                             "\"",
                                             "\\",
                                             "`touch pwned`",
                                             "$(touch pwned)",
                                             "; touch pwned;",
                                             "\ntouch pwned\n",
                                             "\nEND\n",
                                             "END",
                                             "\nEND_\n",
                                             "${PATH}",
                                             "$((1+1))",
                                             "!",
                                             "*",
                                             "?",
                                             "[a-z]",
                                             "~",
                                             "#",
                                             "&",
                                             "|",
                                             ">",
                                             "<",
                                             "\r",
                                             "\t",
                                             " ",
                                             "\n",
                                             "-n",
                                             "=",
                                             "\x1b[31m",
                                             "\xff",
                                             "é",
                                             "{a,b}",
                                             "<(touch pwned)",
                                             "EOF",
                                             "END\n"};
    std::string text;
    const auto parts =
        *rc::gen::container<std::vector<int>>(rc::gen::inRange(0, static_cast<int>(pieces.size()) + 8));
    for (const int part : parts) {
        if (part < static_cast<int>(pieces.size()))
            text += pieces[static_cast<std::size_t>(part)];
        else
            text += static_cast<char>(*rc::gen::inRange(1, 256));
    }
    return text;
}

TEST(Quote, BashSeesEveryTextAsOneWord) {
    const support::TempDir folder;
    testing_support::property([&] {
        const std::string text = hostile_text();
        const std::string script =
            "set -eu\nprintf %s " + *quote(text) + "\nprintf '%s' " + *quote("|") + "\n";
        RC_ASSERT(runs(folder.path(), script));
        RC_ASSERT(testing_support::read_file(folder.path() / "out") == text + "|");
        RC_ASSERT(!fs::exists(folder.path() / "pwned"));
    });
}

TEST(Quote, AnAssignmentThatIsSourcedGivesTheText) {
    const support::TempDir folder;
    testing_support::property([&] {
        const std::string text = hostile_text();
        write_file(folder.path() / "env", *assignment("ONE", text) + *assignment("TWO", "two"));
        RC_ASSERT(runs(folder.path(), "set -eu\nsource ./env\nprintf '%s|%s' \"$ONE\" \"$TWO\"\n"));
        RC_ASSERT(testing_support::read_file(folder.path() / "out") == text + "|two");
        RC_ASSERT(!fs::exists(folder.path() / "pwned"));
    });
}

TEST(Quote, APutFileHoldsTheText) {
    const support::TempDir folder;
    testing_support::property([&] {
        const std::string text = hostile_text();
        const std::string path = (folder.path() / "a folder" / "it's").string();
        RC_ASSERT(runs(folder.path(), std::string(kPut) + *put_file("0640", path, text) + "echo done\n"));
        const std::string there = testing_support::read_file(path);
        RC_ASSERT(there == (text.ends_with('\n') ? text : text + "\n"));
        RC_ASSERT(testing_support::read_file(folder.path() / "out") == "done\n");
        RC_ASSERT((fs::status(path).permissions() & fs::perms::all) == fs::perms(0640));
        RC_ASSERT(!fs::exists(folder.path() / "pwned"));
    });
}

TEST(Quote, RefusesWhatNoBashCanHold) {
    const std::string_view nul("a\0b", 3);
    EXPECT_FALSE(quote(nul));
    EXPECT_FALSE(assignment("A", nul));
    EXPECT_FALSE(put_file("0644", "/a", nul));
}

TEST(Quote, LeavesPlainWordsReadable) {
    EXPECT_EQ(*quote("s3://bucket/binaries/k3s-arm64"), "s3://bucket/binaries/k3s-arm64");
    EXPECT_EQ(*quote(""), "''");
    EXPECT_EQ(*quote("it's"), "'it'\\''s'");
}

}  // namespace
}  // namespace k3fleet::bootstrap
