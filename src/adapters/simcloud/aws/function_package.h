// The zip archive that a function's code comes in, as far as Lambda looks into it before it runs anything.
//
// APPNOTE.TXT of the zip format, 4.3; limits: "Lambda quotas".
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace k3fleet::simcloud {

struct FunctionPackage {
    std::string digest;     // SHA-256, base64.
    std::int64_t size = 0;  // Zipped.
};

// InvalidParameterValueException or RequestEntityTooLargeException, as Lambda says it: no archive, an empty
// one, one that is damaged or too large.
Result<FunctionPackage> read_package(std::string_view zip);

}  // namespace k3fleet::simcloud
