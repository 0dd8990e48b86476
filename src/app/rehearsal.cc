#include "app/rehearsal.h"

#include <algorithm>
#include <queue>
#include <utility>

#include "app/chain.h"
#include "app/rehearsal_figures.h"
#include "base/text.h"
#include "core/model/names.h"

namespace k3fleet::app {
namespace {

using model::Loop;

// As the functions are set up on AWS (core/resources): their schedules,
// and the time after which Lambda kills.
constexpr Duration kInfraEvery = std::chrono::minutes{5};
constexpr Duration kFunctionTimeout = std::chrono::seconds{60};
constexpr Duration kLeaseBeyond = std::chrono::seconds{15};
constexpr Duration kSample = std::chrono::minutes{1};

struct Due {
    Timestamp at;
    std::uint64_t sequence = 0;
    enum class Kind { Schedule, Start, Sample } kind = Kind::Sample;
    Loop loop = Loop::Workers;
    bool woken = false;

    bool operator<(const Due& other) const {  // The earliest is the largest.
        return at != other.at ? at > other.at : sequence > other.sequence;
    }
};

class Rehearsal {
public:
    Rehearsal(const model::ClusterIntent& intent, const RehearsalOptions& options, RehearsalStage& stage)
        : intent_(intent), stage_(stage), end_(options.start + options.length), figures_(intent, options) {}

    Status run(const std::function<Status(Timestamp)>& progress) {
        plan({.at = stage_.now(), .kind = Due::Kind::Schedule, .loop = Loop::Infra});
        plan({.at = stage_.now() + std::chrono::seconds{37}, .kind = Due::Kind::Schedule});
        plan({.at = stage_.now(), .kind = Due::Kind::Sample});
        Timestamp told = stage_.now();
        while (!agenda_.empty() && agenda_.top().at < end_) {
            const Due due = agenda_.top();
            agenda_.pop();
            stage_.advance(due.at);
            serve(due);
            if (progress && due.at - told >= std::chrono::hours{1}) {
                told = due.at;
                K3F_TRY(progress(due.at));
            }
        }
        stage_.advance(end_);
        return {};
    }

    RehearsalReport report() { return figures_.conclude(stage_); }

private:
    void plan(Due due) {
        due.sequence = next_++;
        agenda_.push(due);
    }

    Duration every(Loop loop) const {
        if (loop == Loop::Infra) return kInfraEvery;
        return std::max<Duration>(std::chrono::floor<std::chrono::minutes>(intent_.autoscaling.interval),
                                  std::chrono::minutes{1});
    }

    void serve(const Due& due) {
        switch (due.kind) {
            case Due::Kind::Sample:
                figures_.sample(stage_.now(), stage_.look());
                return plan({.at = due.at + kSample, .kind = Due::Kind::Sample});
            case Due::Kind::Schedule: {
                plan({.at = due.at + every(due.loop), .kind = Due::Kind::Schedule, .loop = due.loop});
                const auto starts = stage_.starts();
                if (starts.empty()) figures_.start_missed();
                for (const Duration later : starts)
                    plan({.at = due.at + later, .kind = Due::Kind::Start, .loop = due.loop});
                return;
            }
            case Due::Kind::Start: return tick_once(due);
        }
    }

    void tick_once(const Due& due) {
        const Timestamp deadline = stage_.now() + kFunctionTimeout;
        Services& services = stage_.process(due.loop, deadline);
        TickLimits limits;
        limits.lease = kFunctionTimeout + kLeaseBeyond;
        const auto report = tick(intent_, due.loop, services, limits);
        if (stage_.died(due.loop)) return figures_.process_killed(stage_.now());
        if (!report) return figures_.tick_failed(stage_.now(), due.loop, report.error());
        figures_.ticked(*report);
        if (const auto delay = next_wake_up(*report, due.woken))
            plan({.at = stage_.now() + *delay, .kind = Due::Kind::Start, .loop = due.loop, .woken = true});
    }

    const model::ClusterIntent& intent_;
    RehearsalStage& stage_;
    Timestamp end_;
    RehearsalFigures figures_;
    std::priority_queue<Due> agenda_;
    std::uint64_t next_ = 1;
};

}  // namespace

Result<RehearsalReport> rehearse(const model::ClusterIntent& intent, const RehearsalOptions& options,
                                 RehearsalStage& stage, const std::function<Status(Timestamp)>& progress) {
    Rehearsal rehearsal(intent, options, stage);
    K3F_TRY(rehearsal.run(progress));
    return rehearsal.report();
}

}  // namespace k3fleet::app
