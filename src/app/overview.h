// A cluster in numbers: what screens show first.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/units.h"
#include "core/model/intent.h"
#include "core/model/memory.h"
#include "core/model/world.h"

namespace k3fleet::app {

struct PoolOverview {
    model::PoolName name;
    int min = 0;
    int max = 0;
    int workers = 0;  // There; without booting and leaving ones.
    int booting = 0;
    int leaving = 0;
};

struct Overview {
    bool counted = false;      // False: the instances are unknown, and no number below means anything.
    bool nodes_known = false;  // False: which machines are Ready is unknown, and so is `masters`.
    int masters = 0;
    int masters_wanted = 0;
    int workers = 0;
    int booting = 0;
    int leaving = 0;
    UsdPerHour price;  // Of all machines that are alive.
    std::vector<PoolOverview> pools;
    std::vector<std::string> unknowns;  // What could not be seen, and why.
};

Overview overview(const model::ClusterIntent& intent, const model::World& world, const model::Memory& memory,
                  Timestamp now);

// Masters and at least `min` workers of each pool are there, and nothing is on its way in or out.
bool settled(const Overview& overview);

}  // namespace k3fleet::app
