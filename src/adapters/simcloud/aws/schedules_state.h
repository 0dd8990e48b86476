// EventBridge Scheduler's part of a simulated account.
#pragma once

#include <cstdint>

namespace k3fleet::simcloud {

struct SchedulesState {
    std::uint64_t made = 0;
};

template <typename Archive>
void fields(Archive& archive, SchedulesState& schedules) {
    archive(schedules.made);
}

}  // namespace k3fleet::simcloud
