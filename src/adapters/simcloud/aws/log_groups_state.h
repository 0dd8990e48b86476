// CloudWatch Logs' part of a simulated account: groups with their metric filters.
#pragma once

#include <cstdint>

namespace k3fleet::simcloud {

struct LogGroupsState {
    std::uint64_t made = 0;
};

template <typename Archive>
void fields(Archive& archive, LogGroupsState& log_groups) {
    archive(log_groups.made);
}

}  // namespace k3fleet::simcloud
