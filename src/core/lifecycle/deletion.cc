#include "core/lifecycle/deletion.h"

#include <algorithm>

#include "base/ranges.h"
#include "base/text.h"
#include "core/lifecycle/patience.h"

namespace k3fleet::lifecycle {
namespace {

using model::Instance;
using model::InstanceState;

bool exists(const Instance& instance) { return instance.state != InstanceState::Terminated; }

// Ends all of one role; true if none is left.
bool end_all(core::Draft& draft, model::Role role, const std::string& noun) {
    int left = 0;
    for (const Instance& instance : *draft.world.instances) {
        if (instance.role != role || !exists(instance)) continue;
        ++left;
        if (instance.state == InstanceState::ShuttingDown) continue;
        draft.add(model::Terminate{.instance = instance.id, .role = role, .pool = instance.pool},
                  "the cluster is being deleted");
    }
    // One that was launched a moment ago may not be listed yet: it is looked for until it is,
    // or has had time to be.
    std::erase_if(draft.memory().launches, [&](const model::OpenLaunch& launch) {
        return contains(*draft.world.instances, launch.instance, &Instance::id) ||
               draft.now - launch.at > kUnseenFor;
    });
    left += static_cast<int>(draft.memory().launches.size());
    draft.memory().drains.clear();
    draft.summarize(left == 0 ? format("no {} is left", noun)
                              : format("deleting: {} still to go", counted(left, noun)));
    if (left > 0) draft.wake_at(draft.now + kLookAgain);
    return left == 0;
}

bool ready_to_delete(core::Draft& draft) {
    if (draft.frozen()) {
        draft.block("delete the cluster", "frozen", "it is paused: " + draft.world.freeze->why);
        draft.summarize("not done: delete the cluster: it is paused: " + draft.world.freeze->why);
        return false;
    }
    if (!draft.world.instances) {
        draft.block("delete the cluster", "unknown",
                    "the instances are unknown: " + draft.world.instances.why());
        draft.summarize("HOLD: the instances are unknown");
        return false;
    }
    return true;
}

}  // namespace

void tear_down_workers(core::Draft& draft) {
    if (ready_to_delete(draft)) end_all(draft, model::Role::Worker, "worker");
}

void tear_down_infra(core::Draft& draft) {
    if (!ready_to_delete(draft)) return;
    const bool workers_left = std::ranges::any_of(*draft.world.instances, [](const Instance& instance) {
        return instance.role == model::Role::Worker && exists(instance);
    });
    if (workers_left) {
        draft.block("terminate the masters", "workers", "workers are still there: they go first");
        draft.summarize("waiting for the workers to go");
        draft.wake_at(draft.now + kLookAgain);
        return;
    }
    if (end_all(draft, model::Role::Master, "master")) end_all(draft, model::Role::Nat, "NAT instance");
}

bool nothing_left(const model::World& world) {
    return world.instances && std::ranges::none_of(*world.instances, exists);
}

}  // namespace k3fleet::lifecycle
