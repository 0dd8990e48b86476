// Secrets Manager's part of a simulated account. The values are as simulated as everything else.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/time.h"

namespace k3fleet::simcloud {

struct SecretVersion {
    std::string id;
    std::string value;
    bool binary = false;
    Timestamp created_at;
    std::vector<std::string> stages;  // AWSCURRENT, AWSPREVIOUS … In order.
};

struct KeptSecret {
    std::string name;
    std::string arn;
    std::string description;
    std::string key;  // Of KMS; empty: AWS's own.
    Timestamp created_at;
    Timestamp changed_at;
    std::optional<Timestamp> deleted_at;  // Asked for …
    std::optional<Timestamp> gone_at;     // … and carried out then.
    std::vector<SecretVersion> versions;  // The newest last.
    std::map<std::string, std::string> tags;
    Timestamp tagged_at;
};

struct SecretsState {
    std::uint64_t made = 0;
    std::uint64_t drawn = 0;                    // Random passwords.
    std::map<std::string, KeptSecret> secrets;  // By name.
};

template <typename Archive>
void fields(Archive& archive, SecretVersion& version) {
    archive(version.id, version.value, version.binary, version.created_at, version.stages);
}
template <typename Archive>
void fields(Archive& archive, KeptSecret& secret) {
    archive(secret.name, secret.arn, secret.description, secret.key, secret.created_at, secret.changed_at,
            secret.deleted_at, secret.gone_at, secret.versions, secret.tags, secret.tagged_at);
}
template <typename Archive>
void fields(Archive& archive, SecretsState& secrets) {
    archive(secrets.made, secrets.drawn, secrets.secrets);
}

}  // namespace k3fleet::simcloud
