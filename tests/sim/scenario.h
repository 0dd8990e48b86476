// What a simulation is made of, all drawn from one number: a cluster, its load, what people do with it, what
// goes wrong with machines and with calls, and how its functions are started.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <variant>
#include <vector>

#include "adapters/simcloud/faults.h"
#include "adapters/simcloud/state.h"
#include "base/time.h"
#include "core/model/intent.h"

namespace k3fleet::sim {

// What may become of a call.
enum class CallFault {
    Throttled,    // Refused: too many.
    ServerError,  // Refused with a 500 or 503.
    Unsent,       // No connection, so surely not done.
    LostAnswer,   // Done, and the answer never came.
    Slow,         // Takes 3 to 40 seconds.
    Expired,      // The credentials have expired meanwhile.
    Conflict,     // Of the API server: 409, somebody else changed it.
    Stale,        // An answer that shows how it was the last time.
};
std::string_view to_string(CallFault fault);

// For a while, calls like these go wrong, each with this chance.
struct CallTrouble {
    CallFault fault = CallFault::Throttled;
    std::string service;    // Empty: all of AWS.
    std::string operation;  // Begins with this; empty: all.
    Timestamp from;
    Timestamp until;
    double chance = 0.1;
};

// What a person does.
struct Resize {
    std::size_t pool = 0;
    int min = 0;
    int max = 0;
};
struct Pause {
    Duration length{};
};
struct Delete {};
struct Operation {
    Timestamp at;
    std::variant<Resize, Pause, Delete> what;
};

// How a function is started, as a share of all its starts.
struct Starts {
    double skipped = 0;
    double late = 0;     // By up to 90 seconds.
    double doubled = 0;  // A second one at nearly the same time.
    double frozen = 0;   // The process stands still for up to four minutes in one of its calls.
    double crashed = 0;  // It dies at one of its calls: before it, or after it was done.
    Duration skew{};     // The machine's clock is off by up to this.
};

struct Scenario {
    std::uint64_t seed = 0;
    std::string title;
    Timestamp start;
    Duration active{};  // Until then things go wrong and people do things.
    Duration quiet{};   // After that nothing does, the load stands still, and all must come to rest.
    model::ClusterIntent intent;
    simcloud::Workload workload;
    std::vector<simcloud::Fault> faults;
    std::vector<CallTrouble> troubles;
    std::vector<Operation> operations;
    Starts starts;
    // One in eight keeps what decisions rest on, and all of them replay at the end; the others are faster.
    bool keeps_cases = false;
    // Tests of the simulator itself: what the controllers are told instead of the intent.
    std::function<void(model::ClusterIntent&)> tamper;

    Timestamp calm() const { return start + active; }
    Timestamp end() const { return start + active + quiet; }
    // Parts that can be taken away one by one to see whether it still fails.
    std::size_t parts() const { return faults.size() + troubles.size() + operations.size() + 5; }
};

Scenario draw(std::uint64_t seed);
// Without the parts that are not in `kept`, which is sorted.
Scenario reduced(Scenario scenario, const std::vector<std::size_t>& kept);
// One line a part: "12: throttled dynamodb from 02:10 to 02:40, chance 0.30".
std::vector<std::string> describe(const Scenario& scenario);

}  // namespace k3fleet::sim
