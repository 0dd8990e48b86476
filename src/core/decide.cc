#include "core/decide.h"

#include "base/check.h"
#include "core/draft.h"
#include "core/lifecycle/deletion.h"
#include "core/lifecycle/masters.h"
#include "core/lifecycle/nat.h"
#include "core/scaling/draining.h"
#include "core/scaling/fleet.h"
#include "core/scaling/interruptions.h"
#include "core/scaling/joining.h"
#include "core/scaling/readings.h"
#include "core/scaling/resize.h"

namespace k3fleet::core {
namespace {

void decide_infra(Draft& draft) {
    if (draft.intent.deleting) return lifecycle::tear_down_infra(draft);
    lifecycle::keep_nat(draft);  // First: machines fetch K3s through it.
    lifecycle::keep_masters(draft);
}

void decide_workers(Draft& draft) {
    if (draft.intent.deleting) return lifecycle::tear_down_workers(draft);
    scaling::record_reading(draft);

    auto fleet = scaling::survey(draft);  // Empty when the instances are unknown.
    if (!fleet) return scaling::hold_blind(draft);
    if (draft.frozen()) return scaling::resize(draft, *fleet);  // Says what it would do, and does nothing.

    scaling::continue_drains(draft, *fleet);      // One step of each drain that is under way.
    scaling::settle_joining(draft, *fleet);       // What was launched has joined, is late, or is lost.
    scaling::sweep_ghost_nodes(draft, *fleet);    // Nodes whose machine is gone.
    scaling::replace_interrupted(draft, *fleet);  // Spot notices: a new one first, then drain.
    scaling::resize(draft, *fleet);               // More, fewer, or as many as there are.
}

}  // namespace

model::Plan decide(model::Loop loop, const model::ClusterIntent& intent, const model::World& world,
                   const model::Memory& memory, Timestamp now) {
    K3F_CHECK(!memory.pending, "a recorded plan must be finished or closed first");
    Draft draft(loop, intent, world, memory, now);
    if (loop == model::Loop::Infra) {
        decide_infra(draft);
    } else {
        decide_workers(draft);
    }
    return std::move(draft).finish();
}

}  // namespace k3fleet::core
