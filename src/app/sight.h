// A cluster as it can be seen from here, without changing anything: for every screen.
//
// Where its API server and its load are out of reach (an operator's machine, a cluster on AWS), machines are
// those that the cloud lists now, and the rest is what the cluster's function last saw and recorded.
#pragma once

#include <optional>

#include "app/clusters.h"
#include "app/overview.h"
#include "app/wire.h"

namespace k3fleet::app {

struct Sight {
    ClusterFile file;
    model::World world;
    model::Memory workers;  // Of the loop #workers.
    Overview overview;
    Timestamp now;
    // When nodes, pods and load were seen: empty if it is now. What nobody saw yet is Unknown.
    std::optional<Timestamp> recorded_at;
};
Result<Sight> look(Wiring& site, ClusterFile file);

// The memory of a loop as it was last committed; a fresh one if there was no tick yet.
Result<model::Memory> read_memory(Wiring& site, const model::ClusterName& cluster, model::Loop loop);

// How far a cluster has come up.
struct Phase {
    enum class Step { MasterLaunch, MasterBoot, MasterReady, WorkersReady, Up } step = Step::MasterLaunch;
    std::string waiting_for;  // "the master i-0abc to become Ready"
    Duration remaining{};     // About, by what is typical.
};
Phase phase_of(const Sight& sight);

}  // namespace k3fleet::app
