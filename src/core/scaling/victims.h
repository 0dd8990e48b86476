// Which worker would be missed least.
#pragma once

#include <string>

#include "core/draft.h"
#include "core/scaling/fleet.h"

namespace k3fleet::scaling {

// Whether the pods of who goes must find a place: not where the cluster file allows fewer workers than there
// are, since then it is the user who wants them gone.
enum class Room { Needed, NotNeeded };

struct Victim {
    Worker* worker = nullptr;  // Null: none can be taken, see by and why.
    std::string by;
    std::string why;
};

// The worker of the pool to take away, among those not leaving already: one that still boots, then one that
// is not Ready, then by fewest pods to move, then the market above its goal, the fullest zone, the highest
// price, the id. None if nodes or pods are unknown (`by` = unknown), or if room is needed and the pods of the
// best one may find no place on the other Ready nodes (`by` = no-room, see core/scheduling/placement.h).
Victim least_missed(const core::Draft& draft, Fleet& fleet, const model::NodePool& pool, Room room);

}  // namespace k3fleet::scaling
