// What operations of several services share: how they speak of a value that breaks a rule of the model, ids,
// times, pages.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "adapters/simcloud/aws/service.h"

namespace k3fleet::simcloud {

// "1 validation error detected: Value 'x' at 'timeout' failed to satisfy constraint: Member must ..."
std::unexpected<Error> constraint(std::string_view value, std::string_view member, std::string_view must);
// ValidationException if a number is outside.
Status in_range(const std::optional<std::int32_t>& value, std::string_view member, std::int32_t least,
                std::int32_t most);

// "8-4-4-4-12", of the world's seed.
std::string make_uuid(const Call& call, std::string_view purpose, std::string_view which);
// Between these, of the world's seed.
Duration drawn(const Call& call, std::string_view purpose, std::string_view which, Duration least,
               Duration most);

// Pages of at most `most`, by the name or id that the marker says was last.
Result<std::size_t> page_size_of(const Call& call, const std::optional<std::int32_t>& wanted,
                                 std::size_t most);

}  // namespace k3fleet::simcloud
