// What is measured while a rehearsal runs, and the report that comes of it.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "app/rehearsal.h"

namespace k3fleet::app {

class RehearsalFigures {
public:
    RehearsalFigures(const model::ClusterIntent& intent, const RehearsalOptions& options);

    // About once a minute.
    void sample(Timestamp at, StageView view);
    void ticked(const TickReport& report);
    void tick_failed(Timestamp at, model::Loop loop, const Error& error);
    void process_killed(Timestamp at);
    void start_missed() { ++report_.starts_missed; }
    RehearsalReport conclude(RehearsalStage& stage);

private:
    struct PoolSum {
        double minutes = 0;
        double ready_minutes = 0;
    };
    void say(Timestamp at, std::string text);
    void broke(Timestamp at, const std::string& promise);
    void count_waiting(Timestamp at, const StageView& view, double minutes);
    void count_pools(Timestamp at, const StageView& view, double minutes);
    void judge_end(Timestamp at);
    void end_wait();
    void tell(PodWait& wait, const std::vector<Incident>& incidents) const;

    const model::ClusterIntent& intent_;
    RehearsalReport report_;
    Timestamp up_;  // From then on the cluster is expected to work.
    std::optional<Timestamp> sampled_;
    std::optional<PodWait> wait_;
    std::vector<PoolSum> sums_;
    std::map<model::Loop, std::string> last_said_;
    std::set<model::InstanceId> leaving_;  // As the controller has decided.
    std::set<std::string> broken_;
    std::set<std::string> held_back_by_;  // Of the last decision on workers.
};

}  // namespace k3fleet::app
