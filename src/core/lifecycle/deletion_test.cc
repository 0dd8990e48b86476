// Taking a cluster's machines away: in which order, and what is said meanwhile.
#include "core/lifecycle/deletion.h"

#include <gtest/gtest.h>

#include "core/decide.h"
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

Plan deleting(Loop loop, const WorldBuilder& world, const Memory& memory = a_memory()) {
    ClusterIntent intent = an_intent();
    intent.deleting = true;
    return decide(loop, intent, world, memory, kNoon);
}

WorldBuilder two_workers_and_a_master() {
    WorldBuilder world;
    world.worker("a").worker("b").booting("m", minutes{60}, "").change("m", [](Instance& i) {
        i.role = Role::Master;
        i.slot = 0;
    });
    return world;
}

TEST(Deletion, SaysHowManyAreStillToGoAndLooksAgainSoon) {
    WorldBuilder world = two_workers_and_a_master();
    const Plan begun = deleting(Loop::Workers, world);
    EXPECT_EQ(begun.summary, "deleting: 2 workers still to go");
    EXPECT_EQ(verbs(begun), "terminate terminate");
    EXPECT_LT(begun.next_tick, kNoon + minutes{1});
    world.change("a", [](Instance& i) { i.state = InstanceState::ShuttingDown; });
    world.change("b", [](Instance& i) { i.state = InstanceState::Terminated; });
    const Plan going = deleting(Loop::Workers, world);
    EXPECT_EQ(going.summary, "deleting: 1 worker still to go");
    EXPECT_EQ(verbs(going), "") << "it shuts down already";
    world.change("a", [](Instance& i) { i.state = InstanceState::Terminated; });
    const Plan done = deleting(Loop::Workers, world);
    EXPECT_EQ(done.summary, "no worker is left");
    EXPECT_GE(done.next_tick, kNoon + minutes{1});
}

TEST(Deletion, MastersWaitForTheWorkersAndSayIt) {
    const Plan plan = deleting(Loop::Infra, two_workers_and_a_master());
    EXPECT_EQ(plan.summary, "waiting for the workers to go");
    EXPECT_EQ(verbs(plan), "");
    EXPECT_TRUE(is_blocked_by(plan, "workers"));
    EXPECT_GT(plan.next_tick, kNoon);
    EXPECT_LT(plan.next_tick, kNoon + minutes{1});
}

TEST(Deletion, TheWayOutGoesLast) {
    WorldBuilder world = two_workers_and_a_master();
    for (const char* name : {"a", "b"})
        world.change(name, [](Instance& i) { i.state = InstanceState::Terminated; });
    world.add({.id = InstanceId("i-nat"), .role = Role::Nat, .state = InstanceState::Running});
    const Plan masters = deleting(Loop::Infra, world);
    EXPECT_EQ(masters.summary, "deleting: 1 master still to go");
    ASSERT_EQ(all<Terminate>(masters).size(), 1U);
    EXPECT_EQ(all<Terminate>(masters)[0].role, Role::Master);
    world.change("m", [](Instance& i) { i.state = InstanceState::Terminated; });
    const Plan nat = deleting(Loop::Infra, world);
    EXPECT_EQ(nat.summary, "deleting: 1 NAT instance still to go");
    EXPECT_EQ(all<Terminate>(nat).at(0).role, Role::Nat);
    EXPECT_FALSE(nothing_left(world));
    world.change("nat", [](Instance& i) { i.state = InstanceState::Terminated; });
    EXPECT_EQ(deleting(Loop::Infra, world).summary, "no NAT instance is left");
    EXPECT_TRUE(nothing_left(world));
}

TEST(Deletion, WaitsForALaunchThatIsNotListedYetAndNoLonger) {
    Memory memory = a_memory();
    memory.drains = {{.instance = InstanceId("i-a"), .node = NodeName("i-a")}};
    memory.launches = {{.instance = InstanceId("i-new"), .role = Role::Worker, .at = kNoon - seconds{30}}};
    const Plan waits = deleting(Loop::Workers, WorldBuilder(), memory);
    EXPECT_EQ(waits.summary, "deleting: 1 worker still to go");
    EXPECT_TRUE(waits.memory.drains.empty()) << "nobody drains what is ended";
    memory.launches[0].at = kNoon - minutes{10};
    EXPECT_EQ(deleting(Loop::Workers, WorldBuilder(), memory).summary, "no worker is left");
    memory.launches[0] = {.instance = InstanceId("i-a"), .role = Role::Worker, .at = kNoon};
    EXPECT_TRUE(deleting(Loop::Workers, two_workers_and_a_master(), memory).memory.launches.empty())
        << "it is listed";
}

TEST(Deletion, StandsStillInAPauseAndWhileNothingIsKnown) {
    for (const Loop loop : {Loop::Workers, Loop::Infra}) {
        const Plan paused = deleting(loop, two_workers_and_a_master().paused());
        EXPECT_EQ(verbs(paused), "");
        EXPECT_TRUE(is_blocked_by(paused, "frozen"));
        EXPECT_EQ(paused.summary, "not done: delete the cluster: it is paused: maintenance");
        WorldBuilder blind;
        blind.world().instances = Unknown{"EC2 is away"};
        const Plan held = deleting(loop, blind);
        EXPECT_EQ(held.summary, "HOLD: the instances are unknown");
        EXPECT_TRUE(is_blocked_by(held, "unknown"));
    }
    WorldBuilder blind;
    blind.world().instances = Unknown{"EC2 is away"};
    EXPECT_FALSE(nothing_left(blind));
}

}  // namespace
}  // namespace k3fleet::lifecycle
