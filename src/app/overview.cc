// Counts with the same eyes as the decision does.
#include "app/overview.h"

#include <algorithm>

#include "core/draft.h"
#include "core/scaling/fleet.h"

namespace k3fleet::app {

namespace {

template <typename T>
void note(std::vector<std::string>& unknowns, const model::Observed<T>& observed, const std::string& what) {
    if (!observed.known()) unknowns.push_back(what + ": " + observed.why());
}

bool ready_master(const model::World& world, const model::Instance& instance) {
    if (!world.nodes) return false;
    return std::ranges::any_of(
        *world.nodes, [&](const model::Node& node) { return node.instance == instance.id && node.ready; });
}

}  // namespace

Overview overview(const model::ClusterIntent& intent, const model::World& world, const model::Memory& memory,
                  Timestamp now) {
    Overview out;
    out.masters_wanted = intent.masters();
    out.nodes_known = world.nodes.known();
    note(out.unknowns, world.instances, "instances");
    note(out.unknowns, world.nodes, "nodes");
    note(out.unknowns, world.signals.cpu, "cpu");
    note(out.unknowns, world.signals.memory, "memory");
    note(out.unknowns, world.signals.pending, "pending pods");
    for (const auto& [name, value] : world.signals.custom) note(out.unknowns, value, "metric " + name);
    const core::Draft draft(model::Loop::Workers, intent, world, memory, now);
    const auto fleet = scaling::survey(draft);
    if (!fleet) return out;
    out.counted = true;
    for (const model::Instance& instance : *world.instances) {
        if (!instance.alive()) continue;
        out.price += instance.offering.price;
        if (instance.role == model::Role::Master && ready_master(world, instance)) ++out.masters;
    }
    const scaling::PoolCount all = fleet->count_all();
    out.workers = all.workers;
    out.booting = all.booting;
    out.leaving = all.leaving;
    for (const model::NodePool& pool : intent.pools) {
        const scaling::PoolCount count = fleet->count(pool.name);
        out.pools.push_back({.name = pool.name,
                             .min = pool.min,
                             .max = pool.max,
                             .workers = count.workers,
                             .booting = count.booting,
                             .leaving = count.leaving});
    }
    return out;
}

bool settled(const Overview& overview) {
    if (!overview.counted || overview.booting > 0 || overview.leaving > 0) return false;
    const bool pools =
        std::ranges::all_of(overview.pools, [](const PoolOverview& p) { return p.workers >= p.min; });
    return pools && overview.masters >= overview.masters_wanted;
}

}  // namespace k3fleet::app
