// The policy `thresholds` (N-30): readings of CPU, memory and pending pods against limits held for a while.
//
// Pure and three-valued: a reading that is missing or makes no sense (NaN, infinite, negative) is Unknown,
// and an Unknown condition does not hold. So it can never cause an action, and it is named when it prevented
// one.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/time.h"
#include "core/model/intent.h"
#include "core/model/memory.h"

namespace k3fleet::scaling {

enum class Direction { None, Up, Down };
enum class Blocker { Cooldown, Max, Min, Unknown, Booting, Frozen };

std::string_view to_string(Direction direction);  // scale_up, scale_down, none
std::string_view to_string(Blocker blocker);      // cooldown, max, min, unknown, booting, frozen

struct ThresholdInput {
    model::Thresholds config;
    int min = 2;
    int max = 10;
    Timestamp now;
    int workers = 0;  // Without the booting ones.
    int booting = 0;
    std::optional<Timestamp> last_up;  // Empty: never.
    std::optional<Timestamp> last_down;
    enum class Freeze { Off, On } freeze = Freeze::Off;
    // One a slot without gaps, oldest first, the current one last. A slot that was not read stands as an
    // empty one.
    std::span<const model::Reading> readings;
};

struct ThresholdDecision {
    Direction action = Direction::None;
    int count = 0;       // Workers to add or remove; 0 with None.
    std::string reason;  // A sentence: why this, or why nothing.
    std::optional<Blocker> blocked_by;
    std::string wish;  // What would have been done if nothing had blocked it: "scale up by 2"; else empty.
};

// Up when one signal is above its limit in each of the last window_up readings (pending pods:
// window_pending), or a custom metric is over its limit now. By 2 if CPU or pending pods are urgent in the
// current reading, else by 1. Down by 1 when every one of the last window_down readings is quiet, nothing
// boots and no custom metric is over. Cooldowns run from the last action in the same direction. Below min the
// whole deficit at once; above max down to max at once, but not while the current reading is Unknown: what is
// not known never shrinks the cluster.
ThresholdDecision evaluate_thresholds(const ThresholdInput& input);

// The part of it that keeps a count between min and max; empty when it is. For each pool of a cluster with
// several.
std::optional<ThresholdDecision> keep_within_bounds(const ThresholdInput& input);

}  // namespace k3fleet::scaling
