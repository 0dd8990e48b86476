// Which faults of the world really happened to something: a fault that found no victim tried nothing.
#pragma once

#include <set>

#include "adapters/simcloud/engine.h"
#include "app/tick.h"
#include "tests/sim/figures.h"

namespace k3fleet::sim {

class WorldFaults {
public:
    // Both must outlive it.
    WorldFaults(const simcloud::Engine& engine, Figures& figures) : engine_(engine), figures_(figures) {}

    void refused(const Error& error);
    void ticked(const app::TickReport& report);
    void at_end();

private:
    bool active(simcloud::FaultKind kind) const;
    void count(simcloud::FaultKind kind) { ++figures_.world[kind]; }

    const simcloud::Engine& engine_;
    Figures& figures_;
    std::set<std::size_t> zones_lost_;  // Which faults took machines away; they are listed for an hour only.
};

}  // namespace k3fleet::sim
