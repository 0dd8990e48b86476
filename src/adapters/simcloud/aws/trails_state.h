// CloudTrail's part of a simulated account.
#pragma once

#include <cstdint>

namespace k3fleet::simcloud {

struct TrailsState {
    std::uint64_t made = 0;
};

template <typename Archive>
void fields(Archive& archive, TrailsState& trails) {
    archive(trails.made);
}

}  // namespace k3fleet::simcloud
