#include "adapters/local/program.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "adapters/local/aws_outside.h"
#include "tests/support/temp_dir.h"

namespace k3fleet::local {
namespace {

std::string shell(const std::string& script, ProgramRun run = {}) {
    run.arguments = {"sh", "-c", script};
    const auto output = run_program(run);
    return output ? *output : "error: " + output.error().message;
}

TEST(RunProgram, GivesWhatItPrintedAndPassesArgumentsAsTheyAre) {
    EXPECT_EQ(*run_program({.arguments = {"printf", "%s|", "a b", "$HOME", "`id`", "*"}}),
              "a b|$HOME|`id`|*|");
    EXPECT_EQ(shell("cat"), "") << "standard input is empty";
}

TEST(RunProgram, FailuresAreToldWithoutOutputOrArguments) {
    EXPECT_EQ(shell("echo hunter2; exit 3"), "error: sh ended with exit code 3");
    EXPECT_EQ(shell("kill -9 $$"), "error: sh was ended by signal 9");
    const auto missing = run_program({.arguments = {"/nowhere/tool", "hunter2"}});
    EXPECT_EQ(missing.error().code, ErrorCode::NotFound);
    EXPECT_EQ(missing.error().message.find("hunter2"), std::string::npos);
    EXPECT_FALSE(run_program({}).has_value());
}

TEST(RunProgram, TooMuchOutputAndTooMuchTimeEndIt) {
    EXPECT_EQ(shell("yes hunter2", {.max_output_bytes = 10'000}), "error: sh printed more than 10000 bytes");
    EXPECT_EQ(shell("sleep 60", {.limit = std::chrono::milliseconds{100}}),
              "error: sh did not end within 100ms");
    EXPECT_EQ(shell("exec >&-; sleep 60", {.limit = std::chrono::milliseconds{100}}),
              "error: sh did not end within 100ms")
        << "also when it closed its output";
}

TEST(RunProgram, WhatItStartedIsKilledWithIt) {
    const support::TempDir folder;
    const auto file = folder.path() / "late";
    shell("(sleep 0.5; touch " + file.string() + ") & sleep 60", {.limit = std::chrono::milliseconds{100}});
    // The grandchild would have written by now.
    EXPECT_EQ(shell("sleep 1"), "");
    EXPECT_FALSE(std::filesystem::exists(file));
}

TEST(RunProgram, CanBeCancelled) {
    const net::CancelToken cancel;
    cancel.cancel();
    EXPECT_EQ(shell("sleep 60", {.cancel = cancel}), "error: interrupted while running sh");
}

TEST(AwsOutside, KnowsWhetherOthersMayReadAFileAndWritesPrivateOnes) {
    const support::TempDir folder;
    const auto outside =
        make_aws_outside({.variable = [](const std::string& name) { return name == "HOME" ? "/h" : ""; },
                          .state_folder = folder.path().string()});
    EXPECT_EQ(outside.home, "/h");
    EXPECT_EQ(outside.cache_folder, folder.path().string() + "/aws");
    const std::string file = folder.path().string() + "/deep/aws/session.json";
    ASSERT_TRUE(outside.write_private_file(file, "content").has_value());
    EXPECT_EQ(outside.read_file(file)->content, "content");
    EXPECT_FALSE(outside.read_file(file)->open_to_others);
    struct stat info{};
    ASSERT_EQ(::stat((folder.path() / "deep/aws").c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 0777, 0700U);
    ASSERT_EQ(::chmod(file.c_str(), 0640), 0);
    EXPECT_TRUE(outside.read_file(file)->open_to_others);
    EXPECT_EQ(outside.read_file(folder.path().string() + "/none").error().code, ErrorCode::NotFound);
}

}  // namespace
}  // namespace k3fleet::local
