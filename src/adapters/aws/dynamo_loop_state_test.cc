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
