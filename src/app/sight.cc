#include "app/sight.h"

#include <algorithm>

#include "app/history.h"
#include "base/json.h"
#include "base/text.h"
#include "core/model/codec.h"

namespace k3fleet::app {

namespace {

// What is typical, until measured: the schedule's two minutes at worst until a function looks, EC2's minute
// until a machine runs, and two until K3s is Ready on a t4g.small.
constexpr Duration kUntilAFunctionLooks = std::chrono::minutes{1};
constexpr Duration kUntilItRuns = std::chrono::minutes{1};
constexpr Duration kMasterBoots = std::chrono::minutes{3};
constexpr Duration kWorkersJoin = std::chrono::minutes{3};
constexpr Duration kFromTheStart = kUntilAFunctionLooks + kUntilItRuns + kMasterBoots + kWorkersJoin;

// Nodes, pods and load as the newest tick of the loop saw them.
Status recall(Wiring& site, Sight& sight) {
    const Journal journal(site.objects(), sight.file.intent.name, chain_of(model::Loop::Workers));
    const auto unseen = [&](const std::string& why) {
        const model::Unknown unknown{why};
        sight.world.nodes = unknown;
        sight.world.pods = unknown;
        sight.world.budgets = unknown;
        sight.world.signals = {.cpu = unknown, .memory = unknown, .pending = unknown};
        return Status{};
    };
    auto newest = find_tick(journal, std::nullopt);
    if (!newest && newest.error().code == ErrorCode::NotFound)
        return unseen("the autoscaler has not looked yet");
    if (!newest) return std::unexpected(newest.error());
    if (!newest->facts) return unseen("what the autoscaler last saw is no longer kept");
    model::World& seen = newest->facts->world;
    sight.recorded_at = newest->entry.at;
    sight.world.nodes = std::move(seen.nodes);
    sight.world.pods = std::move(seen.pods);
    sight.world.budgets = std::move(seen.budgets);
    sight.world.signals = std::move(seen.signals);
    return {};
}

bool is_ready(const Sight& sight, const model::InstanceId& id) {
    return sight.world.nodes && std::ranges::any_of(*sight.world.nodes, [&](const model::Node& node) {
               return node.instance == id && node.ready;
           });
}

}  // namespace

Result<model::Memory> read_memory(Wiring& site, const model::ClusterName& cluster, model::Loop loop) {
    const auto item = K3F_TRY(site.state().read({.cluster = cluster, .loop = loop}));
    if (!item || item->memory.empty()) return model::Memory{};
    return K3F_TRY_WHILE(format("reading the memory of {}", cluster.str()), model::read_memory(item->memory));
}

Result<Sight> look(Wiring& site, ClusterFile file) {
    Sight sight{.file = std::move(file)};
    const model::ClusterIntent& intent = sight.file.intent;
    if (site.reaches_clusters()) {
        Services* services = K3F_TRY(site.services(intent));
        sight.now = site.clock().now();
        sight.world = observe(intent, model::Loop::Workers, *services);
    } else {
        sight.now = site.clock().now();
        sight.world.instances = model::observed(site.cloud().instances(intent.name), sight.now);
        sight.world.freeze = K3F_TRY(site.state().freeze(intent.name));
        K3F_TRY_WHILE("reading what the autoscaler saw", recall(site, sight));
    }
    sight.workers = K3F_TRY(read_memory(site, intent.name, model::Loop::Workers));
    sight.overview = overview(intent, sight.world, sight.workers, sight.now);
    return sight;
}

Phase phase_of(const Sight& sight) {
    using Step = Phase::Step;
    if (settled(sight.overview)) return {.step = Step::Up};
    if (!sight.world.instances)
        return {.waiting_for = "the cloud to say which machines there are", .remaining = kFromTheStart};
    const model::Instance* master = nullptr;
    for (const model::Instance& instance : *sight.world.instances)
        if (instance.role == model::Role::Master && instance.alive() && !is_ready(sight, instance.id))
            master = &instance;
    const Overview& o = sight.overview;
    if (master == nullptr && o.masters < o.masters_wanted)
        return {.waiting_for = "the controller to launch a master", .remaining = kFromTheStart};
    if (master != nullptr) {
        const bool pending = master->state == model::InstanceState::Pending;
        const Duration past = std::max(Duration::zero(), sight.now - master->launched_at);
        const Duration left = std::max<Duration>(kUntilItRuns + kMasterBoots - past, kUntilAFunctionLooks);
        return {.step = pending ? Step::MasterBoot : Step::MasterReady,
                .waiting_for = format("the master {} to {}", master->id.str(),
                                      pending ? "boot" : "be seen Ready by the autoscaler"),
                .remaining = left + kWorkersJoin};
    }
    int missing = 0;
    for (const PoolOverview& pool : o.pools) missing += std::max(0, pool.min - pool.workers);
    return {.step = Step::WorkersReady,
            .waiting_for = missing > 0 ? format("{} to become Ready", counted(missing, "worker"))
                                       : "what is on its way in or out",
            .remaining = kWorkersJoin};
}

}  // namespace k3fleet::app
