// Texts that stand for secrets, and the search for them where no secret may be. They are made at run time, so
// that none stands in the tree.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "adapters/simcloud/state.h"

namespace k3fleet::sim {

// What every secret of this run's world has in it.
std::string canary(std::uint64_t seed);
// Where it was found among what is stored outside of Secrets Manager: objects, items of tables, tags,
// notices; empty: nowhere. Compressed texts are not looked into.
std::optional<std::string> find_canary(std::string_view canary, const simcloud::Account& account);

}  // namespace k3fleet::sim
