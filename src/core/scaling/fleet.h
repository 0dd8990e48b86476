// The workers of a cluster as one tick counts them:
// each instance with its node and what state the two are in.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "core/draft.h"

namespace k3fleet::scaling {

struct Worker {
    const model::Instance* instance = nullptr;
    const model::Node* node = nullptr;  // Null: none has registered (or nodes are unknown).
    enum class State {
        Ready,     // Its node is Ready; or nodes are unknown and it is not known to be booting.
        NotReady,  // It has a node that was Ready once and is not now.
        Booting,   // Launched and not Ready yet.
        Leaving,   // Being drained, or announced to be taken away.
    } state = State::Ready;
};

// Of one pool. `workers` are there (Ready or NotReady), `booting` are coming,
// `leaving` count as gone already.
struct PoolCount {
    int workers = 0;
    int booting = 0;
    int leaving = 0;
    int spot = 0;  // Of workers and booting.
    int total() const { return workers + booting; }
};

struct Fleet {
    std::vector<Worker> workers;  // Instances that are alive, by id.
    // Launched moments ago and not listed yet: describing instances is eventually consistent.
    std::vector<model::OpenLaunch> unseen;
    // The pools of what this tick launches in place of interrupted workers: on their way, like the unseen.
    std::vector<model::PoolName> replacements;
    bool nodes_known = false;

    PoolCount count(const model::PoolName& pool) const;
    PoolCount count_all() const;
};

// Empty when the instances are unknown: then nothing can be counted.
std::optional<Fleet> survey(const core::Draft& draft);

// The plan for a tick that does not know its instances: hold, and say so.
void hold_blind(core::Draft& draft);

// For facts and screens: "3 workers, 1 booting (min 2, max 10)".
std::string describe(const PoolCount& count, int min, int max);

}  // namespace k3fleet::scaling
