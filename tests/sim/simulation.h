// One scenario from its beginning to its end, in virtual time, on one thread: the same number gives the same
// run to the byte.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/time.h"
#include "tests/sim/scenario.h"

namespace k3fleet::sim {

// Something that must never be.
struct Finding {
    std::string invariant;
    std::string what;
    Timestamp at;
};

struct Figures {
    std::int64_t ticks = 0;
    std::int64_t calls = 0;
    std::int64_t retries = 0;
    std::int64_t launches = 0;
    std::int64_t terminations = 0;
    std::int64_t deaths = 0;
    double cluster_days = 0;
    std::map<std::string, std::int64_t> struck;  // Kind of fault -> how often it struck.
    std::map<std::string, std::int64_t> seen;    // Situations that a run should reach sometimes.

    void add(const Figures& other);
};

struct Outcome {
    std::vector<Finding> findings;
    std::vector<std::string> story;  // If it was asked for.
    std::uint64_t trace = 0;         // A digest of every call with its time and end.
    Figures figures;
};

enum class Story { Untold, Told };

Outcome simulate(const Scenario& scenario, Story story = Story::Untold);

}  // namespace k3fleet::sim
