// What every implementation of ports::Objects must do. Backends as in loop_state_contract.h, with
// Connection::objects(); ObjectsRaces is for those that are shared.
#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "base/text.h"
#include "ports/objects.h"
#include "tests/support/process.h"

namespace k3fleet::contract {

using ports::Condition;

template <typename Backend>
class ObjectsContract : public ::testing::Test {
protected:
    ObjectsContract() : connection_(backend_.connect()) {}
    ports::Objects& objects() { return connection_->objects(); }
    std::string written(const std::string& key, std::string_view data) {
        auto etag = objects().put(key, data, Condition::always());
        EXPECT_TRUE(etag.has_value()) << (etag ? "" : etag.error().describe());
        return etag.value_or("");
    }

    Backend backend_;
    std::unique_ptr<typename Backend::Connection> connection_;
};

TYPED_TEST_SUITE_P(ObjectsContract);

template <typename Backend>
class ObjectsRaces : public ObjectsContract<Backend> {};

TYPED_TEST_SUITE_P(ObjectsRaces);

TYPED_TEST_P(ObjectsContract, KeepsEveryByte) {
    std::string data;
    for (int byte = 0; byte < 256; ++byte) data += static_cast<char>(byte);
    EXPECT_FALSE(this->objects().get("a").value().has_value());
    const std::string etag = this->written("a", data);
    const auto got = this->objects().get("a").value();
    ASSERT_TRUE(got.has_value());
    EXPECT_EQ(got->data, data);
    EXPECT_EQ(got->etag, etag);
    this->written("empty", "");
    EXPECT_EQ(this->objects().get("empty").value()->data, "");
}

TYPED_TEST_P(ObjectsContract, GivesAnotherEtagForOtherBytes) {
    std::set<std::string> etags;
    for (const char* data : {"1", "2", ""}) etags.insert(this->written("a", data));
    EXPECT_EQ(etags.size(), 3U);
    EXPECT_EQ(etags.count(""), 0U);
}

TYPED_TEST_P(ObjectsContract, WritesOnlyIfTheConditionHolds) {
    EXPECT_EQ(this->objects().put("a", "x", Condition::if_match("\"1\"")).error().code, ErrorCode::Conflict);
    const auto first = this->objects().put("a", "1", Condition::if_absent());
    ASSERT_TRUE(first.has_value());
    EXPECT_EQ(this->objects().put("a", "x", Condition::if_absent()).error().code, ErrorCode::Conflict);
    const auto second = this->objects().put("a", "2", Condition::if_match(*first));
    ASSERT_TRUE(second.has_value());
    EXPECT_EQ(this->objects().put("a", "x", Condition::if_match(*first)).error().code, ErrorCode::Conflict);
    EXPECT_EQ(this->objects().get("a").value()->data, "2");
    EXPECT_EQ(this->objects().get("a").value()->etag, *second);
}

TYPED_TEST_P(ObjectsContract, RemovesAndSaysNothingTheSecondTime) {
    this->written("a", "1");
    ASSERT_TRUE(this->objects().remove("a").has_value());
    ASSERT_TRUE(this->objects().remove("a").has_value());
    EXPECT_FALSE(this->objects().get("a").value().has_value());
    EXPECT_TRUE(this->objects().put("a", "2", Condition::if_absent()).has_value());
}

TYPED_TEST_P(ObjectsContract, ListsByPrefixInByteOrderPageByPage) {
    for (const char* key : {"j/2", "j/10", "j/1", "j", "k/1", "J/1", "j/1/x", "j0", "j/\xc3\xa4"}) {
        this->written(key, key);
    }
    const auto list = [&](const std::string& prefix, const std::string& after, int limit) {
        return this->objects().list(prefix, after, limit).value();
    };
    using Keys = std::vector<std::string>;
    EXPECT_EQ(list("j/", "", 10), (Keys{"j/1", "j/1/x", "j/10", "j/2", "j/\xc3\xa4"}));
    EXPECT_EQ(list("j/", "", 2), (Keys{"j/1", "j/1/x"}));
    EXPECT_EQ(list("j/", "j/1/x", 2), (Keys{"j/10", "j/2"}));
    EXPECT_EQ(list("j/", "j/\xc3\xa4", 2), Keys{});
    EXPECT_EQ(list("j/", "z", 2), Keys{});
    EXPECT_EQ(list("", "", 100).size(), 9U);
    EXPECT_EQ(list("nothing", "", 100), Keys{});
    EXPECT_EQ(this->objects().list("", "", 0).error().code, ErrorCode::InvalidArgument);
}

TYPED_TEST_P(ObjectsContract, RefusesNamesThatABucketRefuses) {
    EXPECT_EQ(this->objects().put("", "x", Condition::always()).error().code, ErrorCode::InvalidArgument);
    EXPECT_EQ(this->objects().put(std::string(1025, 'k'), "x", Condition::always()).error().code,
              ErrorCode::InvalidArgument);
    EXPECT_TRUE(this->objects().put(std::string(1024, 'k'), "x", Condition::always()).has_value());
}

TYPED_TEST_P(ObjectsRaces, OfEightThreadsThatReplaceTheSameObjectOneWins) {
    const std::string etag = this->written("a", "0");
    std::atomic<int> winners = 0;
    {
        std::vector<std::jthread> threads;
        for (int who = 0; who < 8; ++who) {
            threads.emplace_back([&, who] {
                // Other bytes than before: the same bytes may keep the etag, and then all may win.
                const std::string mine = "by " + std::to_string(who);
                if (this->objects().put("a", mine, Condition::if_match(etag))) ++winners;
            });
        }
    }
    EXPECT_EQ(winners, 1);
}

TYPED_TEST_P(ObjectsRaces, ProcessesThatRaceAppendEveryEntryOnce) {
    constexpr int kProcesses = 3;
    constexpr int kRounds = 20;
    this->connection_.reset();
    const auto append = [&](int who) {
        const auto connection = this->backend_.connect();
        for (int round = 0; round < kRounds; ++round) {
            for (int tries = 0;; ++tries) {
                if (tries == 100'000) return 2;
                const auto old = connection->objects().get("log");
                if (!old) return 3;
                const std::string text = (*old ? (*old)->data : "") + format("{}-{};", who, round);
                const auto condition = *old ? Condition::if_match((*old)->etag) : Condition::if_absent();
                const auto put = connection->objects().put("log", text, condition);
                if (put) break;
                if (put.error().code != ErrorCode::Conflict) return 4;
            }
        }
        return 0;
    };
    std::vector<std::unique_ptr<support::Child>> children;
    for (int who = 0; who < kProcesses; ++who) {
        children.push_back(std::make_unique<support::Child>(
            [&append, who](const support::Child::Channel&) { return append(who); }));
    }
    for (const auto& child : children) EXPECT_EQ(child->wait(), 0);
    this->connection_ = this->backend_.connect();
    const std::string log = this->objects().get("log").value()->data;
    for (int who = 0; who < kProcesses; ++who) {
        for (int round = 0; round < kRounds; ++round) {
            EXPECT_NE(log.find(format("{}-{};", who, round)), std::string::npos) << who << " " << round;
        }
    }
}

REGISTER_TYPED_TEST_SUITE_P(ObjectsContract, KeepsEveryByte, GivesAnotherEtagForOtherBytes,
                            WritesOnlyIfTheConditionHolds, RemovesAndSaysNothingTheSecondTime,
                            ListsByPrefixInByteOrderPageByPage, RefusesNamesThatABucketRefuses);
REGISTER_TYPED_TEST_SUITE_P(ObjectsRaces, OfEightThreadsThatReplaceTheSameObjectOneWins,
                            ProcessesThatRaceAppendEveryEntryOnce);

}  // namespace k3fleet::contract
