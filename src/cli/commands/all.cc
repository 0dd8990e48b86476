// The list of commands. What is not in it does not exist: neither in help nor in completion.
#include "cli/commands/commands.h"
#include "cli/program.h"

namespace k3fleet::cli {

CommandTable all_commands() {
    return {
        context_use(), context_list(), context_show(), autoscale_decide(), completion(), version(),
    };
}

}  // namespace k3fleet::cli
