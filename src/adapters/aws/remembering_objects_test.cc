#include "adapters/aws/remembering_objects.h"

#include <gtest/gtest.h>

#include "tests/support/fakes.h"

namespace k3fleet::aws {
namespace {

// Counts what is asked of the store.
class Counting final : public ports::Objects {
public:
    Result<std::optional<ports::Object>> get(const std::string& key) override {
        ++gets;
        return store.get(key);
    }
    Result<std::string> put(const std::string& key, std::string_view data,
                            const ports::Condition& condition) override {
        return store.put(key, data, condition);
    }
    Result<std::vector<std::string>> list(const std::string& prefix, const std::string& after,
                                          int limit) override {
        return store.list(prefix, after, limit);
    }
    Status remove(const std::string& key) override { return store.remove(key); }

    testing::CrashPoints points;
    testing::MemoryObjects store{points};
    int gets = 0;
};

struct Bench {
    Counting inner;
    RememberingObjects objects{inner, "worlds/", 10};

    void put(const std::string& key, std::string_view data) {
        ASSERT_TRUE(objects.put(key, data, ports::Condition::always()));
    }
    std::string get(const std::string& key) {
        const auto object = *objects.get(key);
        return object ? object->data : "(none)";
    }
};

TEST(RememberingObjects, ReadsWhatNeverChangesOnce) {
    Bench bench;
    ASSERT_TRUE(bench.inner.store.put("worlds/a", "one", ports::Condition::always()));
    EXPECT_EQ(bench.get("worlds/a"), "one");
    EXPECT_EQ(bench.get("worlds/a"), "one");
    EXPECT_EQ(bench.inner.gets, 1);
    bench.put("worlds/b", "two");
    EXPECT_EQ(bench.get("worlds/b"), "two");
    EXPECT_EQ(bench.inner.gets, 1);
}

TEST(RememberingObjects, AsksForWhateverMayChangeOrIsMissing) {
    Bench bench;
    bench.put("clusters/a", "one");
    ASSERT_TRUE(bench.inner.store.put("clusters/a", "two", ports::Condition::always()));
    EXPECT_EQ(bench.get("clusters/a"), "two");
    EXPECT_EQ(bench.get("worlds/none"), "(none)");
    ASSERT_TRUE(bench.inner.store.put("worlds/none", "now", ports::Condition::always()));
    EXPECT_EQ(bench.get("worlds/none"), "now") << "that something is missing is not remembered";
}

TEST(RememberingObjects, ForgetsWhatWasUsedLeastRecently) {
    Bench bench;
    bench.put("worlds/base", "12345");
    for (const char* key : {"worlds/a", "worlds/b", "worlds/c"}) {
        bench.put(key, "1234");
        EXPECT_EQ(bench.get("worlds/base"), "12345");
    }
    EXPECT_EQ(bench.inner.gets, 0) << "what is used each time stays";
    EXPECT_EQ(bench.get("worlds/a"), "1234");
    EXPECT_EQ(bench.inner.gets, 1);
    bench.put("worlds/large", "12345678901");
    EXPECT_EQ(bench.get("worlds/large"), "12345678901");
    EXPECT_EQ(bench.inner.gets, 2) << "what is larger than all that is kept is not kept";
}

TEST(RememberingObjects, ForgetsWhatWasRemoved) {
    Bench bench;
    bench.put("worlds/a", "one");
    ASSERT_TRUE(bench.objects.remove("worlds/a"));
    EXPECT_EQ(bench.get("worlds/a"), "(none)");
}

}  // namespace
}  // namespace k3fleet::aws
