// Policies for graphs: core/iam's, by the words of the table of operations.
#pragma once

#include "core/iam/statements.h"
#include "core/resources/graph.h"

namespace k3fleet::app {

// Calls with a word that is no principal are a bug. The site is copied.
resources::PolicyOf policies_for(iam::Site site);

}  // namespace k3fleet::app
