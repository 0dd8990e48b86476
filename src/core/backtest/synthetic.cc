#include "core/backtest/synthetic.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "base/prng.h"
#include "base/text.h"

namespace k3fleet::backtest {
namespace {

constexpr double kMinutesPerDay = 1440;

struct Crowd {
    double at;  // Minutes from the start.
    double height;
    double rise;  // Minutes.
    double fall;  // Minutes to a third.
};

std::vector<Crowd> draw_crowds(Prng random, double minutes, const SyntheticShape& shape) {
    std::vector<Crowd> crowds;
    if (shape.crowds_a_week <= 0) return crowds;
    const double mean_pause = 7 * kMinutesPerDay / shape.crowds_a_week;
    constexpr std::size_t kMost = 100'000;
    for (double at = random.exponential(mean_pause); at < minutes && crowds.size() < kMost;
         at += random.exponential(mean_pause)) {
        const double height = shape.crowd_height * (0.5 + random.uniform());
        const double rise = 3 + 7 * random.uniform();
        const double fall = 20 + 40 * random.uniform();
        crowds.push_back({at, height, rise, fall});
    }
    return crowds;
}

double height_of(const Crowd& crowd, double minute) {
    const double since = minute - crowd.at;
    if (since < 0) return 0;
    if (since < crowd.rise) return crowd.height * since / crowd.rise;
    return crowd.height * std::exp(-(since - crowd.rise) / crowd.fall);
}

// The day's course between night and 1: lowest at 4:00, highest at 16:00, with a shoulder in the morning.
double course_of_day(double minute_of_day, double night) {
    const double turn = 2 * std::numbers::pi * (minute_of_day - 240) / kMinutesPerDay;
    const double wave = (1 - std::cos(turn)) / 2 + 0.08 * std::sin(2 * turn);
    return night + (1 - night) * std::clamp(wave, 0.0, 1.0);
}

}  // namespace

History make_synthetic(std::uint64_t seed, const SyntheticShape& shape) {
    K3F_CHECK(shape.step > Duration::zero() && shape.length >= shape.step);
    Prng root(seed);
    Prng noise_source = root.fork(1);
    const double minutes = static_cast<double>(shape.length.count()) / 60'000;
    const auto crowds = draw_crowds(root.fork(2), minutes, shape);
    const double step_minutes = static_cast<double>(shape.step.count()) / 60'000;
    const double keep = std::exp(-step_minutes / 10);

    History history{.name = format("synthetic:{}", seed)};
    double noise = 0;
    std::size_t oldest = 0;  // Crowds before it have died away.
    const auto count = shape.length / shape.step + 1;
    history.samples.reserve(static_cast<std::size_t>(count));
    for (std::int64_t i = 0; i < count; ++i) {
        const Timestamp at = shape.start + shape.step * i;
        const double minute = static_cast<double>(i) * step_minutes;
        const auto day = std::chrono::floor<std::chrono::days>(at);
        const std::chrono::weekday weekday{day};
        const bool free_day = weekday == std::chrono::Saturday || weekday == std::chrono::Sunday;
        const double minute_of_day = static_cast<double>((at - day).count()) / 60'000;

        double value = course_of_day(minute_of_day, shape.night) * (free_day ? shape.weekend : 1);
        value *= 1 + shape.drift_a_week * minute / (7 * kMinutesPerDay);
        while (oldest < crowds.size() && minute - crowds[oldest].at > kMinutesPerDay) ++oldest;
        for (std::size_t c = oldest; c < crowds.size() && crowds[c].at <= minute; ++c)
            value += height_of(crowds[c], minute);
        noise = noise * keep + noise_source.normal(0, shape.noise * std::sqrt(1 - keep * keep));
        history.samples.push_back({at, std::max(0.0, value * (1 + noise))});
    }
    return history;
}

}  // namespace k3fleet::backtest
