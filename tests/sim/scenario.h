// What a simulation is made of, all drawn from one number: a cluster, its load, what people do with it, what
// goes wrong with machines and with calls, and how its functions are started.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "adapters/simcloud/fault_plan.h"
#include "adapters/simcloud/state.h"
#include "base/time.h"
#include "core/model/intent.h"
#include "core/model/memory.h"

namespace k3fleet::sim {

// What a person does.
struct Resize {
    std::size_t pool = 0;
    int min = 0;
    int max = 0;
};
struct Pause {
    Duration length{};
    enum class When { AtOnce, InAPlan } when = When::AtOnce;  // InAPlan: before the next action of one.
};
struct Delete {};
struct Operation {
    Timestamp at;
    std::variant<Resize, Pause, Delete> what;
};

// Who goes on when several controllers are at work at once.
class Scheduler {
public:
    virtual ~Scheduler() = default;
    // One of `able`, which are places in the list of controllers, in order; `running` made the last call and
    // is empty when it has ended.
    virtual std::size_t next(const std::vector<std::size_t>& able, std::optional<std::size_t> running) = 0;
};

// Controllers that begin at the same moment, instead of the start that is due then. Each call of theirs is
// made when the order says so; until all have ended, nobody else works.
struct Round {
    Timestamp at;  // Of a start of the first one's loop.
    std::vector<model::Loop> controllers;
    Scheduler* order = nullptr;
    Duration stands_still{};  // How far time moves when one is left waiting that could have gone on.
};

// What a drill decides where other runs draw: which process dies where, and who goes on next. Empty: nothing.
struct Orders {
    // External calls of all processes are counted from the beginning of this time to its end.
    Timestamp from;
    Timestamp until;
    // Where processes die, in order: 2n before the nth of these calls, 2n + 1 after it was done.
    std::vector<std::int64_t> deaths;
    std::optional<Round> round;
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
    // Ticks of a person's program, as a share: its lease is the same, and nobody kills it at a deadline.
    double by_persons = 0;
    // AWS cannot be reached, nor the cluster; with or without the end of all its machines.
    std::optional<std::pair<Timestamp, Timestamp>> region_lost;
    // One in eight keeps what decisions rest on, and all of them replay at the end; the others are faster.
    bool keeps_cases = false;
    Orders orders;
    // One in four runs the functions of src/lambda on events, the others ticks straight, which is faster.
    bool by_events = false;
    // Tests of the simulator itself: what the controllers are told instead of the intent.
    std::function<void(model::ClusterIntent&)> tamper;

    Timestamp calm() const { return start + active; }
    Timestamp end() const { return start + active + quiet; }
    // Parts that can be taken away one by one to see whether it still fails.
    std::size_t parts() const { return faults.size() + troubles.size() + operations.size() + 7; }
};

Scenario draw(std::uint64_t seed);
// Without the parts that are not in `kept`, which is sorted.
Scenario reduced(Scenario scenario, const std::vector<std::size_t>& kept);
// One line a part: "12: throttled dynamodb from 02:10 to 02:40, chance 0.30".
std::vector<std::string> describe(const Scenario& scenario);

}  // namespace k3fleet::sim
