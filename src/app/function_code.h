// The program as Lambda takes it: a zip with this very program in it as `bootstrap`.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "core/resources/graph.h"

namespace k3fleet::app {

// Of an executable file: refused if it is no program for Linux, or one that needs a loader, which Lambda's
// machine may have in another version.
Result<resources::FunctionCode> function_code_of_program(std::string_view executable);

// Of a zip that was made before. `arm64` or `x86_64` says what the program in it runs on.
resources::FunctionCode function_code_of_zip(std::string zip, std::string architecture);

}  // namespace k3fleet::app
