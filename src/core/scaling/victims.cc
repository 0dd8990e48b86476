#include "core/scaling/victims.h"

#include <algorithm>
#include <map>
#include <string_view>
#include <tuple>
#include <vector>

#include "base/text.h"
#include "base/units.h"
#include "core/scaling/drain.h"
#include "core/scheduling/placement.h"

namespace k3fleet::scaling {
namespace {

using model::Market;

// What the pods of a node ask for.
struct Load {
    std::vector<scheduling::Ask> movable;
    Millicores cpu;  // Of all that run there.
    Mebibytes memory;
    int pods = 0;
};

std::map<std::string_view, Load> loads(const core::Draft& draft) {
    std::map<std::string_view, Load> by_node;
    for (const model::Pod& pod : *draft.world.pods) {
        if (pod.node.empty() || pod.finished()) continue;
        Load& load = by_node[pod.node.str()];
        load.cpu += pod.cpu;
        load.memory += pod.memory;
        ++load.pods;
        if (movable(pod)) load.movable.push_back({.cpu = pod.cpu, .memory = pod.memory});
    }
    return by_node;
}

Load load_of(const std::map<std::string_view, Load>& by_node, const Worker& worker) {
    if (!worker.node) return {};
    const auto found = by_node.find(worker.node->name.str());
    return found == by_node.end() ? Load{} : found->second;
}

// Whether what would have to move finds a place on the other Ready workers: else it would wait, and a worker
// would be bought for it at once.
bool fits_elsewhere(const Fleet& fleet, const std::map<std::string_view, Load>& by_node,
                    const Worker& victim) {
    std::vector<scheduling::Room> rooms;
    for (const Worker& worker : fleet.workers) {
        if (&worker == &victim || worker.state != Worker::State::Ready || !worker.node->schedulable) continue;
        const Load load = load_of(by_node, worker);
        const model::Node& node = *worker.node;
        rooms.push_back({.cpu = node.allocatable_cpu - load.cpu,
                         .memory = node.allocatable_memory - load.memory,
                         .pods = node.allocatable_pods - load.pods,
                         .all_cpu = node.allocatable_cpu,
                         .all_memory = node.allocatable_memory});
    }
    return scheduling::all_find_a_place(rooms, load_of(by_node, victim).movable);
}

Market market_above_goal(const Fleet& fleet, const model::NodePool& pool) {
    const PoolCount count = fleet.count(pool.name);
    return count.spot > (count.total() - 1) * pool.spot_percent / 100 ? Market::Spot : Market::OnDemand;
}

// A node that is about to take pods again may look cordoned and empty, and be the least missed of all; and be
// full before its machine has ended.
const model::Drain* returning(const core::Draft& draft, const model::PoolName& pool) {
    const auto& drains = draft.memory().drains;
    const auto found = std::ranges::find_if(
        drains, [&](const model::Drain& drain) { return drain.pool == pool && !drain.leaves(); });
    return found == drains.end() ? nullptr : &*found;
}

int order_of(Worker::State state) {
    switch (state) {
        case Worker::State::Booting: return 0;
        case Worker::State::NotReady: return 1;
        default: return 2;
    }
}

}  // namespace

Victim least_missed(const core::Draft& draft, Fleet& fleet, const model::NodePool& pool, Room room) {
    if (!fleet.nodes_known)
        return {.by = "unknown", .why = "the nodes are unknown: " + draft.world.nodes.why()};
    if (const model::Drain* back = returning(draft, pool.name))
        return {.by = "drain",
                .why = format("the drain of {} was given up, and its node is not seen to take pods again yet",
                              back->instance.str())};
    if (!draft.world.pods) return {.by = "unknown", .why = "the pods are unknown: " + draft.world.pods.why()};
    const auto by_node = loads(draft);
    const Market spare = market_above_goal(fleet, pool);
    std::map<std::string_view, int> in_zone;
    std::vector<Worker*> candidates;
    for (Worker& worker : fleet.workers) {
        if (worker.instance->pool != pool.name || worker.state == Worker::State::Leaving) continue;
        candidates.push_back(&worker);
        ++in_zone[worker.instance->offering.zone];
    }
    if (candidates.empty()) return {.by = "min", .why = "no worker of the pool is left"};
    Worker* best = *std::ranges::min_element(candidates, {}, [&](const Worker* w) {
        const auto& offering = w->instance->offering;
        return std::tuple(order_of(w->state), load_of(by_node, *w).movable.size(), offering.market != spare,
                          -in_zone[offering.zone], -offering.price.micro_usd,
                          std::string_view(w->instance->id.str()));
    });
    if (room == Room::Needed && !fits_elsewhere(fleet, by_node, *best))
        return {.by = "no-room",
                .why = format("the pods of {} would find no place on the other workers",
                              best->instance->id.str())};
    return {.worker = best};
}

}  // namespace k3fleet::scaling
