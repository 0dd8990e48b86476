// CloudWatch's alarms in a simulated account.
#pragma once

#include <cstdint>

namespace k3fleet::simcloud {

struct AlarmsState {
    std::uint64_t made = 0;
};

template <typename Archive>
void fields(Archive& archive, AlarmsState& alarms) {
    archive(alarms.made);
}

}  // namespace k3fleet::simcloud
