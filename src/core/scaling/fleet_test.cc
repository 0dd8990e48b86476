// How workers are counted, and what each of them is.
#include "core/scaling/fleet.h"

#include <gtest/gtest.h>

#include "core/scaling/victims.h"
#include "tests/support/world.h"

namespace k3fleet::scaling {
namespace {

using namespace model;
using State = Worker::State;
using std::chrono::minutes;
using std::chrono::seconds;
using testing::an_intent;
using testing::kNoon;
using testing::WorldBuilder;

struct Counted {
    ClusterIntent intent = an_intent();
    WorldBuilder world;
    Memory memory;

    Fleet fleet() const {
        const World& seen = world;
        const core::Draft draft(Loop::Workers, intent, seen, memory, kNoon);
        return survey(draft).value();
    }
    State state_of(const std::string& name) const {
        const Fleet counted = fleet();
        for (const Worker& worker : counted.workers)
            if (worker.instance->id.str() == "i-" + name) return worker.state;
        ADD_FAILURE() << name;
        return State::Leaving;
    }
    void launched(const std::string& name, Duration ago, const std::string& pool = "default") {
        memory.launches.push_back(
            {.instance = InstanceId("i-" + name), .pool = PoolName(pool), .at = kNoon - ago});
    }
    // The id of who would be taken away, or why nobody.
    std::string victim() const {
        const World& seen = world;
        const core::Draft draft(Loop::Workers, intent, seen, memory, kNoon);
        Fleet counted = survey(draft).value();
        const Victim found = least_missed(draft, counted, intent.pools[0], Room::Needed);
        return found.worker ? found.worker->instance->id.str() : found.by;
    }
    void offer(const std::string& name, Market market, const std::string& zone, std::int64_t price) {
        world.change(name, [&](Instance& i) {
            i.offering.market = market;
            i.offering.zone = zone;
            i.offering.price.micro_usd = price;
        });
    }
};

TEST(Fleet, AWorkerIsWhatItsNodeAndItsLaunchSay) {
    Counted c;
    c.world.worker("ready").booting("young", seconds{30});
    c.world.booting("joining", seconds{30}).ready("joining", false);
    c.world.booting("sick", minutes{60}).ready("sick", false);
    c.world.worker("leaving");
    c.launched("young", seconds{30});
    c.launched("joining", seconds{30});
    c.memory.drains = {{.instance = InstanceId("i-leaving")}};
    EXPECT_EQ(c.state_of("ready"), State::Ready);
    EXPECT_EQ(c.state_of("young"), State::Booting);
    EXPECT_EQ(c.state_of("joining"), State::Booting);
    EXPECT_EQ(c.state_of("sick"), State::NotReady);
    EXPECT_EQ(c.state_of("leaving"), State::Leaving);
    const PoolCount count = c.fleet().count(PoolName("default"));
    EXPECT_EQ(count.workers, 2) << "one that is not Ready is there all the same";
    EXPECT_EQ(count.booting, 2);
    EXPECT_EQ(count.leaving, 1);
    EXPECT_EQ(count.total(), 4);
    c.world.world().nodes = Unknown{"the API server is away"};
    EXPECT_EQ(c.state_of("young"), State::Booting) << "its launch is open";
    EXPECT_EQ(c.state_of("sick"), State::Ready) << "nothing says otherwise";
    EXPECT_EQ(c.state_of("leaving"), State::Leaving);
    EXPECT_FALSE(c.fleet().nodes_known);
}

TEST(Fleet, CountsAPoolByItselfAndAllTogetherWithoutWhatIsNoWorker) {
    Counted c;
    c.world.worker("a").worker("b", "batch").worker("c", "batch").worker("dead");
    c.world.change("dead", [](Instance& i) { i.state = InstanceState::Terminated; });
    c.world.add({.id = InstanceId("i-m"), .role = Role::Master, .slot = 0, .state = InstanceState::Running});
    c.world.change("b", [](Instance& i) { i.offering.market = Market::Spot; });
    const Fleet fleet = c.fleet();
    EXPECT_EQ(fleet.count(PoolName("default")).total(), 1);
    EXPECT_EQ(fleet.count(PoolName("default")).spot, 0);
    EXPECT_EQ(fleet.count(PoolName("batch")).total(), 2);
    EXPECT_EQ(fleet.count(PoolName("batch")).spot, 1);
    EXPECT_EQ(fleet.count_all().total(), 3);
    EXPECT_EQ(fleet.count_all().spot, 1);
}

TEST(Fleet, ALaunchThatIsNotListedCountsForTwoMinutes) {
    Counted c;
    c.world.worker("listed");
    c.launched("listed", seconds{10});
    c.launched("fresh", seconds{119});
    c.launched("lost", seconds{120});
    const Fleet fleet = c.fleet();
    ASSERT_EQ(fleet.unseen.size(), 1U);
    EXPECT_EQ(fleet.unseen[0].instance, InstanceId("i-fresh"));
    EXPECT_EQ(fleet.count(PoolName("default")).booting, 1);
    EXPECT_EQ(fleet.count(PoolName("batch")).booting, 0);
    Fleet more = fleet;
    more.replacements = {PoolName("default"), PoolName("batch")};
    EXPECT_EQ(more.count(PoolName("default")).booting, 2);
}

TEST(Fleet, FindsNodesWhateverTheirOrderAndNames) {
    Counted c;
    for (const char* name : {"a", "b", "c", "d"}) c.world.worker(name);
    auto nodes = *c.world.world().nodes;
    std::ranges::reverse(nodes);
    nodes.erase(nodes.begin() + 1);  // Of c.
    nodes.push_back({.name = NodeName("foreign"), .uid = Uid("x"), .ready = true});
    c.world.world().nodes = {nodes, kNoon};
    EXPECT_EQ(c.state_of("a"), State::Ready);
    EXPECT_EQ(c.state_of("b"), State::Ready);
    EXPECT_EQ(c.state_of("c"), State::Booting);
    EXPECT_EQ(c.state_of("d"), State::Ready);
}

TEST(Fleet, IsDescribedWithoutWhatIsNone) {
    EXPECT_EQ(describe({.workers = 3}, 2, 10), "3 workers (min 2, max 10)");
    EXPECT_EQ(describe({.workers = 2, .leaving = 1}, 2, 10), "2 workers, 1 leaving (min 2, max 10)");
    EXPECT_EQ(describe({.workers = 1, .booting = 1, .leaving = 2}, 0, 4),
              "1 worker, 1 booting, 2 leaving (min 0, max 4)");
}

TEST(Victims, GoByStateThenPodsThenMarketThenZoneThenPriceThenId) {
    Counted c;
    for (const char* name : {"a", "b", "c"}) c.world.worker(name);
    EXPECT_EQ(c.victim(), "i-a") << "the id decides between equals";
    c.offer("a", Market::OnDemand, "z1", 100);
    c.offer("b", Market::OnDemand, "z2", 100);
    c.offer("c", Market::OnDemand, "z3", 101);
    EXPECT_EQ(c.victim(), "i-c") << "the dearest";
    c.offer("b", Market::OnDemand, "z1", 100);
    EXPECT_EQ(c.victim(), "i-a") << "the fullest zone comes before the price";
    c.offer("c", Market::Spot, "z3", 1);
    EXPECT_EQ(c.victim(), "i-c") << "no spot is wanted";
    c.intent.pools[0].spot_percent = 100;
    EXPECT_EQ(c.victim(), "i-a") << "spot is wanted";
    c.intent.pools[0].spot_percent = 50;
    EXPECT_EQ(c.victim(), "i-a") << "one of two that stay is the goal";
    c.intent.pools[0].spot_percent = 49;
    EXPECT_EQ(c.victim(), "i-c") << "floor(2 * 49 %) is none";
    c.world.pod("p", "c").pod("q", "a").pod("r", "a");
    EXPECT_EQ(c.victim(), "i-b") << "fewest pods to move";
    c.world.ready("a", false);
    EXPECT_EQ(c.victim(), "i-a") << "one that is not Ready";
    c.world.booting("d", seconds{30});
    EXPECT_EQ(c.victim(), "i-d") << "one that still boots";
    c.memory.drains = {{.instance = InstanceId("i-d")}};
    EXPECT_EQ(c.victim(), "i-a") << "that one leaves already";
    Counted four;
    for (const char* name : {"a", "b", "c", "d"}) four.world.worker(name);
    four.offer("d", Market::Spot, "eu-west-1a", 1);
    four.intent.pools[0].spot_percent = 33;
    EXPECT_EQ(four.victim(), "i-d") << "floor(3 * 33 %) is none";
    Counted two;
    two.world.worker("a").booting("b", minutes{60}).ready("b", false).booting("c", seconds{30});
    EXPECT_EQ(two.victim(), "i-c") << "before one that is not Ready, whatever else";
    two.memory.drains = {{.instance = InstanceId("i-c")}};
    EXPECT_EQ(two.victim(), "i-b") << "before one that is, whatever else";
}

TEST(Victims, AreOfThePoolAndCountOnlyPodsThatMove) {
    Counted c;
    c.world.worker("a").worker("b").worker("other", "batch");
    c.world.pod("p", "a").pod("q", "b").pod("r", "b");
    auto pods = *c.world.world().pods;
    pods[1].owner_kind = pods[2].owner_kind = "DaemonSet";
    c.world.pods(pods);
    EXPECT_EQ(c.victim(), "i-b");
    c.intent.pools[0].name = PoolName("empty");
    EXPECT_EQ(c.victim(), "min");
}

TEST(Victims, StayWhereTheirPodsWouldFitNowhere) {
    const auto with = [](Millicores moving, Millicores there) {
        Counted c;
        c.world.worker("a").worker("b").pod("moves", "a", moving).pod("x", "b", there).pod("y", "b", {0});
        return c.victim();
    };
    EXPECT_EQ(with({900}, {1000}), "i-a") << "1900 in all";
    EXPECT_EQ(with({901}, {1000}), "no-room");
    Counted memory;
    memory.world.worker("a").worker("b").pod("moves", "a").pod("x", "b").pod("y", "b");
    auto pods = *memory.world.world().pods;
    pods[0].memory = {3500 - 64 - 64};
    memory.world.pods(pods);
    EXPECT_EQ(memory.victim(), "i-a");
    pods[0].memory = {3500 - 64 - 63};
    memory.world.pods(pods);
    EXPECT_EQ(memory.victim(), "no-room");
}

TEST(Victims, RoomIsOnReadyWorkersThatTakePods) {
    Counted c;
    c.world.worker("a").worker("b");
    for (const char* name : {"a", "b"}) c.world.pod(std::string("p-") + name, name, {900});
    EXPECT_EQ(c.victim(), "i-a") << "1000 are free on the other";
    auto nodes = *c.world.world().nodes;
    nodes[1].schedulable = false;
    c.world.nodes(nodes);
    EXPECT_EQ(c.victim(), "no-room") << "one takes none";
    nodes[1].schedulable = true;
    nodes[1].allocatable_cpu = {500};  // Less than runs there.
    c.world.nodes(nodes);
    EXPECT_EQ(c.victim(), "no-room") << "too full is not less than full";
    nodes[1].allocatable_cpu = {1800};
    c.world.nodes(nodes);
    EXPECT_EQ(c.victim(), "i-a");
    c.world.world().pods = Unknown{"away"};
    EXPECT_EQ(c.victim(), "unknown");
}

}  // namespace
}  // namespace k3fleet::scaling
