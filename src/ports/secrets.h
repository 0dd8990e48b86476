// Secrets that are kept outside, by name.
#pragma once

#include <optional>
#include <string>

#include "base/result.h"
#include "base/secret.h"
#include "base/time.h"

namespace k3fleet::ports {

struct KeptSecret {
    Secret value;
    std::string version;
    std::optional<Timestamp> created_at;  // Of this version.
};

class Secrets {
public:
    virtual ~Secrets() = default;
    // The current version. Empty if there is no secret of this name, or it has no value yet. Readers give the
    // name and never an id of the provider's, since people look reads up by name (N-18).
    virtual Result<std::optional<KeptSecret>> get(const std::string& name) = 0;
    // When it was last written, without reading it. Empty if there is none of this name.
    virtual Result<std::optional<Timestamp>> changed_at(const std::string& name) = 0;
    // Makes a new current version of a secret that exists. Idempotent by token (32 to 64 characters), which
    // becomes the version. Conflict: the token was used for another value.
    virtual Status put(const std::string& name, const Secret& value, const std::string& token) = 0;
};

}  // namespace k3fleet::ports
