// Cluster files in the store: conditions, marks, and what is left after an interruption.
#include "app/clusters.h"

#include <gtest/gtest.h>

#include <utility>

#include "app/journal.h"
#include "tests/support/fakes.h"

namespace k3fleet::app {
namespace {

constexpr std::string_view kFile = R"(apiVersion: k3fleet.dev/v1
kind: Cluster
metadata: {name: shop}
spec:
  region: ap-southeast-1
  k3sVersion: v1.31.4+k3s1
  pools:
    - {name: default, min: 2, max: 6, instanceTypes: [t4g.medium]}
)";

std::string with_max(int max) {
    std::string text(kFile);
    return text.replace(text.find("max: 6"), 6, format("max: {}", max));
}

struct Clusters : ::testing::Test {
    testing::CrashPoints points;
    testing::MemoryObjects objects{points};
    testing::MemoryLoopState state{points};
    const Doer doer{.who = "tester", .at = testing::kNoon};
    const model::ClusterName shop{"shop"};
    const model::HolderId holder{"test:1"};

    static ClusterFile file(std::string_view text = kFile) {
        auto checked = check_cluster_file(text, "shop.yaml");
        EXPECT_TRUE(checked) << checked.error().message;
        return *checked;
    }
    std::vector<std::string> names() {
        std::vector<std::string> out;
        const auto listed = list_clusters(objects);
        for (const auto& name : *listed) out.push_back(name.str());
        return out;
    }
};

TEST_F(Clusters, AreReadBackAsTheyWereUploaded) {
    ASSERT_TRUE(create_cluster(objects, file(), doer));
    const auto read = load_cluster(objects, shop);
    ASSERT_TRUE(read);
    EXPECT_EQ(read->text, kFile);
    EXPECT_EQ(read->intent, file().intent);
    EXPECT_EQ(names(), std::vector<std::string>{"shop"});
}

TEST_F(Clusters, AreNotCreatedOverOneAnother) {
    ASSERT_TRUE(create_cluster(objects, file(), doer));
    const auto again = create_cluster(objects, file(with_max(9)), doer);
    ASSERT_FALSE(again);
    EXPECT_EQ(again.error().code, ErrorCode::Conflict);
    EXPECT_EQ(load_cluster(objects, shop)->text, kFile) << "the first one must be untouched";
}

TEST_F(Clusters, AreReadAsTheyStandByWhoHasReadThemBefore) {
    ClusterFiles files;
    EXPECT_EQ(files.load(objects, shop).error().code, ErrorCode::NotFound);
    const auto holds = [&](const char* when) {
        for (int times = 0; times < 2; ++times) {
            const auto read = files.load(objects, shop);
            const auto fresh = load_cluster(objects, shop);
            ASSERT_EQ(read.has_value(), fresh.has_value()) << when;
            if (!read) continue;
            EXPECT_EQ(read->intent, fresh->intent) << when;
            EXPECT_EQ(read->text, fresh->text) << when;
            EXPECT_EQ(read->version, fresh->version) << when;
        }
    };
    ASSERT_TRUE(create_cluster(objects, file(), doer));
    holds("made");
    ASSERT_TRUE(replace_cluster(objects, *files.load(objects, shop), file(with_max(9)), doer));
    EXPECT_EQ(files.load(objects, shop)->intent.pools[0].max, 9);
    holds("changed");
    for (const auto text : {std::string_view(), std::string_view("spec: ["), kFile, std::string_view()}) {
        ASSERT_TRUE(objects.put("clusters/shop.yaml", text, ports::Condition::always()));
        holds("overwritten");
        EXPECT_EQ(files.load(objects, shop).has_value(), text == kFile) << text;
    }
    ASSERT_TRUE(objects.put("clusters/shop.yaml", kFile, ports::Condition::always()));
    ASSERT_TRUE(mark_deleting(objects, shop, doer));
    EXPECT_TRUE(files.load(objects, shop)->intent.deleting);
    holds("marked");
    ASSERT_TRUE(forget_cluster(objects, state, shop, holder, doer));
    EXPECT_EQ(files.load(objects, shop).error().code, ErrorCode::NotFound);
    ASSERT_TRUE(create_cluster(objects, file(), doer));
    EXPECT_FALSE(files.load(objects, shop)->intent.deleting);
    holds("made again");
}

TEST_F(Clusters, TwoPeopleCannotOverwriteEachOtherUnseen) {
    ASSERT_TRUE(create_cluster(objects, file(), doer));
    const auto mine = load_cluster(objects, shop);
    const auto theirs = load_cluster(objects, shop);
    ASSERT_TRUE(replace_cluster(objects, *theirs, file(with_max(8)), doer));
    const auto late = replace_cluster(objects, *mine, file(with_max(9)), doer);
    ASSERT_FALSE(late);
    EXPECT_EQ(late.error().code, ErrorCode::Conflict);
    EXPECT_NE(late.error().message.find("changed by somebody else"), std::string::npos);
    EXPECT_EQ(load_cluster(objects, shop)->intent.pools[0].max, 8);
}

TEST_F(Clusters, ChangesNameEachSettingAndNothingElse) {
    EXPECT_TRUE(changes(file().intent, file().intent).empty());
    const auto found = changes(file().intent, file(with_max(9)).intent);
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0], (Change{.path = "spec.pools.default.max", .from = "6", .to = "9"}));
}

