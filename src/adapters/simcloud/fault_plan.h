// What goes wrong over a time, drawn from a number: with machines and services, with calls, and with how the
// controllers' functions are started.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "adapters/simcloud/dice.h"
#include "adapters/simcloud/faults.h"
#include "adapters/simcloud/mortal.h"
#include "adapters/simcloud/troubles.h"

namespace k3fleet::simcloud {

// How a function is started, as a share of all its starts.
struct Starts {
    double skipped = 0;
    double late = 0;     // By up to 90 seconds.
    double doubled = 0;  // A second one at nearly the same time.
    double frozen = 0;   // The process stands still for up to four minutes in one of its calls.
    double crashed = 0;  // It dies at one of its calls: before it, or after it was done.
    Duration skew{};     // The machine's clock is off by up to this …
    double skewed = 1;   // … in this share of all starts.
};

// What will become of a process that is started like this.
Fortune draw_fortune(const Starts& starts, Prng& dice);

// What faults may pick on.
struct Targets {
    std::vector<std::string> zones;
    std::vector<std::string> losable_zones;  // Those of them that may be lost with all their machines.
    std::string type;                        // An instance type that may be sold out by itself.
    bool masters_die = false;                // Nothing replaces them yet.
};

// One fault that begins in this time and is over by its end.
Fault draw_fault(Dice dice, Timestamp from, Timestamp to, const Targets& targets);
CallTrouble draw_trouble(Dice dice, Timestamp from, Timestamp to);

// "no spot capacity in ap-southeast-1a", "some calls of RunInstances to EC2 are throttled".
std::string in_words(const Fault& fault);
std::string in_words(const CallTrouble& trouble);
// "the API server", "EC2", "AWS": whom such calls go to.
std::string target_of(const CallTrouble& trouble);

struct FaultPlan {
    std::vector<Fault> faults;
    std::vector<CallTrouble> troubles;
    Starts starts;
    Timestamp until;  // From then on nothing goes wrong any more.
};

enum class FaultLevel {
    None,
    Light,  // A normal bad week: about one fault and one kind of failing calls a day.
    Heavy,  // Six and four a day; one start in twelve is skipped, late, doubled or killed.
};
// The same for the same seed. Each day has its own draws, so that a longer plan begins as a shorter one.
FaultPlan draw_plan(FaultLevel level, std::uint64_t seed, Timestamp from, Timestamp until,
                    const Targets& targets);

}  // namespace k3fleet::simcloud
