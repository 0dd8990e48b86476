// A world as bytes: what is saved between two commands.
#pragma once

#include <string>
#include <string_view>

#include "adapters/simcloud/state.h"
#include "base/result.h"

namespace k3fleet::simcloud {

// The same world gives the same bytes.
std::string encode(const WorldState& state);
// Corrupt if the bytes are damaged; Refused if another version of the program wrote them.
Result<WorldState> decode(std::string_view bytes);

}  // namespace k3fleet::simcloud
