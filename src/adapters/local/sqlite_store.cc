// The tables of the local store and how they are opened. Each port has its own file beside this one.
#include "adapters/local/sqlite_store.h"

#include "adapters/local/database.h"
#include "adapters/local/sqlite_loop_state.h"
#include "adapters/local/sqlite_objects.h"

namespace k3fleet::local {
namespace {

// A removed loop item leaves its fence behind, so that a fence is never given twice.
constexpr const char* kSchema = R"sql(
CREATE TABLE loop_items (
    cluster     TEXT NOT NULL,
    loop        TEXT NOT NULL,
    fence       INTEGER NOT NULL,
    present     INTEGER NOT NULL,
    version     INTEGER NOT NULL,
    holder      TEXT NOT NULL,
    lease_until INTEGER NOT NULL,
    memory      BLOB NOT NULL,
    PRIMARY KEY (cluster, loop)
);
CREATE TABLE freezes (
    cluster   TEXT PRIMARY KEY,
    by_whom   TEXT NOT NULL,
    why       TEXT NOT NULL,
    until     INTEGER NOT NULL
);
CREATE TABLE objects (
    key   BLOB PRIMARY KEY,
    etag  INTEGER NOT NULL,
    data  BLOB NOT NULL
);
CREATE TABLE counters (
    name  TEXT PRIMARY KEY,
    value INTEGER NOT NULL
);
INSERT INTO counters VALUES ('etag', 0);
)sql";

}  // namespace

SqliteStore::SqliteStore(std::unique_ptr<Database> database)
    : database_(std::move(database)),
      loop_state_(std::make_unique<SqliteLoopState>(*database_)),
      objects_(std::make_unique<SqliteObjects>(*database_)) {}

SqliteStore::~SqliteStore() = default;

Result<std::unique_ptr<SqliteStore>> SqliteStore::open(const std::filesystem::path& state_directory,
                                                       Options options) {
    auto database = K3F_TRY_WHILE(
        "opening the local state",
        Database::open(
            state_directory / kFileName,
            {.schema = kSchema,
             .version = 1,
             .busy_timeout = options.busy_timeout,
             .survives = options.world == Options::World::Real ? Survives::Power : Survives::Process}));
    return std::unique_ptr<SqliteStore>(new SqliteStore(std::move(database)));
}

}  // namespace k3fleet::local
