#include "core/scaling/readings.h"

#include <algorithm>
#include <cmath>

namespace k3fleet::scaling {
namespace {

using model::Observed;
using model::Reading;

std::optional<double> number(const Observed<double>& signal) {
    if (!signal || !std::isfinite(*signal) || *signal < 0) return std::nullopt;
    return *signal;
}

std::optional<double> waiting_pods(const model::World& world) {
    auto pending = number(world.signals.pending);
    if (!world.pods) return pending;
    const auto waiting = std::ranges::count_if(*world.pods, [](const model::Pod& pod) {
        return pod.unschedulable && pod.node.empty() && !pod.finished() && !pod.terminating;
    });
    return std::max(pending.value_or(0), static_cast<double>(waiting));
}

// True: one is over its limit. Empty: none is known to be over, and at least one is not known at all.
std::optional<bool> custom_over(const model::ClusterIntent& intent, const model::World& world) {
    bool all_known = true;
    for (const model::CustomMetric& metric : intent.autoscaling.custom) {
        const auto signal = world.signals.custom.find(metric.name);
        const auto value = signal == world.signals.custom.end() ? std::nullopt : number(signal->second);
        if (value && *value > metric.limit) return true;
        all_known = all_known && value.has_value();
    }
    return all_known ? std::optional(false) : std::nullopt;
}

std::int64_t slot_of(Timestamp at, Duration interval) {
    return std::chrono::floor<Duration>(at.time_since_epoch()) / interval;
}

}  // namespace

void record_reading(core::Draft& draft) {
    const model::World& world = draft.world;
    const Reading reading{.slot = slot_of(draft.now, draft.intent.autoscaling.interval),
                          .at = draft.now,
                          .cpu = number(world.signals.cpu),
                          .memory = number(world.signals.memory),
                          .pending = waiting_pods(world),
                          .custom_over = custom_over(draft.intent, world)};
    auto& readings = draft.memory().readings;
    // After a clock went back, readings "from the future" are not believed.
    std::erase_if(readings, [&](const Reading& r) { return r.slot >= reading.slot; });
    readings.push_back(reading);
    // What no window reaches is not kept: the memory is written in every tick, and paid by the KiB.
    const auto kept = static_cast<std::size_t>(draft.intent.autoscaling.thresholds.widest_window());
    if (readings.size() > kept)
        readings.erase(readings.begin(), readings.end() - static_cast<std::ptrdiff_t>(kept));
}

std::vector<Reading> window(const model::Memory& memory, Timestamp now, Duration interval, int count) {
    std::vector<Reading> slots;
    if (memory.readings.empty()) return slots;
    const std::int64_t last = slot_of(now, interval);
    const std::int64_t first = std::max(last - count + 1, memory.readings.front().slot);
    if (first > last) return slots;
    slots.reserve(static_cast<std::size_t>(last - first + 1));
    for (std::int64_t slot = first; slot <= last; ++slot) slots.push_back({.slot = slot});
    for (const Reading& reading : memory.readings)
        if (reading.slot >= first && reading.slot <= last)
            slots[static_cast<std::size_t>(reading.slot - first)] = reading;
    return slots;
}

}  // namespace k3fleet::scaling
