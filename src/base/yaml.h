// YAML for files that people write. Every value knows its line and column.
// Refused, as each is a trap in a configuration file: duplicate keys, anchors and aliases, tags, more than
// one document. JSON is read by the same parser, so that its errors have positions too.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/value.h"

namespace k3fleet::yaml {

struct Limits {
    std::size_t bytes = 1UL << 20;
    int depth = 32;
    bool secret = false;  // The text may hold secrets: errors say where, and quote nothing of it.
};

// InvalidArgument with "line L, column C: …" if the text cannot be read within the limits.
Result<Value> parse(std::string_view text, Limits limits = {});

std::string write(const Value& value);

}  // namespace k3fleet::yaml
