// The state of k3fleet on one machine: leases, memories and objects in one SQLite file below the state
// directory. Used for the simulated cloud and whenever no account is meant. Several processes may share it.
#pragma once

#include <filesystem>
#include <memory>

#include "base/result.h"
#include "base/time.h"
#include "ports/loop_state.h"
#include "ports/objects.h"

namespace k3fleet::local {

class Database;

class SqliteStore {
public:
    struct Options {
        Duration busy_timeout = std::chrono::seconds{10};  // How long to wait for another process.
        // Simulated: all that a plan leads to happens in the same file, so that a power cut sets plan and
        // world back together. It saves waiting for the disk at every commit.
        enum class World { Real, Simulated } world = World::Real;
    };
    static constexpr const char* kFileName = "k3fleet.db";

    // Opens or makes the store below the directory. Errors: see Database::open.
    static Result<std::unique_ptr<SqliteStore>> open(const std::filesystem::path& state_directory,
                                                     Options options);
    static Result<std::unique_ptr<SqliteStore>> open(const std::filesystem::path& state_directory) {
        return open(state_directory, Options{});
    }
    ~SqliteStore();

    // Both live as long as the store, and may be used by several threads.
    ports::LoopState& loop_state() { return *loop_state_; }
    ports::Objects& objects() { return *objects_; }

private:
    explicit SqliteStore(std::unique_ptr<Database> database);

    std::unique_ptr<Database> database_;
    std::unique_ptr<ports::LoopState> loop_state_;
    std::unique_ptr<ports::Objects> objects_;
};

}  // namespace k3fleet::local
