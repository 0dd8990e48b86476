// The contracts of Objects and LoopState on S3 and DynamoDB, over the wire. run.py starts the server and says
// where it is.
#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <thread>

#include "adapters/aws/dynamo_loop_state.h"
#include "adapters/aws/s3_objects.h"
#include "aws/gen/dynamodb.h"
#include "aws/gen/s3.h"
#include "tests/contract/loop_state_contract.h"
#include "tests/contract/objects_contract.h"
#include "tests/support/aws_server.h"

namespace k3fleet::contract {
namespace {

std::string server_url() {
    const char* url = std::getenv("K3F_TEST_AWS_URL");
    return url == nullptr ? "" : url;
}

// Each backend has a bucket and a table of its own.
struct AwsBackend {
    struct Connection {
        explicit Connection(const std::string& name)
            : server(server_url()),
              kept(server.api, server.random, {.name = name, .owner = support::kTestAccount}),
              leases(server.api, {.name = name, .clock_margin = {}}) {}
        ports::Objects& objects() { return kept; }
        ports::LoopState& loop_state() { return leases; }

        support::AwsServer server;
        aws::S3Objects kept;
        aws::DynamoLoopState leases;
    };

    AwsBackend() {
        support::AwsServer server(server_url());
        name = "contract-" + server.random.hex(6);
        aws::s3::CreateBucketRequest bucket{.bucket = name};
        bucket.create_bucket_configuration.emplace().location_constraint = support::kTestRegion;
        EXPECT_TRUE(server.api.call(bucket).has_value());
        const auto made = server.api.call(aws::dynamodb::CreateTableRequest{
            .attribute_definitions = {{.attribute_name = "cluster_id", .attribute_type = "S"}},
            .table_name = name,
            .key_schema = {{.attribute_name = "cluster_id", .key_type = "HASH"}},
            .billing_mode = "PAY_PER_REQUEST"});
        EXPECT_TRUE(made.has_value()) << (made ? "" : made.error().describe());
    }
    std::unique_ptr<Connection> connect() { return std::make_unique<Connection>(name); }
    std::string name;
};

INSTANTIATE_TYPED_TEST_SUITE_P(Aws, LoopStateContract, AwsBackend);
INSTANTIATE_TYPED_TEST_SUITE_P(Aws, LoopStateRaces, AwsBackend);
INSTANTIATE_TYPED_TEST_SUITE_P(Aws, ObjectsContract, AwsBackend);
INSTANTIATE_TYPED_TEST_SUITE_P(Aws, ObjectsRaces, AwsBackend);

TEST(AwsLoopState, OfSixteenHoldersThatRaceOneWinsAndTheOthersLearnWho) {
    AwsBackend backend;
    for (int round = 0; round < 5; ++round) {
        const LoopKey key = key_of(format("race-{}", round));
        std::atomic<int> winners = 0, told = 0;
        std::vector<std::unique_ptr<AwsBackend::Connection>> connections;
        for (int who = 0; who < 16; ++who) connections.push_back(backend.connect());
        {
            std::vector<std::jthread> threads;
            for (int who = 0; who < 16; ++who) {
                threads.emplace_back([&, who] {
                    auto& state = connections[static_cast<std::size_t>(who)]->loop_state();
                    const auto item = state.acquire(key, holder(format("h{}", who)), kLease, kNoon);
                    if (item) ++winners;
                    if (!item && item.error().message.find("held by h") != std::string::npos) ++told;
                });
            }
        }
        EXPECT_EQ(winners, 1);
        EXPECT_EQ(told, 15);
    }
}

TEST(AwsLoopState, AcquiresAndCommitsWithOneWriteEach) {
    AwsBackend backend;
    const auto connection = backend.connect();
    const auto held = connection->leases.acquire(key_of(), holder("a"), kLease, kNoon);
    ASSERT_TRUE(held.has_value());
    ASSERT_TRUE(connection->leases.commit(*held, "memory", LoopState::After::Release).has_value());
    std::vector<std::string> operations;
    for (const auto& call : connection->server.api.calls()) operations.push_back(call.operation);
    EXPECT_EQ(operations, (std::vector<std::string>{"UpdateItem", "UpdateItem"}));
}

}  // namespace
}  // namespace k3fleet::contract
