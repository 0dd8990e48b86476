// What the whole decision does, told as situations of a small cluster.
#include "core/decide.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/prng.h"
#include "core/guard.h"
#include "core/lifecycle/deletion.h"
#include "tests/support/plans.h"
#include "tests/support/world.h"

namespace k3fleet::core {
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

TEST(Decide, ACalmClusterIsLeftAloneUntilTheNextSlot) {
    const Plan plan = workers(an_intent(), three_workers(), a_memory(10));
    EXPECT_EQ(verbs(plan), "");
    EXPECT_EQ(plan.summary, "nothing to do: the load is within the limits");
    EXPECT_EQ(plan.next_tick, kNoon + std::chrono::minutes{2});
    EXPECT_EQ(plan.memory.version, 8);
}

TEST(Decide, HighLoadLaunchesWithOneTokenForEachAttempt) {
    const Plan plan = workers(an_intent(), three_workers().load(90, 40, 0), a_memory(2, 90));
    EXPECT_EQ(verbs(plan), "launch launch");
    const auto launches = all<Launch>(plan);
    std::vector<Token> tokens;
    for (const Launch& launch : launches) {
        EXPECT_EQ(launch.attempts.size(), 3U);
        for (const auto& attempt : launch.attempts) {
            EXPECT_EQ(attempt.offering.instance_type, "t4g.medium");
            EXPECT_EQ(attempt.offering.market, Market::OnDemand);
            tokens.push_back(attempt.token);
        }
    }
    std::ranges::sort(tokens);
    EXPECT_EQ(std::ranges::adjacent_find(tokens), tokens.end()) << "tokens must differ";
    EXPECT_NE(launches[0].attempts[0].offering.zone, launches[1].attempts[0].offering.zone)
        << "the second goes to the next zone";
    EXPECT_EQ(plan.memory.pools.at(PoolName("default")).last_up, kNoon);
    EXPECT_LT(plan.next_tick, kNoon + std::chrono::minutes{1}) << "looks again soon";
}

TEST(Decide, TokensDependOnClusterVersionAndPlaceOnly) {
    const World world = three_workers().load(90, 40, 0);
    const auto first = workers(an_intent(), world, a_memory(2, 90));
    const auto again = workers(an_intent(), world, a_memory(2, 90), kNoon + std::chrono::seconds{1});
    EXPECT_EQ(all<Launch>(first)[0].attempts, all<Launch>(again)[0].attempts);
    Memory other = a_memory(2, 90);
    other.version = 8;
    EXPECT_NE(all<Launch>(workers(an_intent(), world, other))[0].attempts[0].token,
              all<Launch>(first)[0].attempts[0].token);
}

TEST(Decide, UnknownMetricsHoldAndAreNamed) {
    const Plan plan = workers(an_intent(), three_workers().no_metrics(), a_memory(10, 20));
    EXPECT_EQ(verbs(plan), "");
    EXPECT_TRUE(is_blocked_by(plan, "unknown"));
    EXPECT_TRUE(plan.summary.starts_with("HOLD")) << plan.summary;
}

TEST(Decide, WaitingPodsOfTheApiServerActWhileMetricsAreOut) {
    const Plan plan = workers(an_intent(), three_workers().no_metrics().pod("web", ""), a_memory(10, 20));
    EXPECT_EQ(verbs(plan), "launch");
}

TEST(Decide, UnknownInstancesHoldEverything) {
    WorldBuilder world = three_workers().load(99, 99, 9);
    world.world().instances = Unknown{"EC2 did not answer"};
    const Plan plan = workers(an_intent(), world, a_memory(10, 99));
    EXPECT_EQ(verbs(plan), "");
    EXPECT_TRUE(is_blocked_by(plan, "unknown"));
    EXPECT_EQ(plan.memory.readings.back().cpu, 99.0) << "the reading is kept all the same";
    EXPECT_EQ(plan.memory.readings.back().at, kNoon);
}

TEST(Decide, AQuietClusterDrainsTheWorkerThatIsLeastMissed) {
    WorldBuilder world = three_workers().load(20, 30, 0);
    world.pod("x", "a").pod("y", "a").pod("z", "b").pod("w", "c").pod("v", "c");
    const Plan plan = workers(an_intent(), world, a_memory(9, 20, 30));
    EXPECT_EQ(verbs(plan), "cordon evict");
    EXPECT_EQ(all<Cordon>(plan)[0].node.str(), "i-b");
    ASSERT_EQ(plan.memory.drains.size(), 1U);
    EXPECT_EQ(plan.memory.pools.at(PoolName("default")).last_down, kNoon);
}

TEST(Decide, AQuietClusterWithUnknownPodsOrNodesKeepsItsWorkers) {
    for (const bool pods : {true, false}) {
        WorldBuilder world = three_workers().load(20, 30, 0);
        if (pods) {
            world.world().pods = Unknown{"the API server is away"};
        } else {
            world.world().nodes = Unknown{"the API server is away"};
        }
        const Plan plan = workers(an_intent(), world, a_memory(9, 20, 30));
        EXPECT_EQ(verbs(plan), "");
        EXPECT_TRUE(is_blocked_by(plan, "unknown"));
    }
}

TEST(Decide, PodsThatWouldNotFitElsewhereKeepTheirWorker) {
    WorldBuilder world = three_workers().load(20, 30, 0);
    for (const char* worker : {"a", "b", "c"}) world.pod(std::string("big-") + worker, worker, {1500});
    const Plan plan = workers(an_intent(), world, a_memory(9, 20, 30));
    EXPECT_EQ(verbs(plan), "");
    EXPECT_TRUE(is_blocked_by(plan, "no-room"));
}

// Found by the simulator (seed 123), see core/scheduling/placement_test.cc.
TEST(Decide, PodsThatFitOnlyInSumKeepTheirWorker) {
    WorldBuilder world = three_workers();
    world.load(10, 20, 0);
    for (const char* worker : {"a", "b", "c"}) world.pod(format("big-{}", worker), worker, {1000});
    const Plan plan = workers(an_intent(), world, a_memory(10, 10, 20));
    EXPECT_TRUE(plan.actions.empty()) << "two times 900m are free, and no whole 1000m";
    EXPECT_TRUE(is_blocked_by(plan, "no-room"));
}

TEST(Decide, AboveTheMaximumPodsNeedNoOtherPlace) {
    WorldBuilder world = three_workers();
    for (const char* worker : {"a", "b", "c"}) world.pod(format("big-{}", worker), worker, {1800});
    ClusterIntent intent = an_intent();
    intent.pools[0].max = 2;
    const Plan plan = decide(Loop::Workers, intent, world, a_memory(1), kNoon);
    EXPECT_EQ(plan.memory.drains.size(), 1U);
}

// Found by the simulator (seed 119): with a budget that allows no disruption, one worker after the other was
// cordoned for five minutes, all night, each with a message.
// Found by the simulator (seed 449): without a quorum the API server says nothing, and nobody was told why.
TEST(Decide, LostMastersAreToldOfThoughTheApiServerIsAway) {
    WorldBuilder world;
    ClusterIntent intent = an_intent();
    intent.mode = ClusterMode::Ha;
    Memory memory = a_memory();
    for (int slot = 0; slot < 3; ++slot) {
        const InstanceId id(format("i-m{}", slot));
        memory.masters[slot] = id;
        world.add({.id = id,
                   .role = Role::Master,
                   .slot = slot,
                   .state = slot == 0 ? InstanceState::Running : InstanceState::Terminated,
                   .offering = {},
                   .launched_at = kNoon - std::chrono::hours{1}});
    }
    world.world().nodes = Unknown{"the API server does not answer"};
    const Plan plan = decide(Loop::Infra, intent, world, memory, kNoon);
    EXPECT_TRUE(is_blocked_by(plan, "lifecycle"));
    EXPECT_EQ(
        std::ranges::count_if(
            plan.actions, [](const Action& action) { return std::holds_alternative<Notify>(action.what); }),
        2);
}

TEST(Decide, AWorkerThatLeavesNoLongerCounts) {
    const ClusterIntent intent = an_intent();
    WorldBuilder world;
    world.worker("a").worker("b").load(50, 50, 0);
    Memory memory = a_memory(10);
    memory.drains.push_back({.instance = InstanceId("i-a"),
                             .pool = PoolName("default"),
                             .node = NodeName("i-a"),
                             .node_uid = Uid("uid-a"),
                             .started = kNoon,
                             .deadline = kNoon + std::chrono::minutes{5},
                             .at_deadline = Drain::AtDeadline::Force});
    EXPECT_EQ(all<Launch>(workers(intent, world, memory)).size(), 1U)
        << "below min without the one that leaves";
}

TEST(Decide, ALaunchIsRememberedUntilItsNodeIsReady) {
    const ClusterIntent intent = an_intent();
    Memory memory = a_memory(3);
    memory.launches = {
        {.instance = InstanceId("i-n"), .pool = PoolName("default"), .at = kNoon - std::chrono::seconds{30}}};
    WorldBuilder world;
    world.worker("a").booting("n", std::chrono::seconds{30});
    EXPECT_EQ(workers(intent, world, memory).memory.launches.size(), 1U);
    world.ready("n", false);
    EXPECT_EQ(workers(intent, world, memory).memory.launches.size(), 1U) << "registered, not Ready yet";
    world.ready("n");
    EXPECT_TRUE(workers(intent, world, memory).memory.launches.empty());
}

TEST(Decide, ALaunchThatIsNotListedYetCountsAsBooting) {
    const ClusterIntent intent = an_intent();
    Memory memory = a_memory(3);
    memory.launches = {
        {.instance = InstanceId("i-n"), .pool = PoolName("default"), .at = kNoon - std::chrono::seconds{30}}};
    WorldBuilder world;
    world.worker("a");
    EXPECT_EQ(verbs(workers(intent, world, memory)), "")
        << "one Ready and one on its way: the minimum is met";
    memory.launches[0].at = kNoon - std::chrono::minutes{5};
    EXPECT_EQ(verbs(workers(intent, world, memory)), "launch") << "lost after minutes";
}

TEST(Decide, AMachineThatDoesNotJoinIsEndedAndReplaced) {
    WorldBuilder world;
    world.worker("a").worker("b").booting("ghost", std::chrono::minutes{11}).load(50, 50, 0);
    const Plan plan = workers(an_intent(), world, a_memory(10));
    EXPECT_EQ(verbs(plan), "notify terminate");
    EXPECT_EQ(all<Terminate>(plan)[0].instance.str(), "i-ghost");
    // Nodes unknown: nothing is called a ghost.
    world.world().nodes = Unknown{"away"};
    EXPECT_EQ(verbs(workers(an_intent(), world, a_memory(10))), "");
}

TEST(Decide, ANodeWhoseMachineIsGoneIsDeletedButNeverAReadyOrForeignOne) {
    WorldBuilder world = three_workers();
    const auto end = [](Instance& i) { i.state = InstanceState::Terminated; };
    world.change("c", end);
    EXPECT_EQ(verbs(workers(an_intent(), world, a_memory(10))), "") << "Ready: it cannot be the same machine";
    world.ready("c", false);
    EXPECT_EQ(verbs(workers(an_intent(), world, a_memory(10))), "delete-node");
    auto instances = *world.world().instances;
    std::erase_if(instances, [](const Instance& i) { return i.id.str() == "i-c"; });
    world.instances(instances);
    auto nodes = *world.world().nodes;
    for (auto& node : nodes)
        if (node.instance.str() == "i-c") node.name = NodeName("ip-10-0-0-7");
    world.nodes(nodes);
    EXPECT_EQ(verbs(workers(an_intent(), world, a_memory(10))), "")
        << "a machine we never had: somebody else's";
}

TEST(Decide, ASpotNoticeLaunchesTheReplacementFirst) {
    WorldBuilder world = three_workers();
    world.pod("x", "b").change("b", [](Instance& i) { i.interruption_at = kNoon + std::chrono::minutes{2}; });
    const Plan plan = workers(an_intent(), world, a_memory(10));
    EXPECT_EQ(verbs(plan), "launch cordon evict");
    EXPECT_EQ(plan.memory.drains[0].at_deadline, Drain::AtDeadline::Force);
    EXPECT_FALSE(plan.memory.pools.contains(PoolName("default"))) << "a replacement starts no cooldown";
    const Plan next = workers(an_intent(), world, plan.memory, kNoon + std::chrono::seconds{15});
    EXPECT_TRUE(all<Launch>(next).empty()) << "one replacement for one notice";
}

TEST(Decide, ASpotNoticeAtTheMinimumLaunchesOneMachineAndNoSecondForTheDeficit) {
    WorldBuilder world = three_workers();
    world.pod("x", "b").change("b", [](Instance& i) { i.interruption_at = kNoon + std::chrono::minutes{2}; });
    ClusterIntent intent = an_intent();
    intent.pools[0].min = 3;
    EXPECT_EQ(verbs(workers(intent, world, a_memory(10))), "launch cordon evict");
}

TEST(Decide, TheSpotGoalIsTheFloorAndFallsBackToOnDemand) {
    ClusterIntent intent = an_intent();
    intent.pools[0].spot_percent = 70;
    intent.pools[0].min = 3;
    const Plan plan = workers(intent, WorldBuilder(), a_memory(0));
    std::vector<Market> first;
    for (const Launch& launch : all<Launch>(plan)) {
        first.push_back(launch.attempts[0].offering.market);
        EXPECT_EQ(launch.attempts.back().offering.market, Market::OnDemand);
    }
    // floor(1*0.7)=0, floor(2*0.7)=1, floor(3*0.7)=2: of three workers two are spot.
    EXPECT_EQ(first, (std::vector{Market::OnDemand, Market::Spot, Market::Spot}));
}

TEST(Decide, APauseStopsEverythingAndSaysWhatItStopped) {
    const Plan plan = workers(an_intent(), three_workers().load(99, 40, 0).paused(), a_memory(2, 99));
    EXPECT_EQ(verbs(plan), "");
    EXPECT_TRUE(is_blocked_by(plan, "frozen"));
}

TEST(Decide, ABudgetStopsGrowthButNotTheMinimum) {
    ClusterIntent intent = an_intent();
    intent.budget.usd_per_month = 60;
    const Plan plan = workers(intent, three_workers().load(99, 40, 0), a_memory(2, 99));
    EXPECT_EQ(verbs(plan), "");
    EXPECT_TRUE(is_blocked_by(plan, "budget"));
    EXPECT_EQ(verbs(workers(intent, WorldBuilder(), a_memory(2))), "launch launch");
}

TEST(Decide, AWorkerOfAPoolThatLeftTheFileIsDrained) {
    WorldBuilder world = three_workers();
    world.worker("old", "batch");
    const Plan plan = workers(an_intent(), world, a_memory(10));
    EXPECT_EQ(all<Cordon>(plan).at(0).node.str(), "i-old");
}

TEST(Decide, AStepUpGoesToTheCheapestPoolWithRoom) {
    ClusterIntent intent = an_intent();
    intent.pools.push_back({.name = PoolName("small"), .min = 0, .max = 1, .instance_types = {"t4g.small"}});
    const Plan plan = workers(intent, three_workers().load(99, 40, 0), a_memory(2, 99));
    std::vector<std::string> pools;
    for (const Launch& launch : all<Launch>(plan)) pools.push_back(launch.pool.str());
    EXPECT_EQ(pools, (std::vector<std::string>{"small", "default"}));
}

TEST(Decide, MastersAreFoundedOneAfterTheOtherAndNeverTwice) {
    ClusterIntent intent = an_intent();
    intent.mode = ClusterMode::Ha;
    WorldBuilder world;
    Memory memory = a_memory();
    const Plan first = decide(Loop::Infra, intent, world, memory, kNoon);
    EXPECT_EQ(verbs(first), "launch");
    EXPECT_EQ(all<Launch>(first)[0].slot, 0);
    const RecordedPlan recorded{.version = 8, .decided_at = kNoon, .actions = first.actions};
    const ActionResult result{.ordinal = 0, .instance = InstanceId("i-m0")};
    memory = apply_results(first.memory, recorded, std::vector{result});
    EXPECT_EQ(verbs(decide(Loop::Infra, intent, world, memory, kNoon)), "") << "launched, not listed yet";
    world.booting("m0", std::chrono::minutes{1}, "").change("m0", [](Instance& i) {
        i.role = Role::Master;
        i.slot = 0;
    });
    EXPECT_EQ(verbs(decide(Loop::Infra, intent, world, memory, kNoon)), "") << "not Ready yet";
    world.ready("m0");
    const Plan second = decide(Loop::Infra, intent, world, memory, kNoon);
    EXPECT_EQ(all<Launch>(second).at(0).slot, 1);
    world.change("m0", [](Instance& i) { i.state = InstanceState::Terminated; });
    const Plan lost = decide(Loop::Infra, intent, world, second.memory, kNoon);
    EXPECT_TRUE(is_blocked_by(lost, "lifecycle"));
    for (const Launch& launch : all<Launch>(lost)) EXPECT_NE(launch.slot, 0);
}

TEST(Decide, DeletionTakesWorkersFirstThenMasters) {
    ClusterIntent intent = an_intent();
    intent.deleting = true;
    WorldBuilder world = three_workers();
    world.booting("m", std::chrono::hours{1}, "").change("m", [](Instance& i) { i.role = Role::Master; });
    EXPECT_EQ(verbs(workers(intent, world, a_memory())), "terminate terminate terminate");
    EXPECT_EQ(verbs(decide(Loop::Infra, intent, world, a_memory(), kNoon)), "");
    for (const char* name : {"a", "b", "c"})
        world.change(name, [](Instance& i) { i.state = InstanceState::Terminated; });
    EXPECT_EQ(verbs(decide(Loop::Infra, intent, world, a_memory(), kNoon)), "terminate");
    world.add({.id = InstanceId("i-nat"), .role = Role::Nat, .state = InstanceState::Running});
    EXPECT_EQ(all<Terminate>(decide(Loop::Infra, intent, world, a_memory(), kNoon)).at(0).role, Role::Master);
    world.change("m", [](Instance& i) { i.state = InstanceState::Terminated; });
    EXPECT_FALSE(lifecycle::nothing_left(world));
    const Plan last = decide(Loop::Infra, intent, world, a_memory(), kNoon);
    EXPECT_EQ(all<Terminate>(last).at(0).instance, InstanceId("i-nat"))
        << "masters may still need the way out";
    world.change("nat", [](Instance& i) { i.state = InstanceState::Terminated; });
    EXPECT_TRUE(lifecycle::nothing_left(world));
}

TEST(Decide, AScaleUpOfWhichNothingCameStartsNoCooldown) {
    const Plan plan = workers(an_intent(), three_workers().load(90, 40, 0), a_memory(2, 90));
    const RecordedPlan recorded{.version = 8, .decided_at = kNoon, .actions = plan.actions};
    std::vector<ActionResult> results{{.ordinal = 0, .outcome = Outcome::Blocked},
                                      {.ordinal = 1, .outcome = Outcome::Blocked}};
    EXPECT_FALSE(apply_results(plan.memory, recorded, results).pools.at(PoolName("default")).last_up);
    results[1] = {.ordinal = 1, .instance = InstanceId("i-new")};
    const Memory after = apply_results(plan.memory, recorded, results);
    EXPECT_EQ(after.pools.at(PoolName("default")).last_up, kNoon);
    EXPECT_EQ(after.launches.size(), 1U);
    EXPECT_EQ(apply_results(after, recorded, results), after) << "idempotent";
}

TEST(Guard, RefusesWhatIsNoLongerRight) {
    const ClusterIntent intent = an_intent();
    WorldBuilder world = three_workers();
    const Memory memory = a_memory();
    GuardContext context{.intent = intent, .world = world, .memory = memory, .now = kNoon};
    const Action launch{.what = Launch{.pool = PoolName("default"), .attempts = {{.token = Token("t")}}}};
    EXPECT_FALSE(why_not(launch, context));
    context.launched = 7;
    EXPECT_TRUE(why_not(launch, context)) << "10 of 10";
    world.change("a", [](Instance& i) { i.launch_token = Token("t"); });
    EXPECT_FALSE(why_not(launch, context)) << "its own instance is there: asking again only learns the id";

    const Action end{.what = Terminate{.instance = InstanceId("i-b"), .pool = PoolName("default")}};
    EXPECT_TRUE(why_not(end, context)) << "not drained";
    Memory draining = memory;
    draining.drains.push_back({.instance = InstanceId("i-b"), .node = NodeName("i-b")});
    world.cordoned("b");
    const GuardContext drained{.intent = intent, .world = world, .memory = draining, .now = kNoon};
    EXPECT_FALSE(why_not(end, drained));
    const Action other{.what = Terminate{.instance = InstanceId("i-b"), .pool = PoolName("batch")}};
    EXPECT_TRUE(why_not(other, drained)) << "another pool by its tag";
    world.paused();
    EXPECT_TRUE(why_not(end, drained));
}

// Random worlds: what must hold whatever happens.
WorldBuilder random_world(Prng& prng, Memory& memory) {
    WorldBuilder world;
    const auto count = prng.below(13);
    for (std::uint64_t i = 0; i < count; ++i) {
        const std::string name = format("{:02}", i);
        const std::string pool = prng.chance(0.7) ? "default" : "small";
        const auto age = std::chrono::seconds{prng.below(2000)};
        world.booting(name, age, pool);
        if (prng.chance(0.8)) world.ready(name, prng.chance(0.9));
        if (prng.chance(0.1))
            memory.launches.push_back(
                {.instance = InstanceId("i-" + name), .pool = PoolName(pool), .at = kNoon - age});
        for (std::uint64_t p = prng.below(3); p > 0; --p) world.pod(format("{}-{}", name, p), name);
        if (prng.chance(0.05))
            world.change(name, [](Instance& in) { in.interruption_at = kNoon + std::chrono::minutes{1}; });
        if (prng.chance(0.1)) world.change(name, [](Instance& in) { in.state = InstanceState::Terminated; });
    }
    if (prng.chance(0.3)) world.pod("waiting", "");
    const bool quiet = prng.chance(0.4);
    world.load(quiet ? 10 : 100 * prng.uniform(), quiet ? 10 : 100 * prng.uniform(), 0);
    if (prng.chance(0.15)) world.no_metrics();
    if (prng.chance(0.1)) world.world().nodes = Unknown{"away"};
    if (prng.chance(0.1)) world.world().pods = Unknown{"away"};
    if (prng.chance(0.05)) world.world().instances = Unknown{"away"};
    if (prng.chance(0.05)) world.world().offerings = Unknown{"away"};
    if (prng.chance(0.05)) world.paused();
    return world;
}

struct Random {
    ClusterIntent intent = an_intent();
    Memory memory;
    WorldBuilder world;

