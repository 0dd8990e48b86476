// What must hold whatever happens, looked at after each call that changes something, after each tick, and at
// the end.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "adapters/simcloud/engine.h"
#include "app/journal.h"
#include "app/tick.h"
#include "core/model/memory.h"
#include "tests/sim/canary.h"
#include "tests/sim/process.h"
#include "tests/sim/simulation.h"

namespace k3fleet::sim {

// Null: it is not in the cluster.
const simcloud::SimNode* node_of(const simcloud::SimCluster& cluster, const simcloud::SimInstance& instance);

class Invariants {
public:
    // `canary` is in every secret. All must outlive it.
    Invariants(simcloud::Engine& engine, const model::Scope& scope, std::string canary, Outcome& outcome)
        : engine_(engine), scope_(scope), canary_(std::move(canary)), outcome_(outcome) {}

    void after_change(const Process& process, const simcloud::Step& step);
    void after_tick(const Process& process, const app::TickReport& report);
    void after_failed_tick(const Process& process, const Error& error);
    // Nothing goes wrong from now on, and nobody changes anything.
    void calm();
    // So many starts of the workers' loop were due since then.
    void at_cycle(const model::ClusterIntent& intent, int cycle);
    // By a tick that has just ended.
    void count_retries(std::int64_t retries);
    // The scenario is over: all must be at rest.
    void at_end(const model::ClusterIntent& intent, ports::Objects& objects, app::Services::Cases cases);

    // Of a line that somebody may read.
    void look_for_secrets(std::string_view text);
    // Machines that must survive, whoever they belong to.
    void protect(const std::string& instance) { foreign_.insert(instance); }

private:
    struct Fence {
        std::int64_t fence = 0;
        std::int64_t version = 0;
        std::string holder;
        Timestamp until;
        friend bool operator==(const Fence&, const Fence&) = default;
    };

    void violated(Invariant invariant, std::string what);
    // It had something to judge.
    void judge(Invariant invariant) { ++outcome_.figures.judged[invariant]; }
    void check_leases(const Process& process);
    void check_cooldown_up(const Process& process, const model::RecordedPlan& plan,
                           const model::Action& launch);
    void check_cooldown_down(const Process& process, const app::TickReport& report);
    void check_budget(const Process& process, const model::Action& launch);
    void check_launch(const Process& process);
    void check_termination(const Process& process);
    void judge_termination(const Process& process, const simcloud::SimInstance& victim);
    const std::map<std::string, simcloud::DynamoItem>& items() const;  // Of the state table.
    std::optional<model::Memory> memory_of(model::Loop loop) const;
    bool leaving(const simcloud::SimInstance& instance, const std::optional<model::Memory>& memory) const;
    bool blocked_by(model::Loop loop, std::string_view by) const;
    std::vector<Finding> unrest(const model::ClusterIntent& intent) const;
    static bool shrinks_by_file(const std::vector<model::Drain>& drains);
    bool pods_wait() const;  // For room, now.
    bool lost_master(const model::ClusterIntent& intent) const;
    void check_rest(const model::ClusterIntent& intent);
    void check_open_work();
    void disturbed(const Process& process, const model::Plan& plan, bool over_budget);
    void watch_rest(const Process& process, const app::TickReport& report);
    void check_no_launch();
    void check_journal(ports::Objects& objects, app::Services::Cases cases);
    void check_replay(const app::Journal& journal);

    simcloud::Engine& engine_;
    const model::Scope& scope_;
    std::string canary_;
    Outcome& outcome_;
    std::set<std::string> foreign_;
    std::map<std::string, Fence> fences_;
    std::set<std::uint64_t> ended_;                          // By a call, and judged.
    std::set<std::uint64_t> known_;                          // Machines seen alive.
    std::map<std::string, std::string> launched_by_action_;  // First token of an action -> machine.
    std::map<std::uint64_t, UsdPerHour> prices_;             // Of machines, as launches were decided by.
    Timestamp last_launch_;
    std::optional<Timestamp> shrank_;   // When workers above a pool's maximum were being drained.
    bool last_launch_beside_ = false;   // Then, or soon after.
    std::optional<Timestamp> last_up_;  // Decided, by load or for the minimum.
    std::optional<Timestamp> last_down_;
    bool last_launch_waited_for_ = false;  // Pods had no room just then.
    std::string last_launch_why_;
    // What the last tick of each loop said.
    struct Last {
        bool acts = false;               // By more than messages.
        bool open = false;               // Work that began and has not ended.
        std::vector<Timestamp> joining;  // Since when.
        std::vector<model::Drain> drains;
        std::vector<std::string> blocked;  // By what.
        bool paused = false;               // By a person, at its last tick.
        bool works = false;                // It ticked since the calm began, and did not fail the last time.
    };
    std::map<model::Loop, Last> last_;
    std::optional<Timestamp> calm_;
    Timestamp paused_until_;      // By a person: an edit, too.
    std::optional<int> settled_;  // In which cycle: at rest, and nothing is waited for.
    int cycle_ = 0;
    bool drained_ = false;  // There was a drain.
};

}  // namespace k3fleet::sim
