#include "core/lifecycle/nat.h"

#include <algorithm>
#include <string>

#include "base/ranges.h"
#include "base/text.h"
#include "core/lifecycle/offers.h"
#include "core/lifecycle/patience.h"

namespace k3fleet::lifecycle {
namespace {

using model::Instance;
using model::InstanceState;
using model::Role;

void launch(core::Draft& draft) {
    const auto offers = offers_or_block(draft, model::kNatType, "launch the NAT instance");
    if (offers.empty()) return;
    // Its interface stands in the first zone, so there is one attempt.
    draft.add_launch({.role = Role::Nat, .attempts = {{.offering = offers.front()}}},
                     "nothing leads out of the private subnets");
}

void end(core::Draft& draft, const Instance& instance, const std::string& why) {
    if (draft.frozen())
        return draft.block("terminate " + instance.id.str(), "frozen",
                           "the cluster is paused: " + draft.world.freeze->why);
    draft.add(model::Terminate{.instance = instance.id, .role = Role::Nat}, why);
}

void tell(core::Draft& draft, const Instance& instance) {
    draft.notify_once("nat-stopped/" + instance.id.str(),
                      {.severity = model::Severity::P2,
                       .title = format("the NAT instance {} has stopped", instance.id.str()),
                       .text = "Nothing leaves the private subnets until another one is up."},
                      "a stopped NAT instance cuts the nodes off");
}

}  // namespace

void keep_nat(core::Draft& draft) {
    if (!draft.world.instances) return;  // The masters' step says so.
    const bool wanted = draft.intent.network.egress == model::Egress::NatInstance;
    bool there = false;
    for (const Instance& instance : *draft.world.instances) {
        if (instance.role != Role::Nat || instance.state == InstanceState::Terminated) continue;
        there = true;  // Until it is gone its interface is not free.
        if (instance.state == InstanceState::ShuttingDown || instance.state == InstanceState::Stopping)
            continue;
        if (!wanted) end(draft, instance, "network.egress no longer asks for a NAT instance");
        if (!wanted || instance.alive()) continue;
        tell(draft, instance);
        end(draft, instance, "it has stopped; another one takes over its address");
    }
    auto& launches = draft.memory().launches;
    std::erase_if(launches, [&](const model::OpenLaunch& open) {
        if (open.role != Role::Nat) return false;
        const auto seen = std::ranges::find(*draft.world.instances, open.instance, &Instance::id);
        if (seen == draft.world.instances->end()) return draft.now - open.at > kUnseenFor;
        return seen->state != InstanceState::Pending;
    });
    const bool coming = contains(launches, Role::Nat, &model::OpenLaunch::role);
    if (wanted && !there && !coming) launch(draft);
    if (coming || there != wanted) draft.wake_at(draft.now + kLookAgain);
}

}  // namespace k3fleet::lifecycle
