// Whether pods would find a place, as kube-scheduler chooses one: by requests and slots, on the node that has
// the largest share left (NodeResourcesFit with LeastAllocated, its default,
// https://kubernetes.io/docs/reference/scheduling/config/).
#pragma once

#include <vector>

#include "base/units.h"

namespace k3fleet::scheduling {

// What is left on a node, and how much it has in all.
struct Room {
    Millicores cpu;
    Mebibytes memory;
    int pods = 0;
    Millicores all_cpu;
    Mebibytes all_memory;
};

struct Ask {
    Millicores cpu;
    Mebibytes memory;
};

// Whether every one of them finds a place, whichever comes first: asked with the largest first and with the
// smallest first, since nobody knows in which order they are created again. "Yes" is no promise, as other
// pods may come in between; "no" means that at least one may be left over.
bool all_find_a_place(const std::vector<Room>& rooms, std::vector<Ask> asks);

}  // namespace k3fleet::scheduling
