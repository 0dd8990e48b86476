// The tick against ports in memory: what is recorded, what is finished, and what no crash can double or lose.
#include "app/tick.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "app/journal.h"
#include "base/json.h"
#include "core/model/codec.h"
#include "tests/support/fakes.h"

namespace k3fleet::app {
namespace {

using namespace model;
using testing::an_intent;
using testing::Bench;
using testing::Crash;

TickReport must_tick(Bench& bench, const ClusterIntent& intent, const std::string& holder = "one") {
    auto services = bench.services(holder);
    auto report = tick(intent, Loop::Workers, services);
    if (!report) ADD_FAILURE() << report.error().describe();
    return report ? *std::move(report) : TickReport{};
}

Memory memory_of(Bench& bench, const ClusterIntent& intent) {
    const auto item = bench.state.read({.cluster = intent.name, .loop = Loop::Workers}).value();
    return load_memory(*item, bench.random).value();
}

Journal journal_of(Bench& bench, const ClusterIntent& intent) {
    return {bench.objects, intent.name, "workers"};
}

// Lets the process of `holder` tick and be killed at its point `n`. False if it was not reached:
// all was done.
bool tick_until_killed(Bench& bench, const ClusterIntent& intent, const std::string& holder, int n) {
    bench.points.next = 0;
    bench.points.crash_at = n;
    bool killed = false;
    try {
        auto services = bench.services(holder);
        (void)tick(intent, Loop::Workers, services);
    } catch (const Crash&) {
        killed = true;
    }
    bench.points.crash_at = -1;
    return killed;
}

// What a first tick leaves behind when it is killed as soon as `reached` holds.
std::unique_ptr<Bench> killed_once(const ClusterIntent& intent, const std::function<bool(Bench&)>& reached) {
    for (int point = 0; point < 200; ++point) {
        auto bench = std::make_unique<Bench>();
        EXPECT_TRUE(tick_until_killed(*bench, intent, "one", point));
        if (reached(*bench)) return bench;
    }
    ADD_FAILURE() << "never reached";
    return std::make_unique<Bench>();
}

void make_quiet(Bench& bench, const ClusterIntent& intent);  // Below.

TEST(Tick, FillsTheMinimumAndRemembersWhatItLaunched) {
    Bench bench;
    const TickReport report = must_tick(bench, an_intent());
    EXPECT_EQ(bench.cluster.launches, 2);
    EXPECT_EQ(report.results.size(), 2U);
    const Memory memory = memory_of(bench, an_intent());
    EXPECT_FALSE(memory.pending);
    EXPECT_EQ(memory.launches.size(), 2U);
    EXPECT_EQ(must_tick(bench, an_intent()).results.size(), 0U) << "they boot: nothing more to do";
}

TEST(Tick, IsRefusedWhileAnotherHoldsTheLease) {
    Bench bench;
    const auto intent = an_intent();
    ASSERT_TRUE(bench.state.acquire({.cluster = intent.name, .loop = Loop::Workers}, HolderId("other"),
                                    std::chrono::seconds{75}, bench.clock.at));
    auto services = bench.services("one");
    const auto report = tick(intent, Loop::Workers, services);
    ASSERT_FALSE(report);
    EXPECT_EQ(report.error().code, ErrorCode::Conflict);
    EXPECT_EQ(bench.cluster.launches, 0);
    bench.advance(std::chrono::seconds{76});
    EXPECT_TRUE(tick(intent, Loop::Workers, services)) << "the lease has run out";
}

// Whatever the point at which a process is killed, the next one finishes: never a double, never a loss.
TEST(Tick, KilledAtEveryPointOfAScaleUpLaunchesEachWorkerOnce) {
    int points = 0;
    for (bool killed = true; killed; ++points) {
        ASSERT_LT(points, 200) << "the tick never ends";
        Bench bench;
        killed = tick_until_killed(bench, an_intent(), "one", points);
        bench.advance(std::chrono::seconds{80});  // The dead one's lease runs out.
        must_tick(bench, an_intent(), "two");
        EXPECT_EQ(bench.cluster.launches, 2) << "killed at point " << points;
        const Memory memory = memory_of(bench, an_intent());
        EXPECT_FALSE(memory.pending);
        EXPECT_EQ(memory.launches.size(), 2U) << "killed at point " << points;
        EXPECT_TRUE(journal_of(bench, an_intent()).verify(memory)) << "killed at point " << points;
    }
    EXPECT_GT(points, 15) << "the test must meet commits, journal writes and calls";
}

TEST(Tick, KilledTwiceAtAnyTwoPointsStillLaunchesOnce) {
    for (int first = 0; first < 30; ++first) {
        for (int second = 0; second < 30; ++second) {
            Bench bench;
            if (!tick_until_killed(bench, an_intent(), "one", first)) return;
            bench.advance(std::chrono::seconds{80});
            if (!tick_until_killed(bench, an_intent(), "two", second)) break;
            bench.advance(std::chrono::seconds{80});
            must_tick(bench, an_intent(), "three");
            ASSERT_EQ(bench.cluster.launches, 2) << first << ", " << second;
            ASSERT_EQ(memory_of(bench, an_intent()).launches.size(), 2U) << first << ", " << second;
        }
    }
}

// A cluster of three Ready workers with one pod each, quiet long enough that one must go.
void make_quiet(Bench& bench, const ClusterIntent& intent) {
    bench.cluster.load(99, 40, 0, bench.clock.at);
    must_tick(bench, intent);
    bench.cluster.join_all(bench.clock.at);
    for (int i = 0; i < 3; ++i) {  // High for three slots: one or two more.
        bench.advance(std::chrono::minutes{2});
        must_tick(bench, intent);
        bench.cluster.join_all(bench.clock.at);
    }
    for (const auto& node : bench.cluster.nodes)
        bench.cluster.pods.push_back({.namespace_name = "default",
                                      .name = "on-" + node.name.str(),
                                      .uid = Uid("pod-" + node.name.str()),
                                      .node = node.name,
                                      .phase = PodPhase::Running,
                                      .owner_kind = "ReplicaSet",
                                      .cpu = {100},
                                      .memory = {64}});
    bench.cluster.load(10, 10, 0, bench.clock.at);
    for (int i = 0; i < 9; ++i) {
        bench.advance(std::chrono::minutes{2});
        must_tick(bench, intent);
    }
}

TEST(Tick, KilledAtEveryPointOfADrainTakesExactlyOneWorkerAway) {
    const auto intent = an_intent();
    for (int point = 0; point < 200; ++point) {
        Bench bench;
        make_quiet(bench, intent);
        const int before = bench.cluster.alive();
        ASSERT_EQ(before, 4);
        bench.advance(std::chrono::minutes{2});
        bool killed = false;
        // One process after the other; the first that reaches the point in its tick is killed there.
        for (int i = 0; i < 12; ++i) {
            killed = tick_until_killed(bench, intent, format("holder-{}", i), killed ? -1 : point) || killed;
            bench.advance(std::chrono::seconds{80});
            if (bench.cluster.alive() < before && memory_of(bench, intent).drains.empty()) break;
        }
        ASSERT_EQ(bench.cluster.alive(), before - 1) << "killed at point " << point;
        ASSERT_EQ(std::ssize(bench.cluster.nodes), before - 1) << "killed at point " << point;
        for (const auto& [id, times] : bench.cluster.terminated) ASSERT_EQ(times, 1) << id;
        ASSERT_TRUE(journal_of(bench, intent).verify(memory_of(bench, intent)))
            << "killed at point " << point;
        if (!killed) return;
    }
    FAIL() << "the points never ended";
}

TEST(Tick, ALostAnswerIsAskedForAgainWithTheSameToken) {
    for (const int lost : {1, 2, 3, 5}) {
        Bench bench;
        bench.cluster.answers_to_lose = lost;
        for (int i = 0; i < 6; ++i) {
            auto services = bench.services("one");
            (void)tick(an_intent(), Loop::Workers, services);
            bench.advance(std::chrono::seconds{15});
        }
        EXPECT_EQ(bench.cluster.launches, 2) << lost << " answers lost";
        EXPECT_FALSE(memory_of(bench, an_intent()).pending);
        EXPECT_EQ(memory_of(bench, an_intent()).launches.size(), 2U) << lost << " answers lost";
    }
}

// Nobody may say that nothing came of a plan before its launches have been looked for.
TEST(Tick, ALaunchWhoseAnswerWasLostIsFoundThoughItMayNotBeAskedForAgain) {
    for (const bool paused : {false, true}) {
        const auto left = killed_once(an_intent(), [](Bench& b) { return b.cluster.launches == 2; });
        Bench& bench = *left;
        bench.advance(std::chrono::seconds{80});
        if (paused) {
            ASSERT_TRUE(bench.state.set_freeze(
                an_intent().name,
                Freeze{.by = "ana", .why = "x", .until = bench.clock.at + std::chrono::hours{1}}));
        } else {
            bench.cluster.lists_to_refuse = 1;  // When it looks before it finishes the plan.
        }
        EXPECT_EQ(must_tick(bench, an_intent(), "two").settled, "finished");
        EXPECT_EQ(memory_of(bench, an_intent()).launches.size(), 2U) << paused;
        EXPECT_EQ(bench.cluster.launches, 2) << paused;
    }
}

// A run launches and dies; the next one finishes its plan and is refused for another reason than capacity.
// What the first one launched is not forgotten, nor the time of the scale-up.
TEST(Tick, ALaunchThatIsRefusedWhenAPlanIsFinishedMayHaveHappenedBefore) {
    const auto left = killed_once(an_intent(), [](Bench& b) { return b.cluster.launches == 2; });
    Bench& bench = *left;
    bench.advance(std::chrono::seconds{80});
    bench.cluster.launches_to_refuse = 2;
    EXPECT_EQ(must_tick(bench, an_intent(), "two").settled, "finished");
    EXPECT_EQ(memory_of(bench, an_intent()).launches.size(), 2U);
    EXPECT_EQ(bench.cluster.launches, 2);
}

// While lists may not show it yet, nobody says that nothing was launched.
TEST(Tick, ARefusedLaunchOfAnEarlierRunIsNotGivenUpBeforeItWouldBeListed) {
    for (const bool later : {false, true}) {
        const auto left = killed_once(an_intent(), [](Bench& b) {
            const auto item = b.state.read({.cluster = an_intent().name, .loop = Loop::Workers}).value();
            return item->version > 0 && b.cluster.launches == 0;
        });
        Bench& bench = *left;
        bench.advance(later ? std::chrono::seconds{150} : std::chrono::seconds{80});
        bench.cluster.launches_to_refuse = 2;
        auto services = bench.services("two");
        const auto report = tick(an_intent(), Loop::Workers, services);
        EXPECT_EQ(report.has_value(), later) << "settled only when it would be listed";
        EXPECT_EQ(memory_of(bench, an_intent()).pending.has_value(), !later);
    }
}

TEST(Tick, ARecordedPlanThatIsTooOldIsClosedAndItsLaunchesAdopted) {
    for (int point = 0;; ++point) {
        Bench bench;
        if (!tick_until_killed(bench, an_intent(), "one", point)) break;
        const bool recorded =
            bench.state.read({.cluster = an_intent().name, .loop = Loop::Workers}).value()->version > 0 &&
            memory_of(bench, an_intent()).pending.has_value();
        bench.advance(std::chrono::minutes{11});
        bench.cluster.join_all(bench.clock.at);
        const TickReport report = must_tick(bench, an_intent(), "two");
        EXPECT_EQ(report.settled, recorded ? "closed" : "") << point;
        EXPECT_EQ(bench.cluster.launches, 2) << "killed at point " << point;
    }
}

TEST(Tick, ARecordedPlanOfAnotherIntentIsClosed) {
    const auto left = killed_once(an_intent(), [](Bench& b) {
        return b.state.read({.cluster = an_intent().name, .loop = Loop::Workers}).value()->version > 0;
    });
    Bench& bench = *left;
    ClusterIntent changed = an_intent();
    changed.digest = "digest-2";
    changed.pools[0].min = 0;
    bench.advance(std::chrono::seconds{80});
    const TickReport report = must_tick(bench, changed, "two");
    EXPECT_EQ(report.settled, "closed");
    EXPECT_EQ(bench.cluster.launches, 0) << "nobody wants them any more";
}

TEST(Tick, ARecordedPlanNamesTheVersionThatItWasCommittedAs) {
    const auto left = killed_once(an_intent(), [](Bench& b) {
        return b.state.read({.cluster = an_intent().name, .loop = Loop::Workers}).value()->version > 0;
    });
    const Memory memory = memory_of(*left, an_intent());
    ASSERT_TRUE(memory.pending);
    EXPECT_EQ(memory.pending->version, memory.version);
    EXPECT_EQ(memory.pending->decided_at, left->clock.at);
    EXPECT_EQ(memory.pending->actions.size(), 2U);
}

TEST(Tick, WhatBecameOfARecordedPlanIsInTheJournal) {
    for (const char* how : {"finished", "closed"}) {
        const auto left = killed_once(an_intent(), [](Bench& b) { return b.cluster.launches == 1; });
        Bench& bench = *left;
        const auto version = memory_of(bench, an_intent()).pending->version;
        bench.advance(std::chrono::seconds{how[0] == 'f' ? 80 : 661});
        bench.cluster.join_all(bench.clock.at);
        const TickReport report = must_tick(bench, an_intent(), "two");
        EXPECT_EQ(report.settled, how);
        EXPECT_EQ(report.settled_results.size(), 2U);
        const auto entries = journal_of(bench, an_intent()).newest(100).value();
        const auto settled = std::ranges::find(entries, "settled", &JournalEntry::kind);
        ASSERT_NE(settled, entries.end());
        EXPECT_EQ(settled->who, "two");
        EXPECT_EQ(settled->body.string_at("how"), how);
        EXPECT_EQ(settled->body.find("version")->as_int(), version);
        EXPECT_EQ(settled->body.find("results")->items().size(), 2U);
    }
}

TEST(Tick, ARecordedPlanIsFinishedForTenMinutesAndNoLonger) {
    for (const bool late : {false, true}) {
        const auto left = killed_once(an_intent(), [](Bench& b) { return b.cluster.launches == 1; });
        left->advance(std::chrono::minutes{10} + Duration{late ? 1 : 0});
        EXPECT_EQ(must_tick(*left, an_intent(), "two").settled, late ? "closed" : "finished");
    }
}

TEST(Tick, SaysWhetherWorkIsOpenBeforeAndAfter) {
    Bench bench;
    const auto intent = an_intent();
    const TickReport launched = must_tick(bench, intent);
    EXPECT_FALSE(launched.open_before);
    EXPECT_TRUE(launched.open_after) << "two machines are to join";
    bench.cluster.join_all(bench.clock.at);
    bench.advance(std::chrono::minutes{2});
    const TickReport joined = must_tick(bench, intent);
    EXPECT_TRUE(joined.open_before);
    EXPECT_FALSE(joined.open_after);
    EXPECT_FALSE(must_tick(bench, intent).open_before);

    Bench quiet;
    make_quiet(quiet, intent);
    quiet.advance(std::chrono::minutes{2});
    const TickReport draining = must_tick(quiet, intent);
    ASSERT_FALSE(memory_of(quiet, intent).drains.empty());
    EXPECT_TRUE(draining.open_after) << "a machine is to go";
    EXPECT_EQ(draining.journal_sequence + 1, memory_of(quiet, intent).journal_next - 1)
        << "the entry of the plan; the results come behind it";
}

TEST(Tick, APauseStopsTheRestOfARecordedPlan) {
    const auto left = killed_once(an_intent(), [](Bench& b) { return b.cluster.launches == 1; });
    Bench& bench = *left;
    ASSERT_TRUE(bench.state.set_freeze(
        an_intent().name,
        Freeze{.by = "an operator", .why = "stop", .until = bench.clock.at + std::chrono::hours{1}}));
    bench.advance(std::chrono::seconds{80});
    must_tick(bench, an_intent(), "two");
    EXPECT_EQ(bench.cluster.launches, 1);
}

TEST(Tick, AStaleHolderWritesNothing) {
    Bench bench;
    const auto intent = an_intent();
    must_tick(bench, intent);
    const ports::LoopKey key{.cluster = intent.name, .loop = Loop::Workers};
    auto old = bench.state.acquire(key, HolderId("old"), std::chrono::seconds{75}, bench.clock.at).value();
    bench.advance(std::chrono::seconds{76});
    must_tick(bench, intent, "new");
    const auto written = bench.state.commit(old, "rubbish", ports::LoopState::After::Release);
    ASSERT_FALSE(written);
    EXPECT_EQ(written.error().code, ErrorCode::Conflict);
}

TEST(Tick, AMemoryThatCannotBeReadStopsEverything) {
    Bench bench;
    const auto intent = an_intent();
    const ports::LoopKey key{.cluster = intent.name, .loop = Loop::Workers};
    auto held = bench.state.acquire(key, HolderId("one"), std::chrono::seconds{75}, bench.clock.at).value();
    ASSERT_TRUE(bench.state.commit(held, "{\"half\":", ports::LoopState::After::Release));
    auto services = bench.services("two");
    const auto report = tick(intent, Loop::Workers, services);
    ASSERT_FALSE(report);
    EXPECT_EQ(report.error().code, ErrorCode::Corrupt);
    EXPECT_EQ(bench.cluster.launches, 0);
}

TEST(Journal, HoldsEachDecisionWithItsCaseAndReplaysIt) {
    Bench bench;
    const auto intent = an_intent();
    make_quiet(bench, intent);
    const Journal journal = journal_of(bench, intent);
    int ticks = 0, carried = 0;
    const auto entries = journal.newest(100).value();
    for (const JournalEntry& entry : entries) {
        if (entry.kind != "tick") continue;
        ++ticks;
        if (!entry.packed_case.empty()) ++carried;
        const auto differences = replay(journal, entry);
        ASSERT_TRUE(differences) << differences.error().describe();
        EXPECT_TRUE(differences->empty()) << differences->front();
    }
    EXPECT_EQ(ticks, 13);
    EXPECT_GE(carried, 8) << "those that had nothing to do";
    EXPECT_LT(carried, 12) << "others keep theirs beside the chain";
    EXPECT_EQ(journal.length().value(), std::ssize(entries));
}

TEST(Journal, ATickWithNothingToDoWritesOneObject) {
    Bench bench;
    const auto intent = an_intent();
    make_quiet(bench, intent);
    const auto keys = [&] {
        std::set<std::string> out;
        for (const auto& [key, object] : bench.objects.objects) out.insert(key);
        return out;
    };
    const auto before = keys();
    bench.cluster.load(50, 50, 0, bench.clock.at);
    bench.advance(std::chrono::seconds{20});
    const auto report = must_tick(bench, intent);
    ASSERT_TRUE(report.plan.actions.empty());
    EXPECT_EQ(keys().size(), before.size() + 1);
    EXPECT_TRUE(keys().contains(format("journal/chain/shop/workers/{:012}", report.journal_sequence)));
    const Journal journal = journal_of(bench, intent);
    const auto entry = *journal.entry(report.journal_sequence);
    EXPECT_EQ(journal.case_of(entry)->world, report.world);
}

// Another case in its place would be found out, even by who has changed the chain with it.
TEST(Journal, ACarriedCaseIsTheOneOfTheDecision) {
    Bench bench;
    const auto intent = an_intent();
    make_quiet(bench, intent);
    const Journal journal = journal_of(bench, intent);
    auto carrying = journal.newest(100).value();
    std::erase_if(carrying, [](const JournalEntry& entry) { return entry.packed_case.empty(); });
    ASSERT_GE(carrying.size(), 2u);
    std::swap(carrying[0].packed_case, carrying[1].packed_case);
    EXPECT_EQ(journal.case_of(carrying[0]).error().code, ErrorCode::Corrupt);
    // Its base is gone after a month.
    std::swap(carrying[0].packed_case, carrying[1].packed_case);
    std::erase_if(bench.objects.objects,
                  [](const auto& o) { return o.first.starts_with("journal/worlds/"); });
    EXPECT_EQ(journal.case_of(carrying[0]).error().code, ErrorCode::NotFound);
    EXPECT_TRUE(journal.verify(memory_of(bench, intent))) << "the chain needs no case";
}

TEST(Journal, ShowsEveryKindOfTampering) {
    const auto intent = an_intent();
    const auto broken = [&](auto damage) {
        Bench bench;
        make_quiet(bench, intent);
        const Memory memory = memory_of(bench, intent);
        EXPECT_TRUE(journal_of(bench, intent).verify(memory));
        damage(bench.objects.objects);
        return !journal_of(bench, intent).verify(memory);
    };
    const std::string fifth = "journal/chain/shop/workers/000000000005";
    const auto last_of = [](auto& objects) {
        auto last = objects.end();
        for (auto it = objects.begin(); it != objects.end(); ++it)
            if (it->first.starts_with("journal/chain/shop/workers/")) last = it;
        return last;
    };
    EXPECT_TRUE(broken([&](auto& o) {
        o[fifth].data.replace(o[fifth].data.find("\"who\":\"one\""), 11, "\"who\":\"eve\"");
    }));
    EXPECT_TRUE(broken([&](auto& o) { o.erase(fifth); })) << "one removed from the middle";
    EXPECT_TRUE(broken([&](auto& o) { o.erase(last_of(o)); })) << "the last removed";
    EXPECT_TRUE(broken([&](auto& o) {
        auto& data = last_of(o)->second.data;
        data.replace(data.find("\"who\":\"one\""), 11, "\"who\":\"eve\"");
    })) << "the last changed";
    EXPECT_TRUE(broken(
        [&](auto& o) { std::swap(o[fifth].data, o["journal/chain/shop/workers/000000000006"].data); }));
}

TEST(Journal, OfAClusterThatComesBackGoesOnBehindTheOldChain) {
    Bench bench;
    const auto intent = an_intent();
    Journal journal = journal_of(bench, intent);
    Memory former;
    for (int i = 0; i < 100; ++i)
        ASSERT_TRUE(journal.append(former, "settled", "one", bench.clock.at, Value::object()));
    const TickReport report = must_tick(bench, intent);
    EXPECT_EQ(report.journal_sequence, 100);
    EXPECT_TRUE(journal.verify(memory_of(bench, intent)));
}

// Whoever changes the last entry is found out for ever, not only until the next tick.
TEST(Journal, ATickDoesNotAdoptAnEntryThatWasChanged) {
    Bench bench;
    const auto intent = an_intent();
    make_quiet(bench, intent);
    auto& last =
        bench.objects
            .objects[format("journal/chain/shop/workers/{:012}", memory_of(bench, intent).journal_next - 1)];
    last.data.replace(last.data.find("\"who\":\"one\""), 11, "\"who\":\"eve\"");
    bench.advance(std::chrono::minutes{2});
    must_tick(bench, intent);
    EXPECT_FALSE(journal_of(bench, intent).verify(memory_of(bench, intent)));
}

TEST(Journal, StoresCasesAsSmallDifferences) {
    Bench bench;
    const auto intent = an_intent();
    make_quiet(bench, intent);
    std::size_t whole = 0, deltas = 0, count = 0;
    const auto add = [&](std::size_t size) {
        whole = std::max(whole, size);
        deltas += size;
        ++count;
    };
    for (const auto& [key, object] : bench.objects.objects)
        if (key.starts_with("journal/worlds/")) add(object.data.size());
    const auto entries = journal_of(bench, intent).newest(100).value();
    for (const JournalEntry& entry : entries)
        if (!entry.packed_case.empty()) add(entry.packed_case.size());
    EXPECT_EQ(count, 13u);
    EXPECT_LT((deltas - whole) / (count - 1), whole) << count << " cases";
}

}  // namespace
}  // namespace k3fleet::app
