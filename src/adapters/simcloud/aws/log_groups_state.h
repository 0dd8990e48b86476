// CloudWatch Logs' part of a simulated account: groups with their metric filters. Nothing is written to them.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "base/time.h"

namespace k3fleet::simcloud {

// What each matching event counts as. A filter has one.
struct MetricFilterValue {
    std::string name;
    std::string space;  // Its namespace.
    std::string value;  // "1", or "$.bytes"
    bool has_default = false;
    double otherwise = 0;  // Of a minute without a match, if it has one.
    std::string unit;
};

struct LogMetricFilter {
    std::string name;
    std::string pattern;
    MetricFilterValue counts;
    Timestamp made_at;
};

struct SimLogGroup {
    std::string name;
    Timestamp created_at;
    std::int64_t days = 0;  // What is older goes; 0: it stays.
    std::string key;        // ARN; empty: AWS's own.
    std::map<std::string, std::string> tags;
    Timestamp tagged_at;
    std::map<std::string, LogMetricFilter> filters;  // By name.
};

struct LogGroupsState {
    std::map<std::string, SimLogGroup> groups;  // By name.
};

template <typename Archive>
void fields(Archive& archive, MetricFilterValue& value) {
    archive(value.name, value.space, value.value, value.has_default, value.otherwise, value.unit);
}
template <typename Archive>
void fields(Archive& archive, LogMetricFilter& filter) {
    archive(filter.name, filter.pattern, filter.counts, filter.made_at);
}
template <typename Archive>
void fields(Archive& archive, SimLogGroup& group) {
    archive(group.name, group.created_at, group.days, group.key, group.tags, group.tagged_at, group.filters);
}
template <typename Archive>
void fields(Archive& archive, LogGroupsState& log_groups) {
    archive(log_groups.groups);
}

}  // namespace k3fleet::simcloud
