// What can go wrong with a file: foreign, damaged, of another version, not writable, full, locked, left by a
// killed writer. In every case the message helps and nothing is half done.
#include "adapters/local/database.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <fstream>

#include "adapters/local/sqlite_store.h"
#include "base/text.h"
#include "tests/support/process.h"
#include "tests/support/temp_dir.h"

namespace k3fleet::local {
namespace {

using support::Child;
using support::TempDir;

constexpr const char* kSchema = "CREATE TABLE t (k TEXT PRIMARY KEY, v BLOB NOT NULL);";
constexpr uid_t kNobody = 65534;

Result<std::unique_ptr<Database>> open(const TempDir& folder, Duration patience = std::chrono::seconds{5},
                                       int version = 1) {
    return Database::open(folder.path() / "t.db",
                          {.schema = kSchema, .version = version, .busy_timeout = patience});
}

Status put(Database& database, std::string_view key, std::string_view value) {
    return database.write([&](Database::Transaction& transaction) -> Status {
        K3F_TRY(transaction.run("INSERT OR REPLACE INTO t VALUES (?, ?)", {key, Blob{value}}));
        return {};
    });
}

Result<std::string> get(Database& database, std::string_view key) {
    return database.read([&](Database::Transaction& transaction) -> Result<std::string> {
        auto rows = K3F_TRY(transaction.run("SELECT v FROM t WHERE k = ?", {key}));
        if (rows.empty()) return fail(ErrorCode::NotFound, "no row");
        return rows.front().take(0);
    });
}

unsigned mode_of(const std::filesystem::path& path) {
    struct stat status{};
    EXPECT_EQ(::stat(path.c_str(), &status), 0) << path;
    return status.st_mode & 07777;
}

bool mentions(const Error& error, std::string_view text) {
    return error.message.find(text) != std::string::npos;
}

TEST(Database, IsPrivateToItsOwnerWhateverTheUmask) {
    const TempDir folder;
    const auto old = ::umask(0);
    {
        auto database = Database::open(folder.path() / "deep" / "er" / "t.db", {.schema = kSchema}).value();
        ASSERT_TRUE(put(*database, "a", "1"));
        EXPECT_EQ(mode_of(folder.path() / "deep" / "er"), 0700U);
        EXPECT_EQ(mode_of(folder.path() / "deep" / "er" / "t.db"), 0600U);
        EXPECT_EQ(mode_of(folder.path() / "deep" / "er" / "t.db-wal"), 0600U);
    }
    ::umask(old);
}

TEST(Database, KeepsWhatWasWrittenAndUndoesABodyThatFails) {
    const TempDir folder;
    {
        auto database = open(folder).value();
        ASSERT_TRUE(put(*database, "a", "1"));
        const Status failed = database->write([](Database::Transaction& transaction) -> Status {
            K3F_TRY(transaction.run("INSERT INTO t VALUES ('b', x'32')"));
            return fail(ErrorCode::Refused, "changed my mind");
        });
        ASSERT_FALSE(failed);
        EXPECT_EQ(failed.error().code, ErrorCode::Refused);
    }
    auto database = open(folder).value();
    EXPECT_EQ(get(*database, "a").value(), "1");
    EXPECT_EQ(get(*database, "b").error().code, ErrorCode::NotFound);
}

TEST(Database, RefusesAFileOfAnotherVersionOrProgram) {
    const TempDir folder;
    ASSERT_TRUE(open(folder, Duration{1000}, 7));
    const auto other_version = open(folder);
    ASSERT_FALSE(other_version);
    EXPECT_EQ(other_version.error().code, ErrorCode::Refused);
    EXPECT_TRUE(mentions(other_version.error(), "format 7")) << other_version.error().message;

    const TempDir foreign;
    {
        auto database = open(foreign).value();
        const Status changed = database->write([](Database::Transaction& transaction) -> Status {
            K3F_TRY(transaction.run("PRAGMA application_id = 77"));
            return {};
        });
        ASSERT_TRUE(changed);
    }
    const auto refused = open(foreign);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::Corrupt);
    EXPECT_TRUE(mentions(refused.error(), "another program")) << refused.error().message;
}

TEST(Database, SaysThatADamagedFileIsDamaged) {
    const TempDir folder;
    std::ofstream(folder.path() / "t.db") << std::string(8192, 'x');
    const auto opened = open(folder);
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().code, ErrorCode::Corrupt);
    EXPECT_TRUE(mentions(opened.error(), "t.db is damaged")) << opened.error().message;
}

TEST(Database, NamesThePlaceThatCannotBeUsed) {
    const TempDir folder;
    std::filesystem::create_directory(folder.path() / "t.db");
    const auto is_folder = open(folder);
    ASSERT_FALSE(is_folder);
    EXPECT_EQ(is_folder.error().code, ErrorCode::PermissionDenied);
    EXPECT_TRUE(mentions(is_folder.error(), "is not a file")) << is_folder.error().message;

    std::ofstream(folder.path() / "plain") << "x";
    const auto below_file = Database::open(folder.path() / "plain" / "t.db", {.schema = kSchema});
    ASSERT_FALSE(below_file);
    EXPECT_EQ(below_file.error().code, ErrorCode::PermissionDenied);
}

