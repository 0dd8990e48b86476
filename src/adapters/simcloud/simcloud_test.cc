// The session: faults of calls, the virtual clock, saving, other processes, a kill at any moment; and that
// the same seed and the same calls give the same bytes.
#include "adapters/simcloud/simcloud.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <csignal>

#include "adapters/local/clock.h"
#include "adapters/local/sqlite_store.h"
#include "adapters/simcloud/codec.h"
#include "tests/support/process.h"
#include "tests/support/sim_world.h"
#include "tests/support/temp_dir.h"

namespace k3fleet::simcloud {
namespace {

using Faults = SimWorld;

TEST_F(Faults, MetricsOutageMakesEverythingUnknown) {
    bring_up(2);
    const Timestamp from = sim->now() + minutes{5};
    ASSERT_TRUE(sim->add_fault({.at = from, .kind = FaultKind::MetricsOutage, .duration = minutes{10}}));
    const std::vector<model::CustomMetric> custom{{.name = "load", .query = "sim_load_cores"}};
    const auto known = [&] {
        const model::Signals s = metrics->signals(custom, sim->now());
        EXPECT_EQ(s.cpu.known(), s.memory.known());
        EXPECT_EQ(s.cpu.known(), s.pending.known());
        EXPECT_EQ(s.cpu.known(), s.custom.at("load").known());
        return s.cpu.known();
    };
    EXPECT_TRUE(known());
    pass(minutes{5});
    EXPECT_FALSE(known());
    EXPECT_EQ(metrics->signals({}, sim->now()).cpu.why(), "Prometheus did not answer within 5s");
    EXPECT_TRUE(kubernetes->nodes()) << "only the metrics";
    pass(minutes{10} - Duration{1});
    EXPECT_FALSE(known());
    pass(Duration{1});
    EXPECT_TRUE(known());
}

TEST_F(Faults, OfOneClusterLeaveTheOtherAlone) {
    ASSERT_TRUE(sim->add_cluster(small_cluster("second")));
    bring_up(1);
    launch(master("sm0", 0, "second"));
    pass(minutes{3});
    ASSERT_TRUE(sim->add_fault({.at = sim->now(), .kind = FaultKind::ApiDown, .argument = "second"}));
    EXPECT_TRUE(kubernetes->nodes());
    EXPECT_EQ(sim->kubernetes(model::ClusterName("second"))->pods().error().code, ErrorCode::Unavailable);
}

TEST_F(Faults, ApiDownStopsControllersAndCallsForAWhile) {
    bring_up(2);
    const auto pods_before = web_pods().size();
    ASSERT_TRUE(sim->add_fault({.at = sim->now(), .kind = FaultKind::ApiDown, .duration = minutes{10}}));
    ClusterSetup setup = small_cluster("demo", 2);
    ASSERT_TRUE(sim->add_cluster(setup));
    const auto down = kubernetes->nodes();
    ASSERT_FALSE(down);
    EXPECT_EQ(down.error().code, ErrorCode::Unavailable);
    EXPECT_TRUE(down.error().retry_after.has_value());
    EXPECT_EQ(kubernetes->cordon({}).error().code, ErrorCode::Unavailable);
    EXPECT_EQ(kubernetes->evict({}).error().code, ErrorCode::Unavailable);
    EXPECT_EQ(kubernetes->delete_node({}).error().code, ErrorCode::Unavailable);
    pass(minutes{9});
    EXPECT_EQ(sim->report(demo).value().pods_running, static_cast<int>(pods_before) + 3)
        << "what runs goes on";
    pass(minutes{3});
    EXPECT_GT(web_pods().size(), pods_before);
}

TEST_F(Faults, CloudDownAnswersNothing) {
    ASSERT_TRUE(sim->add_fault({.at = kStart, .kind = FaultKind::CloudDown, .duration = minutes{1}}));
    EXPECT_EQ(sim->cloud().launch(worker("t")).error().code, ErrorCode::Unavailable);
    EXPECT_EQ(sim->cloud().instances(demo).error().code, ErrorCode::Unavailable);
    EXPECT_EQ(sim->cloud().resources(model::ProjectName("shop")).error().code, ErrorCode::Unavailable);
    pass(minutes{1});
    EXPECT_TRUE(sim->cloud().instances(demo).value().empty()) << "the launch was not done";
}

TEST_F(Faults, ALostAnswerHidesALaunchThatHappened) {
    ASSERT_TRUE(sim->add_fault({.at = kStart, .kind = FaultKind::LostAnswer, .argument = "launch"}));
    const auto lost = sim->cloud().launch(worker("t"));
    ASSERT_FALSE(lost);
    EXPECT_EQ(lost.error().code, ErrorCode::Unavailable);
    pass(seconds{10});
    ASSERT_EQ(sim->cloud().launched_with(demo, model::Token("t")).value().size(), 1U);
    const auto again = sim->cloud().launch(worker("t"));
    ASSERT_TRUE(again) << "once only";
    EXPECT_EQ(again->id, instances().front().id);
    EXPECT_EQ(sim->report(demo).value().totals.launches, 1);
}

TEST_F(Faults, ALaunchThatFailsIsNotALostAnswer) {
    ASSERT_TRUE(sim->add_fault({.at = kStart, .kind = FaultKind::LostAnswer, .argument = "launch"}));
    EXPECT_EQ(sim->cloud().launch(worker("")).error().code, ErrorCode::InvalidArgument);
    EXPECT_EQ(sim->cloud().launch(worker("t")).error().code, ErrorCode::Unavailable);
}

TEST_F(Faults, TheCrashHookIsCalledOnceAtItsPoint) {
    ASSERT_TRUE(
        sim->add_fault({.at = kStart + minutes{1}, .kind = FaultKind::Crash, .argument = "after-launch"}));
    ASSERT_TRUE(sim->add_fault({.at = kStart, .kind = FaultKind::Crash, .argument = "before-terminate"}));
    const model::Instance first = launch(worker("a"));
    EXPECT_TRUE(crashes.empty());
    pass(minutes{1});
    launch(worker("b"));
    EXPECT_EQ(crashes, (std::vector<std::string>{"after-launch"}));
    launch(worker("c"));
    ASSERT_TRUE(sim->cloud().terminate(demo, end_of(first)));
    EXPECT_EQ(crashes, (std::vector<std::string>{"after-launch", "before-terminate"}));
}

TEST_F(Faults, AWorkerThatNeverJoinsIsAGhost) {
    ASSERT_TRUE(sim->add_fault({.at = kStart, .kind = FaultKind::NeverJoins}));
    launch(master("m0"));
    const model::Instance ghost = launch(worker("w0"));
    const model::Instance sound = launch(worker("w1"));
    pass(minutes{30});
    EXPECT_EQ(seen(ghost.id).state, model::InstanceState::Running);
    ASSERT_EQ(workers().size(), 1U);
    EXPECT_EQ(workers().front().instance, sound.id);
}

TEST_F(Faults, NamesAreReadAndWritten) {
    for (const FaultKind kind :
         {FaultKind::MetricsOutage, FaultKind::ApiDown, FaultKind::CloudDown, FaultKind::NoCapacity,
          FaultKind::SpotInterruption, FaultKind::NeverJoins, FaultKind::LostAnswer, FaultKind::Crash}) {
        EXPECT_EQ(parse_fault_kind(to_string(kind)), kind);
    }
    EXPECT_FALSE(parse_fault_kind("rain").has_value());
    EXPECT_EQ(sim->add_fault({.duration = Duration{-1}}).error().code, ErrorCode::InvalidArgument);
}

TEST_F(Faults, WaitingEndsWithCtrlC) {
    const net::CancelToken cancel;
    rebuild({.seed = 7, .start = kStart, .pace = hours{1}, .cancel = cancel});
    cancel.cancel();
    EXPECT_EQ(sim->clock().sleep_until(kStart + minutes{1}).error().code, ErrorCode::Cancelled);
    EXPECT_EQ(sim->now(), kStart);
}

TEST_F(Faults, APacedWaitGoesMinuteByMinute) {
    rebuild({.seed = 7, .start = kStart, .pace = Duration{5}, .cancel = net::CancelToken()});
    const auto began = std::chrono::steady_clock::now();
    ASSERT_TRUE(sim->clock().sleep_until(kStart + minutes{10}));
    EXPECT_EQ(sim->now(), kStart + minutes{10});
    EXPECT_GE(std::chrono::steady_clock::now() - began, Duration{45});
}

// One call of a run, chosen by two numbers.
void one_call(Sim& sim, int what, int which) {
    const model::ClusterName demo("demo");
    const auto kubernetes = sim.kubernetes(demo);
    const auto nodes = kubernetes->nodes().value_or(std::vector<model::Node>{});
    const auto pods = kubernetes->pods().value_or(std::vector<model::Pod>{});
    const auto instances = sim.cloud().instances(demo).value_or(std::vector<model::Instance>{});
    const auto chosen = static_cast<std::size_t>(which);
    switch (what) {
        case 0: (void)sim.cloud().launch(worker(format("w{}", which))); break;
        case 1: {
            ports::LaunchRequest request = worker(format("s{}", which));
            request.offering.market = model::Market::Spot;
            (void)sim.cloud().launch(request);
            break;
        }
        case 2: (void)sim.cloud().launch(master("m0")); break;
        case 3: {
            if (instances.empty()) break;
            const model::Instance& one = instances[chosen % instances.size()];
            (void)sim.cloud().terminate(demo, {.instance = one.id, .role = one.role, .pool = one.pool});
            break;
        }
        case 4: {
            if (nodes.empty()) break;
            const model::Node& one = nodes[chosen % nodes.size()];
            (void)kubernetes->cordon({.node = one.name, .node_uid = one.uid});
            break;
        }
        case 5: {
            if (pods.empty()) break;
            const model::Pod& one = pods[chosen % pods.size()];
            (void)kubernetes->evict(
                {.namespace_name = one.namespace_name, .pod = one.name, .pod_uid = one.uid});
            break;
        }
        case 6: {
            if (nodes.empty()) break;
            const model::Node& one = nodes[chosen % nodes.size()];
            (void)kubernetes->delete_node({.node = one.name, .node_uid = one.uid});
            break;
        }
        case 7: {
            const auto kind = static_cast<FaultKind>(which % 8);
            (void)sim.add_fault({.at = sim.now() + minutes{which % 7},
                                 .kind = kind,
                                 .duration = minutes{which % 9},
                                 .argument = kind == FaultKind::NoCapacity ? "*/*/spot" : ""});
            break;
        }
        default: (void)sim.clock().sleep_until(sim.now() + seconds{which * 7 % 600}); break;
    }
}

ClusterSetup busy_cluster() {
    ClusterSetup setup = small_cluster();
    setup.workload.load = {.synthetic = {.seed = 3, .peak_cores = 5}};
    return setup;
}

using Calls = std::vector<std::pair<int, int>>;

void begin(Sim& sim) {
    (void)sim.add_cluster(busy_cluster());
    (void)sim.cloud().launch(master("m0"));
    (void)sim.cloud().launch(worker("first"));
    (void)sim.clock().sleep_until(kStart + minutes{5});
}

std::unique_ptr<Sim> begun(std::uint64_t seed) {
    auto sim = Sim::in_memory({.seed = seed, .start = kStart, .on_crash = [](std::string_view) {}});
    begin(*sim);
    return sim;
}

// Objects without a disk, so that a property can save thousands of times.
class MapObjects final : public ports::Objects {
public:
    Result<std::optional<ports::Object>> get(const std::string& key) override {
        const auto found = objects_.find(key);
        if (found == objects_.end()) return std::nullopt;
        return found->second;
    }
    Result<std::string> put(const std::string& key, std::string_view data,
                            const ports::Condition& condition) override {
        ports::Object& object = objects_[key];
        if (condition.kind != ports::Condition::Kind::Always && condition.etag != object.etag) {
            return fail(ErrorCode::Conflict, "changed");
        }
        object = {.data = std::string(data), .etag = std::to_string(++writes_)};
        return object.etag;
    }
    Result<std::vector<std::string>> list(const std::string&, const std::string&, int) override {
        return std::vector<std::string>{};
    }
    Status remove(const std::string& key) override {
        objects_.erase(key);
        return {};
    }

private:
    std::map<std::string, ports::Object> objects_;
    int writes_ = 0;
};

Calls drawn_calls() {
    return *rc::gen::container<Calls>(rc::gen::pair(rc::gen::inRange(0, 12), rc::gen::inRange(0, 100)));
}

RC_GTEST_PROP(SimProperties, TheSameSeedAndCallsGiveTheSameBytes, ()) {
    const Calls calls = drawn_calls();
    const auto one = begun(5);
    const auto two = begun(5);
    for (const auto& [what, which] : calls) {
        one_call(*one, what, which);
        one_call(*two, what, which);
    }
    RC_ASSERT(one->snapshot() == two->snapshot());
}

// A world that is saved and loaded after every call goes on exactly as one that never was.
RC_GTEST_PROP(SimProperties, SavingAndLoadingChangesNothing, ()) {
    const Calls calls = drawn_calls();
    MapObjects kept_in;
    MapObjects loaded_from;
    local::FixedClock real(kStart);
    const auto open = [&](MapObjects& objects) {
        return Sim::open(objects, real, {.seed = 5, .start = kStart, .on_crash = [](std::string_view) {}})
            .value();
    };
    const auto kept = open(kept_in);
    begin(*kept);
    begin(*open(loaded_from));
    for (const auto& [what, which] : calls) {
        one_call(*kept, what, which);
        one_call(*open(loaded_from), what, which);
    }
    RC_ASSERT(open(loaded_from)->snapshot() == kept->snapshot());
}

TEST(SimWorld, KeepsTheLoadItBeganWith) {
    MapObjects objects;
    local::FixedClock real(kStart + minutes{90});
    const Load rising{.recorded = {.cores = {{1000}, {2000}}}};
    const auto made = Sim::open(objects, real, {.start = kStart, .load = rising, .speed = 0}).value();
    const auto again = Sim::open(objects, real, {}).value();
    for (const Load& load : {made->load_of_clusters(), again->load_of_clusters()}) {
        EXPECT_EQ(load.cores_at(kStart), 1) << "it begins when the world does";
        EXPECT_EQ(load.cores_at(kStart + minutes{1}), 2);
    }
    const Load wrong{.recorded = {.cores = {{-1}}}};
    const auto refused = Sim::open(objects, real, {.load = wrong});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::InvalidArgument);
}

// What is used on a node is what its pods request, and no node carries more than it has.
RC_GTEST_PROP(SimProperties, NoNodeIsOverbooked, ()) {
    const Calls calls = drawn_calls();
    const auto sim = begun(5);
    const auto kubernetes = sim->kubernetes(model::ClusterName("demo"));
    for (const auto& [what, which] : calls) {
        one_call(*sim, what, which);
        const auto nodes = kubernetes->nodes().value_or(std::vector<model::Node>{});
        const auto pods = kubernetes->pods().value_or(std::vector<model::Pod>{});
        for (const model::Node& node : nodes) {
            Millicores cpu;
            for (const model::Pod& pod : pods) {
                if (pod.node == node.name && pod.owner_kind != "DaemonSet") cpu += pod.cpu;
            }
            RC_ASSERT(cpu <= node.allocatable_cpu);
        }
    }
}

TEST(SimSeed, AnotherSeedIsAnotherWorld) { EXPECT_NE(begun(5)->snapshot(), begun(6)->snapshot()); }

class SavedWorld : public ::testing::Test {
protected:
    std::unique_ptr<Sim> open(std::optional<double> speed = std::nullopt) {
        auto sim = Sim::open(store->objects(), real, {.seed = 7, .start = kStart, .speed = speed});
        EXPECT_TRUE(sim) << (sim ? "" : sim.error().describe());
        return sim ? std::move(*sim) : nullptr;
    }
    support::TempDir folder;
    std::unique_ptr<local::SqliteStore> store = local::SqliteStore::open(folder.path()).value();
    local::FixedClock real{from_unix_seconds(1'800'000'000)};
    const model::ClusterName demo{"demo"};
};

TEST_F(SavedWorld, GoesOnWhereItWas) {
    std::string before;
    {
        const auto sim = open();
        ASSERT_TRUE(sim->add_cluster(small_cluster()));
        ASSERT_TRUE(sim->cloud().launch(worker("t")));
        ASSERT_TRUE(sim->clock().sleep_until(kStart + minutes{3}));
        before = sim->snapshot();
    }
    const auto sim = open();
    EXPECT_EQ(sim->snapshot(), before);
    EXPECT_EQ(sim->now(), kStart + minutes{3});
    EXPECT_EQ(sim->cloud().launch(worker("t")).value().state, model::InstanceState::Running);
}

TEST_F(SavedWorld, AdvancesWithRealTimeTimesSpeed) {
    ASSERT_TRUE(open(60)->add_cluster(small_cluster()));
    ASSERT_TRUE(real.sleep_until(real.now() + seconds{90}));
    EXPECT_EQ(open()->now(), kStart + minutes{90}) << "the speed is kept";
    ASSERT_TRUE(open(0));
    ASSERT_TRUE(real.sleep_until(real.now() + hours{1}));
    EXPECT_EQ(open()->now(), kStart + minutes{90}) << "0 stands still";
    const auto refused = Sim::open(store->objects(), real, {.speed = -1});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::InvalidArgument);
}

TEST_F(SavedWorld, IsSharedByTwoSessions) {
    const auto one = open();
    ASSERT_TRUE(one->add_cluster(small_cluster()));
    const auto two = open();
    ASSERT_TRUE(one->cloud().launch(worker("a")));
    ASSERT_TRUE(two->cloud().launch(worker("b"))) << "on top of the other's";
    ASSERT_TRUE(one->clock().sleep_until(kStart + minutes{1}));
    EXPECT_EQ(one->cloud().instances(demo).value().size(), 2U);
    EXPECT_EQ(open()->cloud().instances(demo).value().size(), 2U);
}

TEST_F(SavedWorld, SaysWhenItIsDamaged) {
    ASSERT_TRUE(open()->add_cluster(small_cluster()));
    std::string data = store->objects().get(Sim::kKey).value()->data;
    data[data.size() / 2] ^= 1;
    ASSERT_TRUE(store->objects().put(Sim::kKey, data, ports::Condition::always()));
    const auto damaged = Sim::open(store->objects(), real, {});
    ASSERT_FALSE(damaged);
    EXPECT_EQ(damaged.error().code, ErrorCode::Corrupt);
    data[data.size() / 2] ^= 1;
    for (std::size_t size = 0; size < data.size(); size += 7) EXPECT_FALSE(decode(data.substr(0, size)));
}

// Killed right after the launch was done and before anybody heard of it: it is there for the next process.
TEST(SimCrash, AfterLaunchLeavesTheInstance) {
    const support::TempDir folder;
    for (const std::string point : {"before-launch", "after-launch"}) {
        support::Child child([&](const support::Child::Channel&) {
            const auto store = local::SqliteStore::open(folder.path()).value();
            local::FixedClock real(kStart);
            const auto sim = Sim::open(store->objects(), real, {.seed = 7, .start = kStart}).value();
            if (!sim->add_cluster(small_cluster())) return 1;
            if (!sim->add_fault({.at = kStart, .kind = FaultKind::Crash, .argument = point})) return 2;
            (void)sim->cloud().launch(worker(point));
            return 3;
        });
        EXPECT_EQ(child.wait(), -SIGKILL) << point;
        const auto store = local::SqliteStore::open(folder.path()).value();
        local::FixedClock real(kStart);
        const auto sim = Sim::open(store->objects(), real, {}).value();
        const auto launched = sim->report(model::ClusterName("demo")).value().totals.launches;
        EXPECT_EQ(launched, point == "after-launch" ? 1 : 0);
        EXPECT_TRUE(sim->cloud().launch(worker(point))) << "the fault is spent";
        if (point == "after-launch") {
            EXPECT_EQ(sim->report(model::ClusterName("demo")).value().totals.launches, 1) << "no double";
        } else {
            ASSERT_TRUE(store->objects().remove(Sim::kKey));
        }
    }
}

}  // namespace
}  // namespace k3fleet::simcloud
