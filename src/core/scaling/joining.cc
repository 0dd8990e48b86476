#include "core/scaling/joining.h"

#include <algorithm>

#include "base/ranges.h"
#include "base/text.h"
#include "core/lifecycle/patience.h"
#include "core/scaling/drain.h"
#include "core/scaling/draining.h"

namespace k3fleet::scaling {
namespace {

using model::Instance;
using model::Node;

const Instance* find_instance(const core::Draft& draft, const model::InstanceId& id) {
    const auto found = std::ranges::find(*draft.world.instances, id, &Instance::id);
    return found == draft.world.instances->end() ? nullptr : &*found;
}

// A node that is there may have been Ready while nobody could see it: then pods run on it.
bool may_have_pods(const core::Draft& draft, const Worker& worker) {
    if (!worker.node) return false;
    if (!draft.world.pods) return true;
    return std::ranges::any_of(*draft.world.pods, [&](const model::Pod& pod) {
        return pod.node == worker.node->name && movable(pod);
    });
}

void end_ghost(core::Draft& draft, Worker& worker) {
    const Instance& ghost = *worker.instance;
    const std::string waited = to_rough_string(draft.now - ghost.launched_at);
    draft.notify_once(
        "ghost/" + ghost.id.str(),
        {.severity = model::Severity::P2,
         .title = format("worker {} did not join", ghost.id.str()),
         .text = format("It was launched {} ago and never became Ready; it is terminated, and replaced "
                        "if the pool needs it. Look at its start-up log.",
                        waited)},
        "people should know when machines do not join");
    end_booting(
        draft, worker,
        format("it has not become a Ready node within {}", to_string(draft.intent.autoscaling.join_timeout)));
}

// What became of one open launch; true when it is settled and need not be remembered any longer.
bool settled(core::Draft& draft, const Fleet& fleet, const model::OpenLaunch& launch) {
    const Instance* instance = find_instance(draft, launch.instance);
    if (!instance) {
        if (contains(fleet.unseen, launch.instance, &model::OpenLaunch::instance)) return false;
        draft.note(format("{} was launched {} ago and is not listed: given up", launch.instance.str(),
                          to_rough_string(draft.now - launch.at)));
        return true;
    }
    if (!instance->alive()) {
        draft.note(format("{} ended before it joined", launch.instance.str()));
        draft.notify_once("died/" + launch.instance.str(),
                          {.severity = model::Severity::P3,
                           .title = format("worker {} ended while booting", launch.instance.str()),
                           .text = "It was started and went away before it joined the cluster."},
                          "people should know when machines die on the way");
        return true;
    }
    const auto worker = std::ranges::find(fleet.workers, instance, &Worker::instance);
    if (worker == fleet.workers.end() || !worker->node || !worker->node->ready) return false;
    draft.note(format("{} joined after {}", launch.instance.str(), to_rough_string(draft.now - launch.at)));
    return true;
}

}  // namespace

void settle_joining(core::Draft& draft, Fleet& fleet) {
    std::vector<model::InstanceId> done;
    for (const auto& launch : draft.memory().launches)
        if (settled(draft, fleet, launch)) done.push_back(launch.instance);
    std::erase_if(draft.memory().launches,
                  [&](const auto& launch) { return contains(done, launch.instance); });

    if (fleet.nodes_known) {
        for (Worker& worker : fleet.workers) {
            if (worker.state != Worker::State::Booting || may_have_pods(draft, worker)) continue;
            if (draft.now - worker.instance->launched_at >= draft.intent.autoscaling.join_timeout)
                end_ghost(draft, worker);
        }
    }
}

void sweep_ghost_nodes(core::Draft& draft, const Fleet& fleet) {
    if (!fleet.nodes_known) return;
    for (const Node& node : *draft.world.nodes) {
        if (node.role != model::Role::Worker || node.ready || node.instance.empty()) continue;
        if (contains(draft.memory().drains, node.instance, &model::Drain::instance)) continue;
        const Instance* instance = find_instance(draft, node.instance);
        if (instance && instance->state != model::InstanceState::Terminated) continue;
        // EC2 lists the terminated for an hour only. Ours is named like its machine;
        // a stranger's may be anybody's.
        const bool ours = node.name.str() == node.instance.str();
        const bool old = draft.now - node.created_at >= lifecycle::kUnseenFor;
        if (!instance && !(ours && old)) continue;
        draft.add(model::DeleteNode{.node = node.name, .node_uid = node.uid}, "its machine is gone",
                  {format("{} is {}", node.instance.str(), instance ? "terminated" : "not listed any more")});
    }
}

}  // namespace k3fleet::scaling
