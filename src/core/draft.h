// A plan while it is being made: what decide()'s steps read and what they add to.
#pragma once

#include <string>
#include <utility>
#include <variant>

#include "base/time.h"
#include "core/model/intent.h"
#include "core/model/memory.h"
#include "core/model/plan.h"
#include "core/model/world.h"

namespace k3fleet::core {

class Draft {
public:
    Draft(model::Loop loop, const model::ClusterIntent& intent, const model::World& world,
          const model::Memory& memory, Timestamp now);

    const model::Loop loop;
    const model::ClusterIntent& intent;
    const model::World& world;
    const Timestamp now;

    // The memory that will be committed; steps change it as they go.
    model::Memory& memory() { return plan_.memory; }
    const model::Memory& memory() const { return plan_.memory; }
    const model::Plan& plan() const { return plan_; }

    bool frozen() const { return world.freeze && world.freeze->until > now; }

    void add(decltype(model::Action::what) what, std::string reason, std::vector<std::string> facts = {});
    void add(model::Action action);
    // The attempts' tokens are made here, from the plan's version and this action's place in it.
    void add_launch(model::Launch launch, std::string reason, std::vector<std::string> facts = {});
    void block(std::string what, std::string by, std::string why);
    void note(std::string text);
    // Tells people once, and again after a day if the condition lasts. `key` names the condition.
    void notify_once(const std::string& key, model::Notify message, std::string reason);
    void summarize(std::string text) { plan_.summary = std::move(text); }
    // Ask to be called again at this time, if that is sooner than what was asked so far.
    void wake_at(Timestamp at);

    model::Plan finish() &&;

private:
    model::Plan plan_;
};

}  // namespace k3fleet::core
