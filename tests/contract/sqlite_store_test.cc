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
INSTANTIATE_TYPED_TEST_SUITE_P(Sqlite, LoopStateRaces, SqliteBackend);
INSTANTIATE_TYPED_TEST_SUITE_P(Sqlite, ObjectsContract, SqliteBackend);
INSTANTIATE_TYPED_TEST_SUITE_P(Sqlite, ObjectsRaces, SqliteBackend);

// More than the contract asks for, since a bucket gives the same bytes the same etag.
TEST(SqliteObjects, GivesANewEtagForEveryWriteEvenOfTheSameBytesAndAfterRemoval) {
    SqliteBackend backend;
    const auto store = backend.connect();
    std::set<std::string> etags;
    const auto write = [&] {
        etags.insert(store->objects().put("a", "same", ports::Condition::always()).value());
    };
    for (int i = 0; i < 3; ++i) write();
    ASSERT_TRUE(store->objects().remove("a").has_value());
    write();
    EXPECT_EQ(etags.size(), 4U);
}

}  // namespace
}  // namespace k3fleet::contract