TEST_F(Clusters, AMissingOneIsNamedWithWhatWasPerhapsMeant) {
    EXPECT_NE(load_cluster(objects, shop).error().message.find("there is none yet"), std::string::npos);
    ASSERT_TRUE(create_cluster(objects, file(), doer));
    const auto missing = load_cluster(objects, model::ClusterName("shpo"));
    ASSERT_FALSE(missing);
    EXPECT_EQ(missing.error().code, ErrorCode::NotFound);
    EXPECT_EQ(missing.error().message, "there is no cluster 'shpo'\ndid you mean shop?");
}

TEST_F(Clusters, DeletionIsMarkedOnceAndForgetsEverythingButTheJournal) {
    ASSERT_TRUE(create_cluster(objects, file(), doer));
    ASSERT_TRUE(mark_deleting(objects, shop, doer));
    ASSERT_TRUE(mark_deleting(objects, shop, doer));
    EXPECT_TRUE(load_cluster(objects, shop)->intent.deleting);
    EXPECT_FALSE(replace_cluster(objects, *load_cluster(objects, shop), file(with_max(9)), doer));
    ASSERT_TRUE(forget_cluster(objects, state, shop, holder, doer));
    ASSERT_TRUE(forget_cluster(objects, state, shop, holder, doer));
    EXPECT_TRUE(names().empty());
    EXPECT_GE(*Journal(objects, shop, "operator").verify(std::nullopt), 3);
}

TEST_F(Clusters, TheMarkIsNoPartOfTheFileAndNothingElseOfItChanges) {
    EXPECT_EQ(mark_deleting(objects, shop, doer).error().code, ErrorCode::NotFound);
    ASSERT_TRUE(create_cluster(objects, file(), doer));
    const auto before = *load_cluster(objects, shop);
    ASSERT_TRUE(mark_deleting(objects, shop, doer));
    const auto after = *load_cluster(objects, shop);
    EXPECT_EQ(after.text, kFile);
    EXPECT_EQ(after.intent.digest, before.intent.digest);
    EXPECT_NE(after.version, before.version);
    const auto late = replace_cluster(objects, before, file(with_max(9)), doer);
    ASSERT_FALSE(late) << "it was read before it was marked";
    EXPECT_EQ(late.error().code, ErrorCode::Conflict);
    const auto again = create_cluster(objects, file(), doer);
    ASSERT_FALSE(again);
    EXPECT_NE(again.error().message.find("it is being deleted"), std::string::npos);
}

// Somebody uploads another file between the reading and the writing of the first who writes.
class QuickerHand final : public ports::Objects {
public:
    QuickerHand(ports::Objects& store, std::string_view text) : store_(store), text_(text) {}
    Result<std::optional<ports::Object>> get(const std::string& key) override { return store_.get(key); }
    Result<std::string> put(const std::string& key, std::string_view data,
                            const ports::Condition& condition) override {
        if (!std::exchange(done_, true))
            K3F_TRY(store_.put("clusters/shop.yaml", text_, ports::Condition::always()));
        return store_.put(key, data, condition);
    }
    Result<std::vector<std::string>> list(const std::string& prefix, const std::string& after,
                                          int limit) override {
        return store_.list(prefix, after, limit);
    }
    Status remove(const std::string& key) override { return store_.remove(key); }

private:
    ports::Objects& store_;
    std::string text_;
    bool done_ = false;
};

TEST_F(Clusters, AMarkKeepsWhatSomebodyElseHasJustUploaded) {
    ASSERT_TRUE(create_cluster(objects, file(), doer));
    QuickerHand raced(objects, with_max(8));
    ASSERT_TRUE(mark_deleting(raced, shop, doer));
    const auto stored = *load_cluster(objects, shop);
    EXPECT_TRUE(stored.intent.deleting);
    EXPECT_EQ(stored.intent.pools[0].max, 8);
}

TEST_F(Clusters, AMarkCannotBeUploaded) {
    ASSERT_TRUE(create_cluster(objects, file(), doer));
    ASSERT_TRUE(mark_deleting(objects, shop, doer));
    const auto stored = *objects.get("clusters/shop.yaml");
    const auto checked = check_cluster_file(stored->data, "copy.yaml");
    ASSERT_FALSE(checked);
    EXPECT_NE(checked.error().message.find("the first line of copy.yaml"), std::string::npos);
}

}  // namespace
}  // namespace k3fleet::app
