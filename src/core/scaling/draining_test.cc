// Drains from the plan that begins one to the tick that sees its node gone, and those that are given up.
#include "core/scaling/draining.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "core/decide.h"
#include "tests/support/plans.h"
#include "tests/support/world.h"

namespace k3fleet::scaling {
namespace {

using namespace model;
using testing::a_memory;
using testing::all;
using testing::an_intent;
using testing::is_blocked_by;
using testing::kNoon;
using testing::three_workers;
using testing::verbs;
using testing::workers;
using testing::WorldBuilder;

TEST(Draining, OneThatWasGivenUpIsNotFollowedByTheNextAtOnce) {
    WorldBuilder world = three_workers();
    ClusterIntent intent = an_intent();
    intent.pools[0].max = 2;
    Memory memory = a_memory(1);
    memory.pools[PoolName("default")] = {.abandoned = 1, .last_abandoned = kNoon - std::chrono::minutes{29}};
    const Plan waits = core::decide(Loop::Workers, intent, world, memory, kNoon);
    EXPECT_TRUE(waits.memory.drains.empty());
    EXPECT_TRUE(is_blocked_by(waits, "drain"));
    memory.pools[PoolName("default")].last_abandoned = kNoon - std::chrono::minutes{30};
    EXPECT_EQ(core::decide(Loop::Workers, intent, world, memory, kNoon).memory.drains.size(), 1U);
    memory.pools[PoolName("default")].abandoned = 3;
    EXPECT_TRUE(core::decide(Loop::Workers, intent, world, memory, kNoon + std::chrono::minutes{59})
                    .memory.drains.empty())
        << "two hours by now";
    memory.pools[PoolName("default")].abandoned = 0;
    EXPECT_EQ(core::decide(Loop::Workers, intent, world, memory, kNoon).memory.drains.size(), 1U)
        << "one has gone since";
}

TEST(Draining, OneThatIsCompleteEndsThePausesBetweenThem) {
    WorldBuilder world = three_workers();
    Memory memory = a_memory(1);
    memory.pools[PoolName("default")] = {.abandoned = 2, .last_abandoned = kNoon - std::chrono::hours{3}};
    memory.drains.push_back({.instance = InstanceId("i-gone"),
                             .pool = PoolName("default"),
                             .node = NodeName("i-gone"),
                             .started = kNoon,
                             .deadline = kNoon,
                             .phase = Drain::Phase::Terminating});
    const Plan plan = workers(an_intent(), world, memory);
    EXPECT_TRUE(plan.memory.drains.empty());
    EXPECT_EQ(plan.memory.pools.at(PoolName("default")).abandoned, 0);
}

TEST(Draining, AMachineThatJoinsAfterItWasGivenUpStays) {
    WorldBuilder world = three_workers();
    Memory memory = a_memory(1);
    memory.drains.push_back({.instance = InstanceId("i-a"),
                             .pool = PoolName("default"),
                             .started = kNoon,
                             .deadline = kNoon,
                             .phase = Drain::Phase::Terminating,
                             .at_deadline = Drain::AtDeadline::Force});
    const Plan plan = workers(an_intent(), world, memory);
    EXPECT_TRUE(plan.memory.drains.empty());
    EXPECT_TRUE(plan.actions.empty());
    EXPECT_TRUE(is_blocked_by(plan, "joined"));
    EXPECT_EQ(plan.memory.pools.count(PoolName("default")), 0U);
}

TEST(Draining, ANodeThatTakesPodsAgainIsEmptiedAgain) {
    WorldBuilder world = three_workers();
    world.pod("late", "a");
    Memory memory = a_memory(1);
    memory.drains.push_back({.instance = InstanceId("i-a"),
                             .pool = PoolName("default"),
                             .node = NodeName("i-a"),
                             .node_uid = Uid("uid-a"),
                             .started = kNoon,
                             .deadline = kNoon + std::chrono::minutes{5},
                             .phase = Drain::Phase::Terminating});
    const Plan plan = workers(an_intent(), world, memory);
    EXPECT_EQ(plan.memory.drains.at(0).phase, Drain::Phase::Evicting);
    EXPECT_TRUE(std::ranges::none_of(
        plan.actions, [](const Action& action) { return std::holds_alternative<Terminate>(action.what); }));
}

// Found by the simulator (seed 63): a drain given up while the API server was away left its node cordoned.
TEST(Draining, OneThatWasGivenUpIsFollowedUntilItsNodeTakesPods) {
    WorldBuilder world = three_workers();
    world.cordoned("a");
    Memory memory = a_memory(1);
    memory.drains.push_back({.instance = InstanceId("i-a"),
                             .pool = PoolName("default"),
                             .node = NodeName("i-a"),
                             .node_uid = Uid("uid-a"),
                             .phase = Drain::Phase::Returning});
    const Plan uncordons = workers(an_intent(), world, memory);
    ASSERT_EQ(verbs(uncordons), "cordon");
    EXPECT_EQ(all<Cordon>(uncordons)[0].to, Cordon::To::Schedulable);
    EXPECT_EQ(uncordons.memory.drains, memory.drains);
    auto nodes = world.world().nodes;
    world.world().nodes = Unknown{"the API server is away"};
    EXPECT_EQ(workers(an_intent(), world, memory).memory.drains, memory.drains);
    world.world().nodes = nodes;
    world.ready("a");
    const Plan over = workers(an_intent(), world, memory);
    EXPECT_EQ(verbs(over), "");
    EXPECT_TRUE(over.memory.drains.empty());
}

// Found by the simulator (seed 317145): a worker whose drain had been given up looked cordoned and empty, and
// was ended by the plan that let pods onto it.
TEST(Draining, AWorkerWhoseDrainWasGivenUpIsNotEndedBeforeItsNodeTakesPods) {
    WorldBuilder world = three_workers();
    world.cordoned("a");
    ClusterIntent intent = an_intent();
    intent.pools[0].max = 2;
    Memory memory = a_memory(1);
    memory.drains.push_back({.instance = InstanceId("i-a"),
                             .pool = PoolName("default"),
                             .node = NodeName("i-a"),
                             .node_uid = Uid("uid-a"),
                             .phase = Drain::Phase::Returning});
    const Plan waits = workers(intent, world, memory);
    EXPECT_EQ(verbs(waits), "cordon") << "takes pods again, and nothing else";
    EXPECT_TRUE(is_blocked_by(waits, "drain"));
    EXPECT_EQ(waits.memory.drains, memory.drains);
    world.ready("a");
    const Plan goes_on = workers(intent, world, memory);
    ASSERT_EQ(goes_on.memory.drains.size(), 1U);
    EXPECT_EQ(goes_on.memory.drains[0].phase, Drain::Phase::Evicting);
}

TEST(Draining, IsFollowedToItsEnd) {
    const ClusterIntent intent = an_intent();
    WorldBuilder world = three_workers().load(20, 30, 0);
    world.pod("z", "b");
    Memory memory = workers(intent, world, a_memory(9, 20, 30)).memory;
    // Cordoned; the pod has moved.
    auto nodes = *world.world().nodes;
    nodes[0].schedulable = false;
    ASSERT_EQ(memory.drains[0].node, nodes[0].name);
    world.nodes(nodes);
    const Plan terminate = workers(intent, world, memory, kNoon + std::chrono::seconds{15});
    EXPECT_EQ(verbs(terminate), "terminate");
    // The machine is going: its node is deleted.
    world.change("a", [](Instance& i) { i.state = InstanceState::ShuttingDown; });
    const Plan remove = workers(intent, world, terminate.memory, kNoon + std::chrono::seconds{30});
    EXPECT_EQ(verbs(remove), "delete-node");
    nodes.erase(nodes.begin());
    world.nodes(nodes);
    const Plan over = workers(intent, world, remove.memory, kNoon + std::chrono::seconds{45});
    EXPECT_EQ(verbs(over), "");
    EXPECT_TRUE(over.memory.drains.empty());
}

TEST(Draining, IsCompleteOnlyWhenItIs) {
    WorldBuilder world;
    world.worker("a").worker("b").worker("c").pod("p", "c").load(50, 40, 0);
    Memory memory = a_memory(10);
    memory.drains = {{.instance = InstanceId("i-c"),
                      .pool = PoolName("default"),
                      .node = NodeName("i-c"),
                      .node_uid = Uid("uid-c"),
                      .reason = "quiet",
                      .started = kNoon,
                      .deadline = kNoon + std::chrono::minutes{5}}};
    EXPECT_TRUE(workers(an_intent(), world, memory).notes.empty());
    world.change("c", [](Instance& i) { i.state = InstanceState::Terminated; }).ready("c", false);
    EXPECT_EQ(verbs(workers(an_intent(), world, memory)), "delete-node") << "by the drain alone";
    auto nodes = *world.world().nodes;
    nodes.pop_back();
    world.nodes(nodes);
    const Plan done = workers(an_intent(), world, memory);
    EXPECT_EQ(done.notes, std::vector<std::string>{"drain of i-c is complete"});
    EXPECT_TRUE(done.memory.drains.empty());
}

}  // namespace
}  // namespace k3fleet::scaling
