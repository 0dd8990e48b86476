// Texts as differences to an earlier text, line by line:
// how the journal keeps a case every few seconds cheaply.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "base/value.h"

namespace k3fleet::journal {

// JSON with one line for each member or item down to the third level, and everything deeper on that line: so
// that a pod, a node or a reading is one line, and a change of one of them changes one line.
std::string to_lines(const Value& value);

// What makes `text` out of `base`: runs of base's lines, and lines of its own.
std::string make_delta(std::string_view base, std::string_view text);
// Corrupt if the delta is not one, or was made for another base.
Result<std::string> apply_delta(std::string_view base, std::string_view delta);

}  // namespace k3fleet::journal
