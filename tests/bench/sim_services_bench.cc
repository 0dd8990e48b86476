// What the calls of one tick cost on the simulated account: the lease is taken and given back, the pause is
// read, the journal gets an entry.
#include <benchmark/benchmark.h>

#include "adapters/aws/dynamo_loop_state.h"
#include "adapters/aws/s3_objects.h"
#include "aws/gen/dynamodb.h"
#include "aws/gen/s3.h"
#include "base/check.h"
#include "base/text.h"
#include "tests/support/bare_account.h"
#include "tests/support/fakes.h"

namespace k3fleet {
namespace {

struct Stores : support::BareAccount {
    Stores() {
        aws::dynamodb::CreateTableRequest table{.table_name = "state"};
        table.attribute_definitions = {{.attribute_name = "cluster_id", .attribute_type = "S"}};
        table.key_schema = {{.attribute_name = "cluster_id", .key_type = "HASH"}};
        table.billing_mode = "PAY_PER_REQUEST";
        K3F_CHECK(api.call(table).has_value());
        pass(std::chrono::seconds{10});
        aws::s3::CreateBucketRequest bucket{.bucket = "journal"};
        bucket.create_bucket_configuration.emplace().location_constraint = account().region;
        K3F_CHECK(api.call(bucket).has_value());
    }
    const ports::LoopKey key{.cluster = model::ClusterName("demo"), .loop = model::Loop::Workers};
    testing::CountingRandom random;
    aws::DynamoLoopState leases{api, {.name = "state"}};
    aws::S3Objects objects{api, random, {.name = "journal", .owner = account().number}};
};

// Two updates of an item with a memory of so many bytes.
void lease_and_commit(benchmark::State& state) {
    Stores stores;
    const std::string memory(static_cast<std::size_t>(state.range(0)), 'm');
    for (auto _ : state) {
        const auto held = stores.leases.acquire(stores.key, model::HolderId("a"), std::chrono::seconds{60},
                                                stores.engine.now());
        K3F_CHECK(stores.leases.commit(*held, memory, ports::LoopState::After::Release).has_value());
    }
}
BENCHMARK(lease_and_commit)->Arg(256)->Arg(4096);

void read_pause(benchmark::State& state) {
    Stores stores;
    for (auto _ : state) benchmark::DoNotOptimize(stores.leases.freeze(stores.key.cluster));
}
BENCHMARK(read_pause);

void write_entry(benchmark::State& state) {
    Stores stores;
    const std::string entry(static_cast<std::size_t>(state.range(0)), 'e');
    int n = 0;
    for (auto _ : state) {
        const std::string name = format("journal/chain/demo/workers/{:08}", ++n);
        K3F_CHECK(stores.objects.put(name, entry, ports::Condition::if_absent()).has_value());
    }
}
BENCHMARK(write_entry)->Arg(512)->Arg(8192)->Iterations(20'000);

}  // namespace
}  // namespace k3fleet

BENCHMARK_MAIN();
