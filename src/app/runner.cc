// When each loop is due, and what an error means for the rounds to come.
#include "app/runner.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "app/clusters.h"
#include "app/interrupt.h"
#include "base/text.h"
#include "core/lifecycle/deletion.h"

namespace k3fleet::app {

namespace {

// Two ticks of a loop are at least this far apart, whatever a plan asks for.
constexpr Duration kShortest = std::chrono::seconds{1};

// Outages pass; another holder finishes. Everything else would be the same at the next tick.
bool may_pass(ErrorCode code) {
    switch (code) {
        case ErrorCode::Conflict:
        case ErrorCode::Throttled:
        case ErrorCode::NoCapacity:
        case ErrorCode::Unavailable:
        case ErrorCode::DeadlineExceeded: return true;
        default: return false;
    }
}

class Run {
public:
    Run(Wiring& wiring, const RunPlan& plan, const RunEvents& events)
        : wiring_(wiring), plan_(plan), events_(events) {}

    Result<RunOutcome> go() {
        for (;;) {
            const Timestamp now = wiring_.clock().now();
            if (plan_.until && now >= *plan_.until) return outcome_;
            if (asked_to_stop()) return outcome_;
            if (!K3F_TRY(round())) return outcome_;
            if (plan_.length == RunPlan::Length::OneRound) return outcome_;
            if (!K3F_TRY(wait())) return outcome_;
        }
    }

private:
    using Key = std::pair<model::ClusterName, model::Loop>;

    bool ended(RunOutcome::End end) {
        outcome_.end = end;
        return false;
    }

    bool asked_to_stop() {
        if (stop_requested()) return !ended(RunOutcome::End::Interrupted);
        if (events_.proceed && events_.proceed() == Next::Stop) return !ended(RunOutcome::End::Stopped);
        return false;
    }

    // Ticks every loop that is due. False: the run is over.
    Result<bool> round() {
        const bool all = plan_.clusters.empty();
        const auto names = all ? K3F_TRY(list_clusters(wiring_.objects())) : plan_.clusters;
        int left = 0;
        for (const model::ClusterName& name : names) {
            auto file = files_.load(wiring_.objects(), name);
            if (!file && file.error().code == ErrorCode::NotFound && (all || gone_.contains(name))) continue;
            if (!file) return std::unexpected(std::move(file).error());
            if (!K3F_TRY(both_loops(file->intent))) return false;
            if (!gone_.contains(name)) ++left;
        }
        if (left > 0) return true;
        if (!gone_.empty()) return ended(RunOutcome::End::NothingLeft);
        return fail(ErrorCode::NotFound,
                    "there is no cluster yet\nmake one with 'k3fleet cluster create -f FILE'");
    }

    Result<bool> both_loops(const model::ClusterIntent& intent) {
        gone_.erase(intent.name);
        for (const model::Loop loop : {model::Loop::Infra, model::Loop::Workers}) {
            const Timestamp now = wiring_.clock().now();
            const Key key{intent.name, loop};
            if (const auto due = due_.find(key); due != due_.end() && due->second > now) continue;
            due_[key] = now + plan_.every;
            if (!K3F_TRY(one_tick(intent, loop))) return false;
            if (stop_requested()) return ended(RunOutcome::End::Interrupted);
        }
        if (intent.deleting) return end_if_gone(intent);
        return true;
    }

    Result<bool> one_tick(const model::ClusterIntent& intent, model::Loop loop) {
        Services* services = K3F_TRY(wiring_.services(intent));
        auto report = tick(intent, loop, *services);
        if (!report) {
            if (report.error().code == ErrorCode::Cancelled) return ended(RunOutcome::End::Interrupted);
            ++outcome_.failures;
            if (!outcome_.first_failure) outcome_.first_failure = report.error();
            if (outcome_.ticks == 0 || !may_pass(report.error().code))
                return std::unexpected(std::move(report).error());
            if (events_.failed) events_.failed(intent.name, loop, report.error());
            return true;
        }
        ++outcome_.ticks;
        const Timestamp soonest = wiring_.clock().now() + kShortest;
        Timestamp& due = due_[{intent.name, loop}];
        due = std::max(std::min(due, report->plan.next_tick), soonest);
        empty_[{intent.name, loop}] =
            lifecycle::nothing_left(report->world) && report->plan.memory.launches.empty();
        if (events_.ticked && events_.ticked(intent, *report) == Next::Stop)
            return ended(RunOutcome::End::Stopped);
        return true;
    }

    // Once both loops have seen that nothing is left, the cluster is forgotten.
    Result<bool> end_if_gone(const model::ClusterIntent& intent) {
        for (const model::Loop loop : {model::Loop::Infra, model::Loop::Workers}) {
            if (empty_[{intent.name, loop}]) continue;
            told_.erase(intent.name);
            return true;
        }
        for (const model::Loop loop : {model::Loop::Infra, model::Loop::Workers}) {
            empty_.erase({intent.name, loop});
            due_.erase({intent.name, loop});
        }
        gone_.insert(intent.name);
        if (wiring_.has_more_than_machines()) {
            if (told_.insert(intent.name).second && events_.machines_gone) events_.machines_gone(intent.name);
            return true;
        }
        const Doer doer{.who = wiring_.holder().str(), .at = wiring_.clock().now()};
        K3F_TRY(wiring_.forget(intent.name));
        K3F_TRY(forget_cluster(wiring_.objects(), wiring_.state(), intent.name, wiring_.holder(), doer));
        if (events_.deleted) events_.deleted(intent.name);
        return true;
    }

    // Sleeps until the next loop is due. False: the run is over.
    Result<bool> wait() {
        Timestamp next = wiring_.clock().now() + plan_.every;
        for (const auto& [key, due] : due_) next = std::min(next, due);
        if (plan_.until) next = std::min(next, *plan_.until);
        for (;;) {
            const Timestamp now = wiring_.clock().now();
            if (now >= next) return true;
            if (asked_to_stop()) return false;
            const Duration slice = events_.waiting ? events_.waiting(now, next) : Duration::zero();
            const Timestamp until = slice > Duration::zero() ? std::min(next, now + slice) : next;
            const Status slept = wiring_.clock().sleep_until(until);
            if (slept) continue;
            if (slept.error().code == ErrorCode::Cancelled) return ended(RunOutcome::End::Interrupted);
            return std::unexpected(slept.error());
        }
    }

    Wiring& wiring_;
    const RunPlan& plan_;
    const RunEvents& events_;
    RunOutcome outcome_;
    ClusterFiles files_;
    std::map<Key, Timestamp> due_;
    std::map<Key, bool> empty_;  // The last tick saw no machine of the cluster, and expects none.
    std::set<model::ClusterName> gone_;
    std::set<model::ClusterName> told_;  // That no machine of them is left: said once while it is so.
};

}  // namespace

Result<RunOutcome> run(Wiring& wiring, const RunPlan& plan, const RunEvents& events) {
    return Run(wiring, plan, events).go();
}

}  // namespace k3fleet::app
