// What goes wrong in a simulated world, and when: chosen, stored with the world, and the same in every run.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"

namespace k3fleet::simcloud {

enum class FaultKind {
    MetricsOutage,  // Prometheus does not answer. Argument: cluster, or empty for all.
    ApiDown,        // The API server does not answer. Argument: cluster, or empty for all.
    CloudDown,      // No call to the cloud works. Argument: unused.
    // Lists show what was launched, tagged or ended up to a minute late. Argument: unused.
    SlowToShow,
    ShortPages,  // Lists come in pages of two. Argument: unused.
    // DynamoDB answers reads that do not ask for consistency as it was ten seconds ago. Argument: table, or
    // empty for all.
    StaleReads,
    AgentOffline,  // Systems Manager does not reach an agent. Argument: the instance, or empty for all.
    VcpuQuota,   // The account may have no more virtual processors. Argument: "on-demand", "spot", or empty.
    NoCapacity,  // Launches fail. Argument: "type/zone/market"; * stands for any: "*/ap-southeast-1a/spot".
    // The next conditional write to S3 is answered "409, try again", and not done. Argument: the object's
    // name, or empty for any.
    WriteCollision,
    ZoneDown,  // Machines of a zone are lost, and none can be had there. Argument: the zone.
    // A worker's node is NotReady for as long as the fault lasts, though its machine works. Argument: unused.
    NodeFlap,
    // A machine dies by itself, also one that still boots. Argument: its id, or empty for any.
    MachineDies,
    // One spot instance gets its notice. Argument: its id, or empty for the oldest running one.
    SpotInterruption,
    NeverJoins,  // The next worker launched never becomes a node. Argument: cluster, or empty for any.
    // The next such call is carried out, but its answer is lost. Argument: "launch", "terminate" …
    LostAnswer,
    Crash,  // The crash hook is called. Argument: "before-launch", "after-launch", "after-evict" …
};

std::string_view to_string(FaultKind kind);  // metrics-outage, api-down, …
std::optional<FaultKind> parse_fault_kind(std::string_view text);

struct Fault {
    Timestamp at;
    FaultKind kind = FaultKind::MetricsOutage;
    // How long a state lasts, or until when an event may still find its victim; 0: for ever.
    Duration duration{};
    std::string argument;
    bool spent = false;  // An event that has happened.

    bool state() const { return kind <= FaultKind::NoCapacity; }
    bool event() const { return kind >= FaultKind::ZoneDown && kind <= FaultKind::SpotInterruption; }
    bool active(Timestamp now) const {
        return !spent && now >= at && (duration == Duration::zero() || now < at + duration);
    }
    friend bool operator==(const Fault&, const Fault&) = default;
};

// Whether an argument "a/b/c" covers these parts; * covers any.
bool covers(std::string_view pattern, std::string_view type, std::string_view zone, std::string_view market);

template <typename Archive>
void fields(Archive& archive, Fault& fault) {
    archive(fault.at, fault.kind, fault.duration, fault.argument, fault.spent);
}

}  // namespace k3fleet::simcloud
