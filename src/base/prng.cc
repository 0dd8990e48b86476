// xoshiro256** 1.0 and SplitMix64, written from their published definitions (https://prng.di.unimi.it/).
#include "base/prng.h"

#include <bit>
#include <cmath>
#include <numbers>

#include "base/check.h"

namespace k3fleet {
namespace {

constexpr std::uint64_t kGolden = 0x9e3779b97f4a7c15;

// The output function of SplitMix64: a bijection that spreads every bit.
std::uint64_t mix(std::uint64_t z) {
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
}

}  // namespace

Prng::Prng(std::uint64_t seed) : seed_(seed) {
    for (auto& word : state_) word = mix(seed += kGolden);
}

std::uint64_t Prng::next() {
    const std::uint64_t result = std::rotl(state_[1] * 5, 7) * 9;
    const std::uint64_t shifted = state_[1] << 17;
    state_[2] ^= state_[0];
    state_[3] ^= state_[1];
    state_[1] ^= state_[2];
    state_[0] ^= state_[3];
    state_[2] ^= shifted;
    state_[3] = std::rotl(state_[3], 45);
    return result;
}

std::uint64_t Prng::below(std::uint64_t bound) {
    K3F_CHECK(bound > 0);
    // Numbers below 2^64 mod bound are drawn again: without them every remainder is equally likely.
    const std::uint64_t uneven = (0 - bound) % bound;
    std::uint64_t drawn = next();
    while (drawn < uneven) drawn = next();
    return drawn % bound;
}

double Prng::uniform() { return static_cast<double>(next() >> 11) * 0x1.0p-53; }

double Prng::normal(double mean, double deviation) {
    const double radius = std::sqrt(-2 * std::log(1 - uniform()));  // 1 - u is never 0.
    return mean + deviation * radius * std::cos(2 * std::numbers::pi * uniform());
}

double Prng::exponential(double mean) { return -mean * std::log(1 - uniform()); }

bool Prng::chance(double probability) { return uniform() < probability; }

Prng Prng::fork(std::uint64_t stream) const {
    return Prng(mix(mix(seed_ + kGolden) + (stream + 1) * kGolden));
}

}  // namespace k3fleet
