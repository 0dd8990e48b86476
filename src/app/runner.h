// Ticks, one after the other: `autoscale run`, and what `--wait` waits with.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "app/tick.h"
#include "app/wire.h"

namespace k3fleet::app {

struct RunPlan {
    std::vector<model::ClusterName> clusters;  // Empty: all there are, looked up anew each round.
    enum class Length { OneRound, UntilStopped } length = Length::OneRound;
    Duration every = std::chrono::minutes{2};  // At most this long between two ticks of a loop.
    std::optional<Timestamp> until;            // No round begins at this time or later.
};

enum class Next { Continue, Stop };

// How somebody follows a run. Every function may be empty.
struct RunEvents {
    std::function<Next(const model::ClusterIntent&, const TickReport&)> ticked;
    // A tick that could not be made. Conflict: somebody else works on this loop.
    std::function<void(const model::ClusterName&, model::Loop, const Error&)> failed;
    // A cluster that was being deleted is gone.
    std::function<void(const model::ClusterName&)> deleted;
    // The same where a cluster has more than machines: somebody takes the rest away, and then forgets it.
    // Once, though it is looked at again while other clusters are there.
    std::function<void(const model::ClusterName&)> machines_gone;
    // The next round begins at that time. Gives how long to sleep before being called again, for a display
    // that counts down; zero = to the end.
    std::function<Duration(Timestamp now, Timestamp next)> waiting;
    // Asked before each round and each piece of waiting.
    std::function<Next()> proceed;
};

struct RunOutcome {
    int ticks = 0;
    int failures = 0;
    std::optional<Error> first_failure;
    enum class End { Finished, Stopped, Interrupted, NothingLeft } end = End::Finished;
};

// Makes a round of ticks of both loops of each cluster, and again whenever a plan asks to be woken or `every`
// has passed. The first tick's error ends the run, since then something is wrong that waiting does not mend;
// so do later errors that are no outages. NotFound: a cluster of the plan does not exist.
Result<RunOutcome> run(Wiring& wiring, const RunPlan& plan, const RunEvents& events);

}  // namespace k3fleet::app
