// JSON in and out. Reading is strict RFC 8259 with limits; writing is deterministic to the byte.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/value.h"

namespace k3fleet::json {

struct Limits {
    std::size_t bytes = 256UL << 20;
    int depth = 64;
};

// Corrupt, with line and column, if the text is not one JSON document within the limits.
Result<Value> parse(std::string_view text, Limits limits = {});

std::string write(const Value& value);         // One line, no spaces.
std::string write_pretty(const Value& value);  // Two spaces an indent, ends with a newline.

}  // namespace k3fleet::json
