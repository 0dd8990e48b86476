// Lambda's part of a simulated account: functions, and which queues they are woken by.
#pragma once

#include <cstdint>

namespace k3fleet::simcloud {

struct FunctionsState {
    std::uint64_t made = 0;
};

template <typename Archive>
void fields(Archive& archive, FunctionsState& functions) {
    archive(functions.made);
}

}  // namespace k3fleet::simcloud
