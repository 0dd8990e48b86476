// IAM's part of a simulated account: roles, policies, groups and instance profiles. One for all regions.
//
// IAM itself shows at once what was done; other services learn of it some seconds later ("Troubleshoot IAM:
// changes that I make are not always immediately visible").
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/time.h"

namespace k3fleet::simcloud {

struct InlinePolicy {
    std::string document;
    Timestamp known_at;  // To other services; one that replaces another is at once.
};

struct IamRole {
    std::string name;
    std::string id;
    std::string path;
    std::string trust;  // The document as it was given.
    std::string description;
    std::int32_t session_seconds = 3600;
    Timestamp created_at;
    Timestamp known_at;  // To other services.
    std::map<std::string, InlinePolicy> policies;
    std::map<std::string, Timestamp> attached;  // ARN of a managed policy -> since when others know.
    std::map<std::string, std::string> tags;
    std::string linked_to;  // The service that alone may change it; empty: ours.
};

struct PolicyVersion {
    std::int64_t number = 0;  // 3 of "v3".
    std::string document;
    Timestamp created_at;
};

struct ManagedPolicy {
    std::string name;
    std::string id;
    std::string path;
    std::string description;
    Timestamp created_at;
    Timestamp updated_at;
    std::vector<PolicyVersion> versions;  // The newest last.
    std::int64_t versions_made = 0;
    std::int64_t default_version = 0;
    std::map<std::string, std::string> tags;
};

struct IamGroup {
    std::string name;
    std::string id;
    std::string path;
    Timestamp created_at;
    std::vector<std::string> attached;  // ARNs of managed policies, in order.
};

struct InstanceProfile {
    std::string name;
    std::string id;
    std::string path;
    std::string role;  // Its name; empty: none yet.
    Timestamp created_at;
    Timestamp known_at;  // To EC2, with its role.
    std::map<std::string, std::string> tags;
};

struct RolesState {
    std::uint64_t made = 0;
    std::map<std::string, IamRole> roles;           // By name, as the rest but policies.
    std::map<std::string, ManagedPolicy> policies;  // By ARN. AWS's own are not among them.
    std::map<std::string, IamGroup> groups;
    std::map<std::string, InstanceProfile> profiles;
};

template <typename Archive>
void fields(Archive& archive, InlinePolicy& policy) {
    archive(policy.document, policy.known_at);
}
template <typename Archive>
void fields(Archive& archive, IamRole& r) {
    archive(r.name, r.id, r.path, r.trust, r.description, r.session_seconds, r.created_at, r.known_at,
            r.policies, r.attached, r.tags, r.linked_to);
}
template <typename Archive>
void fields(Archive& archive, PolicyVersion& version) {
    archive(version.number, version.document, version.created_at);
}
template <typename Archive>
void fields(Archive& archive, ManagedPolicy& p) {
    archive(p.name, p.id, p.path, p.description, p.created_at, p.updated_at, p.versions, p.versions_made,
            p.default_version, p.tags);
}
template <typename Archive>
void fields(Archive& archive, IamGroup& group) {
    archive(group.name, group.id, group.path, group.created_at, group.attached);
}
template <typename Archive>
void fields(Archive& archive, InstanceProfile& p) {
    archive(p.name, p.id, p.path, p.role, p.created_at, p.known_at, p.tags);
}
template <typename Archive>
void fields(Archive& archive, RolesState& state) {
    archive(state.made, state.roles, state.policies, state.groups, state.profiles);
}

}  // namespace k3fleet::simcloud
