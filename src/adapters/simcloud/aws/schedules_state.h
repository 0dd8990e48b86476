// EventBridge Scheduler's part of a simulated account: groups of schedules.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "base/time.h"

namespace k3fleet::simcloud {

struct Schedule {
    std::string name;
    std::string expression;
    std::string timezone;
    std::string state;
    std::string description;
    std::optional<std::int32_t> window;  // Minutes; empty: at the minute.
    std::string target;                  // ARN.
    std::string role;
    std::string input;
    std::string dead_letters;
    std::int32_t oldest_seconds = 86'400;
    std::int32_t retries = 185;
    Timestamp created_at;
    Timestamp changed_at;
    std::string token;        // The client's, of the creation …
    std::string fingerprint;  // … and what it asked for.
};

struct ScheduleGroup {
    std::string name;
    Timestamp created_at;
    Timestamp changed_at;
    std::string token;
    std::string fingerprint;
    std::optional<Timestamp> gone_at;           // It is being deleted.
    std::map<std::string, Schedule> schedules;  // By name.
    std::map<std::string, std::string> tags;
};

struct SchedulesState {
    std::map<std::string, ScheduleGroup> groups;  // By name; "default" is there without an entry.
};

template <typename Archive>
void fields(Archive& archive, Schedule& s) {
    archive(s.name, s.expression, s.timezone, s.state, s.description, s.window, s.target, s.role, s.input,
            s.dead_letters, s.oldest_seconds, s.retries, s.created_at, s.changed_at, s.token, s.fingerprint);
}
template <typename Archive>
void fields(Archive& archive, ScheduleGroup& group) {
    archive(group.name, group.created_at, group.changed_at, group.token, group.fingerprint, group.gone_at,
            group.schedules, group.tags);
}
template <typename Archive>
void fields(Archive& archive, SchedulesState& state) {
    archive(state.groups);
}

}  // namespace k3fleet::simcloud
