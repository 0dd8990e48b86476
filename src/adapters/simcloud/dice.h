// Draws for what a simulation is made of. In the order of the code, so a new draw belongs at the end of a
// function, or into a fork of its own.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/prng.h"
#include "base/time.h"

namespace k3fleet::simcloud {

class Dice {
public:
    explicit Dice(Prng prng) : prng_(prng) {}

    std::int64_t from_to(std::int64_t low, std::int64_t high) {  // Both included.
        return low + static_cast<std::int64_t>(prng_.below(static_cast<std::uint64_t>(high - low + 1)));
    }
    double between(double low, double high) { return low + (high - low) * prng_.uniform(); }
    bool chance(double share) { return prng_.chance(share); }
    Duration span(Duration low, Duration high) { return Duration{from_to(low.count(), high.count())}; }
    template <typename T, std::size_t n>
    T one_of(const T (&items)[n]) {
        return items[prng_.below(n)];
    }
    template <typename T>
    T one_of(const std::vector<T>& items) {  // Not empty.
        return items[prng_.below(items.size())];
    }

private:
    Prng prng_;
};

}  // namespace k3fleet::simcloud
