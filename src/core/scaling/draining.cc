#include "core/scaling/draining.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/ranges.h"
#include "base/text.h"
#include "core/scaling/drain.h"

namespace k3fleet::scaling {
namespace {

// After a drain that was given up: half an hour, then twice as long each time, eight hours at most.
constexpr Duration kFirstPause = std::chrono::minutes{30};
constexpr int kMostDoublings = 4;

// Takes one step; gives what is left of the drain.
std::optional<model::Drain> step(core::Draft& draft, const model::Drain& drain) {
    DrainStep result = advance_drain(drain, draft.world, draft.now);
    for (auto& action : result.actions) draft.add(std::move(action));
    for (auto& blocked : result.blocked) draft.block(blocked.what, blocked.by, blocked.why);
    if (result.ended == DrainStep::Ended::Done) {
        draft.note(format("drain of {} is complete", drain.instance.str()));
        draft.memory().pools[drain.pool].abandoned = 0;
    }
    if (result.ended == DrainStep::Ended::Abandoned) {
        model::PoolMemory& pool = draft.memory().pools[drain.pool];
        ++pool.abandoned;
        pool.last_abandoned = draft.now;
    }
    return std::move(result.next);
}

// A worker that is leaving because there were too many, while by now there are too few without it: somebody
// has changed the file, or others have died.
bool needed_again(const core::Draft& draft, const Fleet& fleet, const model::Drain& drain) {
    if (drain.at_deadline == model::Drain::AtDeadline::Force || !drain.leaves()) return false;
    const auto pool = std::ranges::find(draft.intent.pools, drain.pool, &model::NodePool::name);
    return pool != draft.intent.pools.end() && fleet.count(drain.pool).total() < pool->min;
}

}  // namespace

void continue_drains(core::Draft& draft, Fleet& fleet) {
    auto drains = std::exchange(draft.memory().drains, {});
    for (model::Drain& drain : drains) {
        if (needed_again(draft, fleet, drain)) {
            drain = given_up(std::move(drain), draft.now);
            draft.note(format("{} stays: its pool would be below its minimum", drain.instance.str()));
        }
        auto next = step(draft, drain);
        const bool leaves = next && next->leaves();
        if (next) draft.memory().drains.push_back(*std::move(next));
        if (leaves) continue;
        // Abandoned: the worker is one of us again.
        const auto worker = std::ranges::find_if(
            fleet.workers, [&](const Worker& w) { return w.instance->id == drain.instance; });
        if (worker == fleet.workers.end()) continue;
        worker->state = worker->node && worker->node->ready ? Worker::State::Ready : Worker::State::NotReady;
    }
}

std::optional<Timestamp> no_drain_before(const model::Memory& memory, const model::PoolName& name) {
    const auto pool = memory.pools.find(name);
    if (pool == memory.pools.end() || !pool->second.last_abandoned || pool->second.abandoned <= 0)
        return std::nullopt;
    const int doublings = std::min(pool->second.abandoned - 1, kMostDoublings);
    return *pool->second.last_abandoned + kFirstPause * (1 << doublings);
}

void start_drain(core::Draft& draft, Worker& worker, std::string reason,
                 model::Drain::AtDeadline at_deadline) {
    K3F_CHECK(worker.node != nullptr, "a worker without a node has nothing to drain");
    const auto drain = begin_drain(*worker.instance, *worker.node, std::move(reason), draft.now,
                                   draft.intent.autoscaling.drain_timeout, at_deadline);
    worker.state = Worker::State::Leaving;
    // One that was given up and still returns begins anew.
    std::erase_if(draft.memory().drains, [&](const auto& old) { return old.instance == drain.instance; });
    if (auto next = step(draft, drain)) draft.memory().drains.push_back(*std::move(next));
}

void end_booting(core::Draft& draft, Worker& worker, std::string reason) {
    const auto& id = worker.instance->id;
    std::erase_if(draft.memory().launches, [&](const auto& launch) { return launch.instance == id; });
    worker.state = Worker::State::Leaving;
    model::Drain drain{.instance = id,
                       .pool = worker.instance->pool,
                       .reason = std::move(reason),
                       .started = draft.now,
                       .deadline = draft.now,
                       .phase = model::Drain::Phase::Terminating,
                       .at_deadline = model::Drain::AtDeadline::Force};
    if (auto next = step(draft, drain)) draft.memory().drains.push_back(*std::move(next));
}

}  // namespace k3fleet::scaling
