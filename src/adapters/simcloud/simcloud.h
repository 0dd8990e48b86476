// The simulated cloud: a world of machines, nodes, pods and load behind the ports that production uses.
//
//     auto sim = K3F_TRY(simcloud::Sim::open(store->objects(), system_clock, {.seed = 7}));
//     K3F_TRY(sim->add_cluster(simcloud::setup_for(intent, workload)));
//     K3F_TRY(sim->add_fault({.at = when, .kind = simcloud::FaultKind::ApiDown, .duration = one_hour}));
//     auto kubernetes = sim->kubernetes(intent.name);
//     auto metrics = sim->metrics(intent.name);
//     app::Services services{.cloud = sim->cloud(), .kubernetes = *kubernetes, .metrics = *metrics,
//                            .clock = sim->clock(), …};
//
// Every call that changes the world has saved it when it returns, so that a process that is killed at any
// moment leaves a world in which the call happened or did not. Several processes may work on one world: who
// finds it changed takes it over and applies its own call to that.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "adapters/simcloud/engine.h"
#include "aws/api.h"
#include "base/result.h"
#include "base/time.h"
#include "net/cancel.h"
#include "ports/clock.h"
#include "ports/cloud.h"
#include "ports/kubernetes.h"
#include "ports/metrics.h"
#include "ports/objects.h"

namespace k3fleet::simcloud {

struct Options {
    // Of a world that is made now; a saved one keeps its own.
    std::uint64_t seed = 1;
    std::optional<Timestamp> start;  // Empty: the real time.
    Load load;                       // Of its clusters; a recording begins when the world does.
    // Virtual seconds a real second between two commands; empty: as saved, at first 1. 0: it stands still.
    std::optional<double> speed;
    // Real time that each virtual minute of waiting takes, so that a person can follow; 0: waiting is a jump.
    Duration pace{};
    net::CancelToken cancel = net::CancelToken::process();
    // Lets time pass in the world; empty: nobody acts in it but who holds the session. Runs inside of a
    // change, which is made again on another's world: the same world and time must come to the same.
    std::function<void(Engine&, Timestamp until)> advance;
    // Called at a Crash fault with its point ("after-launch"), when everything before it is saved.
    // Default: SIGKILL.
    std::function<void(std::string_view)> on_crash;
};

class SessionWorld;

class Sim {
public:
    // Loads the world from the objects (key kKey) or makes one. `real` says how much time has passed since it
    // was saved. Both must outlive it. Corrupt, Refused: see decode().
    static Result<std::unique_ptr<Sim>> open(ports::Objects& objects, ports::Clock& real, Options options);
    // Saved nowhere: for tests, rehearsals and backtests.
    static std::unique_ptr<Sim> in_memory(Options options);
    ~Sim();

    static constexpr const char* kKey = "simcloud/world";

    // Thread-safe, as are all ports. They live as long as the Sim.
    ports::Cloud& cloud() { return *cloud_; }
    ports::Clock& clock() { return *clock_; }
    // The account in one region, for somebody who may do everything. Lives as long as the Sim; thread-safe.
    std::unique_ptr<aws::Api> api(const std::string& region, const std::string& caller = "root");
    // Calls of a cluster that was never added fail with NotFound.
    std::unique_ptr<ports::Kubernetes> kubernetes(model::ClusterName cluster);
    std::unique_ptr<ports::Metrics> metrics(model::ClusterName cluster);

    // Idempotent; see Engine.
    Status add_cluster(const ClusterSetup& setup);
    Status remove_cluster(const model::ClusterName& name);
    Status add_fault(Fault fault);
    Status set_speed(double virtual_seconds_a_real_second);

    Load load_of_clusters();
    Timestamp now();
    std::optional<Timestamp> next_event();  // When something will happen by itself.
    Result<Report> report(const model::ClusterName& cluster);
    // The world as it would be saved.
    std::string snapshot();

private:
    friend class SessionApi;
    friend class SessionWorld;
    friend class SimKubernetes;
    friend class SimMetrics;
    friend class SimClock;
    Sim(WorldState state, ports::Objects* objects, ports::Clock* real, Options options);

    Status load();
    Status save();
    // Applies a change to the world and saves; on a world that another process changed meanwhile, again on
    // that one. `operation` names it to faults; empty: none apply.
    // Failed changes must leave the world as it was.
    template <typename Change>
    auto mutate(std::string_view operation, Change change) -> std::invoke_result_t<Change, Engine&>;
    Status crash(std::string_view when, std::string_view operation);
    Status advance(Timestamp until);

    std::mutex mutex_;
    Engine engine_;
    ports::Objects* objects_;
    ports::Clock* real_;
    Options options_;
    std::string etag_;  // Of the world in the store; empty: none is there yet.
    std::unique_ptr<ports::Clock> clock_;
    std::unique_ptr<SessionWorld> world_;
    std::unique_ptr<ports::Cloud> cloud_;
};

// What the simulated cloud needs to know of a cluster file.
ClusterSetup setup_for(const model::ClusterIntent& intent, Workload workload);

}  // namespace k3fleet::simcloud
