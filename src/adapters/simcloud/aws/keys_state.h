// KMS's part of a simulated account: customer keys and their aliases, in one region. AWS's own keys (aws/s3)
// are always there and stand nowhere.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "base/time.h"

namespace k3fleet::simcloud {

struct KmsKey {
    std::string id;
    std::string description;
    std::string policy;
    bool enabled = true;
    bool rotates = false;
    Timestamp created_at;
    std::optional<Timestamp> gone_at;  // It waits for its deletion.
    std::map<std::string, std::string> tags;
    Timestamp tagged_at;
};

struct KmsAlias {
    std::string name;  // "alias/shop"
    std::string key;   // Its id.
    Timestamp created_at;
    Timestamp updated_at;
};

struct KeysState {
    std::uint64_t made = 0;
    std::map<std::string, KmsKey> keys;       // By id. One whose time has passed is gone when somebody looks.
    std::map<std::string, KmsAlias> aliases;  // By name.
};

template <typename Archive>
void fields(Archive& archive, KmsKey& k) {
    archive(k.id, k.description, k.policy, k.enabled, k.rotates, k.created_at, k.gone_at, k.tags,
            k.tagged_at);
}
template <typename Archive>
void fields(Archive& archive, KmsAlias& alias) {
    archive(alias.name, alias.key, alias.created_at, alias.updated_at);
}
template <typename Archive>
void fields(Archive& archive, KeysState& state) {
    archive(state.made, state.keys, state.aliases);
}

}  // namespace k3fleet::simcloud
