// The program from the command line to the exit code.
#pragma once

#include <string>
#include <vector>

#include "cli/command.h"
#include "cli/exit_code.h"
#include "cli/host.h"

namespace k3fleet::cli {

// Every command there is, in the order of the help.
CommandTable all_commands();

// Parses, resolves settings, runs the command, prints its error if it has one. `arguments` without the
// program name.
ExitCode run_program(const std::vector<std::string>& arguments, const Host& host);

}  // namespace k3fleet::cli
