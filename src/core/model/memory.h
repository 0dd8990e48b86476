// What one loop of one cluster remembers between ticks. Committed together with the lease, under its fence.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "core/model/ids.h"
#include "core/model/plan.h"

namespace k3fleet::model {

enum class Loop { Infra, Workers };  // #infra: resources and masters. #workers: scaling.

// One slot's reading of the signals. Empty = Unknown.
struct Reading {
    std::int64_t slot = 0;  // floor(now / interval)
    Timestamp at;           // When it was read: the last tick of the slot wins.
    std::optional<double> cpu;
    std::optional<double> memory;
    std::optional<double> pending;
    std::optional<bool> custom_over;  // Any custom metric above its limit.
    friend bool operator==(const Reading&, const Reading&) = default;
};

// A launch that was carried out and has not yet become a Ready node.
struct OpenLaunch {
    InstanceId instance;
    Token token;
    Role role = Role::Worker;
    PoolName pool;
    int slot = -1;
    Timestamp at;
    friend bool operator==(const OpenLaunch&, const OpenLaunch&) = default;
};

// A worker on its way out: cordon, evict, terminate, delete the node; or abandoned at the deadline and
// uncordoned.
struct Drain {
    InstanceId instance;
    PoolName pool;
    NodeName node;
    Uid node_uid;
    std::string reason;
    Timestamp started;
    Timestamp deadline;  // Returning: when it was given up.
    // Returning: given up; the worker counts again, and is followed until its node is seen taking pods.
    enum class Phase { Evicting, Terminating, Returning } phase = Phase::Evicting;
    std::string blocker;  // The last answer that held it up: which pod, which budget.
    // Past the deadline: give up and uncordon (a scale-down), or go on without asking (its machine goes
    // anyway).
    enum class AtDeadline { Abandon, Force } at_deadline = AtDeadline::Abandon;

    // Its worker counts no more.
    bool leaves() const { return phase != Phase::Returning; }
    friend bool operator==(const Drain&, const Drain&) = default;
};

// The plan as recorded before its first call.
struct RecordedPlan {
    std::int64_t version = 0;   // The memory version it was committed as: part of every token.
    std::string intent_digest;  // The intent it was decided for.
    Timestamp decided_at;
    std::vector<Action> actions;
    // By the ordinal of a launch: how many of its attempts, from the first, were surely refused. Written
    // before the next one is tried, so that whoever finishes the plan does not begin again with one that may
    // work by now, and launches a second machine.
    std::map<int, int> refused;
    friend bool operator==(const RecordedPlan&, const RecordedPlan&) = default;
};

struct PoolMemory {
    std::optional<Timestamp> last_up;
    std::optional<Timestamp> last_down;
    // Drains given up one after the other, and when the last one was: the next one waits longer each time.
    int abandoned = 0;
    std::optional<Timestamp> last_abandoned;
    friend bool operator==(const PoolMemory&, const PoolMemory&) = default;
};

struct Memory {
    std::string cluster_uid;        // Drawn once when the item is first made: part of every token.
    std::int64_t version = 0;       // Equals the version of the item that holds it.
    std::vector<Reading> readings;  // Oldest first, one a slot, as many as the widest window has.
    std::map<PoolName, PoolMemory> pools;
    std::vector<OpenLaunch> launches;
    std::vector<Drain> drains;
    std::map<int, InstanceId> masters;          // By slot, once launched: a slot is never founded twice.
    std::map<std::string, Timestamp> notified;  // When a lasting condition was last told, by its key.
    std::optional<RecordedPlan> pending;        // Committed and perhaps not fully carried out.
    // Head of the journal's hash chain.
    std::int64_t journal_next = 0;
    std::string journal_head;
    // The last case that the journal holds whole, against which the next ones are stored as deltas.
    std::string case_base;
    std::optional<Timestamp> case_base_at;

    friend bool operator==(const Memory&, const Memory&) = default;
};

// The widest window that a cluster's file may have.
inline constexpr int kMaxReadings = 64;

// What one call of decide() gives.
struct Plan {
    std::vector<Action> actions;
    std::vector<Blocked> blocked;
    std::vector<std::string> notes;  // What was seen and why nothing follows from it: for explain.
    std::string summary;             // One line: "scale up by 2", "hold: metrics unknown", "nothing to do".
    Memory memory;                   // The new memory, before the results of the actions.
    Timestamp next_tick;             // When to look again.

    friend bool operator==(const Plan&, const Plan&) = default;
};

}  // namespace k3fleet::model
