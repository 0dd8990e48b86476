// One scenario from its beginning to its end, in virtual time, on one thread: the same number gives the same
// run to the byte.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "tests/sim/figures.h"
#include "tests/sim/scenario.h"

namespace k3fleet::sim {

// Something that must never be.
struct Finding {
    Invariant invariant = Invariant::OneWriter;
    std::string what;
    Timestamp at;
};

struct Outcome {
    std::vector<Finding> findings;
    std::vector<std::string> story;  // If it was asked for.
    std::uint64_t trace = 0;         // A digest of every call with its time and end.
    Figures figures;
    // For drills: external calls in the time of Scenario::orders, and when ticks began that did something.
    std::int64_t counted_calls = 0;
    struct Deed {
        Timestamp begun;
        model::Loop loop;
    };
    std::vector<Deed> deeds;
    // When a worker began to leave: its drain began, or its machine's end was asked for.
    std::vector<Timestamp> leaving;
    // The first start of the workers' loop, counted from the calm, that found all at rest and both loops
    // working.
    std::optional<int> rested;
    // Since the third one: tries that were not the first, and ticks that failed.
    std::int64_t late_retries = 0;
    std::int64_t late_failures = 0;
};

enum class Story { Untold, Told };

Outcome simulate(const Scenario& scenario, Story story = Story::Untold);

}  // namespace k3fleet::sim
