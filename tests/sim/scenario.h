// What a simulation is made of, all drawn from one number: a cluster, its load, what people do with it, what
// goes wrong with machines and with calls, and how its functions are started.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <variant>
#include <vector>

#include "adapters/simcloud/fault_plan.h"
#include "adapters/simcloud/state.h"
#include "base/time.h"
#include "core/model/intent.h"

namespace k3fleet::sim {

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

struct Scenario {
    std::uint64_t seed = 0;
    std::string title;
    Timestamp start;
    Duration active{};  // Until then things go wrong and people do things.
    Duration quiet{};   // After that nothing does, the load stands still, and all must come to rest.
    model::ClusterIntent intent;
    simcloud::Workload workload;
    std::vector<simcloud::Fault> faults;
    std::vector<simcloud::CallTrouble> troubles;
    std::vector<Operation> operations;
    simcloud::Starts starts;
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
