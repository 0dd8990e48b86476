// The little that readers and writers of documents need to know about UTF-8.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/value.h"

namespace k3fleet::utf8 {

// Length in bytes of the well-formed character at the start of text, 0 if there is none (RFC 3629: no
// surrogates, no overlong forms).
std::size_t character_length(std::string_view text);

// Offset of the first byte that is not part of a well-formed character; text.size() if all is well.
std::size_t valid_prefix(std::string_view text);

// Line and column, from 1, of a byte offset; columns count characters. Behind the end means the end.
Position position_at(std::string_view text, std::size_t offset);

}  // namespace k3fleet::utf8
