// What machines of one K3s version are made of, pinned by digest and id: recorded by `init`, read by whoever
// launches (objects binaries/pins/VERSION.json). Changed by nothing but `upgrade`.
#pragma once

#include <string>

#include "base/result.h"
#include "base/value.h"
#include "core/bootstrap/bootstrap.h"
#include "core/cost/catalogue.h"
#include "ports/objects.h"

namespace k3fleet::app {

struct Pins {
    struct One {
        std::string image;  // "ami-…"
        bootstrap::Binaries binaries;
        friend bool operator==(const One&, const One&) = default;
    };
    One amd64;
    One arm64;
    bootstrap::MonitoringImages monitoring;

    const One& of(cost::Architecture architecture) const {
        return architecture == cost::Architecture::Arm64 ? arm64 : amd64;
    }
};

std::string pins_key(const std::string& k3s_version);
Value encode(const Pins& pins);
// Corrupt, with the field that is missing. Digests are checked where they are used (core/bootstrap).
Result<Pins> decode_pins(const Value& value);
// NotFound: `init` has not recorded this version.
Result<Pins> load_pins(ports::Objects& objects, const std::string& k3s_version);

}  // namespace k3fleet::app
