// Help texts, written from the table of commands.
#pragma once

#include <string>
#include <string_view>

#include "cli/command.h"

namespace k3fleet::cli {

// The program: commands by what a person wants, the global options, the exit codes.
std::string program_help(const CommandTable& table, const std::vector<Option>& globals, int width);

// One command: usage, what it does, arguments, options with defaults, examples.
std::string command_help(const Command& command, const std::vector<Option>& globals, int width);

// The commands that begin with these words: "autoscale".
std::string group_help(const CommandTable& table, std::string_view words, int width);

}  // namespace k3fleet::cli
