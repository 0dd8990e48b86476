// The program as a whole, in memory: what is said, where, and with which exit code.
#include "cli/program.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "base/text.h"
#include "cli/command.h"
#include "cli/session.h"
#include "tests/support/cli_host.h"
#include "tests/support/temp_dir.h"

namespace k3fleet::cli {
namespace {

struct Program : testing::Test {
    support::TempDir directory;

    support::MemoryHost process() {
        support::MemoryHost host;
        host.variables["HOME"] = directory.path().string();
        return host;
    }
};

TEST_F(Program, UsageErrorsSayWhatIsWrongWhatIsAllowedAndWhichHelpToRead) {
    struct Case {
        std::vector<std::string> arguments;
        std::string message;
    };
    const Case cases[] = {
        {{"verson"},
         "k3fleet: there is no command 'verson'\n  did you mean 'k3fleet version'?\n  see 'k3fleet "
         "--help'\n"},
        {{"autoscale", "deside"},
         "k3fleet: there is no command 'autoscale deside'\n  did you mean 'k3fleet autoscale decide'?\n"
         "  see 'k3fleet autoscale --help'\n"},
        {{"version", "--", "more"},
         "k3fleet: 'k3fleet version' passes nothing on, so nothing may stand behind --\n  see 'k3fleet "
         "version "
         "--help'\n"},
        {{"context", "use", "sim", "more"},
         "k3fleet: 'k3fleet context use' does not take 'more'\n  see 'k3fleet context use --help'\n"},
        {{"version", "--jsn"},
         "k3fleet: 'k3fleet version' has no option --jsn\n  did you mean --json?\n  see 'k3fleet version "
         "--help'\n"},
        {{"version", "-o", "jsn"},
         "k3fleet: option --output cannot be 'jsn'; did you mean json?\n  allowed: table, json, yaml\n"
         "  see 'k3fleet version --help'\n"},
        {{"version", "-o"},
         "k3fleet: option --output needs a value: FORMAT\n  --output: How results are printed\n"
         "  see 'k3fleet version --help'\n"},
        {{"version", "-o", "json", "-o", "yaml"},
         "k3fleet: option --output is given more than once\n  see 'k3fleet version --help'\n"},
        {{"autoscale", "decide"},
         "k3fleet: option --file is missing\n  --file: The case; - is standard input\n"
         "  see 'k3fleet autoscale decide --help'\n"},
        {{"version", "--project", ""},
         "k3fleet: option --project: its value is empty\n  see 'k3fleet version --help'\n"},
    };
    for (const Case& c : cases) {
        auto host = process();
        EXPECT_EQ(host.run(c.arguments), ExitCode::Usage) << c.message;
        EXPECT_EQ(host.err.text(), c.message);
        EXPECT_EQ(host.out.text(), "");
    }
}

TEST_F(Program, GlobalOptionsMayStandAnywhere) {
    for (const std::vector<std::string>& arguments : {std::vector<std::string>{"-o", "json", "version"},
                                                      {"version", "--json"},
                                                      {"--output=json", "version"}}) {
        auto host = process();
        EXPECT_EQ(host.run(arguments), ExitCode::Done);
        EXPECT_EQ(host.out.text().front(), '{') << host.out.text();
    }
}

TEST_F(Program, HelpIsAnAnswerAndNoCommandIsNot) {
    auto asked = process();
    EXPECT_EQ(asked.run({"--help"}), ExitCode::Done);
    EXPECT_TRUE(asked.out.text().starts_with("k3fleet "));
    auto spelled = process();
    EXPECT_EQ(spelled.run({"help"}), ExitCode::Done);
    EXPECT_EQ(spelled.out.text(), asked.out.text());
    auto bare = process();
    EXPECT_EQ(bare.run({}), ExitCode::Usage);
    EXPECT_EQ(bare.out.text(), "");
    EXPECT_EQ(bare.err.text(), asked.out.text());
}

TEST_F(Program, HelpNeedsNoRequiredOptionsAndNoHome) {
    support::MemoryHost host;
    EXPECT_EQ(host.run({"autoscale", "decide", "--help"}), ExitCode::Done);
    EXPECT_NE(host.out.text().find("Usage: k3fleet autoscale decide -f FILE"), std::string::npos);
}

TEST_F(Program, ContextsAreKeptBetweenCommands) {
    auto use = process();
    EXPECT_EQ(use.run({"context", "use", "sim", "--project", "shop"}), ExitCode::Done);
    auto show = process();
    EXPECT_EQ(show.run({"context", "show", "-o", "json"}), ExitCode::Done);
    EXPECT_NE(show.out.text().find("\"context sim\""), std::string::npos) << show.out.text();
    EXPECT_NE(show.out.text().find("\"shop\""), std::string::npos) << show.out.text();
}

TEST_F(Program, AFailureToWriteResultsIsNoSuccess) {
    auto host = process();
    host.out.fail_with("No space left on device");
    EXPECT_EQ(host.run({"version"}), ExitCode::Incomplete);
    EXPECT_EQ(host.err.text(), "k3fleet: the results could not be written: No space left on device\n");
}

// What the help promises for every command.
TEST(Commands, AreDescribedCompletely) {
    std::set<std::string> seen;
    for (const Command& command : all_commands()) {
        EXPECT_TRUE(seen.insert(command.words).second) << command.words << " is there twice";
        EXPECT_FALSE(command.summary.empty()) << command.words;
        EXPECT_FALSE(command.summary.ends_with('.')) << command.words;
        EXPECT_LE(command.summary.size(), 60U) << command.words;
        EXPECT_GE(command.examples.size(), 2U) << command.words;
        for (const Example& example : command.examples)
            EXPECT_NE(example.line.find(command.words), std::string::npos) << example.line;
        EXPECT_TRUE(static_cast<bool>(command.run)) << command.words;
        for (const Option& option : command.options) {
            EXPECT_TRUE(option.name.starts_with("--")) << command.words << " " << option.name;
            EXPECT_FALSE(option.help.ends_with('.')) << command.words << " " << option.name;
        }
    }
}

// The words of an example after the command must be options the command knows.
TEST(Commands, ExamplesOnlyUseOptionsThatExist) {
    for (const Command& command : all_commands()) {
        std::set<std::string> names = {"--cloud", "--project", "--state-dir", "-o",        "--output",
                                       "--json",  "-q",        "-v",          "--profile", "--region"};
        for (const Option& option : command.options) {
            names.insert(option.name);
            names.insert(option.letter);
        }
        for (const Example& example : command.examples) {
            const std::string ours = example.line.substr(0, example.line.find(" -- "));
            for (const std::string& word : split(ours, ' ')) {
                if (word.size() < 2 || word.front() != '-') continue;
                EXPECT_TRUE(names.contains(word)) << example.line;
            }
        }
    }
}

TEST(Errors, AreSeveralLinesThatCannotControlTheTerminal) {
    const Error error{.code = ErrorCode::Unavailable,
                      .message = "no answer from \x1b[2Jhere\r\nis the address right?",
                      .trail = {"asking \x07", "looking"}};
    EXPECT_EQ(render_error(error, Colours::Plain),
              "k3fleet: no answer from \\x1b[2Jhere\\x0d\n  is the address right?\n  while asking \\x07\n"
              "  while looking\n");
    EXPECT_EQ(error_text({.message = "what is wrong\nwhat to do"}), "what is wrong\n  what to do\n");
}

TEST(ExitCodes, EveryErrorHasOne) {
    EXPECT_EQ(exit_code(ErrorCode::InvalidArgument), ExitCode::Usage);
    EXPECT_EQ(exit_code(ErrorCode::NotFound), ExitCode::Usage);
    EXPECT_EQ(exit_code(ErrorCode::Refused), ExitCode::Refused);
    EXPECT_EQ(exit_code(ErrorCode::PermissionDenied), ExitCode::Refused);
    EXPECT_EQ(exit_code(ErrorCode::Conflict), ExitCode::Refused);
    EXPECT_EQ(exit_code(ErrorCode::Unavailable), ExitCode::Incomplete);
    EXPECT_EQ(exit_code(ErrorCode::DeadlineExceeded), ExitCode::Incomplete);
    EXPECT_EQ(exit_code(ErrorCode::NoCapacity), ExitCode::Incomplete);
    EXPECT_EQ(exit_code(ErrorCode::Throttled), ExitCode::Incomplete);
    EXPECT_EQ(exit_code(ErrorCode::Cancelled), ExitCode::Interrupted);
    EXPECT_EQ(exit_code(ErrorCode::Corrupt), ExitCode::Internal);
    EXPECT_EQ(exit_code(ErrorCode::Internal), ExitCode::Internal);
}

}  // namespace
}  // namespace k3fleet::cli
