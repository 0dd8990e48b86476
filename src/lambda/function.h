// The functions `autoscaler` and `controller`: what an event means for the loops they serve, a tick for each,
// and when to look again.
//
// A tick never waits for a machine to join or a node to drain: while such work is open, one chain of wake-ups
// looks at it (app/chain.h). A broken chain is mended by the schedule's next tick, two minutes later at most.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "app/clusters.h"
#include "app/tick.h"
#include "app/wire.h"
#include "lambda/events.h"
#include "lambda/runtime.h"
#include "ports/wakeups.h"

namespace k3fleet::lambda {

// Which loops a function may tick: its role has no rights for more.
struct Serves {
    model::Loop loop = model::Loop::Workers;
    model::ClusterName cluster;  // Empty: all of the project.
};

class Function {
public:
    // Told of each tick, for who looks on.
    using Watcher = std::function<void(const Result<app::TickReport>&)>;

    // The site must outlive this.
    Function(app::FunctionSite& site, Serves serves, Watcher watcher = {})
        : site_(site), serves_(std::move(serves)), watcher_(std::move(watcher)) {}

    // The answer for Lambda: of a batch, the messages to keep; else what was done. An error fails the
    // invocation: the event is not understood, or a tick that the schedule asked for could not be made.
    Result<std::string> handle(const Invocation& invocation);

private:
    struct Job {
        model::ClusterName cluster;
        std::string why;
        bool woken = false;                 // By a wake-up of ours: the chain goes on.
        Cause notice;                       // An instance's event among the causes, to be passed on.
        std::vector<std::string> asked_by;  // Ids of messages.
    };
    struct Round;
    Status add(Round& round, const Cause& cause, const std::string& message);
    Status add_cluster(Round& round, const model::ClusterName& cluster, const Cause& cause,
                       const std::string& message);
    Status add_instance(Round& round, const Cause& cause, const std::string& message);
    Status run(const Job& job, const Invocation& invocation);
    Status look_again(const Job& job, Duration delay, std::string why);
    void after(const Job& job, const app::TickReport& report);

    app::FunctionSite& site_;
    Serves serves_;
    Watcher watcher_;
    app::ClusterFiles files_;
};

}  // namespace k3fleet::lambda
