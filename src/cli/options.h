// The command line read against the table of commands.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "cli/command.h"

namespace k3fleet::cli {

struct Invocation {
    const Command* command = nullptr;  // Null: no command, or only the first words of some.
    std::string words;                 // What was recognised: "autoscale run", "autoscale", "".
    enum class Wants { Run, Help } wants = Wants::Run;
};

// Finds the command, and sets the fields its options and the global ones are bound to. Global options may
// stand anywhere. InvalidArgument says what is wrong, what was perhaps meant or is allowed, and which help to
// read. With help wanted nothing but the command's name is checked.
Result<Invocation> parse(const CommandTable& table, const std::vector<Option>& globals,
                         const std::vector<std::string>& arguments);

}  // namespace k3fleet::cli
