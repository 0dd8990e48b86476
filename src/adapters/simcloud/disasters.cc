// What happens to machines and nodes without anybody asking: spot notices, deaths, lost zones,
// flapping nodes.
#include <algorithm>

#include "adapters/simcloud/engine.h"
#include "core/model/names.h"

namespace k3fleet::simcloud {
namespace {

using model::Market;
using model::Role;

// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/spot-instance-termination-notices.html
constexpr Duration kNotice = std::chrono::minutes{2};
// An event that finds no victim looks again, until its time is over.
constexpr Duration kLookAgain = std::chrono::seconds{15};
// A node that is away for longer loses its pods, which is another story: NodeLost.
constexpr Duration kLongestFlap = std::chrono::seconds{290};

}  // namespace

void Engine::trouble(std::size_t index) {
    const Fault fault = state_.faults.at(index);
    if (fault.spent) return;
    bool happened = false;
    switch (fault.kind) {
        case FaultKind::SpotInterruption: happened = interrupt_spot(fault); break;
        case FaultKind::NodeFlap: happened = flap_node(fault, index); break;
        case FaultKind::MachineDies: happened = kill_machine(fault, index); break;
        case FaultKind::ZoneDown: lose_zone(fault.argument); return;  // It lasts: it is not spent.
        default: return;
    }
    if (happened)
        state_.faults.at(index).spent = true;
    else if (fault.active(state_.now + kLookAgain))
        plan_event(kLookAgain, EventKind::Trouble, 0, index);
}

bool Engine::interrupt_spot(const Fault& fault) {
    for (auto& [number, instance] : state_.instances) {
        const model::Instance& shown = instance.shown;
        if (shown.state != model::InstanceState::Running || shown.offering.market != Market::Spot) continue;
        if (shown.interruption_at || (!fault.argument.empty() && fault.argument != shown.id.str())) continue;
        instance.shown.interruption_at = state_.now + kNotice;
        const auto cluster = find_cluster(instance.cluster, Removed::Accept);
        plan_event(kNotice, EventKind::Reclaim, cluster ? (*cluster)->number : 0, number);
        return true;
    }
    return false;
}

bool Engine::flap_node(const Fault& fault, std::size_t index) {
    std::vector<std::pair<SimCluster*, SimNode*>> there;
    for (SimCluster& cluster : state_.clusters)
        for (SimNode& node : cluster.nodes)
            if (node.machine && node.shown.ready && node.shown.role == Role::Worker)
                there.emplace_back(&cluster, &node);
    if (there.empty()) return false;
    auto& [cluster, node] = there[dice("flap", index).below(there.size())];
    node->shown.ready = false;
    for (SimPod& pod : cluster->pods)
        if (pod.node == node->number) pod.ready = false;
    cluster->unsettled = true;
    plan_event(std::min(fault.duration, kLongestFlap), EventKind::NodeBack, cluster->number, node->number);
    return true;
}

void Engine::node_back(SimCluster& cluster, std::uint64_t number) {
    SimNode* const node = find_node(cluster, number);
    if (node == nullptr || !node->machine || node->shown.ready) return;
    node->shown.ready = true;
    for (SimPod& pod : cluster.pods)
        if (pod.node == number && pod.running && !pod.terminating) pod.ready = true;
    cluster.unsettled = true;
}

bool Engine::kill_machine(const Fault& fault, std::size_t index) {
    std::vector<SimInstance*> there;
    for (auto& [number, instance] : state_.instances)
        if (instance.shown.alive() && !instance.cluster.empty() &&
            (fault.argument.empty() || fault.argument == instance.shown.id.str() ||
             fault.argument == model::to_string(instance.shown.role)))
            there.push_back(&instance);
    if (there.empty()) return false;
    SimInstance& victim = *there[dice("dies", index).below(there.size())];
    shut_down(victim);
    return true;
}

void Engine::lose_zone(const std::string& zone) {
    for (auto& [number, instance] : state_.instances)
        if (instance.shown.alive() && instance.shown.offering.zone == zone) shut_down(instance);
}

}  // namespace k3fleet::simcloud
