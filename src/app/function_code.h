// The program as Lambda takes it: a zip with this very program in it as `bootstrap`.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "core/resources/graph.h"

namespace k3fleet::app {

// The largest program that a function may have, unpacked, and the largest zip that is taken with a request
// (https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html).
inline constexpr std::size_t kMaxProgramBytes = 250UL << 20;
inline constexpr std::size_t kMaxZipBytes = 50UL << 20;

// Of an executable file: refused if it is no program for Linux, one that needs a loader, which Lambda's
// machine may have in another version, or too large.
Result<resources::FunctionCode> function_code_of_program(std::string_view executable);

// Of a zip that was made before; refused if it is too large. `arm64` or `x86_64` says what the program in it
// runs on.
Result<resources::FunctionCode> function_code_of_zip(std::string zip, std::string architecture);

}  // namespace k3fleet::app
