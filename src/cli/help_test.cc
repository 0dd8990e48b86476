// The help of every command as a person reads it. After a change: run with K3FLEET_UPDATE_GOLDEN=1,
// then read the diff.
#include "cli/help.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "base/text.h"
#include "cli/exit_code.h"
#include "cli/program.h"
#include "cli/table.h"
#include "tests/support/cli_host.h"
#include "tests/support/golden.h"

namespace k3fleet::cli {
namespace {

std::string help_of(const std::string& words) {
    support::MemoryHost host;
    std::vector<std::string> arguments = words.empty() ? std::vector<std::string>{} : split(words, ' ');
    arguments.emplace_back("--help");
    EXPECT_EQ(host.run(arguments), ExitCode::Done) << words;
    return host.out.text();
}

std::string file_of(std::string words) {
    std::ranges::replace(words, ' ', '-');
    return format("cli/help/{}.txt", words.empty() ? "k3fleet" : words);
}

TEST(Help, OfEveryCommandIsAsItWasRead) {
    testing_support::expect_golden(file_of(""), help_of(""));
    std::set<std::string> groups;
    for (const Command& command : all_commands()) {
        testing_support::expect_golden(file_of(command.words), help_of(command.words));
        if (const std::size_t blank = command.words.find(' '); blank != std::string::npos)
            groups.insert(command.words.substr(0, blank));
    }
    for (const std::string& group : groups) testing_support::expect_golden(file_of(group), help_of(group));
}

TEST(Help, FitsTheWidth) {
    for (const Command& command : all_commands()) {
        for (const std::string& line : split(help_of(command.words), '\n')) {
            if (line.starts_with("  k3fleet ")) continue;  // An example is one line to copy.
            EXPECT_LE(display_width(line), 110) << line;
        }
    }
}

}  // namespace
}  // namespace k3fleet::cli
