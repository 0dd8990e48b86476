// Every command, one function each, in a file named after it.
#pragma once

#include "cli/command.h"

namespace k3fleet::cli {

Command context_use();
Command context_list();
Command context_show();
Command autoscale_decide();
Command completion();
Command version();

}  // namespace k3fleet::cli
