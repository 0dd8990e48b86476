#include "core/scaling/fleet.h"

#include <algorithm>

#include "base/ranges.h"
#include "base/text.h"

namespace k3fleet::scaling {
namespace {

using model::Instance;
using model::Node;

// How long a launched instance may be missing from the list. AWS gives no bound for its eventual consistency;
// its own guidance is to retry with backoff for minutes
// (https://docs.aws.amazon.com/ec2/latest/devguide/eventual-consistency.html).
constexpr Duration kUnseenFor = std::chrono::minutes{2};

// Nodes sorted by the instance they run on. Our nodes are named by instance id,
// so the list is in order already.
std::vector<const Node*> nodes_by_instance(const core::Draft& draft) {
    std::vector<const Node*> nodes;
    if (!draft.world.nodes) return nodes;
    nodes.reserve(draft.world.nodes->size());
    for (const Node& node : *draft.world.nodes) nodes.push_back(&node);
    const auto by_instance = [](const Node* a, const Node* b) { return a->instance < b->instance; };
    if (!std::ranges::is_sorted(nodes, by_instance)) std::ranges::stable_sort(nodes, by_instance);
    return nodes;
}

// `next` is where the search begins: instances come by id as well, so the node is nearly always right there.
// The backtest of a year joins the two lists a quarter of a million times.
const Node* node_of(const std::vector<const Node*>& nodes, const Instance& instance, std::size_t& next) {
    if (next < nodes.size() && nodes[next]->instance == instance.id) return nodes[next++];
    const auto found = std::ranges::lower_bound(nodes, instance.id, {}, &Node::instance);
    if (found == nodes.end() || (*found)->instance != instance.id) return nullptr;
    next = static_cast<std::size_t>(found - nodes.begin()) + 1;
    return *found;
}

Worker::State state_of(const core::Draft& draft, const Worker& worker) {
    const auto& memory = draft.memory();
    const auto is_it = [&](const auto& entry) { return entry.instance == worker.instance->id; };
    const auto drain = std::ranges::find_if(memory.drains, is_it);
    if (drain != memory.drains.end() && drain->leaves()) return Worker::State::Leaving;
    const bool open = std::ranges::any_of(memory.launches, is_it);
    if (!draft.world.nodes) return open ? Worker::State::Booting : Worker::State::Ready;
    if (worker.node && worker.node->ready) return Worker::State::Ready;
    // A node that is there but not Ready: of an open launch it is still booting,
    // else it has been Ready before.
    return worker.node && !open ? Worker::State::NotReady : Worker::State::Booting;
}

void add(PoolCount& count, Worker::State state, model::Market market) {
    if (state == Worker::State::Leaving) {
        ++count.leaving;
        return;
    }
    ++(state == Worker::State::Booting ? count.booting : count.workers);
    if (market == model::Market::Spot) ++count.spot;
}

template <typename InPool>
PoolCount count_where(const Fleet& fleet, InPool in_pool) {
    PoolCount count;
    for (const Worker& worker : fleet.workers)
        if (in_pool(worker.instance->pool)) add(count, worker.state, worker.instance->offering.market);
    for (const model::OpenLaunch& launch : fleet.unseen)
        if (in_pool(launch.pool)) ++count.booting;
    for (const model::PoolName& pool : fleet.replacements)
        if (in_pool(pool)) ++count.booting;
    return count;
}

}  // namespace

PoolCount Fleet::count(const model::PoolName& pool) const {
    return count_where(*this, [&](const model::PoolName& name) { return name == pool; });
}

PoolCount Fleet::count_all() const {
    return count_where(*this, [](const model::PoolName&) { return true; });
}

std::optional<Fleet> survey(const core::Draft& draft) {
    if (!draft.world.instances) return std::nullopt;
    Fleet fleet;
    fleet.nodes_known = draft.world.nodes.known();
    const auto nodes = nodes_by_instance(draft);
    const auto& instances = *draft.world.instances;
    fleet.workers.reserve(instances.size());
    std::size_t next_node = 0;
    for (const Instance& instance : instances) {
        if (instance.role != model::Role::Worker || !instance.alive()) continue;
        Worker worker{.instance = &instance, .node = node_of(nodes, instance, next_node)};
        worker.state = state_of(draft, worker);
        fleet.workers.push_back(worker);
    }
    for (const auto& launch : draft.memory().launches) {
        const bool listed = contains(instances, launch.instance, &Instance::id);
        if (!listed && draft.now - launch.at < kUnseenFor) fleet.unseen.push_back(launch);
    }
    return fleet;
}

void hold_blind(core::Draft& draft) {
    draft.block("scale", "unknown",
                "the instances are unknown, so nothing can be counted: " + draft.world.instances.why());
    draft.summarize("HOLD: the instances are unknown");
}

std::string describe(const PoolCount& count, int min, int max) {
    std::string text = counted(count.workers, "worker");
    if (count.booting > 0) text += format(", {} booting", count.booting);
    if (count.leaving > 0) text += format(", {} leaving", count.leaving);
    return text + format(" (min {}, max {})", min, max);
}

}  // namespace k3fleet::scaling
