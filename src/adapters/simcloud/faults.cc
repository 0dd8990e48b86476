// The names of faults.
#include "adapters/simcloud/faults.h"

#include <array>
#include <utility>

#include "base/text.h"

namespace k3fleet::simcloud {
namespace {

constexpr auto kNames = std::to_array<std::pair<FaultKind, std::string_view>>({
    {FaultKind::MetricsOutage, "metrics-outage"},
    {FaultKind::ApiDown, "api-down"},
    {FaultKind::CloudDown, "cloud-down"},
    {FaultKind::SlowToShow, "slow-to-show"},
    {FaultKind::ShortPages, "short-pages"},
    {FaultKind::StaleReads, "stale-reads"},
    {FaultKind::AgentOffline, "agent-offline"},
    {FaultKind::VcpuQuota, "vcpu-quota"},
    {FaultKind::NoCapacity, "no-capacity"},
    {FaultKind::WriteCollision, "write-collision"},
    {FaultKind::ZoneDown, "zone-down"},
    {FaultKind::NodeFlap, "node-flap"},
    {FaultKind::MachineDies, "machine-dies"},
    {FaultKind::SpotInterruption, "spot-interruption"},
    {FaultKind::NeverJoins, "never-joins"},
    {FaultKind::LostAnswer, "lost-answer"},
    {FaultKind::Crash, "crash"},
});

}  // namespace

std::string_view to_string(FaultKind kind) {
    for (const auto& [known, name] : kNames) {
        if (known == kind) return name;
    }
    return "unknown";
}

std::optional<FaultKind> parse_fault_kind(std::string_view text) {
    for (const auto& [kind, name] : kNames) {
        if (name == text) return kind;
    }
    return std::nullopt;
}

bool covers(std::string_view pattern, std::string_view type, std::string_view zone, std::string_view market) {
    const auto parts = split(pattern, '/');
    if (parts.size() != 3) return false;
    const auto fits = [](const std::string& part, std::string_view value) {
        return part == "*" || part == value;
    };
    return fits(parts[0], type) && fits(parts[1], zone) && fits(parts[2], market);
}

}  // namespace k3fleet::simcloud
