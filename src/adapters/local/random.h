// Randomness from the kernel: for ids that nobody may guess or repeat.
#pragma once

#include "ports/random.h"

namespace k3fleet::local {

class SystemRandom final : public ports::Random {
public:
    std::string hex(std::size_t bytes) override;
};

}  // namespace k3fleet::local
