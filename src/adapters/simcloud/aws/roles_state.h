// IAM's part of a simulated account: roles, policies, groups and instance profiles. One for all regions.
#pragma once

#include <cstdint>

namespace k3fleet::simcloud {

struct RolesState {
    std::uint64_t made = 0;
};

template <typename Archive>
void fields(Archive& archive, RolesState& roles) {
    archive(roles.made);
}

}  // namespace k3fleet::simcloud
