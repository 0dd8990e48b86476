#include "core/decidable.h"

#include "base/text.h"

namespace k3fleet::core {
namespace {

constexpr Duration kLongest = std::chrono::days{366};
constexpr int kMost = 10'000;  // Workers of a pool, waiting pods.

std::unexpected<Error> wrong(std::string_view what) {
    return fail(ErrorCode::Corrupt, format("the recorded case cannot be decided on: {}", what));
}

bool between(auto least, auto value, auto most) { return least <= value && value <= most; }

Status check(const model::Autoscaling& autoscaling) {
    const auto& thresholds = autoscaling.thresholds;
    for (const Duration length : {autoscaling.join_timeout, autoscaling.drain_timeout, thresholds.cooldown_up,
                                  thresholds.cooldown_down})
        if (!between(Duration::zero(), length, kLongest)) return wrong("a time to wait is no length of time");
    if (!between(Duration{1}, autoscaling.interval, kLongest))
        return wrong("the interval is no length of time");
    for (const int window : {thresholds.window_up, thresholds.window_down, thresholds.window_pending})
        if (!between(1, window, model::kMaxReadings)) return wrong("a window is no number of readings");
    if (!between(0, thresholds.pending_urgent, kMost)) return wrong("pending_urgent is no number of pods");
    return {};
}

}  // namespace

Status check_decidable(const model::ClusterIntent& intent, const model::Memory& memory) {
    if (memory.pending) return wrong("its plan is not settled");
    for (const model::NodePool& pool : intent.pools) {
        if (!between(0, pool.min, pool.max) || pool.max > kMost)
            return wrong(format("pool {} has no numbers of workers", pool.name.str()));
        if (!between(0, pool.spot_percent, 100))
            return wrong(format("pool {} has no share of spot instances", pool.name.str()));
    }
    return check(intent.autoscaling);
}

}  // namespace k3fleet::core
