#include "core/scaling/interruptions.h"

#include <algorithm>

#include "base/text.h"
#include "core/scaling/draining.h"
#include "core/scaling/offers.h"

namespace k3fleet::scaling {
namespace {

using model::Drain;

const model::NodePool* pool_of(const core::Draft& draft, const model::PoolName& name) {
    const auto& pools = draft.intent.pools;
    const auto pool = std::ranges::find(pools, name, &model::NodePool::name);
    return pool == pools.end() ? nullptr : &*pool;
}

void launch_replacement(core::Draft& draft, Fleet& fleet, const Worker& worker) {
    const model::NodePool* pool = pool_of(draft, worker.instance->pool);
    if (!pool) return;
    const std::string what = format("replace {}", worker.instance->id.str());
    // The one that leaves does not count against the maximum: it is gone before the new one is Ready.
    if (fleet.count(pool->name).total() > pool->max)
        return draft.block(what, "max",
                           format("pool {} is at its maximum of {}", pool->name.str(), pool->max));
    auto attempts = choose_offerings(draft, fleet, *pool, {});
    if (attempts.empty()) return draft.block(what, "no-capacity", "nothing that the pool allows is on offer");
    draft.add_launch({.pool = pool->name, .attempts = std::move(attempts)},
                     format("AWS takes {} back at {}", worker.instance->id.str(),
                            to_rfc3339(*worker.instance->interruption_at)),
                     {"replacement first, then drain"});
    fleet.replacements.push_back(pool->name);
}

}  // namespace

void replace_interrupted(core::Draft& draft, Fleet& fleet) {
    for (Worker& worker : fleet.workers) {
        // A drain that is under way hurries by itself (drain.cc).
        if (!worker.instance->interruption_at || worker.state == Worker::State::Leaving) continue;
        if (!worker.node)
            continue;  // Nothing runs on it; when it goes, the bounds and the load ask for another.
        launch_replacement(draft, fleet, worker);
        start_drain(draft, worker, "AWS takes the machine back", Drain::AtDeadline::Force);
    }
}

}  // namespace k3fleet::scaling
