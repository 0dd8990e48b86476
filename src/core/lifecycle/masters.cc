#include "core/lifecycle/masters.h"

#include <algorithm>

#include "base/text.h"
#include "core/lifecycle/offers.h"
#include "core/lifecycle/patience.h"

namespace k3fleet::lifecycle {
namespace {

using model::Instance;

const Instance* find_instance(const core::Draft& draft, const model::InstanceId& id) {
    const auto found = std::ranges::find(*draft.world.instances, id, &Instance::id);
    return found == draft.world.instances->end() ? nullptr : &*found;
}

enum class SlotState { Empty, Booting, Ready, Lost };

SlotState state_of(const core::Draft& draft, int slot) {
    const auto founded = draft.memory().masters.find(slot);
    if (founded == draft.memory().masters.end()) return SlotState::Empty;
    const Instance* instance = find_instance(draft, founded->second);
    const auto launch =
        std::ranges::find(draft.memory().launches, founded->second, &model::OpenLaunch::instance);
    const bool fresh = launch != draft.memory().launches.end() && draft.now - launch->at < kUnseenFor;
    if (!instance) return fresh ? SlotState::Booting : SlotState::Lost;
    if (!instance->alive()) return SlotState::Lost;
    if (!draft.world.nodes) return SlotState::Booting;
    const auto node = std::ranges::find(*draft.world.nodes, instance->id, &model::Node::instance);
    return node != draft.world.nodes->end() && node->ready ? SlotState::Ready : SlotState::Booting;
}

// A master that a crashed run launched is known by its slot tag: it is adopted, not launched again.
void adopt(core::Draft& draft) {
    for (const Instance& instance : *draft.world.instances) {
        if (instance.role != model::Role::Master || !instance.alive() || instance.slot < 0) continue;
        if (draft.memory().masters.emplace(instance.slot, instance.id).second)
            draft.note(format("{} is master {}", instance.id.str(), instance.slot));
    }
}

void found(core::Draft& draft, int slot) {
    const std::string what = format("launch master {}", slot);
    model::Launch launch{.role = model::Role::Master, .slot = slot};
    for (const model::Offering& offering : offers_or_block(draft, draft.intent.master_type, what))
        launch.attempts.push_back({.offering = offering});
    if (launch.attempts.empty()) return;
    // Each slot begins in another zone, so that one zone's loss leaves a quorum.
    const auto first = static_cast<std::ptrdiff_t>(static_cast<std::size_t>(slot) % launch.attempts.size());
    std::ranges::rotate(launch.attempts, launch.attempts.begin() + first);
    draft.add_launch(std::move(launch), format("the cluster has no master {}", slot));
}

void report_lost(core::Draft& draft, int slot) {
    const std::string& id = draft.memory().masters.at(slot).str();
    draft.block(format("replace master {}", slot), "lifecycle",
                format("{} is gone, and this version does not replace masters by itself", id));
    draft.notify_once(format("master-lost/{}/{}", slot, id),
                      {.severity = model::Severity::P1,
                       .title = format("master {} ({}) is gone", slot, id),
                       .text = "Its machine is no longer there. Workers go on running what they run."},
                      "a lost master needs a person");
}

}  // namespace

void keep_masters(core::Draft& draft) {
    if (!draft.world.instances) {
        draft.block("keep masters", "unknown", "the instances are unknown: " + draft.world.instances.why());
        draft.summarize("HOLD: the instances are unknown");
        return;
    }
    adopt(draft);
    int ready = 0;
    int alive = 0;
    bool waits = false;  // For a master before it: they come one after the other.
    for (int slot = 0; slot < draft.intent.masters(); ++slot) {
        const SlotState state = state_of(draft, slot);
        if (state == SlotState::Ready) ++ready;
        if (state == SlotState::Ready || state == SlotState::Booting) ++alive;
        // In any case: without a quorum no other is seen as Ready, and somebody must be told just then.
        if (state == SlotState::Lost) report_lost(draft, slot);
        if (state == SlotState::Empty && !waits) found(draft, slot);
        waits = waits || state == SlotState::Empty || state == SlotState::Booting;
    }
    std::erase_if(draft.memory().launches, [&](const model::OpenLaunch& launch) {
        if (launch.role != model::Role::Master) return false;
        return state_of(draft, launch.slot) == SlotState::Ready ||
               state_of(draft, launch.slot) == SlotState::Lost;
    });
    const std::string wanted = counted(draft.intent.masters(), "master");
    draft.summarize(draft.world.nodes ? format("{} of {} Ready", ready, wanted)
                                      : format("{} of {} there, not known whether Ready", alive, wanted));
    if (ready < draft.intent.masters()) draft.wake_at(draft.now + kLookAgain);
}

}  // namespace k3fleet::lifecycle
