// CloudTrail's part of a simulated account: trails, in their home regions.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/time.h"

namespace k3fleet::simcloud {

// Of what data a trail tells: "AWS::DynamoDB::Table" with the ARNs of tables.
struct TrailData {
    std::string type;
    std::vector<std::string> arns;
};

struct TrailSelector {
    std::string read_write = "All";
    bool management = true;
    std::vector<TrailData> data;
    std::vector<std::string> without;  // Services whose management events are left out.
};

struct Trail {
    std::string name;
    std::string bucket;
    std::string prefix;
    std::string log_group;  // Its ARN; empty: events go to the bucket alone.
    std::string log_role;
    std::string key;  // ARN of the KMS key; empty: S3 encrypts.
    bool global_events = true;
    bool every_region = false;
    bool digests = false;
    bool logging = false;
    std::optional<Timestamp> started_at;
    std::vector<TrailSelector> selectors;
    std::map<std::string, std::string> tags;
    Timestamp tagged_at;
};

struct TrailsState {
    std::map<std::string, Trail> trails;  // By name.
};

template <typename Archive>
void fields(Archive& archive, TrailData& data) {
    archive(data.type, data.arns);
}
template <typename Archive>
void fields(Archive& archive, TrailSelector& selector) {
    archive(selector.read_write, selector.management, selector.data, selector.without);
}
template <typename Archive>
void fields(Archive& archive, Trail& t) {
    archive(t.name, t.bucket, t.prefix, t.log_group, t.log_role, t.key, t.global_events, t.every_region,
            t.digests, t.logging, t.started_at, t.selectors, t.tags, t.tagged_at);
}
template <typename Archive>
void fields(Archive& archive, TrailsState& state) {
    archive(state.trails);
}

}  // namespace k3fleet::simcloud
