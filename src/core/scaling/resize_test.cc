// Several pools, the budget, and what a plan says of itself.
#include "core/scaling/resize.h"

#include <gtest/gtest.h>

#include <set>

#include "core/decide.h"
#include "tests/support/plans.h"
#include "tests/support/world.h"

namespace k3fleet::scaling {
namespace {

using namespace model;
using std::chrono::minutes;
using std::chrono::seconds;
using testing::a_memory;
using testing::all;
using testing::an_intent;
using testing::is_blocked_by;
using testing::kNoon;
using testing::verbs;
using testing::workers;
using testing::WorldBuilder;

ClusterIntent two_pools() {
    ClusterIntent intent = an_intent();
    intent.pools[0].min = 1;
    intent.pools.push_back({.name = PoolName("batch"), .min = 1, .max = 4, .instance_types = {"t4g.large"}});
    return intent;
}

void price(WorldBuilder& world, const std::string& name, std::int64_t micro_usd) {
    world.change(name, [&](Instance& i) { i.offering.price.micro_usd = micro_usd; });
}

// Costs nothing here.
WorldBuilder with_master() {
    WorldBuilder world;
    world.add({.id = InstanceId("i-master"),
               .role = Role::Master,
               .slot = 0,
               .state = InstanceState::Running,
               .offering = {},
               .launched_at = kNoon - minutes{60}});
    return world;
}

TEST(Resize, TakesFromThePoolOfTheDearestWorker) {
    WorldBuilder world;
    world.worker("a").worker("b").worker("c", "batch").worker("d", "batch").load(10, 10, 0);
    const Memory quiet = a_memory(9, 10, 10);
    for (const std::string dearest : {"a", "b", "c", "d"}) {
        for (const char* name : {"a", "b", "c", "d"}) price(world, name, name == dearest ? 200 : 100);
        const Plan plan = workers(two_pools(), world, quiet);
        ASSERT_EQ(plan.memory.drains.size(), 1U) << dearest;
        EXPECT_EQ(plan.memory.drains[0].instance, InstanceId("i-" + dearest));
        EXPECT_EQ(plan.memory.pools.size(), 1U) << "the cooldown is of the pool that shrank";
        EXPECT_EQ(plan.summary.substr(0, 18), "scale down by 1: C") << plan.summary;
    }
}

TEST(Resize, PassesOverAPoolAtItsMinimum) {
    WorldBuilder world;
    world.worker("a").worker("b").worker("c", "batch").load(10, 10, 0);
    price(world, "c", 1'000'000);
    const Plan plan = workers(two_pools(), world, a_memory(9, 10, 10));
    ASSERT_EQ(plan.memory.drains.size(), 1U);
    EXPECT_EQ(plan.memory.drains[0].pool, PoolName("default"));
}

// The rule of N-30 alone would end one of two workers at 44 % of memory, and launch it again at 88 %.
TEST(Resize, KeepsAWorkerThatWouldBeLaunchedAgain) {
    ClusterIntent intent = an_intent();
    intent.pools[0].min = 1;
    struct Row {
        const char* name;
        double cpu;
        double memory;
        int workers;
        const char* why;  // Empty: one goes.
    };
    for (const Row& row : {
             Row{"two at 44 % of memory", 10, 44, 2, "at 88 % of memory, above 75 %"},
             Row{"two at 37 % of memory", 10, 37, 2, ""},
             Row{"three at 44 % of memory", 10, 44, 3, ""},
             Row{"two at 29 % of CPU", 29, 10, 2, ""},
             Row{"the last one of a pool that may be empty", 10, 44, 1, ""},
         }) {
        intent.pools[0].min = row.workers > 1 ? 1 : 0;
        WorldBuilder world;
        for (int i = 0; i < row.workers; ++i) world.worker(std::string(1, static_cast<char>('a' + i)));
        world.load(row.cpu, row.memory, 0);
        const Plan plan = workers(intent, world, a_memory(9, row.cpu, row.memory));
        EXPECT_EQ(plan.memory.drains.size(), *row.why == 0 ? 1U : 0U) << row.name << ": " << plan.summary;
        if (*row.why == 0) continue;
        EXPECT_TRUE(is_blocked_by(plan, "no-room")) << row.name;
        EXPECT_NE(plan.summary.find(row.why), std::string::npos) << plan.summary;
    }
}

// What counts is the highest of the readings that the scale-down rests on, and the sizes of the machines.
TEST(Resize, JudgesWhatIsLeftBySizesAndByTheWorstReading) {
    ClusterIntent intent = an_intent();
    intent.pools[0].min = 1;
    intent.autoscaling.thresholds.cpu_up = 50;
    const auto goes = [&](std::int64_t cores_of_the_other, double before) {
        WorldBuilder world;
        world.worker("a").worker("b").load(20, 10, 0);
        price(world, "a", 1'000'000);
        std::vector<Node> nodes = *world.world().nodes;
        for (Node& node : nodes)
            if (node.instance == InstanceId("i-b"))
                node.allocatable_cpu = Millicores{cores_of_the_other * 1000};
        world.nodes(std::move(nodes));
        return !workers(intent, world, a_memory(9, before, 10)).memory.drains.empty();
    };
    EXPECT_TRUE(goes(2, 20)) << "40 % are left to the other";
    EXPECT_FALSE(goes(1, 20)) << "60 % of a smaller one";
    EXPECT_TRUE(goes(8, 29)) << "much room";
    EXPECT_FALSE(goes(2, 29)) << "58 % a moment ago";
}

TEST(Resize, GrowsWhereItIsCheapestAndThereIsRoom) {
    ClusterIntent intent = two_pools();
    WorldBuilder world;
    world.worker("a").worker("c", "batch").load(80, 10, 0);
    const Memory busy = a_memory(2, 80);
    EXPECT_EQ(all<Launch>(workers(intent, world, busy)).at(0).pool, PoolName("default"));
    intent.pools[0].max = 1;
    EXPECT_EQ(all<Launch>(workers(intent, world, busy)).at(0).pool, PoolName("batch"));
    intent.pools[0].max = 2;
    world.load(90, 10, 0);
    const auto both = all<Launch>(workers(intent, world, a_memory(2, 90)));
    ASSERT_EQ(both.size(), 2U) << "urgent";
    EXPECT_EQ(both[0].pool, PoolName("default"));
    EXPECT_EQ(both[1].pool, PoolName("batch")) << "what is planned counts";
}

TEST(Resize, ABudgetHoldsFromTheMinimumOnToTheCent) {
    ClusterIntent intent = an_intent();
    WorldBuilder world = with_master();
    world.worker("a").worker("b").load(80, 40, 0);
    for (const char* name : {"a", "b"}) price(world, name, 100'000);
    UsdPerHour three{.micro_usd = 200'000 + 36'800};  // With one more t4g.medium.
    intent.budget.usd_per_month = three.dollars_per_month();
    EXPECT_EQ(verbs(workers(intent, world, a_memory(2, 80))), "launch");
    intent.budget.usd_per_month = three.dollars_per_month() - 0.01;
    const Plan held = workers(intent, world, a_memory(2, 80));
    EXPECT_EQ(verbs(held), "") << "two are the minimum: a third is growth";
    EXPECT_TRUE(is_blocked_by(held, "budget"));
    EXPECT_TRUE(held.summary.starts_with("not done: scale up: one more would make it $")) << held.summary;
    EXPECT_EQ(held.summary.find("scale up by"), std::string::npos) << "nothing was done";
    EXPECT_TRUE(held.memory.pools.empty());
    // The second of two is held when both together are too much.
    world.load(90, 40, 0);
    intent.budget.usd_per_month = three.dollars_per_month();
    const Plan one = workers(intent, world, a_memory(2, 90));
    EXPECT_EQ(verbs(one), "launch");
    EXPECT_NE(one.summary.find("scale up by 1: "), std::string::npos) << one.summary;
    // What has ended costs nothing.
    world.worker("dead");
    price(world, "dead", 100'000);
    world.change("dead", [](Instance& i) { i.state = InstanceState::Terminated; });
    EXPECT_EQ(verbs(workers(intent, world, a_memory(2, 90))), "launch");
    intent.pools[0].min = 4;
    EXPECT_EQ(verbs(workers(intent, world, a_memory(2, 50))), "launch launch") << "the minimum comes first";
}

// What is launched may be any of the attempts: on demand where there is no spot capacity.
TEST(Resize, ABudgetHoldsForEveryAttempt) {
    ClusterIntent intent = an_intent();
    intent.pools[0].spot_percent = 100;
    WorldBuilder world = with_master();
    world.worker("a").worker("b").load(80, 40, 0);
    for (const char* name : {"a", "b"}) price(world, name, 100'000);
    const auto markets = [&](const Plan& plan) {
        std::set<model::Market> seen;
        for (const Launch& launch : all<Launch>(plan))
            for (const auto& attempt : launch.attempts) seen.insert(attempt.offering.market);
        return seen;
    };
    EXPECT_EQ(markets(workers(intent, world, a_memory(2, 80))).size(), 2U) << "no budget, no limit";
    UsdPerHour with_spot{.micro_usd = 200'000 + 30'000};
    intent.budget.usd_per_month = with_spot.dollars_per_month();
    EXPECT_EQ(markets(workers(intent, world, a_memory(2, 80))), std::set{model::Market::Spot});
    // The first of two may turn out to be the dearest of its attempts, and leaves no room for a second.
    world.load(90, 40, 0);
    UsdPerHour with_one_of_each{.micro_usd = 200'000 + 60'000};
    intent.budget.usd_per_month = with_one_of_each.dollars_per_month();
    const Plan plan = workers(intent, world, a_memory(2, 90));
    UsdPerHour dearest;
    for (const Launch& launch : all<Launch>(plan)) {
        UsdPerHour most;
        for (const auto& attempt : launch.attempts) most = std::max(most, attempt.offering.price);
        dearest += most;
    }
    EXPECT_LE(dearest.micro_usd, 60'000);
    EXPECT_GE(all<Launch>(plan).size(), 1U);
}

// A drain may be given up, and then its worker counts again: nothing is launched in its place that would
// leave the pool above its maximum.
TEST(Resize, AWorkerThatMayStayCountsAgainstTheMaximum) {
    ClusterIntent intent = an_intent();
    intent.pools[0].max = 3;
    WorldBuilder world;
    world.worker("a").worker("b").worker("c").load(80, 40, 0);
    Memory memory = a_memory(2, 80);
    memory.drains.push_back({.instance = InstanceId("i-a"),
                             .pool = PoolName("default"),
                             .node = NodeName("i-a"),
                             .node_uid = Uid("uid-a"),
                             .reason = "CPU below 30 %",
                             .started = kNoon - minutes(1),
                             .deadline = kNoon + minutes(14)});
    world.pod("stays", "a");
    const Plan held = workers(intent, world, memory);
    EXPECT_TRUE(all<Launch>(held).empty());
    EXPECT_TRUE(is_blocked_by(held, "max")) << held.summary;
    memory.drains[0].at_deadline = Drain::AtDeadline::Force;
    EXPECT_EQ(all<Launch>(workers(intent, world, memory)).size(), 1U) << "it goes whatever happens";
    memory.drains[0].at_deadline = Drain::AtDeadline::Abandon;
    intent.pools[0].max = 4;
    EXPECT_EQ(all<Launch>(workers(intent, world, memory)).size(), 1U);
}

// Lists miss what was launched moments ago; it costs all the same.
TEST(Resize, ABudgetCountsWhatIsNotListedYet) {
    ClusterIntent intent = an_intent();
    WorldBuilder world = with_master();
    world.worker("a").worker("b").load(80, 40, 0);
    for (const char* name : {"a", "b"}) price(world, name, 100'000);
    UsdPerHour with_two{.micro_usd = 200'000 + 2 * 36'800};
    intent.budget.usd_per_month = with_two.dollars_per_month() - 0.01;
    Memory memory = a_memory(2, 80);
    EXPECT_EQ(all<Launch>(workers(intent, world, memory)).size(), 1U);
    memory.launches.push_back({.instance = InstanceId("i-unseen"),
                               .token = Token("t"),
                               .pool = PoolName("default"),
                               .at = kNoon - std::chrono::seconds{20}});
    const Plan held = workers(intent, world, memory);
    EXPECT_TRUE(all<Launch>(held).empty());
    EXPECT_TRUE(is_blocked_by(held, "budget")) << held.summary;
}

// It comes whatever the budget is; what is asked for besides it must leave room for it.
TEST(Resize, ABudgetCountsTheReplacementOfTheSamePlan) {
    ClusterIntent intent = an_intent();
    WorldBuilder world = with_master();
    world.worker("a").worker("b").worker("c").load(80, 40, 0);
    for (const char* name : {"a", "b", "c"}) price(world, name, 50'000);
    UsdPerHour with_two{.micro_usd = 150'000 + 2 * 36'800};
    intent.budget.usd_per_month = with_two.dollars_per_month() - 0.01;
    EXPECT_EQ(all<Launch>(workers(intent, world, a_memory(2, 80))).size(), 1U);
    world.change("a", [](Instance& i) { i.interruption_at = kNoon + minutes(2); });
    const Plan plan = workers(intent, world, a_memory(2, 80));
    EXPECT_EQ(all<Launch>(plan).size(), 1U) << "the replacement";
    EXPECT_TRUE(is_blocked_by(plan, "budget"));
}

// Found by the simulator (seed 643122): the NAT instance had died, and what it cost was given to a worker;
// then it came back.
TEST(Resize, ABudgetLeavesRoomForWhatIsMissing) {
    ClusterIntent intent = an_intent();
    intent.network.egress = Egress::NatInstance;
    intent.master_type = "t4g.large";
    WorldBuilder world;
    world.worker("a").worker("b").load(80, 40, 0);
    for (const char* name : {"a", "b"}) price(world, name, 100'000);
    constexpr std::int64_t kMaster = 4 * 18'400, kNat = 18'400, kWorker = 2 * 18'400;
    const UsdPerHour all_of_it{.micro_usd = 200'000 + kMaster + kNat + kWorker};
    intent.budget.usd_per_month = all_of_it.dollars_per_month();
    EXPECT_EQ(verbs(workers(intent, world, a_memory(2, 80))), "launch");
    intent.budget.usd_per_month = all_of_it.dollars_per_month() - 0.01;
    EXPECT_TRUE(is_blocked_by(workers(intent, world, a_memory(2, 80)), "budget"));
    // What is there costs what it costs.
    world.add({.id = InstanceId("i-nat"),
               .role = Role::Nat,
               .state = InstanceState::Running,
               .offering = {.instance_type = "t4g.nano", .price = {.micro_usd = kNat - 1'000}}});
    EXPECT_EQ(verbs(workers(intent, world, a_memory(2, 80))), "launch");
}

TEST(Resize, AScaleDownHoldsNoScaleUpBack) {
    WorldBuilder world;
    world.worker("a").worker("b").load(80, 40, 0);
    Memory memory = a_memory(2, 80);
    memory.pools[PoolName("default")].last_down = kNoon - seconds(30);
    EXPECT_EQ(verbs(workers(an_intent(), world, memory)), "launch");
    memory.pools[PoolName("default")].last_up = kNoon - seconds(30);
    EXPECT_TRUE(is_blocked_by(workers(an_intent(), world, memory), "cooldown"));
}

TEST(Resize, HoldsWhileWhatItWouldDoRestsOnWhatIsUnknown) {
    ClusterIntent intent = an_intent();
    intent.pools[0].max = 2;
    const Plan plan = workers(intent, testing::three_workers().no_metrics(), a_memory(10, 20));
    EXPECT_EQ(verbs(plan), "");
    EXPECT_TRUE(plan.summary.starts_with("HOLD: 3 of at most 2 workers")) << plan.summary;
}

TEST(Resize, SaysWhyNothingCanBeBought) {
    WorldBuilder world;
    world.worker("a").worker("b").load(80, 40, 0);
    world.world().offerings = Unknown{"prices are away"};
    const Plan unknown = workers(an_intent(), world, a_memory(2, 80));
    EXPECT_EQ(unknown.summary, "HOLD: scale up: what the region sells is unknown: prices are away");
    world.world().offerings = {std::vector<Offering>{}, kNoon};
    const Plan none = workers(an_intent(), world, a_memory(2, 80));
    EXPECT_EQ(none.summary, "not done: scale up: nothing that the pools allow is on offer");
    EXPECT_TRUE(is_blocked_by(none, "no-capacity"));
}

TEST(Resize, FactsSayWhatIsThereAndWhatIsAsked) {
    WorldBuilder world;
    world.worker("a").worker("b").load(80, 40, 2.5);
    const Plan plan = workers(an_intent(), world, a_memory(2, 80));
    ASSERT_FALSE(plan.actions.empty());
    EXPECT_EQ(plan.actions[0].facts, (std::vector<std::string>{"pool default: 2 workers (min 2, max 10)",
                                                               "CPU 80 %, memory 40 %, pending pods 2.5"}));
    world.no_metrics().pod("web", "");
    const Plan blind = workers(an_intent(), world, a_memory(2, 80));
    EXPECT_EQ(blind.actions.at(0).facts.at(1), "CPU unknown %, memory unknown %, pending pods 1");
}

TEST(Resize, LooksAgainSoonWhileSomethingIsUnderWay) {
    WorldBuilder calm;
    calm.worker("a").worker("b").load(50, 40, 0);
    EXPECT_EQ(workers(an_intent(), calm, a_memory(10)).next_tick, kNoon + minutes{2});
    Memory open = a_memory(10);
    open.launches = {{.instance = InstanceId("i-n"), .pool = PoolName("default"), .at = kNoon}};
    EXPECT_EQ(workers(an_intent(), calm, open).next_tick, kNoon + seconds{15});
    WorldBuilder paused = calm;
    paused.paused();
    EXPECT_EQ(workers(an_intent(), paused, open).next_tick, kNoon + minutes{2}) << "nothing moves in a pause";
    WorldBuilder busy = calm;
    busy.load(80, 40, 0);
    EXPECT_EQ(workers(an_intent(), busy, a_memory(2, 80)).next_tick, kNoon + seconds{15});
}

TEST(Resize, TheLatestCooldownOfAnyPoolCounts) {
    ClusterIntent intent = two_pools();
    WorldBuilder world;
    world.worker("a").worker("c", "batch").load(80, 10, 0);
    Memory memory = a_memory(2, 80);
    memory.pools[PoolName("batch")].last_up = kNoon - minutes{4};
    memory.pools[PoolName("default")].last_up = kNoon - minutes{40};
    EXPECT_TRUE(is_blocked_by(workers(intent, world, memory), "cooldown"));
    memory.pools[PoolName("batch")].last_up = kNoon - minutes{5};
    EXPECT_EQ(verbs(workers(intent, world, memory)), "launch");
    world.worker("b").load(10, 10, 0);
    Memory quiet = a_memory(9, 10, 10);
    quiet.pools[PoolName("default")].last_down = kNoon - minutes{9};
    EXPECT_TRUE(is_blocked_by(workers(intent, world, quiet), "cooldown"));
    quiet.pools[PoolName("default")].last_down = kNoon - minutes{10};
    EXPECT_EQ(workers(intent, world, quiet).memory.drains.size(), 1U);
}

TEST(Resize, AllWorkersOfPoolsThatLeftTheFileGoAndOthersStay) {
    ClusterIntent intent = an_intent();
    WorldBuilder world;
    world.worker("a").worker("b").worker("x", "old").worker("y", "older").worker("z", "old").load(50, 40, 0);
    const Plan plan = workers(intent, world, a_memory(10));
    std::vector<std::string> gone;
    for (const Drain& drain : plan.memory.drains) gone.push_back(drain.instance.str());
    std::ranges::sort(gone);
    EXPECT_EQ(gone, (std::vector<std::string>{"i-x", "i-y", "i-z"}));
    EXPECT_EQ(plan.memory.drains[0].reason, "pool old is no longer in the cluster file");
    WorldBuilder first;
    first.worker("0", "old").worker("a").worker("b").load(50, 40, 0);
    EXPECT_EQ(workers(intent, first, a_memory(10)).memory.drains.at(0).instance, InstanceId("i-0"));
    const Plan blind = workers(intent, world.no_metrics(), a_memory(10));
    EXPECT_TRUE(blind.memory.drains.empty());
    EXPECT_TRUE(is_blocked_by(blind, "unknown")) << "what is not known never shrinks a cluster";
}

TEST(Joining, IsToldOnceItHasHappenedAndNotBefore) {
    WorldBuilder world;
    world.worker("a").worker("b").booting("n", seconds{90}).load(50, 40, 0);
    Memory memory = a_memory(10);
    memory.launches = {
        {.instance = InstanceId("i-n"), .pool = PoolName("default"), .at = kNoon - seconds{90}}};
    EXPECT_TRUE(workers(an_intent(), world, memory).notes.empty());
    world.ready("n");
    EXPECT_EQ(workers(an_intent(), world, memory).notes, std::vector<std::string>{"i-n joined after 1m 30s"});
    world.change("n", [](Instance& i) { i.state = InstanceState::Terminated; });
    const Plan died = workers(an_intent(), world, memory);
    EXPECT_EQ(died.notes, std::vector<std::string>{"i-n ended before it joined"});
    EXPECT_EQ(all<Notify>(died).size(), 1U);
    EXPECT_TRUE(died.memory.launches.empty());
    memory.launches[0] = {
        .instance = InstanceId("i-never"), .pool = PoolName("default"), .at = kNoon - minutes{2}};
    const Plan lost = workers(an_intent(), WorldBuilder().worker("a").worker("b"), memory);
    EXPECT_EQ(lost.notes,
              std::vector<std::string>{"i-never was launched 2m ago and is not listed: given up"});
    EXPECT_TRUE(lost.memory.launches.empty());
}

TEST(Joining, AGhostIsEndedAtItsTimeAndNotWhileNodesAreUnknown) {
    const auto plan_at = [](Duration age, bool nodes_known) {
        WorldBuilder world;
        world.worker("a").worker("b").booting("n", age).load(50, 40, 0);
        if (!nodes_known) world.world().nodes = Unknown{"away"};
        return workers(an_intent(), world, a_memory(10));
    };
    EXPECT_EQ(verbs(plan_at(minutes{10} - Duration{1}, true)), "");
    EXPECT_EQ(verbs(plan_at(minutes{10}, true)), "notify terminate");
    EXPECT_EQ(verbs(plan_at(minutes{60}, false)), "");
}

// Found by the simulator (seed 688465): it had joined while the API server was away, and was not Ready at the
// moment that it was first seen.
TEST(Joining, ALateMachineWhoseNodeMayHavePodsIsNoGhost) {
    WorldBuilder world;
    world.worker("a").worker("b").booting("n", minutes{11}).load(50, 40, 0);
    Memory memory = a_memory(10);
    memory.launches.push_back(
        {.instance = InstanceId("i-n"), .pool = PoolName("default"), .at = kNoon - minutes{11}});
    world.ready("n", false);
    EXPECT_EQ(verbs(workers(an_intent(), world, memory)), "notify terminate") << "nothing runs on it";
    WorldBuilder with_pod = world;
    with_pod.pod("p", "n");
    EXPECT_EQ(verbs(workers(an_intent(), with_pod, memory)), "");
    world.world().pods = Unknown{"away"};
    EXPECT_EQ(verbs(workers(an_intent(), world, memory)), "");
}

TEST(Joining, AGhostIsReplacedInTheSameTickWhereThePoolNeedsIt) {
    WorldBuilder world;
    world.worker("a").booting("n", minutes{10}).load(50, 40, 0);
    Memory memory = a_memory(10);
    memory.launches = {
        {.instance = InstanceId("i-n"), .pool = PoolName("default"), .at = kNoon - minutes{10}}};
    const Plan plan = workers(an_intent(), world, memory);
    EXPECT_EQ(verbs(plan), "notify terminate launch");
    EXPECT_TRUE(plan.memory.launches.empty()) << "it is being ended, not waited for";
    EXPECT_EQ(plan.memory.drains.at(0).phase, Drain::Phase::Terminating);
}

TEST(Interruptions, HurryADrainThatIsUnderWayAndReplaceNoMachineThatLeaves) {
    WorldBuilder world;
    world.worker("a").worker("b").worker("c").pod("p", "c").load(50, 40, 0);
    world.change("c", [](Instance& i) { i.interruption_at = kNoon + minutes{1}; });
    Memory memory = a_memory(10);
    memory.drains = {{.instance = InstanceId("i-c"),
                      .pool = PoolName("default"),
                      .node = NodeName("i-c"),
                      .node_uid = Uid("uid-c"),
                      .reason = "quiet",
                      .started = kNoon,
                      .deadline = kNoon + minutes{5}}};
    const Plan plan = workers(an_intent(), world, memory);
    EXPECT_EQ(verbs(plan), "cordon evict");
    EXPECT_EQ(plan.memory.drains.at(0).deadline, kNoon + minutes{1});
    EXPECT_EQ(plan.memory.drains.at(0).at_deadline, Drain::AtDeadline::Force);
    // One whose drain was given up, and that takes pods again, is replaced and drained anew.
    memory.drains[0].phase = Drain::Phase::Returning;
    world.cordoned("c");
    const Plan anew = workers(an_intent(), world, memory);
    EXPECT_EQ(verbs(anew), "launch evict") << "its node stays cordoned";
    EXPECT_EQ(anew.memory.drains.at(0).phase, Drain::Phase::Evicting);
    // One that nothing runs on yet is only let go.
    WorldBuilder young;
    young.worker("a").worker("b").booting("n", seconds{30}).load(50, 40, 0);
    young.change("n", [](Instance& i) { i.interruption_at = kNoon + minutes{1}; });
    EXPECT_EQ(verbs(workers(an_intent(), young, a_memory(10))), "");
}

TEST(Interruptions, AtTheMaximumTheOneThatLeavesMakesRoomForItsReplacement) {
    ClusterIntent intent = an_intent();
    intent.pools[0].max = 3;
    WorldBuilder world;
    world.worker("a").worker("b").worker("c").load(50, 40, 0);
    world.change("c", [](Instance& i) { i.interruption_at = kNoon + minutes{1}; });
    EXPECT_EQ(all<Launch>(workers(intent, world, a_memory(10))).size(), 1U);
    world.change("b", [](Instance& i) { i.interruption_at = kNoon + minutes{1}; });
    EXPECT_EQ(all<Launch>(workers(intent, world, a_memory(10))).size(), 2U);
    world.booting("d", seconds{30});
    const Plan over = workers(intent, world, a_memory(10));
    EXPECT_TRUE(is_blocked_by(over, "max"));
    EXPECT_EQ(over.memory.drains.size(), 2U) << "drained all the same";
    world.world().offerings = Unknown{"away"};
    intent.pools[0].max = 10;
    EXPECT_TRUE(is_blocked_by(workers(intent, world, a_memory(10)), "no-capacity"));
    intent.pools[0].name = PoolName("other");
    EXPECT_TRUE(all<Launch>(workers(intent, world, a_memory(10))).empty()) << "nobody wants that pool";
}

}  // namespace
}  // namespace k3fleet::scaling
