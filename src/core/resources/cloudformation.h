// The same graph as a CloudFormation template, for those who deploy by it. Rights, names and order are those
// that `init` and `cluster create` make.
#pragma once

#include "base/value.h"
#include "core/resources/graph.h"

namespace k3fleet::resources {

// Types K3fleet::... are left out: CloudFormation has no such thing. A function's code is taken from the
// bucket and key that the parameters CodeBucket and CodeKey name.
Value cloudformation(const Graph& graph);

}  // namespace k3fleet::resources
