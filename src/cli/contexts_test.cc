// The file of contexts: what is written is read back, and nobody else can read it.
#include "cli/contexts.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>

#include "tests/support/temp_dir.h"

namespace k3fleet::cli {
namespace {

TEST(Contexts, NamesAreSimOrAwsWithProfileAndRegion) {
    EXPECT_EQ(parse_context("sim")->cloud, "sim");
    EXPECT_EQ(parse_context("sim-aws")->cloud, "sim-aws");
    const auto aws = parse_context("aws:team/prod/eu-west-1");
    ASSERT_TRUE(aws);
    EXPECT_EQ(aws->profile, "team/prod");
    EXPECT_EQ(aws->region, "eu-west-1");
    for (const char* name : {"", "aws", "aws:", "aws:prod", "aws:/eu-west-1", "aws:prod/", "gcp", "SIM"})
        EXPECT_FALSE(parse_context(name)) << name;
}

TEST(Contexts, AreReadBackAsTheyWereWritten) {
    const support::TempDir directory;
    const std::string path = (directory.path() / "deep" / "config.yaml").string();
    ContextFile file;
    file.put({.name = "sim", .cloud = "sim", .project = "x: y", .state_dir = "/tmp/a b"});
    file.put({.name = "aws:p/r", .cloud = "aws", .profile = "p", .region = "r"});
    file.current = "sim";
    file.defaults["output"] = "json";
    ASSERT_TRUE(save_contexts(path, file));
    const auto read = load_contexts(path);
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(*read, file);
    struct stat info{};
    ASSERT_EQ(::stat(path.c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 0777U, 0600U);
}

TEST(Contexts, AMissingFileIsAnEmptyOne) {
    const support::TempDir directory;
    const auto read = load_contexts((directory.path() / "none.yaml").string());
    ASSERT_TRUE(read);
    EXPECT_EQ(*read, ContextFile{});
}

TEST(Contexts, ABrokenFileIsRefusedWithThePlace) {
    struct Case {
        const char* text;
        const char* message;
    };
    const Case cases[] = {
        {"current: sim\ncontexts: []\n", "the current context 'sim' is not in the list"},
        {"contexts:\n  - name: sim\n    colour: red\n", ":3:5: unknown key 'colour'"},
        {"contexts:\n  - name: gcp\n", "'gcp' is no context"},
        {"kontexts: []\n", ":1:1: 'kontexts' is unknown"},
        {"- a\n", "expected keys and values"},
    };
    const support::TempDir directory;
    const std::string path = (directory.path() / "config.yaml").string();
    for (const Case& c : cases) {
        std::ofstream(path) << c.text;
        const auto read = load_contexts(path);
        ASSERT_FALSE(read) << c.text;
        EXPECT_EQ(read.error().code, ErrorCode::InvalidArgument);
        EXPECT_NE(read.error().message.find(c.message), std::string::npos) << read.error().message;
    }
}

}  // namespace
}  // namespace k3fleet::cli
