// Coming to rest after the last fault, counted in cycles, and at the end.
#include <algorithm>
#include <utility>

#include "base/ranges.h"
#include "base/text.h"
#include "core/model/names.h"
#include "tests/sim/invariants.h"

namespace k3fleet::sim {
namespace {

using model::Role;
using simcloud::SimInstance;

constexpr Duration kLongestDrain = std::chrono::minutes{15};
constexpr Duration kSettled = std::chrono::minutes{30};
constexpr Duration kCycle = std::chrono::minutes{2};  // From one start of a loop to the next.
constexpr int kRestsWithin = 5;                       // Cycles.
constexpr int kStays = 20;
constexpr int kNormalWithin = 3;

}  // namespace

void Invariants::calm() { calm_ = engine_.now(); }

void Invariants::watch_rest(const Process& process, const app::TickReport& report) {
    Last& last = last_[report.loop];
    const bool over_budget = contains(last.blocked, "budget");
    last = {.open = report.open_after,
            .drains = report.plan.memory.drains,
            .paused = report.world.freeze && report.world.freeze->until > report.at,
            .works = calm_ && process.begun() >= *calm_};
    if (last.paused) paused_until_ = std::max(paused_until_, report.at);
    for (const auto& drain : report.plan.memory.drains)
        if (drain.started == report.at) outcome_.leaving.push_back(report.at);
    drained_ = drained_ || !last.drains.empty();
    if (shrinks_by_file(last.drains)) shrank_ = report.at;
    for (const auto& action : report.plan.actions)
        last.acts = last.acts || !std::holds_alternative<model::Notify>(action.what);
    for (const auto& launch : report.plan.memory.launches) last.joining.push_back(launch.at);
    for (const auto& each : report.plan.blocked) last.blocked.push_back(each.by);
    if (settled_ && last.acts) disturbed(process, report.plan, over_budget);
}

// It was at rest, and acts nevertheless.
void Invariants::disturbed(const Process& process, const model::Plan& plan, bool over_budget) {
    const int after = cycle_ - *std::exchange(settled_, std::nullopt);
    if (after >= kStays) return;
    const bool launches = std::ranges::any_of(plan.actions, [](const model::Action& action) {
        return std::holds_alternative<model::Launch>(action.what);
    });
    // Readings from before the calm still count for a scale-down.
    if (!launches && cycle_ <= process.intent().autoscaling.thresholds.window_down + 1) return;
    const std::string& why = plan.actions.front().reason;
    if (launches && over_budget)  // Spot prices go on moving.
        ++outcome_.figures.seen[Seen::BudgetGaveRoom];
    else if (why.find(" above ") != std::string::npos || why.find(" below ") != std::string::npos)
        ++outcome_.figures.seen[Seen::ThresholdsWentOn];
    else
        violated(Invariant::StaysAtRest,
                 format("{}, {} cycles after all was at rest: {}", process.name(), after, why));
}

// Within five cycles desired is observed, or the plan names what is in the way: a condition that it was
// blocked by, a person's pause, what it does about it now, or work whose time is not up (a machine that
// boots, a drain).
void Invariants::at_cycle(const model::ClusterIntent& intent, int cycle) {
    cycle_ = cycle;
    const auto differences = unrest(intent);
    bool acts = false, named = lost_master(intent), waits = false;
    for (const auto& [loop, last] : last_) {
        acts = acts || last.acts || last.open;
        const bool boots = std::ranges::any_of(last.joining, [&](Timestamp since) {
            return engine_.now() - since < intent.autoscaling.join_timeout + 2 * kCycle;
        });
        const bool drains = std::ranges::any_of(last.drains, [&](const model::Drain& drain) {
            return engine_.now() - drain.started < kLongestDrain;
        });
        named = named || last.acts || boots || drains || last.paused || !last.blocked.empty();
        for (const std::string& by : last.blocked)
            waits = waits || (by != "min" && by != "max" && by != "budget");
    }
    const bool rests = differences.empty() && !acts;
    if (rests && !outcome_.rested && last_[model::Loop::Workers].works && last_[model::Loop::Infra].works)
        outcome_.rested = cycle;
    if (cycle >= kRestsWithin && !rests && !named)
        violated(Invariant::RestsInTime, format("{} cycles after the last fault: {}", cycle,
                                                differences.empty() ? "work is open, and no plan says why"
                                                                    : differences.front().what));
    if (cycle == kRestsWithin) ++outcome_.figures.seen[rests ? Seen::AtRestInTime : Seen::NamedInstead];
    if (cycle >= kRestsWithin && !rests) judge(Invariant::RestsInTime);
    if (settled_ && cycle - *settled_ < kStays) judge(Invariant::StaysAtRest);
    // Replicas follow the load with minutes of delay, so rest before that is none yet.
    if (cycle >= kRestsWithin && rests && !waits && !settled_) settled_ = cycle;
    if (settled_ && cycle - *settled_ == kStays) ++outcome_.figures.seen[Seen::AtRestForLong];
}

bool Invariants::blocked_by(model::Loop loop, std::string_view by) const {
    const auto last = last_.find(loop);
    return last != last_.end() && contains(last->second.blocked, by);
}

// A lost master is a person's business: without it, the rest rests as it is.
bool Invariants::lost_master(const model::ClusterIntent& intent) const {
    const auto masters = std::ranges::count_if(engine_.state().instances, [&](const auto& entry) {
        const SimInstance& instance = entry.second;
        return instance.cluster == scope_.cluster && instance.shown.alive() &&
               instance.shown.role == Role::Master;
    });
    return masters < intent.masters() && blocked_by(model::Loop::Infra, "lifecycle");
}

bool Invariants::pods_wait() const {
    const auto& cluster = **engine_.find_cluster(scope_.cluster, simcloud::Engine::Removed::Accept);
    return std::ranges::any_of(cluster.pods, &simcloud::SimPod::unschedulable);
}

// Where desired and observed differ, in what can be seen from outside.
std::vector<Finding> Invariants::unrest(const model::ClusterIntent& intent) const {
    const auto& cluster = **engine_.find_cluster(scope_.cluster, simcloud::Engine::Removed::Accept);
    std::vector<Finding> found;
    const auto differs = [&](Invariant invariant, std::string what) {
        found.push_back({.invariant = invariant, .what = std::move(what), .at = engine_.now()});
    };
    std::map<model::PoolName, int> alive;
    int masters = 0;
    bool nat = intent.network.egress != model::Egress::NatInstance;
    const auto workers = last_.find(model::Loop::Workers);
    const bool held_up = workers != last_.end() && !workers->second.blocked.empty();
    const auto drained = [&](const auto& what, auto member) {
        return workers != last_.end() && std::ranges::any_of(workers->second.drains, [&](const auto& drain) {
                   return drain.*member == what && engine_.now() - drain.started < kLongestDrain;
               });
    };
    for (const auto& [number, instance] : engine_.state().instances) {
        if (instance.cluster != scope_.cluster || !instance.shown.alive()) continue;
        const std::string id = instance.shown.id.str();
        if (intent.deleting) {
            differs(Invariant::ComesToRest, format("{} is alive though the cluster was deleted", id));
            continue;
        }
        if (instance.shown.role == Role::Worker) ++alive[instance.shown.pool];
        if (instance.shown.role == Role::Master) ++masters;
        if (instance.shown.interruption_at) differs(Invariant::ComesToRest, format("AWS takes {} back", id));
        if (instance.shown.role == Role::Nat) {
            nat = true;
            continue;
        }
        const auto* node = node_of(cluster, instance);
        if (node == nullptr || !node->shown.ready)
            differs(Invariant::NoOrphan,
                    format("{} {} is no Ready node", model::to_string(instance.shown.role), id));
        else if (!node->shown.schedulable && !drained(instance.shown.id, &model::Drain::instance))
            differs(Invariant::NoCordonLeft, format("the node of {} is still cordoned", id));
    }
    if (intent.deleting) return found;
    if (masters != intent.masters())
        differs(Invariant::ComesToRest, format("{} masters of {}", masters, intent.masters()));
    if (!nat) differs(Invariant::ComesToRest, "there is no NAT instance");
    const bool waiting = pods_wait();
    // A person's maximum that is below what the load needs: the plan says it by taking workers away.
    const bool shrinks = std::ranges::any_of(intent.pools, [&](const model::NodePool& pool) {
        return alive[pool.name] > pool.max && drained(pool.name, &model::Drain::pool);
    });
    if (waiting && !held_up && !shrinks)
        differs(Invariant::ComesToRest, "pods wait for room, and no plan says why");
    for (const auto& pool : intent.pools)
        if (alive[pool.name] < pool.min ||
            (alive[pool.name] > pool.max && !held_up && !drained(pool.name, &model::Drain::pool)))
            differs(Invariant::CountsFit, format("{} workers in pool {} of {} to {}", alive[pool.name],
                                                 pool.name.str(), pool.min, pool.max));
    for (const auto& node : cluster.nodes)
        if (!node.machine && !drained(node.shown.instance, &model::Drain::instance))
            differs(Invariant::NoOrphan, format("node {} has no machine", node.shown.name.str()));
    return found;
}

// Desired is observed, or what is in the way has a name.
void Invariants::check_rest(const model::ClusterIntent& intent) {
    if (!intent.deleting && lost_master(intent)) {
        ++outcome_.figures.seen[Seen::LostMasterTold];
        return;
    }
    judge(Invariant::ComesToRest);
    if (!ended_.empty()) judge(Invariant::NoOrphan);
    if (!intent.deleting) judge(Invariant::CountsFit);
    if (drained_) judge(Invariant::NoCordonLeft);
    for (const Finding& finding : unrest(intent)) violated(finding.invariant, finding.what);
    if (intent.deleting) return;
    check_open_work();
    check_no_launch();
}

// A pool that shrinks takes its time, and a drain that is held up comes again; none may last for ever.
void Invariants::check_open_work() {
    const auto under_way = [&](const model::Drain& drain) {
        return engine_.now() - drain.started < kLongestDrain;
    };
    for (const model::Loop loop : {model::Loop::Infra, model::Loop::Workers}) {
        const auto memory = memory_of(loop);
        judge(Invariant::NoOpenWork);
        if (!memory) {
            violated(Invariant::NoOpenWork, format("the {} loop has no memory", model::to_string(loop)));
        } else if (memory->pending || !memory->launches.empty() ||
                   !std::ranges::all_of(memory->drains, under_way)) {
            violated(Invariant::NoOpenWork, format("the {} loop has open work: {} launches, {} drains{}",
                                                   model::to_string(loop), memory->launches.size(),
                                                   memory->drains.size(), memory->pending ? ", a plan" : ""));
        }
    }
}

void Invariants::count_retries(std::int64_t retries) {
    if (cycle_ >= kNormalWithin) outcome_.late_retries += retries;
}

void Invariants::check_no_launch() {
    // Under a load that stands still, whoever still launches also ends: round and round. The thresholds of
    // N-30 do that by themselves where one worker fewer brings the rest above the limit; that is counted,
    // and known.
    // What had to wait for the end of a pause comes one cooldown after the other.
    const Timestamp from = std::max(*calm_ + kRestsWithin * kCycle, paused_until_ + kSettled);
    if (last_launch_ < std::max(engine_.now() - kSettled, from)) return;
    if (last_launch_why_.find(" above ") != std::string::npos)
        ++outcome_.figures.seen[Seen::ThresholdsTookBack];
    else if (last_launch_beside_)
        // A person's lower maximum moves pods to another pool, which takes a worker there.
        ++outcome_.figures.seen[Seen::LowerMaximumMovedPods];
    else if (last_launch_waited_for_ && (!last_down_ || *last_down_ < *calm_))
        // It only grows: one or two workers a cooldown, until nothing waits any more.
        ++outcome_.figures.seen[Seen::GrewForLong];
    else
        violated(Invariant::ComesToRest,
                 format("a machine was launched at {}: {}", to_rfc3339(last_launch_), last_launch_why_));
}

}  // namespace k3fleet::sim
