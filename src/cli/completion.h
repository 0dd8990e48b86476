// Completion scripts for shells, written from the table of commands.
#pragma once

#include <string>

#include "cli/command.h"

namespace k3fleet::cli {

enum class Shell { Bash, Zsh, Fish };

// A script to be sourced by the shell: completes commands, options, the allowed values of options, and files.
std::string completion_script(Shell shell, const CommandTable& table, const std::vector<Option>& globals);

}  // namespace k3fleet::cli
