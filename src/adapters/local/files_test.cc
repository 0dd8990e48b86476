// Whole files: limits, private secrets, and replacement that is all or nothing.
#include "adapters/local/files.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <csignal>
#include <fstream>

#include "tests/support/process.h"
#include "tests/support/temp_dir.h"

namespace k3fleet::local {
namespace {

using support::Child;
using support::TempDir;

TEST(Files, ReadsUpToTheLimitAndNoFurther) {
    const TempDir folder;
    const auto file = folder.path() / "f";
    std::ofstream(file) << std::string(100'000, 'x');
    EXPECT_EQ(read_file(file, 100'000).value().size(), 100'000U);
    const auto too_large = read_file(file, 99'999);
    ASSERT_FALSE(too_large);
    EXPECT_EQ(too_large.error().code, ErrorCode::InvalidArgument);
    EXPECT_NE(too_large.error().message.find("99999 bytes"), std::string::npos) << too_large.error().message;
    EXPECT_EQ(read_file("/dev/zero", 1000).error().code, ErrorCode::InvalidArgument) << "ends, too";
}

TEST(Files, TellsMissingFromFolder) {
    const TempDir folder;
    EXPECT_EQ(read_file(folder.path() / "none").error().code, ErrorCode::NotFound);
    EXPECT_EQ(read_file(folder.path()).error().code, ErrorCode::InvalidArgument);
    EXPECT_EQ(write_file(folder.path() / "none" / "f", "x", Access::Private).error().code,
              ErrorCode::NotFound);
}

TEST(Files, ReadsASecretOnlyIfItIsPrivate) {
    const TempDir folder;
    const auto file = folder.path() / "s";
    std::ofstream(file) << "pass\r\n\n";
    for (const int open_mode : {0644, 0640, 0620, 0604}) {
        std::filesystem::permissions(file, std::filesystem::perms(open_mode));
        const auto refused = read_secret_file(file);
        ASSERT_FALSE(refused) << open_mode;
        EXPECT_EQ(refused.error().code, ErrorCode::Refused);
        EXPECT_NE(refused.error().message.find("chmod 600"), std::string::npos);
        EXPECT_EQ(refused.error().message.find("pass"), std::string::npos) << "never shown";
    }
    for (const int private_mode : {0600, 0400}) {
        std::filesystem::permissions(file, std::filesystem::perms(private_mode));
        EXPECT_EQ(read_secret_file(file).value().reveal(), "pass");
    }
}

TEST(Files, RefusesAnEmptySecret) {
    const TempDir folder;
    ASSERT_TRUE(write_file(folder.path() / "s", "\n", Access::Private));
    EXPECT_EQ(read_secret_file(folder.path() / "s").error().code, ErrorCode::InvalidArgument);
}

TEST(Files, ReplacesAFileWithTheAskedMode) {
    const TempDir folder;
    const auto file = folder.path() / "f";
    ASSERT_TRUE(write_file(file, "one", Access::Shared));
    ASSERT_TRUE(write_file(file, "two", Access::Private));
    EXPECT_EQ(read_file(file).value(), "two");
    struct stat status{};
    ASSERT_EQ(::stat(file.c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 07777, 0600U);
    EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder.path()), {}), 1)
        << "nothing left over";
}

TEST(Files, KeepsTheOldContentWhenTheDiskIsFull) {
    const TempDir folder;
    const auto file = folder.path() / "f";
    ASSERT_TRUE(write_file(file, "old", Access::Private));
    Child child([&](const Child::Channel&) {
        std::signal(SIGXFSZ, SIG_IGN);
        const rlimit limit{.rlim_cur = 4096, .rlim_max = 4096};
        if (::setrlimit(RLIMIT_FSIZE, &limit) != 0) return 2;
        const Status full = write_file(file, std::string(10'000, 'n'), Access::Private);
        return !full && full.error().code == ErrorCode::Unavailable ? 0 : 3;
    });
    EXPECT_EQ(child.wait(), 0);
    EXPECT_EQ(read_file(file).value(), "old");
    EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder.path()), {}), 1)
        << "nothing left over";
}

}  // namespace
}  // namespace k3fleet::local
