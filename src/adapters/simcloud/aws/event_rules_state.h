// EventBridge's part of a simulated account: rules and their targets.
#pragma once

#include <cstdint>

namespace k3fleet::simcloud {

struct EventRulesState {
    std::uint64_t made = 0;
};

template <typename Archive>
void fields(Archive& archive, EventRulesState& event_rules) {
    archive(event_rules.made);
}

}  // namespace k3fleet::simcloud
