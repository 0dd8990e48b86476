// Drills: small fixed scenarios in which everything of one kind is tried instead of drawn.
//
//   crash       the process dies before and after every external call of the standard scenarios, one run for
//               each such point; then at pairs of points, drawn
//   schedule    two and three controllers work at the same time at every moment that one of them did
//               something, in all orders with few preemptions; then in drawn orders
//   outage      AWS, or one part of it, or Prometheus, or the API server is away for a day
//   burst       three times the load for an hour, and AWS that refuses much of what is asked
//   setup       the commands that set an account up and take it down (setup_drills.h)
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "tests/sim/simulation.h"

namespace k3fleet::sim {

// What came of drills.
struct Tally {
    std::int64_t runs = 0;
    std::int64_t points = 0;  // Crash points tried, or decisions about who goes on.
    Figures figures;
    std::vector<std::string> broken;
    std::vector<std::string> story;  // Of the first run that broke.

    // Runs it and looks at the outcome; `what` tells this run from others.
    Outcome judge(const std::string& what, const std::function<Outcome(Story)>& run);
    Outcome judge(const std::string& what, const Scenario& scenario);
    void add(const Tally& other);
    void fail(const std::string& what, const std::string& why);
};

// A part of a drill that is run as a whole.
struct Exercise {
    std::string drill;  // "crash scale-in"
    std::function<void(Tally&)> run;
};

// Daily: a minute and a half on two processors. Nightly: more preemptions, more drawn.
enum class Volume { Daily, Nightly };
std::vector<Exercise> exercises(Volume volume);

// The drill of crash points alone: those of one scenario, from the first on, every `stride`th.
void try_crash_points(const std::string& name, const Scenario& scenario, std::int64_t first,
                      std::int64_t stride, Tally& tally);

}  // namespace k3fleet::sim
