// What other services of the simulated account see of KMS: the keys that they are told to encrypt with.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "adapters/simcloud/aws/keys_state.h"
#include "adapters/simcloud/aws/service.h"
#include "core/iam/evaluate.h"

namespace k3fleet::simcloud {

struct KeySeen {
    enum class As : std::uint8_t { Usable, Missing, Disabled, PendingDeletion };
    As as = As::Missing;
    std::string arn;              // Of the key, whatever it was named by; empty if it is missing.
    const KmsKey* key = nullptr;  // Null: it is missing, or AWS's own.
};

// A key by its id or ARN, or by the name or ARN of an alias, AWS's own (alias/aws/s3) among them.
KeySeen key_for(const Call& call, std::string_view name);

// Whether the key's policy lets a service ("logs.eu-west-1.amazonaws.com") do this. `context`: what the
// service says of itself, such as aws:SourceArn. AWS's own keys let in the service that they are for.
bool key_lets_in(const Call& call, const KeySeen& key, std::string_view service, std::string_view action,
                 const iam::Context& context);

}  // namespace k3fleet::simcloud
