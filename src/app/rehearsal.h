// `k3fleet rehearse`: days of a cluster in seconds. The controllers that ship run on a simulated account,
// with a load, and with machines, services and calls that fail; what comes of it is measured.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "app/sim_load.h"
#include "app/tick.h"
#include "base/result.h"
#include "base/time.h"
#include "core/model/intent.h"

namespace k3fleet::app {

struct RehearsalOptions {
    Timestamp start;
    Duration length = std::chrono::days{7};
    std::string faults = "heavy";  // none, light or heavy
    std::uint64_t seed = 1;
    SimulatedLoad load;
};

// The simulated world at a moment.
struct StageView {
    struct Worker {
        model::InstanceId id;
        model::PoolName pool;
        bool ready = false;  // Its node takes pods or is cordoned, and answers.
        bool taken_back = false;
    };
    std::vector<Worker> workers;  // Alive, booting ones included.
    int pods_running = 0;
    int pods_waiting = 0;  // No node has room for them.
    double load_cores = 0;
    double usd_an_hour_workers = 0;
    double usd_an_hour_rest = 0;  // Masters and the NAT instance.
    // So far.
    std::int64_t launches = 0;
    std::int64_t terminations = 0;
    std::int64_t reclaimed = 0;
    std::int64_t evictions = 0;
    std::int64_t evictions_blocked = 0;
};

// Something that goes wrong for a while.
struct Incident {
    Timestamp from;
    Timestamp until;
    std::string what;      // "no spot capacity in ap-southeast-1a"
    std::string calls_to;  // "the API server": only calls are concerned; empty: more than that.
    bool happened = true;  // An accident may find no victim.
};

// A cluster on a simulated account, and the processes that run its loops. Wired in wire_sim.cc.
class RehearsalStage {
public:
    virtual ~RehearsalStage() = default;
    virtual Timestamp now() = 0;
    virtual void advance(Timestamp until) = 0;
    // How long after its time a scheduled start happens: usually one, at once; none if it is skipped.
    virtual std::vector<Duration> starts() = 0;
    // What the process that runs this loop now works with. It may die at any call, and does at the deadline.
    virtual Services& process(model::Loop loop, Timestamp deadline) = 0;
    virtual bool died(model::Loop loop) const = 0;
    virtual StageView look() = 0;
    virtual std::vector<Incident> incidents() const = 0;
    // Calls that went wrong, by what became of them; and all calls.
    virtual std::map<std::string, std::int64_t> failed_calls() const = 0;
    virtual std::int64_t calls() const = 0;
    virtual std::vector<std::string> assumptions() const = 0;
};
// InvalidArgument: a type that has no price in the region, a load that makes no sense.
Result<std::unique_ptr<RehearsalStage>> make_stage(const model::ClusterIntent& intent,
                                                   const RehearsalOptions& options);

struct StoryLine {
    Timestamp at;
    std::string text;
};

// A time in which pods waited without a break.
struct PodWait {
    Timestamp from;
    Timestamp until;
    int most_pods = 0;
    double pod_minutes = 0;
    std::vector<StoryLine> story;  // What happened then: the beginning of it.
    std::vector<std::string> in_force;
};

struct PoolFigures {
    model::PoolName name;
    int min = 0;
    int max = 0;
    int fewest = 0;  // Ready ones; the half hour in which the cluster comes up left out.
    int most = 0;
    double mean = 0;
    Duration at_max{};
    Duration below_min{};
};

struct RehearsalReport {
    std::string cluster;
    Timestamp from;
    Timestamp until;
    std::string faults;
    std::uint64_t seed = 1;
    std::vector<std::string> assumptions;

    std::vector<Incident> incidents;
    std::map<std::string, std::int64_t> failed_calls;
    std::int64_t calls = 0;
    std::int64_t starts_missed = 0;
    std::int64_t processes_killed = 0;

    std::int64_t ticks = 0;
    std::map<std::string, std::int64_t> failed_ticks;  // By what stood in the way.
    StageView last;
    std::int64_t notices = 0;  // Sent to people.

    double usd_workers = 0;
    double usd_rest = 0;
    double usd_at_min = 0;  // All workers on demand, of the cheapest type of their pool, all the time.
    double usd_at_max = 0;

    double pod_minutes = 0;
    double waiting_pod_minutes = 0;
    // Of those, by what held scaling up back at that time, as in model::Blocked: "max", "budget", "cooldown".
    // Several may at once.
    std::map<std::string, double> held_back_by;
    std::vector<PodWait> worst;  // At most three, the worst first.
    std::vector<PoolFigures> pools;
    std::vector<double> load_cores;  // Means of equal parts of the time.
    std::vector<double> workers;

    std::vector<std::string> broken;  // Promises that did not hold; empty is the purpose of it all.
    std::vector<StoryLine> story;
};

// `progress` is called once a simulated hour; an error of it ends the rehearsal.
Result<RehearsalReport> rehearse(const model::ClusterIntent& intent, const RehearsalOptions& options,
                                 RehearsalStage& stage,
                                 const std::function<Status(Timestamp)>& progress = {});

}  // namespace k3fleet::app
