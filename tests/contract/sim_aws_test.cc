// The contracts of LoopState and Objects on the production adapters for DynamoDB and S3, over the simulated
// account, with the rights that the controller has on AWS and no more. One process and one thread: the
// simulated account knows no others.
#include "adapters/aws/dynamo_loop_state.h"
#include "adapters/aws/s3_objects.h"
#include "aws/gen/dynamodb.h"
#include "aws/gen/s3.h"
#include "core/model/resource_names.h"
#include "tests/contract/loop_state_contract.h"
#include "tests/contract/objects_contract.h"
#include "tests/support/fakes.h"
#include "tests/support/sim_account.h"

namespace k3fleet::contract {
namespace {

// An account with the project's table and bucket, whoever made them.
struct StoreAccount : support::SimAccount {
    StoreAccount() {
        aws::dynamodb::CreateTableRequest table{.table_name = model::names::table(scope)};
        table.attribute_definitions = {{.attribute_name = "cluster_id", .attribute_type = "S"}};
        table.key_schema = {{.attribute_name = "cluster_id", .key_type = "HASH"}};
        table.billing_mode = "PAY_PER_REQUEST";
        const auto made = api.call(table);
        EXPECT_TRUE(made || made.error().provider_code == "ResourceInUseException");
        aws::s3::CreateBucketRequest bucket{.bucket = model::names::state_bucket(scope)};
        bucket.create_bucket_configuration.emplace().location_constraint = scope.region;
        const auto kept = api.call(bucket);
        EXPECT_TRUE(kept || kept.error().provider_code == "BucketAlreadyOwnedByYou");
    }
};

struct SimAwsBackend {
    struct Connection {
        explicit Connection(support::SimAccount& account)
            : api(account.as(iam::Principal::Controller)),
              leases(*api, {.name = model::names::table(account.scope)}) {}
        ports::LoopState& loop_state() { return leases; }

        std::unique_ptr<aws::Api> api;
        aws::DynamoLoopState leases;
    };

    std::unique_ptr<Connection> connect() { return std::make_unique<Connection>(account); }
    StoreAccount account;
};

INSTANTIATE_TYPED_TEST_SUITE_P(SimAws, LoopStateContract, SimAwsBackend);

// Names of the contract are any names, so nobody's rights are asked here: s3_test.cc asks them.
struct SimS3Backend {
    struct Connection {
        Connection(support::SimAccount& account, ports::Random& random)
            : kept(account.api, random,
                   {.name = model::names::state_bucket(account.scope), .owner = account.scope.account}) {}
        ports::Objects& objects() { return kept; }

        aws::S3Objects kept;
    };

    std::unique_ptr<Connection> connect() { return std::make_unique<Connection>(account, random); }
    StoreAccount account;
    testing::CountingRandom random;
};

INSTANTIATE_TYPED_TEST_SUITE_P(SimAws, ObjectsContract, SimS3Backend);

// Its rights hold for its cluster's items; a request whose key AWS did not see would be let through.
TEST(SimAwsLoopState, AnAutoscalerTakesNoLeaseOfAnotherCluster) {
    StoreAccount account;
    const auto api = account.as(iam::Principal::Autoscaler);
    aws::DynamoLoopState leases(*api, {.name = model::names::table(account.scope)});
    const auto take = [&](const std::string& cluster) {
        return leases.acquire(key_of(cluster), holder("a"), kLease, kNoon);
    };
    const auto own = take("demo");
    ASSERT_TRUE(own.has_value()) << own.error().describe();
    EXPECT_TRUE(leases.commit(*own, "memory", LoopState::After::Release).has_value());
    EXPECT_EQ(take("other").error().code, ErrorCode::PermissionDenied);
    EXPECT_EQ(leases.read(key_of("other")).error().code, ErrorCode::PermissionDenied);
    EXPECT_EQ(leases.set_freeze(model::ClusterName("other"), model::Freeze{.by = "me"}).error().code,
              ErrorCode::PermissionDenied);
}

TEST(SimAwsObjects, PutsAgainWhatCollided) {
    SimS3Backend backend;
    const auto connection = backend.connect();
    auto& engine = backend.account.engine;
    engine.add_fault({.at = engine.now(), .kind = simcloud::FaultKind::WriteCollision});
    const auto put = connection->objects().put("a", "1", ports::Condition::if_absent());
    ASSERT_TRUE(put.has_value()) << put.error().describe();
    EXPECT_EQ(connection->objects().get("a").value()->data, "1");
}

}  // namespace
}  // namespace k3fleet::contract
