// Masters one after the other, each in a zone of its own, and what is bought for a cluster at all.
#include "core/lifecycle/masters.h"

#include <gtest/gtest.h>

#include "core/decide.h"
#include "core/lifecycle/offers.h"
#include "tests/support/plans.h"
#include "tests/support/world.h"

namespace k3fleet::lifecycle {
namespace {

using namespace model;
using core::decide;
using std::chrono::minutes;
using std::chrono::seconds;
using testing::a_memory;
using testing::all;
using testing::an_intent;
using testing::is_blocked_by;
using testing::kNoon;
using testing::verbs;
using testing::WorldBuilder;

ClusterIntent three_masters() {
    ClusterIntent intent = an_intent();
    intent.mode = ClusterMode::Ha;
    return intent;
}

Plan infra(const WorldBuilder& world, const Memory& memory, const ClusterIntent& intent = three_masters()) {
    return decide(Loop::Infra, intent, world, memory, kNoon);
}

void add_master(WorldBuilder& world, int slot, bool ready = true) {
    const std::string name = "m" + std::to_string(slot);
    world.booting(name, minutes{30}, "").change(name, [&](Instance& i) {
        i.role = Role::Master;
        i.slot = slot;
    });
    if (ready) world.ready(name);
}

TEST(Masters, EachSlotBeginsInAnotherZoneAndGoesOnThroughTheRest) {
    WorldBuilder world;
    Memory memory = a_memory();
    std::vector<std::string> first_zones;
    for (int slot = 0; slot < 3; ++slot) {
        const Plan plan = infra(world, memory);
        const auto launches = all<Launch>(plan);
        ASSERT_EQ(launches.size(), 1U);
        EXPECT_EQ(launches[0].slot, slot);
        EXPECT_EQ(launches[0].attempts.size(), 3U) << "one a zone";
        first_zones.push_back(launches[0].attempts[0].offering.zone);
        EXPECT_LT(plan.next_tick, kNoon + minutes{1}) << "something is under way";
        add_master(world, slot);
    }
    EXPECT_EQ(first_zones, (std::vector<std::string>{"eu-west-1a", "eu-west-1b", "eu-west-1c"}));
    const Plan done = infra(world, memory);
    EXPECT_EQ(verbs(done), "");
    EXPECT_EQ(done.summary, "3 of 3 masters Ready");
    EXPECT_GE(done.next_tick, kNoon + minutes{1}) << "nothing to wait for";
}

TEST(Masters, AreAdoptedBySlotOnceAndOnlyWhileAlive) {
    WorldBuilder world;
    add_master(world, 0);
    world.worker("w");
    world.change("w", [](Instance& i) { i.slot = 1; });
    const Plan plan = infra(world, a_memory());
    EXPECT_EQ(plan.memory.masters, (std::map<int, InstanceId>{{0, InstanceId("i-m0")}}));
    EXPECT_EQ(all<Launch>(plan).at(0).slot, 1) << "the worker is no master";

    WorldBuilder dead;
    add_master(dead, 0);
    dead.change("m0", [](Instance& i) { i.state = InstanceState::Terminated; });
    EXPECT_TRUE(infra(dead, a_memory()).memory.masters.empty());

    WorldBuilder untagged;
    add_master(untagged, 0);
    untagged.change("m0", [](Instance& i) { i.slot = -1; });
    EXPECT_TRUE(infra(untagged, a_memory()).memory.masters.empty());
}

TEST(Masters, AreRememberedAsLaunchedUntilTheyAreReadyOrLost) {
    Memory memory = a_memory();
    memory.masters[0] = InstanceId("i-m0");
    memory.launches = {
        {.instance = InstanceId("i-m0"), .role = Role::Master, .slot = 0, .at = kNoon - seconds{30}},
        {.instance = InstanceId("i-w"), .role = Role::Worker, .pool = PoolName("default"), .at = kNoon}};
    WorldBuilder nothing;
    EXPECT_EQ(infra(nothing, memory).memory.launches.size(), 2U) << "EC2 may not list it yet";
    WorldBuilder booting;
    add_master(booting, 0, false);
    EXPECT_EQ(infra(booting, memory).memory.launches.size(), 2U);
    WorldBuilder there;
    add_master(there, 0);
    const Plan ready = infra(there, memory);
    ASSERT_EQ(ready.memory.launches.size(), 1U);
    EXPECT_EQ(ready.memory.launches[0].role, Role::Worker) << "that one is not the masters' business";
    memory.launches[0].at = kNoon - minutes{2};  // As long as EC2 may take to list it.
    const Plan lost = infra(nothing, memory);
    EXPECT_EQ(lost.memory.launches.size(), 1U);
    EXPECT_TRUE(is_blocked_by(lost, "lifecycle"));
}

TEST(Masters, ALostOneIsToldOnceAndTheNextAreKeptGoing) {
    Memory memory = a_memory();
    memory.masters = {{0, InstanceId("i-m0")}, {1, InstanceId("i-m1")}};
    WorldBuilder world;
    add_master(world, 1);
    const Plan plan = infra(world, memory);
    EXPECT_EQ(all<Notify>(plan).size(), 1U);
    EXPECT_EQ(all<Launch>(plan).at(0).slot, 2) << "a slot that is lost is not founded again";
    EXPECT_TRUE(all<Notify>(infra(world, plan.memory)).empty()) << "told already";
}

TEST(Masters, HoldWhileTheInstancesAreUnknown) {
    WorldBuilder world;
    world.world().instances = Unknown{"EC2 is away"};
    const Plan plan = infra(world, a_memory());
    EXPECT_EQ(plan.summary, "HOLD: the instances are unknown");
    EXPECT_TRUE(is_blocked_by(plan, "unknown"));
}

TEST(Masters, WaitForNodesThatAreUnknown) {
    Memory memory = a_memory();
    memory.masters[0] = InstanceId("i-m0");
    WorldBuilder world;
    add_master(world, 0);
    world.world().nodes = Unknown{"the API server is away"};
    const Plan plan = infra(world, memory);
    EXPECT_EQ(verbs(plan), "") << "the second would meet a first that does not serve";
    EXPECT_EQ(plan.summary, "1 of 3 masters there, not known whether Ready");
}

TEST(Offers, AreOfMastersPoolsAndTheWayOut) {
    ClusterIntent intent = an_intent();
    intent.pools.push_back(
        {.name = PoolName("batch"), .instance_types = {"c7g.large"}, .zones = {"eu-west-1b"}});
    using Pairs = std::set<std::pair<std::string, std::string>>;
    const std::vector<std::string> zones{"eu-west-1a", "eu-west-1b"};
    Pairs expected{{"t4g.small", "eu-west-1a"},
                   {"t4g.small", "eu-west-1b"},
                   {"t4g.medium", "eu-west-1a"},
                   {"t4g.medium", "eu-west-1b"},
                   {"c7g.large", "eu-west-1b"}};
    EXPECT_EQ(may_be_bought(intent, zones), expected);
    intent.network.egress = Egress::NatInstance;
    for (const std::string& zone : zones) expected.emplace(kNatType, zone);
    EXPECT_EQ(may_be_bought(intent, zones), expected);
}

TEST(Offers, OfOneTypeComeInTheOrderOfTheZonesOnDemand) {
    ClusterIntent intent = three_masters();
    intent.zones = {"eu-west-1c", "eu-west-1a", "eu-west-1b"};
    const auto attempts = all<Launch>(infra(WorldBuilder(), a_memory(), intent)).at(0).attempts;
    ASSERT_EQ(attempts.size(), 3U);
    for (std::size_t i = 0; i < 3; ++i) {
        EXPECT_EQ(attempts[i].offering.zone, intent.zones[i]);
        EXPECT_EQ(attempts[i].offering.market, Market::OnDemand);
        EXPECT_EQ(attempts[i].offering.instance_type, "t4g.small");
    }
    intent.master_type = "m7g.large";
    EXPECT_TRUE(is_blocked_by(infra(WorldBuilder(), a_memory(), intent), "no-capacity"));
    WorldBuilder world;
    world.world().offerings = Unknown{"prices are away"};
    EXPECT_TRUE(is_blocked_by(infra(world, a_memory()), "unknown"));
    EXPECT_TRUE(is_blocked_by(infra(WorldBuilder().paused(), a_memory()), "frozen"));
}

}  // namespace
}  // namespace k3fleet::lifecycle
