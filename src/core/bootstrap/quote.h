// The one way for data into a shell script. Whatever text goes in, bash sees exactly that text and runs none
// of it (property tests ask a real bash, tests/fuzz a simple one).
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace k3fleet::bootstrap {

// The text as one word of a command line. InvalidArgument if it has a NUL, which no bash can hold.
Result<std::string> quote(std::string_view text);

// "NAME=WORD\n". The name is one of ours.
Result<std::string> assignment(std::string_view name, std::string_view value);

// Lines that put `content` into a file of this mode and path with the script's own function `put`. A text
// that does not end in a newline gets one. InvalidArgument as above.
Result<std::string> put_file(std::string_view mode, std::string_view path, std::string_view content);

}  // namespace k3fleet::bootstrap