    explicit Random(Prng& prng)
        : memory(prng.chance(0.5) ? a_memory(9, 10, 10) : a_memory(9, 100 * prng.uniform())),
          world(random_world(prng, memory)) {
        intent.pools[0].max = 2 + static_cast<int>(prng.below(9));
        intent.pools.push_back({.name = PoolName("small"),
                                .min = static_cast<int>(prng.below(3)),
                                .max = 4,
                                .instance_types = {"t4g.small"}});
    }
};

TEST(DecideAlways, KeepsEachPoolWithinItsBoundsAndShrinksNothingUnknown) {
    Prng prng(11);
    int launches = 0, drains = 0;
    for (int i = 0; i < 4000; ++i) {
        const Random r(prng);
        const World& world = r.world;
        const Plan plan = workers(r.intent, world, r.memory);
        launches += static_cast<int>(all<Launch>(plan).size());
        drains += static_cast<int>(plan.memory.drains.size());
        if (!world.instances || world.freeze) {
            EXPECT_TRUE(all<Launch>(plan).empty() && all<Cordon>(plan).empty() &&
                        all<Terminate>(plan).empty());
            continue;
        }
        for (const NodePool& pool : r.intent.pools) {
            const auto launched = std::ranges::count(all<Launch>(plan), pool.name, &Launch::pool);
            const auto alive = std::ranges::count_if(*world.instances, [&](const Instance& in) {
                return in.alive() && in.pool == pool.name && !in.interruption_at;
            });
            const auto gone = std::ranges::count_if(plan.memory.drains,
                                                    [&](const Drain& d) { return d.pool == pool.name; });
            if (launched == 0) continue;
            EXPECT_LE(alive - gone + launched, pool.max + 1) << "replacements may come first";
        }
        // Unknown never shrinks: no worker with a Ready node goes unless its machine is taken away.
        if (!world.signals.cpu || !world.pods || !world.nodes) {
            for (const Drain& drain : plan.memory.drains) {
                const auto instance = std::ranges::find(*world.instances, drain.instance, &Instance::id);
                ASSERT_NE(instance, world.instances->end());
                const bool ghost = drain.node.empty();
                EXPECT_TRUE(instance->interruption_at || ghost) << drain.reason;
            }
        }
    }
    EXPECT_GT(launches, 1000);
    EXPECT_GT(drains, 300);
}

TEST(DecideAlways, GivesTheSamePlanToTheByteAndWhateverTheOrderOfThePools) {
    Prng prng(12);
    for (int i = 0; i < 1000; ++i) {
        Random r(prng);
        const Plan plan = workers(r.intent, r.world, r.memory);
        EXPECT_EQ(plan, workers(r.intent, r.world, r.memory));
        std::ranges::reverse(r.intent.pools);
        EXPECT_EQ(plan, workers(r.intent, r.world, r.memory));
    }
}

}  // namespace
}  // namespace k3fleet::core
