// A small deterministic generator: the same seed gives the same numbers on every machine and compiler.
// xoshiro256** by Blackman and Vigna, seeded by SplitMix64 (https://prng.di.unimi.it/, public domain).
// Not for secrets: those come from ports::Random.
#pragma once

#include <cstdint>

namespace k3fleet {

class Prng {
public:
    explicit Prng(std::uint64_t seed);

    std::uint64_t next();
    std::uint64_t below(std::uint64_t bound);  // Uniform in [0, bound); bound > 0.
    double uniform();                          // Uniform in [0, 1).
    // These two go through log and cos of the C library, which may differ in the last bit between libraries.
    double normal(double mean, double deviation);  // Box-Muller, one value a call.
    double exponential(double mean);
    bool chance(double probability);
    // An independent generator for a named purpose. Depends on the seed and the stream, not on draws.
    Prng fork(std::uint64_t stream) const;

private:
    std::uint64_t state_[4];
    std::uint64_t seed_;
};

}  // namespace k3fleet
