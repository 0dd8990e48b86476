// What every implementation of ports::LoopState must do. A backend makes fresh stores and any number of
// connections to one store:
//
//   struct Backend {
//       struct Connection { ports::LoopState& loop_state(); };
//       std::unique_ptr<Connection> connect();
//   };
//
// LoopStateRaces is the part for those that several threads and processes share at once: there connect() is
// also called in forked children.
#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "base/text.h"
#include "ports/loop_state.h"
#include "tests/support/process.h"

namespace k3fleet::contract {

using ports::LoopItem;
using ports::LoopKey;
using ports::LoopState;

inline constexpr Timestamp kNoon = from_unix_seconds(1'790'000'000);
inline constexpr Duration kLease = std::chrono::seconds{60};

inline LoopKey key_of(const std::string& cluster = "demo", model::Loop loop = model::Loop::Workers) {
    return {.cluster = model::ClusterName(cluster), .loop = loop};
}
inline model::HolderId holder(const std::string& name) { return model::HolderId(name); }

template <typename Backend>
class LoopStateContract : public ::testing::Test {
protected:
    LoopStateContract() : connection_(backend_.connect()) {}
    LoopState& state() { return connection_->loop_state(); }
    LoopItem acquired(const std::string& who, Timestamp now = kNoon) {
        auto item = state().acquire(key_of(), holder(who), kLease, now);
        EXPECT_TRUE(item.has_value()) << (item ? "" : item.error().describe());
        return item.value_or(LoopItem{});
    }

    Backend backend_;
    std::unique_ptr<typename Backend::Connection> connection_;
};

TYPED_TEST_SUITE_P(LoopStateContract);

template <typename Backend>
class LoopStateRaces : public LoopStateContract<Backend> {};

TYPED_TEST_SUITE_P(LoopStateRaces);

TYPED_TEST_P(LoopStateContract, MakesAnEmptyItemOnFirstAcquire) {
    EXPECT_FALSE(this->state().read(key_of()).value().has_value());
    const LoopItem item = this->acquired("a");
    EXPECT_EQ(item.key, key_of());
    EXPECT_GE(item.fence, 1);
    EXPECT_EQ(item.version, 0);
    EXPECT_EQ(item.holder, holder("a"));
    EXPECT_EQ(item.lease_until, kNoon + kLease);
    EXPECT_EQ(item.memory, "");
}

TYPED_TEST_P(LoopStateContract, RefusesASecondHolderUntilTheLeaseEnds) {
    this->acquired("first-holder");
    const auto refused = this->state().acquire(key_of(), holder("b"), kLease, kNoon + kLease - Duration{1});
    ASSERT_FALSE(refused.has_value());
    EXPECT_EQ(refused.error().code, ErrorCode::Conflict);
    EXPECT_NE(refused.error().message.find("first-holder"), std::string::npos) << refused.error().message;
    EXPECT_NE(refused.error().message.find(to_rfc3339(kNoon + kLease)), std::string::npos)
        << refused.error().message;

    const auto taken = this->state().acquire(key_of(), holder("b"), kLease, kNoon + kLease);
    ASSERT_TRUE(taken.has_value());
    EXPECT_EQ(taken->holder, holder("b"));
}

TYPED_TEST_P(LoopStateContract, RenewsForTheSameHolderWithALargerFence) {
    const LoopItem first = this->acquired("a");
    const LoopItem again = this->acquired("a", kNoon + Duration{1000});
    EXPECT_GT(again.fence, first.fence);
    EXPECT_EQ(again.lease_until, kNoon + Duration{1000} + kLease);
    EXPECT_FALSE(this->state().commit(first, "old", LoopState::After::Keep).has_value());
    EXPECT_TRUE(this->state().commit(again, "new", LoopState::After::Keep).has_value());
}

TYPED_TEST_P(LoopStateContract, KeepsMemoryByteForByte) {
    using namespace std::string_literals;
    const std::string memory = "\0\xff line\n\"quotes\" and a NUL \0 inside"s;
    const LoopItem held = this->acquired("a");
    const auto committed = this->state().commit(held, memory, LoopState::After::Keep);
    ASSERT_TRUE(committed.has_value());
    EXPECT_EQ(committed->version, held.version + 1);
    EXPECT_EQ(committed->memory, memory);
    EXPECT_EQ(this->state().read(key_of()).value()->memory, memory);
    EXPECT_EQ(this->acquired("a").memory, memory);
    EXPECT_EQ(this->acquired("a").version, held.version + 1);
}

TYPED_TEST_P(LoopStateContract, CommitsChainByVersionAndRefuseAnOldOne) {
    const LoopItem held = this->acquired("a");
    const LoopItem second = this->state().commit(held, "1", LoopState::After::Keep).value();
    const LoopItem third = this->state().commit(second, "2", LoopState::After::Keep).value();
    EXPECT_EQ(third.version, held.version + 2);
    const auto old = this->state().commit(second, "x", LoopState::After::Keep);
    ASSERT_FALSE(old.has_value());
    EXPECT_EQ(old.error().code, ErrorCode::Conflict);
    EXPECT_EQ(this->state().read(key_of()).value()->memory, "2");
}

TYPED_TEST_P(LoopStateContract, RefusesAStaleHolderEvenIfNothingWasCommittedSince) {
    const LoopItem stale = this->acquired("a");
    const LoopItem current = this->acquired("b", kNoon + kLease);
    EXPECT_GT(current.fence, stale.fence);
    const auto refused = this->state().commit(stale, "stale", LoopState::After::Keep);
    ASSERT_FALSE(refused.has_value());
    EXPECT_EQ(refused.error().code, ErrorCode::Conflict);
    EXPECT_EQ(this->state().read(key_of()).value()->memory, "");
    EXPECT_EQ(this->state().remove(stale).error().code, ErrorCode::Conflict);
    EXPECT_TRUE(this->state().release(stale).has_value());
    EXPECT_EQ(this->state().read(key_of()).value()->holder, holder("b"));
}

TYPED_TEST_P(LoopStateContract, ReleaseLetsTheNextOneInAtOnceAndEndsTheOldOnesRights) {
    const LoopItem held = this->acquired("a");
    ASSERT_TRUE(this->state().release(held).has_value());
    ASSERT_TRUE(this->state().release(held).has_value()) << "a second time";
    EXPECT_EQ(this->state().commit(held, "x", LoopState::After::Keep).error().code, ErrorCode::Conflict);
    EXPECT_TRUE(this->state().read(key_of()).value()->holder.empty());
    EXPECT_GT(this->acquired("b").fence, held.fence);
}

TYPED_TEST_P(LoopStateContract, CommitCanReleaseInTheSameWrite) {
    const LoopItem held = this->acquired("a");
    const auto committed = this->state().commit(held, "done", LoopState::After::Release);
    ASSERT_TRUE(committed.has_value());
    EXPECT_TRUE(committed->holder.empty());
    EXPECT_EQ(this->state().commit(*committed, "x", LoopState::After::Keep).error().code,
              ErrorCode::Conflict);
    const LoopItem next = this->acquired("b");
    EXPECT_EQ(next.memory, "done");
    EXPECT_EQ(next.version, held.version + 1);
}

TYPED_TEST_P(LoopStateContract, FencesGrowForEverAlsoAcrossRemoval) {
    std::int64_t last = 0;
    for (int round = 0; round < 4; ++round) {
        const LoopItem held = this->acquired("a");
        EXPECT_GT(held.fence, last);
        EXPECT_EQ(held.version, 0);
        EXPECT_EQ(held.memory, "");
        last = held.fence;
        const LoopItem committed = this->state().commit(held, "m", LoopState::After::Keep).value();
        EXPECT_EQ(this->state().remove(held).error().code, ErrorCode::Conflict) << "an old version";
        ASSERT_TRUE(this->state().remove(committed).has_value());
        EXPECT_FALSE(this->state().read(key_of()).value().has_value());
        EXPECT_EQ(this->state().commit(committed, "ghost", LoopState::After::Keep).error().code,
                  ErrorCode::Conflict);
        EXPECT_TRUE(this->state().release(committed).has_value());
    }
}

TYPED_TEST_P(LoopStateContract, LoopsAndClustersDoNotTouchEachOther) {
    const LoopItem workers = this->acquired("a");
    const LoopItem infra =
        this->state().acquire(key_of("demo", model::Loop::Infra), holder("b"), kLease, kNoon).value();
    const LoopItem other = this->state().acquire(key_of("other"), holder("c"), kLease, kNoon).value();
    const LoopItem project = this->state().acquire(key_of(""), holder("d"), kLease, kNoon).value();
    this->state().commit(project, "p", LoopState::After::Keep).value();
    this->state().commit(workers, "w", LoopState::After::Keep).value();
    this->state().commit(infra, "i", LoopState::After::Keep).value();
    this->state().commit(other, "o", LoopState::After::Keep).value();
    EXPECT_EQ(this->state().read(key_of()).value()->memory, "w");
    EXPECT_EQ(this->state().read(key_of("demo", model::Loop::Infra)).value()->memory, "i");
    EXPECT_EQ(this->state().read(key_of("other")).value()->memory, "o");
    EXPECT_EQ(this->state().read(key_of("")).value()->memory, "p");
}

TYPED_TEST_P(LoopStateContract, RefusesSenselessArguments) {
    const auto code = [&](const LoopKey& key, const std::string& who, Duration lease) {
        const auto item = this->state().acquire(key, holder(who), lease, kNoon);
        return item ? ErrorCode::Internal : item.error().code;
    };
    EXPECT_EQ(code(key_of(), "", kLease), ErrorCode::InvalidArgument);
    EXPECT_EQ(code(key_of(), "a", Duration::zero()), ErrorCode::InvalidArgument);
    EXPECT_FALSE(this->state().read(key_of()).value().has_value());
}

TYPED_TEST_P(LoopStateContract, FreezeNeedsNoLeaseAndCanBeLifted) {
    const model::ClusterName demo("demo");
    EXPECT_FALSE(this->state().freeze(demo).value().has_value());
    const model::Freeze freeze{.by = "ops", .why = "maintenance", .until = kNoon};
    ASSERT_TRUE(this->state().set_freeze(demo, freeze).has_value());
    EXPECT_EQ(this->state().freeze(demo).value(), freeze);
    EXPECT_FALSE(this->state().freeze(model::ClusterName("other")).value().has_value());
    const model::Freeze longer{.by = "ops", .why = "still", .until = kNoon + kLease};
    ASSERT_TRUE(this->state().set_freeze(demo, longer).has_value());
    EXPECT_EQ(this->backend_.connect()->loop_state().freeze(demo).value(), longer);
    ASSERT_TRUE(this->state().set_freeze(demo, std::nullopt).has_value());
    ASSERT_TRUE(this->state().set_freeze(demo, std::nullopt).has_value()) << "a second time";
    EXPECT_FALSE(this->state().freeze(demo).value().has_value());
}

// Every process counts up under the lease it took; a lost update or two holders at once would lose a count.
TYPED_TEST_P(LoopStateRaces, ProcessesThatRaceCountEveryRoundOnce) {
    constexpr int kProcesses = 3;
    constexpr int kRounds = 25;
    this->connection_.reset();
    const auto race = [&](int who) {
        const auto connection = this->backend_.connect();
        LoopState& state = connection->loop_state();
        int won = 0;
        for (int tries = 0; won < kRounds && tries < 1'000'000; ++tries) {
            const auto held = state.acquire(key_of(), holder(format("p{}", who)), kLease, kNoon);
            if (!held) {
                if (held.error().code != ErrorCode::Conflict) return 2;
                std::this_thread::yield();
                continue;
            }
            const int count = held->memory.empty() ? 0 : std::stoi(held->memory);
            if (!state.commit(*held, std::to_string(count + 1), LoopState::After::Release)) return 3;
            ++won;
        }
        return won == kRounds ? 0 : 4;
    };
    std::vector<std::unique_ptr<support::Child>> children;
    for (int who = 0; who < kProcesses; ++who) {
        children.push_back(std::make_unique<support::Child>(
            [&race, who](const support::Child::Channel&) { return race(who); }));
    }
    for (const auto& child : children) EXPECT_EQ(child->wait(), 0);
    this->connection_ = this->backend_.connect();
    const auto item = this->state().read(key_of()).value();
    ASSERT_TRUE(item.has_value());
    EXPECT_EQ(item->memory, std::to_string(kProcesses * kRounds));
    EXPECT_EQ(item->version, kProcesses * kRounds);
}

TYPED_TEST_P(LoopStateRaces, OfEightThreadsThatAcquireAtOnceOneWins) {
    for (int round = 0; round < 10; ++round) {
        const LoopKey key = key_of(format("race-{}", round));
        std::atomic<int> winners = 0;
        std::atomic<int> surprises = 0;
        {
            std::vector<std::jthread> threads;
            for (int who = 0; who < 8; ++who) {
                threads.emplace_back([&, who] {
                    const auto item = this->state().acquire(key, holder(format("t{}", who)), kLease, kNoon);
                    if (item)
                        ++winners;
                    else if (item.error().code != ErrorCode::Conflict)
                        ++surprises;
                });
            }
        }
        EXPECT_EQ(winners, 1);
        EXPECT_EQ(surprises, 0);
    }
}

// The killed writer leaves the last or the next whole memory, never a part, and the loop goes on.
TYPED_TEST_P(LoopStateRaces, AWriterThatIsKilledLeavesAWholeMemory) {
    constexpr std::size_t kBytes = 200'000;
    this->connection_.reset();
    for (int round = 0; round < 8; ++round) {
        const Timestamp now = kNoon + kLease * (round + 1);
        support::Child writer([&](const support::Child::Channel& parent) {
            const auto connection = this->backend_.connect();
            auto held = connection->loop_state().acquire(key_of(), holder(format("w{}", round)), kLease, now);
            if (!held) return 2;
            for (int i = 0; i < 100'000; ++i) {
                const char letter = static_cast<char>('a' + (held->version + 1) % 26);
                held = connection->loop_state().commit(*held, std::string(kBytes, letter),
                                                       LoopState::After::Keep);
                if (!held) return 3;
                parent.say(std::to_string(held->version));
            }
            return 4;
        });
        std::int64_t told = 0;
        for (int line = 0; line <= round; ++line) told = std::stoll(writer.hear());
        writer.kill();

        const auto connection = this->backend_.connect();
        const auto item = connection->loop_state().read(key_of()).value();
        ASSERT_TRUE(item.has_value());
        EXPECT_GE(item->version, told) << "a commit that was reported is there";
        EXPECT_EQ(item->memory, std::string(kBytes, static_cast<char>('a' + item->version % 26)));
    }
    this->connection_ = this->backend_.connect();
}

REGISTER_TYPED_TEST_SUITE_P(LoopStateContract, MakesAnEmptyItemOnFirstAcquire,
                            RefusesASecondHolderUntilTheLeaseEnds, RenewsForTheSameHolderWithALargerFence,
                            KeepsMemoryByteForByte, CommitsChainByVersionAndRefuseAnOldOne,
                            RefusesAStaleHolderEvenIfNothingWasCommittedSince,
                            ReleaseLetsTheNextOneInAtOnceAndEndsTheOldOnesRights,
                            CommitCanReleaseInTheSameWrite, FencesGrowForEverAlsoAcrossRemoval,
                            LoopsAndClustersDoNotTouchEachOther, RefusesSenselessArguments,
                            FreezeNeedsNoLeaseAndCanBeLifted);
REGISTER_TYPED_TEST_SUITE_P(LoopStateRaces, ProcessesThatRaceCountEveryRoundOnce,
                            OfEightThreadsThatAcquireAtOnceOneWins, AWriterThatIsKilledLeavesAWholeMemory);

}  // namespace k3fleet::contract
