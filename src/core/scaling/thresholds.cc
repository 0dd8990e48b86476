#include "core/scaling/thresholds.h"

#include <algorithm>
#include <cmath>

#include "base/text.h"

namespace k3fleet::scaling {
namespace {

using model::Reading;

// Kleene's three values: Unknown is what neither a true nor a false part decides.
enum class Truth { False, Unknown, True };

Truth both(Truth a, Truth b) { return std::min(a, b); }
Truth either(Truth a, Truth b) { return std::max(a, b); }

bool sane(const std::optional<double>& value) { return value && std::isfinite(*value) && *value >= 0; }

Truth above(const std::optional<double>& value, double limit) {
    if (!sane(value)) return Truth::Unknown;
    return *value > limit ? Truth::True : Truth::False;
}

Truth below(const std::optional<double>& value, double limit) {
    if (!sane(value)) return Truth::Unknown;
    return *value < limit ? Truth::True : Truth::False;
}

Truth none_waiting(const std::optional<double>& pending) {
    if (!sane(pending)) return Truth::Unknown;
    return *pending > 0 ? Truth::False : Truth::True;
}

// Whether the condition holds in each of the last n readings; too few of them is Unknown,
// unless one says no already.
template <typename Condition>
Truth held(std::span<const Reading> readings, int n, Condition condition) {
    const auto window = static_cast<std::size_t>(std::max(n, 1));
    Truth result = readings.size() < window ? Truth::Unknown : Truth::True;
    for (const Reading& reading : readings.last(std::min(window, readings.size())))
        result = both(result, condition(reading));
    return result;
}

// One signal that can ask for more workers, with its words.
struct Cause {
    std::string_view name;
    std::optional<double> Reading::* value;
    double limit;
    int window;
    std::string_view unit;
};

std::string series(std::span<const Reading> readings, const Cause& cause) {
    std::string text;
    const auto window = std::min(static_cast<std::size_t>(std::max(cause.window, 1)), readings.size());
    for (const Reading& reading : readings.last(window)) {
        if (!text.empty()) text += ", ";
        const auto& value = reading.*cause.value;
        text += sane(value) ? format("{:g}", std::round(*value * 10) / 10) : std::string("?");
    }
    return text;
}

std::string last_readings(int n) { return n <= 1 ? "the last reading" : format("the last {} readings", n); }

// What the readings say by themselves, before bounds and cooldowns.
struct Verdict {
    Truth up = Truth::False;
    Truth quiet = Truth::False;
    Truth custom = Truth::False;
    std::string why_up;  // Of the first cause that holds.
};

Truth custom_over(std::span<const Reading> readings) {
    if (readings.empty() || !readings.back().custom_over) return Truth::Unknown;
    return *readings.back().custom_over ? Truth::True : Truth::False;
}

Verdict judge(const ThresholdInput& in) {
    const auto& c = in.config;
    const Cause causes[] = {
        {"CPU", &Reading::cpu, c.cpu_up, c.window_up, " %"},
        {"memory", &Reading::memory, c.memory_up, c.window_up, " %"},
        {"pending pods", &Reading::pending, 0, c.window_pending, ""},
    };
    Verdict verdict;
    for (const Cause& cause : causes) {
        const Truth holds = held(in.readings, cause.window,
                                 [&](const Reading& r) { return above(r.*cause.value, cause.limit); });
        if (holds == Truth::True && verdict.why_up.empty()) {
            const std::string above_what =
                cause.limit > 0 ? format(" above {:g}{}", cause.limit, cause.unit) : "";
            verdict.why_up = format("{}{} in {} ({})", cause.name, above_what, last_readings(cause.window),
                                    series(in.readings, cause));
        }
        verdict.up = either(verdict.up, holds);
    }
    verdict.custom = custom_over(in.readings);
    if (verdict.custom == Truth::True && verdict.why_up.empty())
        verdict.why_up = "a custom metric is over its limit";
    verdict.up = either(verdict.up, verdict.custom);
    verdict.quiet = held(in.readings, c.window_down, [&](const Reading& r) {
        return both(both(below(r.cpu, c.cpu_down), below(r.memory, c.memory_down)), none_waiting(r.pending));
    });
    return verdict;
}

int step_up(const ThresholdInput& in) {
    const Reading& now = in.readings.back();
    const bool urgent = above(now.cpu, in.config.cpu_urgent) == Truth::True ||
                        above(now.pending, in.config.pending_urgent) == Truth::True;
    return urgent ? 2 : 1;
}

ThresholdDecision act(Direction direction, int count, std::string reason) {
    return {.action = direction,
            .count = count,
            .reason = std::move(reason),
            .wish = format("scale {} by {}", direction == Direction::Up ? "up" : "down", count)};
}

ThresholdDecision blocked(Blocker by, std::string wish, std::string reason) {
    return {.reason = std::move(reason), .blocked_by = by, .wish = std::move(wish)};
}

// How long still to wait, in full seconds. A last action that lies in the future (a clock was off) counts as
// just now.
Duration cooldown_left(std::optional<Timestamp> last, Duration cooldown, Timestamp now) {
    if (!last) return Duration::zero();
    const Duration elapsed = std::max(now - *last, Duration::zero());
    if (elapsed >= cooldown) return Duration::zero();
    return std::chrono::ceil<std::chrono::seconds>(cooldown - elapsed);
}

ThresholdDecision decide_up(const ThresholdInput& in, const Verdict& verdict) {
    const int total = in.workers + in.booting;
    const int step = step_up(in);
    const std::string wish = format("scale up by {}", step);
    if (in.freeze == ThresholdInput::Freeze::On)
        return blocked(Blocker::Frozen, wish, format("{}, but scaling is paused", verdict.why_up));
    if (total >= in.max)
        return blocked(Blocker::Max, wish,
                       format("{}, but there are {} of at most {} workers{}", verdict.why_up, total, in.max,
                              in.booting > 0 ? ", booting ones included" : ""));
    if (const auto left = cooldown_left(in.last_up, in.config.cooldown_up, in.now); left > Duration::zero())
        return blocked(Blocker::Cooldown, wish,
                       format("{}, but the last scale-up was less than {} ago: {} to wait", verdict.why_up,
                              k3fleet::to_string(in.config.cooldown_up), k3fleet::to_string(left)));
    const int count = std::min(step, in.max - total);
    std::string why = verdict.why_up;
    if (count < step) why += format("; only {} more fits below the maximum of {}", count, in.max);
    return act(Direction::Up, count, std::move(why));
}

ThresholdDecision decide_down(const ThresholdInput& in, const Verdict& verdict) {
    const auto& c = in.config;
    const std::string wish = "scale down by 1";
    const std::string why = format("CPU below {:g} %, memory below {:g} % and no pod pending in {}",
                                   c.cpu_down, c.memory_down, last_readings(c.window_down));
    if (in.freeze == ThresholdInput::Freeze::On)
        return blocked(Blocker::Frozen, wish, format("{}, but scaling is paused", why));
    if (in.booting > 0)
        return blocked(
            Blocker::Booting, wish,
            format("{}, but {} still booting", why, counted(in.booting, "worker is", "workers are")));
    if (in.workers <= in.min)
        return blocked(Blocker::Min, wish,
                       format("{}, but {} is the minimum", why, counted(in.min, "worker")));
    if (verdict.custom == Truth::Unknown)
        return blocked(Blocker::Unknown, wish, format("{}, but the custom metrics are unknown", why));
    if (const auto left = cooldown_left(in.last_down, c.cooldown_down, in.now); left > Duration::zero())
        return blocked(Blocker::Cooldown, wish,
                       format("{}, but the last scale-down was less than {} ago: {} to wait", why,
                              k3fleet::to_string(c.cooldown_down), k3fleet::to_string(left)));
    return act(Direction::Down, 1, why);
}

// Which signals the current reading lacks, in words; empty if it has them all.
std::string not_known_now(std::span<const Reading> readings) {
    if (readings.empty()) return "there is no reading yet";
    const Reading& now = readings.back();
    std::vector<std::string> names;
    if (!sane(now.cpu)) names.push_back("CPU");
    if (!sane(now.memory)) names.push_back("memory");
    if (!sane(now.pending)) names.push_back("pending pods");
    if (!now.custom_over) names.push_back("custom metrics");
    if (names.empty()) return "";
    const bool several = names.size() > 1 || names.front().ends_with('s');
    return format("{} {} unknown", join_words(names, "and"), several ? "are" : "is");
}

}  // namespace

std::string_view to_string(Direction direction) {
    switch (direction) {
        case Direction::Up: return "scale_up";
        case Direction::Down: return "scale_down";
        case Direction::None: return "none";
    }
    return "none";
}

std::string_view to_string(Blocker blocker) {
    switch (blocker) {
        case Blocker::Cooldown: return "cooldown";
        case Blocker::Max: return "max";
        case Blocker::Min: return "min";
        case Blocker::Unknown: return "unknown";
        case Blocker::Booting: return "booting";
        case Blocker::Frozen: return "frozen";
    }
    return "unknown";
}

std::optional<ThresholdDecision> keep_within_bounds(const ThresholdInput& in) {
    const int total = in.workers + in.booting;
    if (total >= in.min && total <= in.max) return std::nullopt;
    const bool under = total < in.min;
    const int count = under ? in.min - total : total - in.max;
    const std::string wish = format("scale {} by {}", under ? "up" : "down", count);
    const std::string why = under ? format("{} of at least {} workers", total, in.min)
                                  : format("{} of at most {} workers", total, in.max);
    if (in.freeze == ThresholdInput::Freeze::On)
        return blocked(Blocker::Frozen, wish, why + ", but scaling is paused");
    if (!under && !not_known_now(in.readings).empty())
        return blocked(
            Blocker::Unknown, wish,
            why + ", but the current load is unknown, and what is not known never shrinks a cluster");
    return act(under ? Direction::Up : Direction::Down, count, why);
}

ThresholdDecision evaluate_thresholds(const ThresholdInput& in) {
    if (auto bounds = keep_within_bounds(in)) return *std::move(bounds);
    const Verdict verdict = judge(in);
    if (verdict.up == Truth::True) return decide_up(in, verdict);
    if (verdict.quiet == Truth::True) return decide_down(in, verdict);
    if (std::string unknown = not_known_now(in.readings); !unknown.empty())
        return blocked(Blocker::Unknown, "", std::move(unknown));
    const auto& c = in.config;
    if (verdict.up == Truth::Unknown || verdict.quiet == Truth::Unknown)
        return blocked(Blocker::Unknown, "",
                       format("not everything is known of {}", last_readings(c.widest_window())));
    return {.reason = "the load is within the limits"};
}

}  // namespace k3fleet::scaling
