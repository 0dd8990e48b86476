// Reading and writing whole files, with limits and with errors that name the file and the remedy.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/secret.h"

namespace k3fleet::local {

// NotFound, PermissionDenied, or InvalidArgument if it is a folder or larger than `max_bytes`.
// Pipes can be read.
Result<std::string> read_file(const std::filesystem::path& file, std::size_t max_bytes = 16UL << 20);

// A secret from a file that only its owner can read, without the line ends at its end.
// Refused if others can read or write it; InvalidArgument if it is empty.
Result<Secret> read_secret_file(const std::filesystem::path& file, std::size_t max_bytes = 64UL << 10);

enum class Access { Private, Shared };  // Mode 0600; mode 0644.

// Replaces the file as a whole: after a crash the old or the new content is there, never a part. The folder
// must exist. Unavailable: the disk is full; the old content is untouched.
Status write_file(const std::filesystem::path& file, std::string_view content, Access access);

}  // namespace k3fleet::local
