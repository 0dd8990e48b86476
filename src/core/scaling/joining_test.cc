// What becomes of what was launched, and of nodes whose machines are gone.
#include "core/scaling/joining.h"

#include <gtest/gtest.h>

#include "core/decide.h"
#include "tests/support/world.h"

namespace k3fleet::scaling {
namespace {

using namespace model;
using testing::a_memory;
using testing::an_intent;
using testing::kNoon;
using testing::WorldBuilder;

std::vector<std::string> deleted(const World& world) {
    std::vector<std::string> names;
    for (const Action& action : core::decide(Loop::Workers, an_intent(), world, a_memory(), kNoon).actions)
        if (const auto* node = std::get_if<DeleteNode>(&action.what)) names.push_back(node->node.str());
    return names;
}

// Found by the simulator (seed 51251): EC2 was away for more than an hour, and then no longer listed the
// machine that had gone meanwhile. Its node stayed for ever.
TEST(Joining, NodesOfMachinesThatAreNotListedAnyMoreGo) {
    WorldBuilder world;
    world.worker("a").worker("b").ready("gone", false);
    EXPECT_EQ(deleted(world), std::vector<std::string>{"i-gone"});
    world.ready("gone", true);
    EXPECT_TRUE(deleted(world).empty()) << "it answers";
    world.ready("gone", false);
    auto nodes = *world.world().nodes;
    for (auto& node : nodes)
        if (node.name.str() == "i-gone") node.created_at = kNoon - std::chrono::seconds{119};
    world.nodes(nodes);
    EXPECT_TRUE(deleted(world).empty()) << "it may not be listed yet";
    for (auto& node : nodes)
        if (node.name.str() == "i-gone") {
            node.created_at = kNoon - std::chrono::hours{1};
            node.name = NodeName("somebody-elses");
        }
    world.nodes(nodes);
    EXPECT_TRUE(deleted(world).empty()) << "ours are named like their machines";
}

// Found by the simulator (seed 51201): a plan was finished three minutes after it was decided. What it had
// just launched was not listed yet, counted as lost, and one more was launched above the maximum.
TEST(Joining, WhatWasLaunchedLateIsWaitedForFromThenOn) {
    const RecordedPlan plan{
        .version = 8,
        .decided_at = kNoon - std::chrono::minutes{3},
        .actions = {{.what = Launch{.pool = PoolName("default"), .attempts = {{.token = Token("t")}}}}}};
    const std::vector<ActionResult> results{{.ordinal = 0, .instance = InstanceId("i-new")}};
    const Memory memory = core::apply_results(a_memory(), plan, results, kNoon);
    ASSERT_EQ(memory.launches.size(), 1U);
    EXPECT_EQ(memory.launches[0].at, kNoon);
    WorldBuilder world;
    world.worker("a");
    const Plan next = core::decide(Loop::Workers, an_intent(), world, memory, kNoon);
    EXPECT_TRUE(next.actions.empty()) << "one there and one on its way are the two that are wanted";
}

// Found by the simulator (seed 70708): the maximum was lowered for half a minute and the minimum raised then.
// The workers went all the same, and others were bought for them.
TEST(Joining, AWorkerThatLeavesStaysWhenItsPoolWouldBeBelowTheMinimum) {
    WorldBuilder world;
    world.worker("a").worker("b").cordoned("a");
    Memory memory = a_memory();
    memory.drains.push_back({.instance = InstanceId("i-a"),
                             .pool = PoolName("default"),
                             .node = NodeName("i-a"),
                             .node_uid = Uid("uid-a"),
                             .started = kNoon,
                             .deadline = kNoon + std::chrono::minutes{5}});
    const Plan stays = core::decide(Loop::Workers, an_intent(), world, memory, kNoon);
    ASSERT_EQ(stays.actions.size(), 1U) << "nothing is launched either: there are two";
    EXPECT_EQ(std::get<Cordon>(stays.actions[0].what).to, Cordon::To::Schedulable);
    memory.drains[0].at_deadline = Drain::AtDeadline::Force;
    const Plan goes = core::decide(Loop::Workers, an_intent(), world, memory, kNoon);
    EXPECT_TRUE(std::holds_alternative<Terminate>(goes.actions.at(0).what)) << "it goes anyway";
}

}  // namespace
}  // namespace k3fleet::scaling
