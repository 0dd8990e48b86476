#include "tests/sim/world_faults.h"

#include <algorithm>

namespace k3fleet::sim {
namespace {

using simcloud::Fault;
using simcloud::FaultKind;
using simcloud::SimInstance;

constexpr std::size_t kShortPage = 2;

bool took_machines(const Fault& fault, const simcloud::WorldState& state) {
    const auto lost = [&](const auto& entry) {
        const SimInstance& instance = entry.second;
        return instance.ended_at == fault.at && !instance.ended_by_call &&
               instance.shown.offering.zone == fault.argument;
    };
    return std::ranges::any_of(state.instances, lost);
}

}  // namespace

bool WorldFaults::active(FaultKind kind) const {
    return std::ranges::any_of(engine_.state().faults, [&](const Fault& fault) {
        return fault.kind == kind && fault.active(engine_.now());
    });
}

void WorldFaults::refused(const Error& error) {
    if (error.provider_code == "VcpuLimitExceeded" || error.provider_code == "MaxSpotInstanceCountExceeded")
        count(FaultKind::VcpuQuota);
    if (error.provider_code == "InsufficientInstanceCapacity" && active(FaultKind::NoCapacity))
        count(FaultKind::NoCapacity);
}

void WorldFaults::ticked(const app::TickReport& report) {
    const auto& faults = engine_.state().faults;
    if (faults.empty()) return;
    for (std::size_t i = 0; i < faults.size(); ++i)
        if (faults[i].kind == FaultKind::ZoneDown && took_machines(faults[i], engine_.state()) &&
            zones_lost_.insert(i).second)
            count(FaultKind::ZoneDown);
    if (report.loop == model::Loop::Workers && !report.world.signals.cpu && active(FaultKind::MetricsOutage))
        count(FaultKind::MetricsOutage);
    if (!report.world.nodes && active(FaultKind::ApiDown)) count(FaultKind::ApiDown);
    if (!report.world.instances) return;
    if (report.world.instances->size() > kShortPage && active(FaultKind::ShortPages))
        count(FaultKind::ShortPages);
    const auto late = [&](const auto& entry) {
        const SimInstance& instance = entry.second;
        return instance.visible_at > report.at || engine_.shown_state(instance) != instance.shown.state;
    };
    if (active(FaultKind::SlowToShow) && std::ranges::any_of(engine_.state().instances, late))
        count(FaultKind::SlowToShow);
}

void WorldFaults::at_end() {
    for (const Fault& fault : engine_.state().faults)
        if (fault.spent) count(fault.kind);
}

}  // namespace k3fleet::sim
