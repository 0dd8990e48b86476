// Hashes and encodings on libcrypto and zlib: small functions, no policy.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace k3fleet::crypto {

using Digest = std::array<std::uint8_t, 32>;

Digest sha256(std::string_view data);
Digest hmac_sha256(std::string_view key, std::string_view data);
std::string sha256_hex(std::string_view data);
// Only where a format of others names files by it: it protects nothing.
std::string sha1_hex(std::string_view data);
std::string to_hex(std::string_view bytes);
std::string to_base64(std::string_view bytes);
// InvalidArgument on foreign characters or bad padding.
Result<std::string> from_base64(std::string_view text);

std::string deflate(std::string_view data);  // zlib format, level 6: the same bytes for the same input.
// The same in gzip's format, with no time and no name in it, level 9.
std::string gzip(std::string_view data);
// Corrupt if the data is damaged or would inflate to more than max_bytes. Reads zlib and gzip formats.
Result<std::string> inflate(std::string_view data, std::size_t max_bytes);

}  // namespace k3fleet::crypto
