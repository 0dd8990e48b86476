// CloudWatch's alarms in a simulated account. Nobody evaluates them.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/time.h"

namespace k3fleet::simcloud {

struct Alarm {
    std::string name;
    std::string description;
    std::string name_space;
    std::string metric;
    std::map<std::string, std::string> dimensions;
    std::string statistic;
    std::string unit;         // Empty: any.
    std::int32_t period = 0;  // Seconds.
    std::int32_t periods = 0;
    std::optional<std::int32_t> datapoints;
    double threshold = 0;
    std::string comparison;
    std::string missing;  // How periods without data count; empty: as AWS does by itself.
    bool actions_enabled = true;
    std::vector<std::string> on_alarm;  // ARNs.
    std::vector<std::string> on_ok;
    std::vector<std::string> on_no_data;
    Timestamp made_at;
    Timestamp changed_at;
    std::map<std::string, std::string> tags;
};

struct AlarmsState {
    std::map<std::string, Alarm> alarms;  // By name.
};

template <typename Archive>
void fields(Archive& archive, Alarm& a) {
    archive(a.name, a.description, a.name_space, a.metric, a.dimensions, a.statistic, a.unit, a.period,
            a.periods, a.datapoints, a.threshold, a.comparison, a.missing, a.actions_enabled, a.on_alarm,
            a.on_ok, a.on_no_data, a.made_at, a.changed_at, a.tags);
}
template <typename Archive>
void fields(Archive& archive, AlarmsState& state) {
    archive(state.alarms);
}

}  // namespace k3fleet::simcloud
