// What is seen from outside a cluster's network and from inside, and how far a cluster has come up.
#include "app/sight.h"

#include <gtest/gtest.h>

#include "app/journal.h"
#include "app/runner.h"
#include "tests/support/fake_site.h"

namespace k3fleet::app {
namespace {

using namespace std::chrono_literals;
using testing::kNoon;
using testing::WorldBuilder;

model::Instance a_master(model::InstanceState state, Duration age) {
    return {.id = model::InstanceId("i-m"),
            .role = model::Role::Master,
            .slot = 0,
            .state = state,
            .offering = testing::some_offerings()[6],
            .launched_at = kNoon - age};
}

WorldBuilder with_master(model::InstanceState state = model::InstanceState::Running, Duration age = 1h) {
    WorldBuilder world;
    world.add(a_master(state, age));
    return world;
}

model::World unknown_nodes(WorldBuilder world) {
    world.world().nodes = model::Unknown{"the autoscaler has not looked yet"};
    return world;
}

Sight sight_of(const model::World& world) {
    Sight sight{.file = {.intent = testing::an_intent()}, .world = world, .now = kNoon};
    sight.overview = overview(sight.file.intent, sight.world, sight.workers, sight.now);
    return sight;
}

TEST(Phase, SaysWhatACreationWaitsForAndAboutHowLong) {
    using enum model::InstanceState;
    using Step = Phase::Step;
    model::World nobody_answers;
    nobody_answers.instances = model::Unknown{"the cloud is away"};
    const struct {
        const char* what;
        model::World world;
        Step step;
        const char* waiting_for;
        Duration remaining;
    } rows[] = {
        {"the cloud does not answer", nobody_answers, Step::MasterLaunch,
         "the cloud to say which machines there are", 8min},
        {"nothing is there", WorldBuilder(), Step::MasterLaunch, "the controller to launch a master", 8min},
        {"a master that ended is none", with_master(Terminated), Step::MasterLaunch,
         "the controller to launch a master", 8min},
        {"it was just bought", with_master(Pending, 10s), Step::MasterBoot, "the master i-m to boot",
         6min + 50s},
        {"its clock is ahead of ours", with_master(Pending, -30s), Step::MasterBoot, "the master i-m to boot",
         7min},
        {"it runs", with_master(Running, 2min), Step::MasterReady,
         "the master i-m to be seen Ready by the autoscaler", 5min},
        {"it takes longer than usual", with_master(Running, 1h), Step::MasterReady,
         "the master i-m to be seen Ready by the autoscaler", 4min},
        {"it is not Ready", with_master(Running, 1h).ready("m", false), Step::MasterReady,
         "the master i-m to be seen Ready by the autoscaler", 4min},
        {"nobody has looked yet", unknown_nodes(with_master(Running, 1h)), Step::MasterReady,
         "the master i-m to be seen Ready by the autoscaler", 4min},
        {"no worker is there", with_master().ready("m"), Step::WorkersReady, "2 workers to become Ready",
         3min},
        {"one has joined", with_master().ready("m").worker("a").booting("b", 1min), Step::WorkersReady,
         "1 worker to become Ready", 3min},
        {"one more is coming", with_master().ready("m").worker("a").worker("b").booting("c", 1min),
         Step::WorkersReady, "what is on its way in or out", 3min},
        {"all are there", with_master().ready("m").worker("a").worker("b"), Step::Up, "", 0s},
    };
    for (const auto& row : rows) {
        SCOPED_TRACE(row.what);
        const Phase phase = phase_of(sight_of(row.world));
        EXPECT_EQ(static_cast<int>(phase.step), static_cast<int>(row.step));
        EXPECT_EQ(phase.waiting_for, row.waiting_for);
        EXPECT_EQ(to_string(phase.remaining), to_string(row.remaining));
    }
}

struct Look : ::testing::Test {
    testing::FakeSite<Wiring> site{"test:1"};

