// The contract of Cloud on the simulated cloud.
#include "adapters/simcloud/simcloud.h"

#include "tests/contract/cloud_contract.h"
#include "tests/support/sim_world.h"

namespace k3fleet::contract {
namespace {

struct SimBackend {
    explicit SimBackend(const std::string& cluster) {
        EXPECT_TRUE(sim->add_cluster(simcloud::small_cluster(cluster)).has_value());
    }
    ports::Cloud& cloud() { return sim->cloud(); }
    void settle() { EXPECT_TRUE(sim->clock().sleep_until(sim->now() + std::chrono::minutes{3}).has_value()); }
    std::unique_ptr<simcloud::Sim> sim = simcloud::Sim::in_memory({.start = simcloud::kStart});
};

INSTANTIATE_TYPED_TEST_SUITE_P(Sim, CloudContract, SimBackend);

}  // namespace
}  // namespace k3fleet::contract
