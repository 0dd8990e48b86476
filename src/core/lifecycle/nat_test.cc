// The way out of the private subnets, as the whole decision keeps it.
#include "core/lifecycle/nat.h"

#include <gtest/gtest.h>

#include "core/decide.h"
#include "tests/support/plans.h"
#include "tests/support/world.h"

namespace k3fleet::lifecycle {
namespace {

using namespace model;
using core::apply_results;
using core::decide;
using testing::a_memory;
using testing::all;
using testing::an_intent;
using testing::is_blocked_by;
using testing::kNoon;
using testing::verbs;
using testing::WorldBuilder;

Instance nat_machine(const std::string& id, InstanceState state) {
    return {.id = InstanceId(id), .role = Role::Nat, .state = state};
}

// What #infra does about the way out, the masters apart.
Plan infra_without_masters(const WorldBuilder& world, Memory memory = a_memory(),
                           ClusterIntent intent = an_intent()) {
    memory.masters[0] = InstanceId("i-m0");
    return decide(Loop::Infra, intent, world, memory, kNoon);
}

WorldBuilder with_master() {
    WorldBuilder world;
    world.booting("m0", std::chrono::hours{1}, "").ready("m0").change("m0", [](Instance& i) {
        i.role = Role::Master;
        i.slot = 0;
    });
    return world;
}

TEST(Nat, OneNatInstanceStandsInTheFirstZoneWhereTheFileAsksForOne) {
    ClusterIntent intent = an_intent();
    EXPECT_EQ(verbs(infra_without_masters(with_master(), a_memory(), intent)), "") << "a gateway";
    intent.network.egress = Egress::NatInstance;
    intent.zones = {"eu-west-1c", "eu-west-1a"};
    const Plan plan = infra_without_masters(with_master(), a_memory(), intent);
    ASSERT_EQ(verbs(plan), "launch");
    const Launch launch = all<Launch>(plan)[0];
    EXPECT_EQ(launch.role, Role::Nat);
    ASSERT_EQ(launch.attempts.size(), 1U) << "its interface stands in one zone";
    EXPECT_EQ(launch.attempts[0].offering.zone, "eu-west-1c");
    EXPECT_EQ(launch.attempts[0].offering.instance_type, kNatType);
    EXPECT_EQ(launch.attempts[0].offering.market, Market::OnDemand);

    const RecordedPlan recorded{.version = 8, .decided_at = kNoon, .actions = plan.actions};
    const ActionResult result{.ordinal = 0, .instance = InstanceId("i-nat")};
    Memory memory = apply_results(plan.memory, recorded, std::vector{result});
    EXPECT_EQ(verbs(infra_without_masters(with_master(), memory, intent)), "") << "launched, not listed yet";
    WorldBuilder world = with_master();
    world.add(nat_machine("i-nat", InstanceState::Running));
    const Plan calm = infra_without_masters(world, memory, intent);
    EXPECT_EQ(verbs(calm), "");
    EXPECT_TRUE(calm.memory.launches.empty()) << "it is there";
    EXPECT_TRUE(calm.memory.masters.at(0) == InstanceId("i-m0"));
}

TEST(Nat, LooksAgainSoonUntilItStandsAsTheFileWantsIt) {
    ClusterIntent intent = an_intent();
    const auto soon = [&](const WorldBuilder& world, const Memory& memory = a_memory()) {
        return infra_without_masters(world, memory, intent).next_tick < kNoon + std::chrono::minutes{1};
    };
    WorldBuilder there = with_master();
    there.add(nat_machine("i-nat", InstanceState::Running));
    EXPECT_FALSE(soon(with_master()));
    EXPECT_TRUE(soon(there)) << "it is to go";
    intent.network.egress = Egress::NatInstance;
    EXPECT_FALSE(soon(there));
    EXPECT_TRUE(soon(with_master())) << "it is to come";
    Memory memory = a_memory();
    memory.launches = {{.instance = InstanceId("i-nat"), .role = Role::Nat, .at = kNoon}};
    WorldBuilder pending = with_master();
    pending.add(nat_machine("i-nat", InstanceState::Pending));
    EXPECT_TRUE(soon(pending, memory)) << "it is coming";
}

TEST(Nat, ANatInstanceThatStoppedIsEndedAndThenFollowedByAnother) {
    ClusterIntent intent = an_intent();
    intent.network.egress = Egress::NatInstance;
    const auto decided = [&](InstanceState state) {
        WorldBuilder world = with_master();
        world.add(nat_machine("i-nat", state));
        return verbs(infra_without_masters(world, a_memory(), intent));
    };
    EXPECT_EQ(decided(InstanceState::Stopped), "notify terminate");
    EXPECT_EQ(decided(InstanceState::Stopping), "") << "not yet";
    EXPECT_EQ(decided(InstanceState::ShuttingDown), "") << "its interface is not free yet";
    EXPECT_EQ(decided(InstanceState::Terminated), "launch");
    intent.network.egress = Egress::NatGateway;
    EXPECT_EQ(decided(InstanceState::Running), "terminate") << "no longer asked for";
}

TEST(Nat, APauseKeepsTheNatInstanceAsItIs) {
    ClusterIntent intent = an_intent();
    intent.network.egress = Egress::NatInstance;
    WorldBuilder world = with_master();
    world.paused();
    EXPECT_TRUE(is_blocked_by(infra_without_masters(world, a_memory(), intent), "frozen"));
    world.add(nat_machine("i-nat", InstanceState::Stopped));
    EXPECT_EQ(verbs(infra_without_masters(world, a_memory(), intent)), "notify");
}

}  // namespace
}  // namespace k3fleet::lifecycle