    void SetUp() override {
        site.bench.cluster.load(50, 40, 0, kNoon);
        const Doer doer{.who = "tester", .at = kNoon};
        ASSERT_TRUE(
            create_cluster(site.objects(), *check_cluster_file(testing::kShopFile, "shop.yaml"), doer));
    }
    Sight seen() {
        auto sight = look(site, *load_cluster(site.objects(), model::ClusterName("shop")));
        EXPECT_TRUE(sight) << sight.error().describe();
        return sight ? std::move(*sight) : Sight{};
    }
    // Both loops, once: workers are launched, and their nodes come up after the tick has looked.
    void tick_once() {
        ASSERT_TRUE(run(site, {}, {}));
        site.bench.cluster.join_all(site.bench.clock.at);
    }
};

TEST_F(Look, WithinReachSeesEverythingAsItIs) {
    tick_once();
    site.bench.advance(1min);
    const Sight sight = seen();
    EXPECT_FALSE(sight.recorded_at);
    EXPECT_EQ(sight.now, kNoon + 1min);
    ASSERT_TRUE(sight.world.nodes);
    EXPECT_EQ(sight.world.nodes->size(), site.bench.cluster.nodes.size());
    EXPECT_EQ(*sight.world.signals.cpu, 50);
    EXPECT_EQ(sight.overview.workers, 2);
    EXPECT_FALSE(sight.workers.cluster_uid.empty()) << "the memory of the loop";
}

TEST_F(Look, OutOfReachSeesMachinesAsTheyAreAndTheRestAsItWasRecorded) {
    tick_once();
    const auto recorded = site.bench.clock.at;
    site.reaches = false;
    site.bench.advance(5min);
    site.bench.cluster.load(99, 99, 9, site.bench.clock.at);  // Nobody recorded this.
    auto& machines = site.bench.cluster.instances;
    const auto worker =
        std::ranges::find(machines, model::Role::Worker, [](auto& one) { return one.second.role; });
    ASSERT_NE(worker, machines.end());
    worker->second.state = model::InstanceState::Terminated;
    ASSERT_TRUE(site.state().set_freeze(model::ClusterName("shop"),
                                        model::Freeze{.by = "ops", .why = "w", .until = kNoon + 1h}));

    const Sight sight = seen();
    ASSERT_TRUE(sight.recorded_at);
    EXPECT_EQ(*sight.recorded_at, recorded);
    EXPECT_EQ(sight.now, recorded + 5min);
    EXPECT_EQ(sight.world.instances.as_of(), sight.now);
    EXPECT_EQ(sight.world.instances->size(), machines.size());
    EXPECT_EQ(sight.overview.booting, 1) << "of two that were bought one has ended, which EC2 says at once";
    ASSERT_TRUE(sight.world.nodes);
    EXPECT_TRUE(sight.world.nodes->empty()) << "the tick looked before they came up";
    EXPECT_EQ(*sight.world.signals.cpu, 50);
    ASSERT_TRUE(sight.world.freeze);
    EXPECT_EQ(sight.world.freeze->by, "ops");
}

TEST_F(Look, OutOfReachBeforeTheFirstTickKnowsMachinesAlone) {
    site.reaches = false;
    const Sight sight = seen();
    EXPECT_FALSE(sight.recorded_at);
    EXPECT_TRUE(sight.world.instances);
    for (const std::string& why :
         {sight.world.nodes.why(), sight.world.pods.why(), sight.world.budgets.why(),
          sight.world.signals.cpu.why(), sight.world.signals.memory.why(), sight.world.signals.pending.why()})
        EXPECT_EQ(why, "the autoscaler has not looked yet");
    EXPECT_EQ(static_cast<int>(phase_of(sight).step), static_cast<int>(Phase::Step::MasterLaunch));
}

TEST_F(Look, OutOfReachSaysWhenWhatWasSeenIsNoLongerKept) {
    tick_once();
    site.reaches = false;
    std::erase_if(site.bench.objects.objects,
                  [](const auto& one) { return one.first.starts_with(ports::kNamedByContent); });
    const Sight sight = seen();
    EXPECT_FALSE(sight.recorded_at);
    EXPECT_EQ(sight.world.nodes.why(), "what the autoscaler last saw is no longer kept");
}

TEST_F(Look, OutOfReachRefusesAJournalThatWasChanged) {
    tick_once();
    site.reaches = false;
    for (auto& [key, object] : site.bench.objects.objects)
        if (key.starts_with("journal/chain/shop/workers/")) object.data = "{";
    const auto sight = look(site, *load_cluster(site.objects(), model::ClusterName("shop")));
    ASSERT_FALSE(sight);
    EXPECT_TRUE(sight.error().describe().contains("reading what the autoscaler saw"))
        << sight.error().describe();
}

}  // namespace
}  // namespace k3fleet::app
