// The drain step by step, in a table.
#include "core/scaling/drain.h"

#include <gtest/gtest.h>

#include "tests/support/drains.h"

namespace k3fleet::scaling {
namespace {

using namespace testing::drains;
using model::Unknown;
using Ended = DrainStep::Ended;
using std::chrono::seconds;

TEST(Drain, CordonsFirstAndEvictsInTheOrderOfNames) {
    const auto step = advance_drain(
        drain(), world({node("n1", true)}, {pod("web-2"), pod("web-1"), pod("db-0", "aaa")}), kNow);
    EXPECT_EQ(short_forms(step),
              (Lines{"cordon n1", "evict aaa/db-0", "evict default/web-1", "evict default/web-2"}));
    ASSERT_TRUE(step.next);
    EXPECT_EQ(step.next->phase, Drain::Phase::Evicting);
    EXPECT_EQ(step.ended, Ended::No);
    for (const auto& action : step.actions) {
        EXPECT_NE(action.reason.find("CPU below 30 %"), std::string::npos) << action.reason;
        EXPECT_FALSE(action.facts.empty());
    }
    EXPECT_EQ(std::get<model::Evict>(step.actions[1].what).pod_uid.str(), "uid-aaa-db-0");
}

TEST(Drain, LeavesAloneWhatDoesNotHoldANode) {
    const auto step =
        advance_drain(drain(),
                      world({node()}, {with(pod("ds-1"), [](auto& p) { p.owner_kind = "DaemonSet"; }),
                                       with(pod("static-1"), [](auto& p) { p.mirror = true; }),
                                       with(pod("job-1"), [](auto& p) { p.phase = PodPhase::Succeeded; }),
                                       with(pod("job-2"), [](auto& p) { p.phase = PodPhase::Failed; }),
                                       with(pod("far-1"), [](auto& p) { p.node = model::NodeName("i-2"); }),
                                       with(pod("new-1"), [](auto& p) { p.node = {}; })}),
                      kNow);
    EXPECT_EQ(short_forms(step), (Lines{"terminate i-1"}));
    ASSERT_TRUE(step.next);
    EXPECT_EQ(step.next->phase, Drain::Phase::Terminating);
}

TEST(Drain, EvictsABarePodToo) {
    const auto step = advance_drain(
        drain(), world({node()}, {with(pod("alone"), [](auto& p) { p.owner_kind = ""; })}), kNow);
    EXPECT_EQ(short_forms(step), (Lines{"evict default/alone"}));
}

TEST(Drain, WaitsForPodsThatAreLeaving) {
    const auto step = advance_drain(
        drain(), world({node()}, {with(pod("web-1"), [](auto& p) { p.terminating = true; })}), kNow);
    EXPECT_EQ(short_forms(step), Lines{});
    ASSERT_EQ(step.blocked.size(), 1U);
    EXPECT_EQ(step.blocked[0].by, "pods");
    EXPECT_NE(step.blocked[0].why.find("default/web-1"), std::string::npos);
}

TEST(Drain, DoesNotTerminateANodeThatIsNotSeenCordoned) {
    const auto step = advance_drain(drain(), world({node("n1", true)}, {}), kNow);
    EXPECT_EQ(short_forms(step), (Lines{"cordon n1"}));
}

TEST(Drain, HoldsWhileAnySourceIsUnknown) {
    for (int source = 0; source < 3; ++source) {
        auto seen = world({node()}, {pod("web-1")});
        if (source == 0) seen.instances = Unknown{"EC2 is silent"};
        if (source == 1) seen.nodes = Unknown{"API is silent"};
        if (source == 2) seen.pods = Unknown{"API is silent"};
        const auto step = advance_drain(drain(), seen, kNow);
        EXPECT_EQ(short_forms(step), Lines{}) << source;
        ASSERT_EQ(step.blocked.size(), 1U);
        EXPECT_EQ(step.blocked[0].by, "unknown");
        EXPECT_NE(step.blocked[0].why.find("silent"), std::string::npos);
        EXPECT_EQ(step.next, drain());
    }
}

TEST(Drain, UnknownBudgetsHoldNothing) {
    auto seen = world({node()}, {pod("web-1")});
    seen.budgets = Unknown{"403"};
    EXPECT_EQ(short_forms(advance_drain(drain(), seen, kNow)), (Lines{"evict default/web-1"}));
}

TEST(Drain, HoldsWhileFrozen) {
    auto seen = world({node()}, {});
    seen.freeze = model::Freeze{.by = "an operator", .why = "deploy", .until = kNow + minutes(1)};
    const auto step = advance_drain(drain(), seen, kNow + seconds(59));
    EXPECT_EQ(short_forms(step), Lines{});
    EXPECT_EQ(step.blocked.at(0).by, "frozen");
    EXPECT_EQ(short_forms(advance_drain(drain(), seen, kNow + seconds(60))), (Lines{"terminate i-1"}));
}

TEST(Drain, NamesTheBudgetThatHoldsAPodAndAsksForItLast) {
    auto seen = world({node()}, {pod("app-1"), pod("web-1")});
    seen.budgets = {{{.namespace_name = "default", .name = "app-pdb", .match_labels = {{"app", "app"}}}},
                    kNow};
    const auto step = advance_drain(drain(), seen, kNow);
    EXPECT_EQ(short_forms(step), (Lines{"evict default/web-1", "evict default/app-1"}));
    ASSERT_EQ(step.blocked.size(), 1U);
    EXPECT_EQ(step.blocked[0].by, "pdb");
    EXPECT_NE(step.blocked[0].why.find("default/app-1"), std::string::npos);
    EXPECT_NE(step.blocked[0].why.find("default/app-pdb"), std::string::npos);
}

TEST(Drain, GivesUpAtTheDeadlineAndSaysWhy) {
    auto seen = world({node()}, {pod("app-1")});
    seen.budgets = {{{.namespace_name = "default", .name = "app-pdb", .match_labels = {{"app", "app"}}}},
                    kNow};
    const auto step = advance_drain(drain(), seen, kNow + minutes(10));
    EXPECT_EQ(short_forms(step), (Lines{"uncordon n1", "notify"}));
    EXPECT_EQ(step.ended, Ended::Abandoned);
    const auto& notice = std::get<model::Notify>(step.actions[1].what);
    EXPECT_EQ(notice.severity, model::Severity::P2);
    EXPECT_NE(notice.text.find("default/app-pdb"), std::string::npos) << notice.text;
    EXPECT_NE(notice.text.find("default/app-1"), std::string::npos) << notice.text;
}

TEST(Drain, NamesTheServersLastAnswerWhenNoBudgetIsKnown) {
    auto current = drain();
    current.blocker = "pod default/app-1: needs 2 healthy pods and has 2";
    auto seen = world({node()}, {pod("app-1")});
    seen.budgets = Unknown{"403"};
    const auto step = advance_drain(current, seen, kNow + minutes(10));
    EXPECT_NE(std::get<model::Notify>(step.actions.back().what).text.find("has 2"), std::string::npos);
}

TEST(Drain, GivesUpWithoutTouchingAnUnknownNode) {
    auto seen = world({}, {});
    seen.nodes = Unknown{"API is silent"};
    seen.pods = Unknown{"API is silent"};
    const auto step = advance_drain(drain(), seen, kNow + minutes(10));
    EXPECT_EQ(short_forms(step), (Lines{"notify"}));
    EXPECT_EQ(step.ended, Ended::Abandoned);
    EXPECT_NE(std::get<model::Notify>(step.actions[0].what).text.find("as soon as the API server answers"),
              std::string::npos);
    EXPECT_EQ(step.next.value_or(Drain{}).phase, Drain::Phase::Returning);
}

TEST(Drain, IsFinishedRatherThanGivenUpWhenTheNodeIsEmptyAtTheDeadline) {
    EXPECT_EQ(short_forms(advance_drain(drain(), world({node()}, {}), kNow + minutes(10))),
              (Lines{"terminate i-1"}));
}

TEST(Drain, ForcedTerminatesAtTheDeadlineEvenWhenNothingIsKnown) {
    auto silent = world({}, {});
    silent.instances = Unknown{"silent"};
    silent.nodes = Unknown{"silent"};
    silent.pods = Unknown{"silent"};
    const auto forced = drain(Drain::AtDeadline::Force);
    EXPECT_EQ(short_forms(advance_drain(forced, silent, kNow + minutes(10) - seconds(1))), Lines{});
    EXPECT_EQ(short_forms(advance_drain(forced, silent, kNow + minutes(10))), (Lines{"terminate i-1"}));
    EXPECT_EQ(short_forms(advance_drain(forced, world({node()}, {pod("web-1")}), kNow + minutes(10))),
              (Lines{"terminate i-1"}));
}

TEST(Drain, AnInterruptedInstanceIsForcedAndKeepsAwsTime) {
    auto interrupted = machine();
    interrupted.interruption_at = kNow + minutes(2);
    const auto begun =
        begin_drain(interrupted, node(), "spot interruption", kNow, minutes(10), Drain::AtDeadline::Abandon);
    EXPECT_EQ(begun.at_deadline, Drain::AtDeadline::Force);
    EXPECT_EQ(begun.deadline, kNow + minutes(2));

    // The notice comes while an ordinary drain is under way.
    const auto step =
        advance_drain(drain(), world({node()}, {pod("web-1")}, {interrupted}), kNow + seconds(30));
    EXPECT_EQ(short_forms(step), (Lines{"evict default/web-1"}));
    EXPECT_EQ(step.next->at_deadline, Drain::AtDeadline::Force);
    EXPECT_EQ(step.next->deadline, kNow + minutes(2));
    EXPECT_EQ(short_forms(advance_drain(*step.next, world({node()}, {pod("web-1")}, {interrupted}),
                                        kNow + minutes(2))),
              (Lines{"terminate i-1"}));
}

TEST(Drain, NeverTouchesAnotherNodeOfTheSameName) {
    auto other = node("n2", true);
    other.instance = model::InstanceId("i-2");
    const auto step = advance_drain(drain(), world({other}, {pod("web-1")}), kNow);
    EXPECT_EQ(short_forms(step), (Lines{"terminate i-1"}));
    const auto late = advance_drain(drain(), world({other}, {pod("web-1")}), kNow + minutes(10));
    EXPECT_EQ(short_forms(late), (Lines{"terminate i-1"}));
    const auto after =
        advance_drain(*step.next, world({other}, {}, {machine(InstanceState::Terminated)}), kNow);
    EXPECT_EQ(short_forms(after), Lines{});
    EXPECT_EQ(after.ended, Ended::Done);
}

TEST(Drain, FollowsTheSameMachineToItsNewNodeObject) {
    const auto step = advance_drain(drain(), world({node("n2", true)}, {pod("web-1")}), kNow);
    EXPECT_EQ(short_forms(step), (Lines{"cordon n2", "evict default/web-1"}));
    EXPECT_EQ(step.next->node_uid.str(), "n2");
}

TEST(Drain, DeletesTheNodeOnceTheInstanceIsGoingAndEndsWhenItIsGone) {
    for (auto instances : {std::vector<model::Instance>{},
                           {machine(InstanceState::ShuttingDown)},
                           {machine(InstanceState::Terminated)}}) {
        const auto step = advance_drain(drain(), world({node()}, {pod("web-1")}, instances), kNow);
        EXPECT_EQ(short_forms(step), (Lines{"delete n1"}));
        ASSERT_TRUE(step.next);
        EXPECT_EQ(step.next->phase, Drain::Phase::Terminating);
        const auto last = advance_drain(*step.next, world({}, {}, instances), kNow);
        EXPECT_EQ(short_forms(last), Lines{});
        EXPECT_EQ(last.ended, Ended::Done);
        EXPECT_FALSE(last.next);
    }
}

TEST(Drain, AsksAgainForATerminationThatHadNoEffect) {
    auto terminating = drain();
    terminating.phase = Drain::Phase::Terminating;
    EXPECT_EQ(short_forms(advance_drain(terminating, world({node()}, {}), kNow + minutes(30))),
              (Lines{"terminate i-1"}));
}

TEST(Drain, NeverDrainsAMaster) {
    auto master = machine();
    master.role = model::Role::Master;
    const auto step =
        advance_drain(drain(Drain::AtDeadline::Force), world({node()}, {}, {master}), kNow + minutes(20));
    EXPECT_EQ(short_forms(step), (Lines{"notify"}));
    EXPECT_EQ(step.ended, Ended::Abandoned);
}

TEST(Drain, ARefusalLeavesNoPodOutForGood) {
    std::vector<model::Pod> pods;
    for (int i = 0; i < 12; ++i) pods.push_back(pod("web-" + std::to_string(i)));
    auto current = drain();
    current.deadline = kNow + minutes(1000);
    current.blocker = "refused";
    std::set<std::string> asked;
    // 120 seconds a tick divides by the 12 pods: a plain remainder would always ask for the same two.
    for (int tick = 0; tick < 30; ++tick)
        for (const auto& line :
             short_forms(advance_drain(current, world({node()}, pods), kNow + seconds(120) * tick, 2)))
            asked.insert(line);
    EXPECT_EQ(asked.size(), pods.size());
}

TEST(Drain, AsksForNoMoreThanItMayAndInTheOrderOfNames) {
    std::vector<model::Pod> pods;
    for (const char* name : {"web-5", "web-3", "web-4", "web-1", "web-2"}) pods.push_back(pod(name));
    for (const auto late : {minutes(0), minutes(3)})  // Without a refusal the place does not move.
        EXPECT_EQ(short_forms(advance_drain(drain(), world({node()}, pods), kNow + late, 2)),
                  (Lines{"evict default/web-1", "evict default/web-2"}));
    EXPECT_EQ(advance_drain(drain(), world({node()}, pods), kNow, 5).actions.size(), 5U);
    EXPECT_EQ(advance_drain(drain(), world({node()}, pods), kNow, 6).actions.size(), 5U);
}

TEST(Drain, FindsItsNodeByUidWhereNoProviderIdSaysWhoseItIs) {
    auto nameless = node("n1", true);
    nameless.instance = {};
    EXPECT_EQ(short_forms(advance_drain(drain(), world({nameless}, {pod("web-1")}), kNow)),
              (Lines{"cordon n1", "evict default/web-1"}));
    auto unknown = drain();  // Neither a drain nor a node without a uid belongs to one without.
    unknown.node_uid = {};
    nameless.uid = {};
    EXPECT_EQ(short_forms(advance_drain(unknown, world({nameless}, {pod("web-1")}), kNow)),
              (Lines{"terminate i-1"}));
}

TEST(Drain, NamesTheNodeWhereItIsNotCalledAsTheMachine) {
    auto called = node("n1", true);
    called.name = model::NodeName("blue");
    auto first = begin_drain(machine(), called, "quiet", kNow, minutes(10), Drain::AtDeadline::Abandon);
    model::World frozen = world({called}, {});
    frozen.freeze = model::Freeze{.by = "bob", .why = "stop", .until = kNow + minutes(1)};
    EXPECT_EQ(advance_drain(first, frozen, kNow).blocked.at(0).what, "drain i-1 (node blue)");
    EXPECT_EQ(advance_drain(drain(), frozen, kNow).blocked.at(0).what, "drain i-1");
    first.node = {};
    EXPECT_EQ(advance_drain(first, frozen, kNow).blocked.at(0).what, "drain i-1");
}

// Why a drain that is given up was held, in the words of its notice.
std::string given_up(const Drain& drain, const model::World& at_the_end) {
    const auto step = advance_drain(drain, at_the_end, kNow + minutes(10));
    EXPECT_EQ(step.ended, Ended::Abandoned);
    EXPECT_EQ(step.blocked.size(), 1U);
    if (step.blocked.empty()) return "";
    EXPECT_EQ(step.blocked[0].by, "deadline");
    EXPECT_EQ(step.blocked[0].what, "drain i-1");
    const std::string& why = step.blocked[0].why;
    return why.substr(why.find(": ") + 2);
}

TEST(Drain, SaysOfWhatIsLeftWhatHoldsIt) {
    EXPECT_EQ(given_up(drain(), world({node()}, {pod("web-1")})), "pod default/web-1 is still to be evicted");
    EXPECT_EQ(given_up(drain(), world({node()}, {pod("web-1"), pod("web-2"), pod("web-3")})),
              "pod default/web-1 is still to be evicted (and 2 more)");
    const auto leaving = [](model::Pod& p) { p.terminating = true; };
    EXPECT_EQ(given_up(drain(), world({node()}, {with(pod("web-1"), leaving)})),
              "pod default/web-1 is still shutting down");
    EXPECT_EQ(given_up(drain(), world({node()}, {with(pod("web-1"), leaving), with(pod("web-2"), leaving)})),
              "pod default/web-1 is still shutting down (and 1 more)");
    auto refused = drain();
    refused.blocker = "pod default/web-1: the budget is used up";
    EXPECT_EQ(given_up(refused, world({node()}, {pod("web-1")})), refused.blocker);
    EXPECT_EQ(given_up(refused, world({node()}, {with(pod("web-1"), leaving)})),
              "pod default/web-1 is still shutting down")
        << "nothing is refused any more";
    EXPECT_EQ(given_up(drain(), world({node("n1", true)}, {})), "the node could not be cordoned");
    auto held = world({node()}, {pod("web-1"), pod("web-2")});
    held.budgets = {std::vector<model::DisruptionBudget>{{.namespace_name = "default", .name = "all"}}, kNow};
    EXPECT_EQ(given_up(drain(), held),
              "pod default/web-1 is held by PodDisruptionBudget default/all, which allows 0 disruptions now "
              "(and 1 more)");
}

// Found by the simulator (seed 629987): the list was from before the cordon, and so the cordon stayed.
TEST(Drain, GivenUpLetsPodsOntoTheNodeWhateverIsSeenOfItsCordon) {
    const auto end = kNow + minutes(10);
    for (const bool schedulable : {false, true}) {
        const auto seen = world({node("n1", schedulable)}, {pod("web-1")});
        const auto step = advance_drain(drain(), seen, end);
        EXPECT_EQ(short_forms(step), (Lines{"uncordon n1", "notify"}));
        ASSERT_TRUE(step.next);
        const Drain back = *step.next;
        EXPECT_EQ(back.phase, Drain::Phase::Returning);
        EXPECT_EQ(short_forms(advance_drain(back, seen, end)), (Lines{"uncordon n1"}));
        const auto later = advance_drain(back, seen, end + seconds(30));
        EXPECT_EQ(short_forms(later), schedulable ? Lines{} : (Lines{"uncordon n1"}));
        EXPECT_EQ(later.next, back) << "it may be from before the cordon";
        const auto last = advance_drain(back, seen, end + minutes(2));
        EXPECT_EQ(last.ended, schedulable ? Ended::Cancelled : Ended::No);
    }
}

TEST(Drain, AForcedEndSaysWhatGoesDownWithTheMachine) {
    const auto facts_at_the_end = [](std::vector<model::Pod> pods) {
        const auto step = advance_drain(drain(Drain::AtDeadline::Force), world({node()}, std::move(pods)),
                                        kNow + minutes(10));
        EXPECT_EQ(short_forms(step), (Lines{"terminate i-1"}));
        return step.actions.at(0).facts.back();
    };
    EXPECT_EQ(facts_at_the_end({}), "nothing is left to move");
    EXPECT_EQ(facts_at_the_end({pod("web-1")}), "pod default/web-1 is still to be evicted");
}

TEST(Drain, FactsCountWhatIsToBeMoved) {
    const auto leaving = [](model::Pod& p) { p.terminating = true; };
    auto some = world({node()}, {pod("web-1"), pod("db-1"), pod("db-2"), with(pod("web-9"), leaving)});
    some.budgets = {std::vector<model::DisruptionBudget>{
                        {.namespace_name = "default", .name = "db", .match_labels = {{"app", "db"}}}},
                    kNow};
    const auto step = advance_drain(drain(), some, kNow);
    ASSERT_EQ(step.actions.size(), 3U);
    EXPECT_EQ(step.actions[0].facts.back(), "3 pods to evict, 1 shutting down");
    EXPECT_EQ(step.blocked.at(0).by, "pdb");
    // The node of a machine that is gone is named where it is called otherwise.
    auto called = node();
    for (const char* name : {"i-1", "blue"}) {
        called.name = model::NodeName(name);
        const auto gone = advance_drain(drain(), world({called}, {}, {}), kNow);
        EXPECT_EQ(gone.actions.at(0).reason,
                  std::string_view(name) == "i-1" ? "its machine is gone" : "its machine i-1 is gone");
    }
}

TEST(Covers, NeedsNamespaceLabelsAndEveryExpression) {
    using Op = model::LabelRule::Operator;
    const auto budget = [](std::map<std::string, std::string> labels, std::vector<model::LabelRule> rules) {
        return model::DisruptionBudget{.namespace_name = "default",
                                       .name = "b",
                                       .match_labels = std::move(labels),
                                       .match_expressions = std::move(rules)};
    };
    const auto web = pod("web-1");
    EXPECT_TRUE(covers(budget({}, {}), web));
    EXPECT_FALSE(covers(budget({}, {}), pod("web-1", "other")));
    EXPECT_TRUE(covers(budget({{"app", "web"}}, {}), web));
    EXPECT_FALSE(covers(budget({{"app", "db"}}, {}), web));
    EXPECT_FALSE(covers(budget({{"tier", "web"}}, {}), web));
    EXPECT_TRUE(covers(budget({}, {{"app", Op::In, {"db", "web"}}}), web));
    EXPECT_FALSE(covers(budget({}, {{"tier", Op::In, {"web"}}}), web));
    EXPECT_FALSE(covers(budget({}, {{"app", Op::NotIn, {"web"}}}), web));
    EXPECT_TRUE(covers(budget({}, {{"tier", Op::NotIn, {"web"}}}), web));
    EXPECT_TRUE(covers(budget({{"app", "web"}}, {{"app", Op::Exists, {}}}), web));
    EXPECT_FALSE(covers(budget({{"app", "web"}}, {{"tier", Op::Exists, {}}}), web));
    EXPECT_TRUE(covers(budget({}, {{"tier", Op::DoesNotExist, {}}}), web));
    EXPECT_FALSE(covers(budget({}, {{"app", Op::DoesNotExist, {}}}), web));
}

}  // namespace
}  // namespace k3fleet::scaling
