// What goes wrong over a time, drawn from a number: with machines and services, with calls, and with how the
// controllers' functions are started.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "adapters/simcloud/dice.h"
#include "adapters/simcloud/faults.h"
#include "adapters/simcloud/troubles.h"

namespace k3fleet::simcloud {

// How a function is started, as a share of all its starts.
struct Starts {
    double skipped = 0;
    double late = 0;     // By up to 90 seconds.
    double doubled = 0;  // A second one at nearly the same time.
    double frozen = 0;   // The process stands still for up to four minutes in one of its calls.
    double crashed = 0;  // It dies at one of its calls: before it, or after it was done.
    Duration skew{};     // The machine's clock is off by up to this.
};

// What faults may pick on.
struct Targets {
    std::vector<std::string> zones;
    std::string type;          // An instance type that may be sold out by itself.
    bool masters_die = false;  // Nothing replaces them yet.
};

// One fault that begins in this time and is over by its end.
Fault draw_fault(Dice dice, Timestamp from, Timestamp to, const Targets& targets);
CallTrouble draw_trouble(Dice dice, Timestamp from, Timestamp to);

}  // namespace k3fleet::simcloud
