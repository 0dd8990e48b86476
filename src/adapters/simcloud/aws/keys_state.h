// KMS's part of a simulated account: keys and their aliases.
#pragma once

#include <cstdint>

namespace k3fleet::simcloud {

struct KeysState {
    std::uint64_t made = 0;
};

template <typename Archive>
void fields(Archive& archive, KeysState& keys) {
    archive(keys.made);
}

}  // namespace k3fleet::simcloud
