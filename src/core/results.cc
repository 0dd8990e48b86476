// apply_results(): what is remembered once the actions of a plan were carried out.
#include <algorithm>
#include <map>
#include <type_traits>
#include <variant>

#include "base/ranges.h"
#include "base/text.h"
#include "core/decide.h"

namespace k3fleet::core {
namespace {

using model::ActionResult;
using model::Outcome;

void remember_launch(model::Memory& memory, const model::Launch& launch, const ActionResult& result,
                     Timestamp at) {
    if (contains(memory.launches, result.instance, &model::OpenLaunch::instance)) return;
    memory.launches.push_back({.instance = result.instance,
                               .token = result.token.value_or(launch.attempts.front().token),
                               .role = launch.role,
                               .pool = launch.pool,
                               .slot = launch.slot,
                               .at = at});
    if (launch.role == model::Role::Master) memory.masters.try_emplace(launch.slot, result.instance);
}

void remember_blocker(model::Memory& memory, const model::Evict& evict, const ActionResult& result) {
    const auto drain = std::ranges::find(memory.drains, evict.node, &model::Drain::node);
    if (drain != memory.drains.end())
        drain->blocker = format("pod {}/{}: {}", evict.namespace_name, evict.pod, result.detail);
}

// A scale-up of which nothing came starts no cooldown: the policy may ask again. That it forgets an older
// cooldown is no loss, since the policy acts only after that one has run out.
void forgive_cooldowns(model::Memory& memory, const model::RecordedPlan& plan,
                       const std::map<model::PoolName, int>& launched) {
    for (const auto& [pool, count] : launched) {
        auto& last_up = memory.pools[pool].last_up;
        if (count == 0 && last_up == plan.decided_at) last_up.reset();
    }
}

}  // namespace

model::Memory apply_results(model::Memory memory, const model::RecordedPlan& plan,
                            std::span<const ActionResult> results, std::optional<Timestamp> at) {
    std::map<model::PoolName, int> launched;
    for (const model::Action& action : plan.actions) {
        const auto* launch = std::get_if<model::Launch>(&action.what);
        if (launch && launch->role == model::Role::Worker) launched.try_emplace(launch->pool, 0);
    }
    for (const ActionResult& result : results) {
        if (result.ordinal < 0 || result.ordinal >= std::ssize(plan.actions)) continue;
        const auto& what = plan.actions[static_cast<std::size_t>(result.ordinal)].what;
        if (const auto* launch = std::get_if<model::Launch>(&what);
            launch && result.outcome == Outcome::Done) {
            remember_launch(memory, *launch, result, at.value_or(plan.decided_at));
            if (launch->role == model::Role::Worker) ++launched[launch->pool];
        }
        if (const auto* evict = std::get_if<model::Evict>(&what); evict && result.outcome == Outcome::Blocked)
            remember_blocker(memory, *evict, result);
    }
    forgive_cooldowns(memory, plan, launched);
    return memory;
}

}  // namespace k3fleet::core
