#include "core/backtest/peers.h"

#include <algorithm>
#include <cmath>

namespace k3fleet::backtest {

using std::chrono::minutes;
using std::chrono::seconds;

void CountingPolicy::tick(const Observation& seen, Fleet& fleet) {
    fleet.drain_done(seen.now);
    const int wanted = change(seen, fleet);
    if (wanted > 0) fleet.launch_many(wanted, seen.now);
    if (wanted < 0) fleet.remove_many(-wanted);
}

namespace {

// Of the origin: fixed in its code.
constexpr double kNonIdleModes = 7;
constexpr double kOriginCpuUp = 70;
constexpr double kOriginCpuDown = 30;
constexpr double kOriginCpuUrgent = 85;
constexpr double kOriginMemoryUp = 75;
constexpr double kOriginMemoryDown = 50;
constexpr double kOriginPendingUrgent = 5;
constexpr std::size_t kOriginReadingsUp = 3;
constexpr std::size_t kOriginReadingsDown = 10;
constexpr Duration kOriginCooldownUp = seconds{300};
constexpr Duration kOriginCooldownDown = seconds{600};

}  // namespace

int OriginRule::change(const Observation& seen, const Fleet& fleet) {
    const CapacityModel& capacity = fleet.capacity();
    readings_.push_back(
        {seen.cpu.value_or(0) / kNonIdleModes, seen.memory.value_or(0), seen.pending.value_or(0)});
    if (readings_.size() > kOriginReadingsDown) readings_.pop_front();
    const int count = seen.demand ? fleet.serving() : 0;  // Counted by the monitoring that is silent too.
    if (count < capacity.min) {
        last_action_ = seen.now;
        return capacity.min - count;
    }
    if (count >= capacity.max) return 0;

    const auto cooled = [&](Duration cooldown) {
        return !last_action_ || seen.now - *last_action_ >= cooldown;
    };
    const auto last = [&](std::size_t n, auto condition) {
        return readings_.size() >= n &&
               std::all_of(readings_.end() - static_cast<std::ptrdiff_t>(n), readings_.end(), condition);
    };
    const bool up = last(kOriginReadingsUp, [](const Reading& r) { return r.cpu > kOriginCpuUp; }) ||
                    last(kOriginReadingsUp, [](const Reading& r) { return r.memory > kOriginMemoryUp; }) ||
                    last(kOriginReadingsUp, [](const Reading& r) { return r.pending > 0; });
    if (up) {
        if (!cooled(kOriginCooldownUp)) return 0;
        last_action_ = seen.now;
        const Reading& now = readings_.back();
        const int step = now.cpu > kOriginCpuUrgent || now.pending > kOriginPendingUrgent ? 2 : 1;
        return std::min(step, capacity.max - count);
    }
    const bool down = last(kOriginReadingsDown, [](const Reading& r) {
        return r.cpu < kOriginCpuDown && r.memory < kOriginMemoryDown && r.pending <= 0;
    });
    if (!down || count <= capacity.min || !cooled(kOriginCooldownDown)) return 0;
    last_action_ = seen.now;
    return -1;
}

int TargetTracking::change(const Observation& seen, const Fleet& fleet) {
    constexpr double kTolerance = 0.1;
    constexpr Duration kStabilisation = minutes{5};
    const CapacityModel& capacity = fleet.capacity();
    const int total = fleet.serving() + fleet.booting();
    if (total < capacity.min) return capacity.min - total;
    if (!seen.cpu) return 0;

    double ratio = *seen.cpu / target_;
    int base = fleet.serving();
    if (ratio > 1 && fleet.booting() > 0) {
        ratio *= static_cast<double>(base) / total;
        base = total;
        if (ratio < 1) ratio = 1;
    }
    int wish = total;
    if (std::abs(ratio - 1) > kTolerance) wish = static_cast<int>(std::ceil(ratio * base - 1e-9));
    wish = std::clamp(wish, capacity.min, capacity.max);

    wishes_.push_back({seen.now, wish});
    while (seen.now - wishes_.front().at > kStabilisation) wishes_.pop_front();
    if (wish >= total) return wish - total;
    for (const Wish& earlier : wishes_) wish = std::max(wish, earlier.nodes);
    return std::min(0, wish - total);
}

int ClusterAutoscaler::change(const Observation& seen, const Fleet& fleet) {
    constexpr double kThreshold = 0.5;
    constexpr Duration kUnneededTime = minutes{10};
    constexpr Duration kDelayAfterAdd = minutes{10};
    const CapacityModel& capacity = fleet.capacity();
    const int total = fleet.serving() + fleet.booting();
    if (!seen.demand) {
        unneeded_since_.reset();
        return 0;
    }
    const int needed = std::clamp(capacity.nodes_for(*seen.demand), capacity.min, capacity.max);
    if (needed > total) {
        unneeded_since_.reset();
        last_add_ = seen.now;
        return needed - total;
    }
    const bool underused = fleet.serving() > 0 && *seen.demand < kThreshold * fleet.cores();
    if (!underused || fleet.booting() > 0) {
        unneeded_since_.reset();
        return 0;
    }
    if (!unneeded_since_) unneeded_since_ = seen.now;
    const bool long_enough = seen.now - *unneeded_since_ >= kUnneededTime;
    const bool after_add = last_add_ && seen.now - *last_add_ < kDelayAfterAdd;
    return long_enough && !after_add && total > needed ? -1 : 0;
}

int Karpenter::change(const Observation& seen, const Fleet& fleet) {
    const CapacityModel& capacity = fleet.capacity();
    const int total = fleet.serving() + fleet.booting();
    if (!seen.demand) return 0;
    const int needed = std::clamp(capacity.nodes_for(*seen.demand), capacity.min, capacity.max);
    if (needed > total) return needed - total;
    if (fleet.booting() > 0) return 0;
    constexpr int kBudgetPercent = 10;
    const int budget = (total * kBudgetPercent + 99) / 100;
    return -std::min(total - needed, budget);
}

}  // namespace k3fleet::backtest
