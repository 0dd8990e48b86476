// Randomness from outside: for ids that must not repeat. Unpredictable in production, seeded in tests.
#pragma once

#include <cstddef>
#include <string>

namespace k3fleet::ports {

class Random {
public:
    virtual ~Random() = default;
    virtual std::string hex(std::size_t bytes) = 0;
};

}  // namespace k3fleet::ports
