// The curves of load.h.
#include "adapters/simcloud/load.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "base/prng.h"
#include "base/text.h"

namespace k3fleet::simcloud {
namespace {

constexpr double kDay = 86'400;     // Seconds.
constexpr double kNoiseKnot = 600;  // Noise is drawn every ten minutes and runs straight in between.
constexpr std::uint64_t kCrowdStream = 1;
constexpr std::uint64_t kNoiseStream = 2;

// A generator of its own for the n-th of a kind of thing.
Prng drawn(std::uint64_t seed, std::uint64_t stream, std::int64_t n) {
    return Prng(seed).fork(stream).fork(static_cast<std::uint64_t>(n));
}

double crowd_on(const SyntheticLoad& load, std::int64_t day, double seconds) {
    Prng random = drawn(load.seed, kCrowdStream, day);
    if (!random.chance(load.crowds_per_day)) return 0;
    const double begins = static_cast<double>(day) * kDay + random.uniform() * kDay;
    const double height = load.crowd_height * (0.5 + random.uniform());
    const double rise = 180 + 420 * random.uniform();
    const double fall = 1200 + 1800 * random.uniform();
    const double since = seconds - begins;
    if (since < 0) return 0;
    if (since < rise) return height * since / rise;
    return height * std::exp(-(since - rise) / fall);
}

double noise_at(const SyntheticLoad& load, double seconds) {
    const double knot = std::floor(seconds / kNoiseKnot);
    const double share = seconds / kNoiseKnot - knot;
    const auto n = static_cast<std::int64_t>(knot);
    const double before = drawn(load.seed, kNoiseStream, n).normal(0, load.noise);
    const double after = drawn(load.seed, kNoiseStream, n + 1).normal(0, load.noise);
    return before + (after - before) * share;
}

double synthetic_at(const SyntheticLoad& load, Timestamp at) {
    const double seconds = static_cast<double>(to_unix_millis(at)) / 1000;
    const auto day = static_cast<std::int64_t>(std::floor(seconds / kDay));
    const double hour = (seconds - static_cast<double>(day) * kDay) / 3600;
    const double wave = (1 - std::cos(2 * std::numbers::pi * (hour - 4) / 24)) / 2;
    const std::chrono::weekday weekday{std::chrono::sys_days{std::chrono::days{day}}};
    const bool free_day = weekday == std::chrono::Saturday || weekday == std::chrono::Sunday;
    double value = (load.night + (1 - load.night) * wave) * (free_day ? load.weekend : 1);
    value += crowd_on(load, day, seconds) + crowd_on(load, day - 1, seconds);
    value *= 1 + noise_at(load, seconds);
    return load.peak_cores * std::max(0.0, value);
}

double recorded_at(const RecordedLoad& load, Timestamp at) {
    const auto index = (at - load.start) / load.step;
    const auto last = static_cast<std::int64_t>(load.cores.size()) - 1;
    const auto chosen = at < load.start ? 0 : std::clamp<std::int64_t>(index, 0, last);
    return static_cast<double>(load.cores[static_cast<std::size_t>(chosen)].count) / 1000;
}

}  // namespace

double Load::cores_at(Timestamp at) const {
    return recorded.cores.empty() ? synthetic_at(synthetic, at) : recorded_at(recorded, at);
}

Status Load::check() const {
    const auto sensible = [](double value, double most) { return value >= 0 && value <= most; };
    if (!sensible(synthetic.peak_cores, 1e6) || !sensible(synthetic.night, 1) ||
        !sensible(synthetic.weekend, 10) || !sensible(synthetic.crowds_per_day, 1) ||
        !sensible(synthetic.crowd_height, 100) || !sensible(synthetic.noise, 1)) {
        return fail(ErrorCode::InvalidArgument,
                    "a simulated load has numbers of 0 or more, and shares (night, crowds_per_day, noise) of "
                    "at most 1");
    }
    if (recorded.step <= Duration::zero()) {
        return fail(ErrorCode::InvalidArgument,
                    "a recorded load needs a step of more than 0 between its values");
    }
    const auto negative =
        std::ranges::find_if(recorded.cores, [](Millicores value) { return value.count < 0; });
    if (negative != recorded.cores.end()) {
        return fail(ErrorCode::InvalidArgument, format("value {} of the recorded load is negative",
                                                       negative - recorded.cores.begin() + 1));
    }
    return {};
}

}  // namespace k3fleet::simcloud