TEST(Database, SaysThatAReadOnlyPlaceIsReadOnly) {
    const TempDir folder;
    ASSERT_TRUE(open(folder));
    std::filesystem::permissions(folder.path() / "t.db", std::filesystem::perms(0444));
    std::filesystem::permissions(folder.path(), std::filesystem::perms(0555));
    Child child([&](const Child::Channel& parent) {
        if (::geteuid() == 0 && ::setuid(kNobody) != 0) return 2;  // Root may write everywhere.
        const auto opened = open(folder, Duration{100});
        if (opened) return 3;
        parent.say(opened.error().message);
        return opened.error().code == ErrorCode::PermissionDenied ? 0 : 4;
    });
    const std::string said = child.hear();
    EXPECT_EQ(child.wait(), 0) << said;
    EXPECT_NE(said.find("t.db cannot be"), std::string::npos) << said;
    std::filesystem::permissions(folder.path(), std::filesystem::perms(0755));
}

TEST(Database, SaysThatItIsLockedAfterItsPatienceAndWorksAgainLater) {
    const TempDir folder;
    ASSERT_TRUE(open(folder));
    int gate[2];
    ASSERT_EQ(::pipe(gate), 0);
    Child holder([&](const Child::Channel& parent) {
        char go = 0;
        if (::read(gate[0], &go, 1) != 1) return 2;
        auto database = open(folder).value();
        const Status held = database->write([&](Database::Transaction&) -> Status {
            parent.say("locked");
            ::pause();  // Until the parent kills it.
            return {};
        });
        return held ? 0 : 1;
    });
    // Opened after the fork, which a connection must not cross, and before the lock, which opening needs.
    auto database = open(folder, Duration{50}).value();
    ASSERT_EQ(::write(gate[1], "g", 1), 1);
    ASSERT_EQ(holder.hear(), "locked");
    const Status refused = put(*database, "a", "1");
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::Unavailable);
    EXPECT_TRUE(refused.error().retry_after.has_value());
    EXPECT_TRUE(mentions(refused.error(), "locked by another process")) << refused.error().message;
    EXPECT_EQ(get(*database, "a").error().code, ErrorCode::NotFound) << "readers are not held up";
    holder.kill();
    EXPECT_TRUE(put(*database, "a", "1"));
}

TEST(Database, WriterKilledInsideATransactionLeavesTheOldValue) {
    const TempDir folder;
    ASSERT_TRUE(put(*open(folder).value(), "a", "old"));
    Child writer([&](const Child::Channel& parent) {
        auto database = open(folder).value();
        const Status written = database->write([&](Database::Transaction& transaction) -> Status {
            // Larger than SQLite's cache, so that pages have gone to the log before the commit.
            K3F_TRY(transaction.run("INSERT INTO t VALUES ('big', zeroblob(16000000))"));
            K3F_TRY(transaction.run("UPDATE t SET v = x'6e6577' WHERE k = 'a'"));
            parent.say("written, not committed");
            ::pause();
            return {};
        });
        return written ? 0 : 1;
    });
    ASSERT_EQ(writer.hear(), "written, not committed");
    writer.kill();
    auto database = open(folder).value();
    EXPECT_EQ(get(*database, "a").value(), "old");
    EXPECT_EQ(get(*database, "big").error().code, ErrorCode::NotFound);
    EXPECT_TRUE(put(*database, "a", "new"));
}

// A limit on file size makes write() fail as a full disk does, without needing a file system of one's own.
TEST(Database, FullDiskIsNamedAndLosesNothing) {
    const TempDir folder;
    ASSERT_TRUE(put(*open(folder).value(), "a", "old"));
    Child writer([&](const Child::Channel& parent) {
        auto database = open(folder).value();
        std::signal(SIGXFSZ, SIG_IGN);
        constexpr rlim_t kLimit = 256 << 10;
        const rlimit limit{.rlim_cur = kLimit, .rlim_max = kLimit};
        if (::setrlimit(RLIMIT_FSIZE, &limit) != 0) return 2;
        const Status full = put(*database, "a", std::string(4 << 20, 'n'));
        if (full) return 3;
        parent.say(full.error().message);
        if (full.error().code != ErrorCode::Unavailable) return 4;
        if (get(*database, "a").value_or("gone") != "old") return 5;
        // The same connection goes on with what still fits.
        return put(*database, "b", "small") ? 0 : 6;
    });
    const std::string said = writer.hear();
    EXPECT_EQ(writer.wait(), 0) << said;
    EXPECT_NE(said.find("is full: nothing was written"), std::string::npos) << said;
    auto database = open(folder).value();
    EXPECT_EQ(get(*database, "a").value(), "old");
    EXPECT_EQ(get(*database, "b").value(), "small");
}

TEST(Database, CanBeMadeByManyProcessesAtOnce) {
    const TempDir folder;
    std::vector<std::unique_ptr<Child>> children;
    for (int i = 0; i < 6; ++i) {
        children.push_back(std::make_unique<Child>([&folder, i](const Child::Channel& parent) {
            auto database = open(folder);
            if (!database) {
                parent.say(database.error().describe());
                return 1;
            }
            return put(**database, format("k{}", i), "v") ? 0 : 2;
        }));
    }
    for (const auto& child : children) {
        const std::string said = child->hear();
        EXPECT_EQ(child->wait(), 0) << said;
    }
    auto database = open(folder).value();
    for (int i = 0; i < 6; ++i) EXPECT_EQ(get(*database, format("k{}", i)).value(), "v");
}

TEST(SqliteStore, NamesTheStateDirectoryInItsErrors) {
    const TempDir folder;
    std::ofstream(folder.path() / SqliteStore::kFileName) << std::string(8192, 'x');
    const auto store = SqliteStore::open(folder.path());
    ASSERT_FALSE(store);
    EXPECT_TRUE(mentions(store.error(), folder.path().string()));
    EXPECT_EQ(store.error().trail, std::vector<std::string>{"opening the local state"});
}

}  // namespace
}  // namespace k3fleet::local
