// The contracts of LoopState and Objects on the local store.
#include "adapters/local/sqlite_store.h"

#include "tests/contract/loop_state_contract.h"
#include "tests/contract/objects_contract.h"
#include "tests/support/temp_dir.h"

namespace k3fleet::contract {
namespace {

struct SqliteBackend {
    using Connection = local::SqliteStore;
    std::unique_ptr<Connection> connect() { return local::SqliteStore::open(folder.path()).value(); }
    support::TempDir folder;
};

INSTANTIATE_TYPED_TEST_SUITE_P(Sqlite, LoopStateContract, SqliteBackend);
INSTANTIATE_TYPED_TEST_SUITE_P(Sqlite, ObjectsContract, SqliteBackend);

}  // namespace
}  // namespace k3fleet::contract
