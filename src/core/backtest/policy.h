// A scaling policy as the backtest sees it: once a slot it is shown what a monitoring system would show,
// and acts on its fleet.
#pragma once

#include <optional>
#include <string_view>

#include "base/time.h"
#include "core/backtest/fleet.h"

namespace k3fleet::backtest {

// The signals of the slot that just ended. All empty where the history is Unknown; cpu and memory are
// empty too while no node serves.
struct Observation {
    Timestamp now;
    std::optional<double> cpu;      // Percent of the usable cores of the serving nodes, mean over the slot.
    std::optional<double> memory;   // Percent.
    std::optional<double> pending;  // Pods without a place at the end of the slot.
    std::optional<double> demand;   // Cores asked for: what a scheduler knows from pod requests.
};

class Policy {
public:
    virtual ~Policy() = default;
    virtual std::string_view name() const = 0;
    virtual std::string_view rule() const = 0;  // One line for the report.
    // Nodes that are there when the history begins; `usual` carries the first slot, within min and max.
    virtual int start_count(int usual) const { return usual; }
    virtual void tick(const Observation& seen, Fleet& fleet) = 0;
};

// A policy that thinks in numbers of equal nodes. What it removes serves no longer at once and is paid for
// until the next tick: the time a drain takes.
class CountingPolicy : public Policy {
public:
    void tick(const Observation& seen, Fleet& fleet) final;

protected:
    // Nodes to add (positive) or remove (negative). Draining nodes count no more.
    virtual int change(const Observation& seen, const Fleet& fleet) = 0;
};

}  // namespace k3fleet::backtest
