// Thousands of drains in a small world that obeys, refuses and falls silent.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <set>

#include "core/scaling/drain.h"
#include "tests/support/drains.h"

namespace k3fleet::scaling {
namespace {

using namespace testing::drains;
using model::Unknown;
using Ended = DrainStep::Ended;
using std::chrono::seconds;

// Below n, and evenly so: rapidcheck's own range shrinks with the size of the case, and its first cases would
// be all zeros. Zero is the harmless face, so that a failing case shrinks towards a quiet world.
int dice(int n) { return *rc::gen::resize(100, rc::gen::inRange(0, n)); }

// A node and a machine that do what they are told, unless the dice say otherwise.
struct SmallWorld {
    model::World seen;

    void carry_out(const model::Action& action, bool refuse) {
        auto nodes = *seen.nodes;
        auto pods = *seen.pods;
        auto instances = *seen.instances;
        if (const auto* cordon = std::get_if<model::Cordon>(&action.what)) {
            for (auto& one : nodes)
                if (one.uid == cordon->node_uid)
                    one.schedulable = cordon->to == model::Cordon::To::Schedulable;
        } else if (const auto* evict = std::get_if<model::Evict>(&action.what)) {
            for (auto& one : pods)
                if (one.uid == evict->pod_uid && !refuse) one.terminating = true;
        } else if (const auto* remove = std::get_if<model::DeleteNode>(&action.what)) {
            std::erase_if(nodes, [&](const auto& one) { return one.uid == remove->node_uid; });
        } else if (const auto* end = std::get_if<model::Terminate>(&action.what)) {
            for (auto& one : instances)
                if (one.id == end->instance) one.state = InstanceState::Terminated;
        }
        seen.nodes = {nodes, kNow};
        seen.pods = {pods, kNow};
        seen.instances = {instances, kNow};
    }

    // Some of the leaving pods are gone now; while the node takes pods, another may come.
    void time_passes() {
        auto pods = *seen.pods;
        std::erase_if(pods, [](const auto& one) { return one.terminating && dice(3) != 2; });
        const auto& nodes = *seen.nodes;
        if (!nodes.empty() && nodes[0].schedulable && dice(2) == 1)
            pods.push_back(pod("late-" + std::to_string(dice(1000))));
        seen.pods = {pods, kNow};
    }

    // What the next tick sees: now and then a source does not answer.
    model::World observed() const {
        model::World result = seen;
        if (dice(8) == 7) result.nodes = Unknown{"silent"};
        if (dice(8) == 7) result.pods = Unknown{"silent"};
        if (dice(8) == 7) result.instances = Unknown{"silent"};
        return result;
    }
};

std::vector<model::Pod> any_pods() {
    std::vector<model::Pod> pods;
    const int count = dice(25);
    for (int i = 0; i < count; ++i) {
        auto one = pod("p-" + std::to_string(i), *rc::gen::element<std::string>("a", "b"));
        one.owner_kind = *rc::gen::element<std::string>("ReplicaSet", "DaemonSet", "StatefulSet", "Job", "");
        one.mirror = dice(8) == 7;
        one.terminating = dice(6) == 5;
        one.phase =
            *rc::gen::element(PodPhase::Running, PodPhase::Pending, PodPhase::Succeeded, PodPhase::Failed);
        if (dice(6) == 5) one.node = model::NodeName("i-9");
        pods.push_back(std::move(one));
    }
    return pods;
}

// Written without movable(), which is what is being tested: pods that must leave the node before its machine
// does.
bool keeps_the_node(const model::Pod& one) {
    const bool runs = one.phase == PodPhase::Running || one.phase == PodPhase::Pending;
    return one.node.str() == "i-1" && runs && one.owner_kind != "DaemonSet" && !one.mirror;
}

// What must hold of every step, whatever the world looks like.
void check_step(const Drain& current, const model::World& seen, Timestamp now, const DrainStep& step) {
    RC_ASSERT(step == advance_drain(current, seen, now));
    RC_ASSERT((step.ended == Ended::No) == step.next.has_value());
    const bool in_time = now < current.deadline;
    for (const auto& action : step.actions) {
        RC_ASSERT(!action.reason.empty());
        if (const auto* evict = std::get_if<model::Evict>(&action.what)) {
            RC_ASSERT(seen.pods.known() && seen.nodes.known() && seen.instances.known());
            const auto found = std::find_if(seen.pods->begin(), seen.pods->end(),
                                            [&](const auto& one) { return one.uid == evict->pod_uid; });
            RC_ASSERT(found != seen.pods->end() && keeps_the_node(*found) && !found->terminating);
        }
        const bool first_terminate =
            std::holds_alternative<model::Terminate>(action.what) && current.phase == Drain::Phase::Evicting;
        if (first_terminate && in_time) {
            RC_ASSERT(seen.pods.known() && seen.nodes.known() && seen.instances.known());
            for (const auto& one : *seen.pods) RC_ASSERT(!keeps_the_node(one));
        }
    }
}

RC_GTEST_PROP(DrainProperty, KeepsItsPromisesAndEnds, ()) {
    const auto at_deadline = *rc::gen::element(Drain::AtDeadline::Abandon, Drain::AtDeadline::Force);
    SmallWorld small{world({node("n1", true)}, any_pods())};
    std::optional<Drain> current = drain(at_deadline);
    const int refusal = dice(4);  // 0: never refuses; 3: mostly.
    Timestamp now = kNow;
    int steps_after_deadline = 0;
    Ended ended = Ended::No;
    for (int tick = 0; tick < 200 && current; ++tick, now += seconds(20)) {
        const auto seen = small.observed();
        const auto step = advance_drain(*current, seen, now);
        check_step(*current, seen, now, step);
        // Once decided, ending takes as long as the cloud is silent; until then the deadline is kept to the
        // step.
        if (now >= current->deadline && current->phase == Drain::Phase::Evicting) ++steps_after_deadline;
        for (const auto& action : step.actions) small.carry_out(action, dice(4) < refusal);
        current = step.next;
        ended = step.ended;
        small.time_passes();
    }
    RC_ASSERT(!current);
    RC_ASSERT(steps_after_deadline <= 1);
    if (at_deadline == Drain::AtDeadline::Force) RC_ASSERT(ended == Ended::Done);
    if (ended == Ended::Done) {
        RC_ASSERT(small.seen.nodes->empty());
        RC_ASSERT(small.seen.instances->at(0).state == InstanceState::Terminated);
    } else {
        RC_ASSERT(small.seen.instances->at(0).state == InstanceState::Running);
    }
}

RC_GTEST_PROP(DrainProperty, UnknownPodsNeverTerminateBeforeTheDeadline, ()) {
    auto seen = world({node("n1", *rc::gen::arbitrary<bool>())}, any_pods());
    seen.pods = Unknown{"silent"};
    const auto current = drain(*rc::gen::element(Drain::AtDeadline::Abandon, Drain::AtDeadline::Force));
    const auto step = advance_drain(current, seen, kNow + seconds(dice(600)));
    RC_ASSERT(step.actions.empty());
    RC_ASSERT(step.next == current);
}

RC_GTEST_PROP(DrainProperty, TheOrderOfTheListsChangesNothing, ()) {
    const auto pods = any_pods();
    auto turned = pods;
    std::reverse(turned.begin(), turned.end());
    RC_ASSERT(advance_drain(drain(), world({node()}, pods), kNow) ==
              advance_drain(drain(), world({node()}, turned), kNow));
}

}  // namespace
}  // namespace k3fleet::scaling
