#include "adapters/aws/dynamo_loop_state.h"

#include <gtest/gtest.h>

#include "aws/gen/dynamodb.h"
#include "base/json.h"
#include "base/prng.h"
#include "core/model/codec.h"
#include "tests/support/fake_aws.h"
#include "tests/support/world.h"

namespace k3fleet::aws {
namespace {

using ports::LoopItem;
using After = ports::LoopState::After;
using support::aws_refuses;

// The second try of a write finds the condition false; the item is what a test says.
struct LostAnswer : ::testing::Test {
    LostAnswer() {
        aws.on<dynamodb::UpdateItemRequest>([](const auto&) -> Result<dynamodb::UpdateItemResponse> {
            return aws_refuses(ErrorCode::Conflict, "ConditionalCheckFailedException");
        });
        aws.on<dynamodb::GetItemRequest>([this](const auto& request) -> Result<dynamodb::GetItemResponse> {
            EXPECT_TRUE(request.consistent_read.value_or(false));
            dynamodb::GetItemResponse answer;
            for (const auto& [name, number] : numbers) answer.item[name] = {.n = std::to_string(number)};
            for (const auto& [name, text] : texts) answer.item[name] = {.s = text};
            return answer;
        });
    }
    LoopItem held() const {
        return {.key = {.cluster = model::ClusterName("demo"), .loop = model::Loop::Workers},
                .fence = 7,
                .version = 3,
                .holder = model::HolderId("me"),
                .lease_until = from_unix_seconds(1'795'000'000)};
    }
    support::FakeAws aws;
    DynamoLoopState state{aws, {.name = "fleet-state"}};
    std::map<std::string, std::int64_t> numbers;
    std::map<std::string, std::string> texts;
};

TEST_F(LostAnswer, ACommitThatWasAppliedIsRecognisedByItsFence) {
    numbers = {{"fence", 7}, {"version", 4}, {"written_by", 7}};  // Released by us.
    aws.next = {.tries = 2};
    const auto done = state.commit(held(), "memory", After::Release);
    ASSERT_TRUE(done.has_value()) << done.error().describe();
    EXPECT_EQ(done->version, 4);
    EXPECT_TRUE(done->holder.empty());
    // Somebody else has taken the lease since, and written nothing yet.
    numbers["fence"] = 8;
    aws.next = {.tries = 2};
    EXPECT_TRUE(state.commit(held(), "memory", After::Release).has_value());
}

TEST_F(LostAnswer, ACommitThatCannotBeToldIsNotClaimedToBeRefused) {
    numbers = {{"fence", 9}, {"version", 6}, {"written_by", 9}};
    aws.next = {.tries = 2};
    EXPECT_EQ(state.commit(held(), "memory", After::Release).error().code, ErrorCode::Unavailable);
}

TEST_F(LostAnswer, ARefusalOfTheFirstTryIsALostLease) {
    numbers = {{"fence", 7}, {"version", 4}, {"written_by", 7}};
    EXPECT_EQ(state.commit(held(), "memory", After::Keep).error().code, ErrorCode::Conflict);
    numbers = {{"fence", 8}, {"version", 3}, {"written_by", 6}, {"lease_until", 0}};
    texts = {{"holder", "another"}};
    aws.next = {.tries = 2};
    const auto lost = state.commit(held(), "memory", After::Keep);
    EXPECT_EQ(lost.error().code, ErrorCode::Conflict);
    EXPECT_NE(lost.error().message.find("another holds it now"), std::string::npos);
}

TEST_F(LostAnswer, ARemovalThatWasAppliedIsRecognised) {
    numbers = {{"fence", 7}};
    aws.next = {.tries = 2};
    EXPECT_TRUE(state.remove(held()).has_value());
    EXPECT_EQ(state.remove(held()).error().code, ErrorCode::Conflict) << "the first try was refused";
}

// One item as DynamoDB keeps it, and how far its clock is from the caller's.
struct WrongClock : ::testing::Test {
    static constexpr Timestamp kNow = from_unix_seconds(1'795'000'000);  // By our clock.
    static constexpr Duration kLease = std::chrono::seconds{75};

    WrongClock() {
        aws.on<dynamodb::UpdateItemRequest>(
            [this](const dynamodb::UpdateItemRequest& request) -> Result<dynamodb::UpdateItemResponse> {
                const auto& values = request.expression_attribute_values;
                if (request.update_expression->starts_with("REMOVE")) {
                    ++given_back;
                    return dynamodb::UpdateItemResponse{};
                }
                const bool taken_over = values.contains(":fence");
                if (taken_over ? values.at(":fence").n != "7" : !holder.empty())
                    return aws_refuses(ErrorCode::Conflict, "ConditionalCheckFailedException");
                return dynamodb::UpdateItemResponse{.attributes = {{"fence", {.n = "8"}},
                                                                   {"version", {.n = "3"}},
                                                                   {"holder", values.at(":holder")},
                                                                   {"lease_until", values.at(":until")}}};
            });
        aws.on<dynamodb::GetItemRequest>([this](const auto&) -> Result<dynamodb::GetItemResponse> {
            return dynamodb::GetItemResponse{
                .item = {{"fence", {.n = "7"}},
                         {"version", {.n = "3"}},
                         {"holder", {.s = holder}},
                         {"lease_until", {.n = std::to_string(to_unix_millis(until))}}}};
        });
    }
    Result<LoopItem> acquire(Duration ahead, Duration took = Duration{50}) {
        const auto theirs = std::chrono::floor<std::chrono::seconds>(kNow - ahead + took);
        aws.next.clock = read_clock(theirs, kNow, kNow + took);
        return state.acquire({.cluster = model::ClusterName("demo")}, model::HolderId("me"), kLease, kNow);
    }
    support::FakeAws aws;
    DynamoLoopState state{aws, {.name = "fleet-state"}};
    std::string holder;
    Timestamp until;
    int given_back = 0;
};

TEST_F(WrongClock, TakesNoLeaseThatAwsSaysHasNotEnded) {
    holder = "another";
    until = kNow - std::chrono::minutes{1};  // By our clock, which is four minutes ahead.
    const auto refused = acquire(std::chrono::minutes{4});
    ASSERT_FALSE(refused.has_value());
    EXPECT_EQ(refused.error().code, ErrorCode::Conflict);
    EXPECT_EQ(given_back, 0) << "it is another's";
    EXPECT_TRUE(acquire(Duration{0}).has_value()) << "with a right clock it has ended";
}

TEST_F(WrongClock, TakesALeaseThatHasEndedByAwsThoughNotByOurs) {
    holder = "another";
    until = kNow + std::chrono::seconds{3};
    EXPECT_FALSE(acquire(Duration{0}).has_value());
    EXPECT_TRUE(acquire(std::chrono::seconds{-4}).has_value());
}

TEST_F(WrongClock, GivesTheLeaseBackAndSaysWhatToDo) {
    const auto ahead = acquire(std::chrono::minutes{4} + std::chrono::seconds{10});
    ASSERT_FALSE(ahead.has_value());
    EXPECT_EQ(ahead.error().code, ErrorCode::Unavailable);
    EXPECT_NE(ahead.error().message.find("at least 4m 9s ahead of AWS's: set it"), std::string::npos)
        << ahead.error().message;
    EXPECT_EQ(given_back, 1);
    const auto behind = acquire(std::chrono::minutes{-15});
    ASSERT_FALSE(behind.has_value());
    EXPECT_NE(behind.error().message.find("behind AWS's"), std::string::npos) << behind.error().message;
    EXPECT_EQ(given_back, 2);
}

TEST_F(WrongClock, HoldsTheLeaseNoLongerThanAwsMayThink) {
    EXPECT_EQ(acquire(Duration{0})->lease_until, kNow + kLease - std::chrono::seconds{1});
    const auto behind = acquire(std::chrono::seconds{-4});
    ASSERT_TRUE(behind.has_value()) << "within the margin";
    EXPECT_EQ(behind->lease_until, kNow + kLease - std::chrono::seconds{5});
    const auto slow = acquire(Duration{0}, std::chrono::seconds{9});
    ASSERT_TRUE(slow.has_value()) << "a slow answer is no wrong clock";
    EXPECT_EQ(slow->lease_until, kNow + kLease - std::chrono::seconds{10});
    EXPECT_EQ(acquire(std::chrono::seconds{4})->lease_until, kNow + kLease);
}

TEST_F(WrongClock, IsNotLookedForWhereAnAnswerSaysNoTime) {
    const LoopItem held =
        state.acquire({.cluster = model::ClusterName("demo")}, model::HolderId("me"), kLease, kNow).value();
    EXPECT_EQ(held.lease_until, kNow + kLease);
}

// Fifty workers, all just launched and all being drained, with a plan of fifty launches of twelve attempts.
std::string large_memory() {
    using namespace std::chrono_literals;
    model::Memory memory{.cluster_uid = "0123456789abcdef0123456789abcdef"};
    const Timestamp at = from_unix_seconds(1'795'000'000);
    for (int i = 0; i < model::kMaxReadings; ++i)
        memory.readings.push_back(
            {.slot = i, .at = at + i * 2min, .cpu = 40.125 + i, .memory = 51.5 + i, .pending = i % 7});
    model::RecordedPlan plan{.version = 1, .intent_digest = std::string(64, 'd'), .decided_at = at};
    for (int node = 0; node < 50; ++node) {
        const std::string id = format("i-{:017x}", 0x9e3779b97f4a7c15ULL * static_cast<unsigned>(node + 1));
        const model::Token token(format("{:032x}", 0xc2b2ae3d27d4eb4fULL * static_cast<unsigned>(node + 1)));
        memory.launches.push_back({.instance = model::InstanceId(id), .token = token, .at = at});
        memory.drains.push_back({.instance = model::InstanceId(id),
                                 .node = model::NodeName(id),
                                 .node_uid = model::Uid(token.str()),
                                 .reason = "CPU below 30 % and memory below 50 % for 10 readings",
                                 .started = at,
                                 .deadline = at + 5min});
        model::Launch launch{.pool = model::PoolName("default")};
        for (int attempt = 0; attempt < 12; ++attempt)
            launch.attempts.push_back({.offering = {.instance_type = "m6g.large", .zone = "ap-southeast-1a"},
                                       .token = model::Token(format("{}{:02}", token.str(), attempt))});
        plan.actions.push_back({.what = launch, .reason = "below the minimum", .facts = {"workers 3"}});
    }
    memory.pending = plan;
    return json::write(model::encode(memory));
}

TEST(PackedMemory, OfFiftyNodesFitsIntoAnItemManyTimes) {
    const std::string memory = large_memory();
    EXPECT_GT(memory.size(), 100'000U);
    const PackedMemory packed = pack_memory(memory);
    EXPECT_TRUE(packed.deflated);
    EXPECT_LT(packed.bytes.size(), kMaxPackedMemory / 8);
    RecordProperty("bytes", static_cast<int>(memory.size()));
    RecordProperty("packed", static_cast<int>(packed.bytes.size()));
}

TEST(PackedMemory, SmallOnesAreStoredAsTheyAre) {
    EXPECT_FALSE(pack_memory("{}").deflated);
    EXPECT_EQ(pack_memory("{}").bytes, "{}");
}

TEST(PackedMemory, OneThatDoesNotFitIsRefusedBeforeItIsSent) {
    support::FakeAws aws;
    DynamoLoopState state(aws, {.name = "fleet-state"});
    std::string noise;
    Prng dice(7);
    while (noise.size() < 500'000) noise += static_cast<char>(dice.next() & 0xff);
    const LoopItem held{.key = {.cluster = model::ClusterName("demo")}, .holder = model::HolderId("me")};
    EXPECT_EQ(state.commit(held, noise, After::Keep).error().code, ErrorCode::Refused);
    EXPECT_TRUE(aws.calls.empty());
}

}  // namespace
}  // namespace k3fleet::aws
