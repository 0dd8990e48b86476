#include "lambda/function.h"

#include <algorithm>
#include <optional>

#include "app/chain.h"
#include "app/clusters.h"
#include "base/json.h"
#include "base/log.h"
#include "base/text.h"
#include "base/value.h"
#include "core/model/names.h"

namespace k3fleet::lambda {
namespace {

// No tick is begun that Lambda would kill: a usual one takes a second, a slow cloud some more.
constexpr Duration kLeastTime = std::chrono::seconds{15};
// The lease outlives the function, so that a killed one's is never taken while it may still run.
constexpr Duration kLeaseBeyond = std::chrono::seconds{15};

}  // namespace

struct Function::Round {
    std::map<model::ClusterName, Job> jobs;
};

Status Function::add_cluster(Round& round, const model::ClusterName& cluster, const Cause& cause,
                             const std::string& message) {
    if (!serves_.cluster.empty() && cluster != serves_.cluster) return {};
    Job& job = round.jobs[cluster];
    job.cluster = cluster;
    if (job.why.empty()) job.why = cause.why;
    job.woken = job.woken || cause.kind == Cause::Kind::WakeUp;
    if (!cause.instance.empty()) job.notice = cause;
    if (!message.empty()) job.asked_by.push_back(message);
    return {};
}

// EventBridge tells of every instance of the account. Which are ours, their tags say; no lease is taken for
// others. Workers are another function's: their events are passed on to it.
Status Function::add_instance(Round& round, const Cause& cause, const std::string& message) {
    const auto owner = K3F_TRY(site_.cloud().owner(cause.instance));
    if (!owner) {
        log::info("an event of an instance that is not ours", {{"instance", cause.instance.str()}});
        return {};
    }
    if (serves_.loop == model::Loop::Infra) {
        Cause passed_on = cause;
        passed_on.cluster = *owner;
        passed_on.loop = model::Loop::Workers;
        K3F_TRY(
            site_.wakeups().send(*owner, model::Loop::Workers, write_wake_up(passed_on), Duration::zero()));
    }
    return add_cluster(round, *owner, cause, message);
}

Status Function::add(Round& round, const Cause& cause, const std::string& message) {
    switch (cause.kind) {
        case Cause::Kind::Schedule:
            if (!serves_.cluster.empty()) return add_cluster(round, serves_.cluster, cause, message);
            for (const auto& name : K3F_TRY(app::list_clusters(site_.objects())))
                K3F_TRY(add_cluster(round, name, cause, message));
            return {};
        case Cause::Kind::WakeUp:
            if (cause.loop != serves_.loop) return {};
            return add_cluster(round, cause.cluster, cause, message);
        case Cause::Kind::Written: return add_cluster(round, cause.cluster, cause, message);
        case Cause::Kind::Instance: return add_instance(round, cause, message);
        case Cause::Kind::Nothing: break;
    }
    log::debug("nothing to do", {{"why", cause.why}});
    return {};
}

Status Function::look_again(const Job& job, Duration delay, std::string why) {
    Cause wake{.kind = Cause::Kind::WakeUp,
               .cluster = job.cluster,
               .loop = serves_.loop,
               .instance = job.notice.instance,
               .interruption_at = job.notice.interruption_at,
               .why = std::move(why)};
    return site_.wakeups().send(job.cluster, serves_.loop, write_wake_up(wake), delay);
}

void Function::after(const Job& job, const app::TickReport& report) {
    log::info("tick", {{"cluster", job.cluster.str()},
                       {"loop", std::string(model::to_string(serves_.loop))},
                       {"why", job.why},
                       {"did", report.plan.summary},
                       {"journal", std::to_string(report.journal_sequence)}});
    const auto delay = app::next_wake_up(report, job.woken);
    if (!delay) return;
    Job plain = job;
    plain.notice = {};  // The memory knows by now.
    if (const Status sent = look_again(plain, *delay, "work is open"); !sent)
        log::warn("no wake-up was sent: the schedule's next tick goes on",
                  {{"why", sent.error().describe()}});
}

Status Function::run(const Job& job, const Invocation& invocation) {
    const Duration left = invocation.deadline - site_.clock().now();
    if (left < kLeastTime) return fail(ErrorCode::DeadlineExceeded, "too little time is left for a tick");
    if (job.notice.interruption_at) site_.note_interruption(job.notice.instance, *job.notice.interruption_at);
    const auto file = files_.load(site_.objects(), job.cluster);
    if (!file && file.error().code == ErrorCode::NotFound) {
        log::info("the cluster has no file any more", {{"cluster", job.cluster.str()}});
        return {};
    }
    if (!file) return std::unexpected(file.error());
    app::Services* services = K3F_TRY(site_.services(file->intent));
    app::TickLimits limits;
    limits.lease = left + kLeaseBeyond;
    const auto report = app::tick(file->intent, serves_.loop, *services, limits);
    if (watcher_) watcher_(report);
    if (report) {
        after(job, *report);
        return {};
    }
    if (report.error().code != ErrorCode::Conflict) return std::unexpected(report.error());
    log::info("another holds the lease",
              {{"cluster", job.cluster.str()}, {"why", report.error().describe()}});
    // Who is at work may have looked before this happened, and knows nothing of the chain.
    if (job.woken || !job.notice.instance.empty()) return look_again(job, app::kSoonestWakeUp, job.why);
    return {};
}

Result<std::string> Function::handle(const Invocation& invocation) {
    const Event event = K3F_TRY(read_event(invocation.event));
    Round round;
    std::vector<std::string> failed;
    std::optional<Error> first;
    const auto failure = [&](const Error& error, const std::string& message) {
        log::error("an event could not be served", {{"why", error.describe()}, {"message_id", message}});
        if (!first) first = error;
        if (!message.empty() && std::ranges::find(failed, message) == failed.end()) failed.push_back(message);
    };
    for (const Message& message : event.messages) {
        if (!message.causes) {
            failure(message.causes.error(), message.id);
            continue;
        }
        for (const Cause& cause : *message.causes)
            if (const Status added = add(round, cause, message.id); !added)
                failure(added.error(), message.id);
    }
    for (const auto& [cluster, job] : round.jobs) {
        const Status done = run(job, invocation);
        if (done) continue;
        if (job.asked_by.empty()) failure(done.error(), "");
        for (const std::string& message : job.asked_by) failure(done.error(), message);
    }
    if (event.shape == Event::Shape::Batch) return batch_answer(failed);
    if (first) return std::unexpected(*first);
    return json::write(Value::object({{"ticks", static_cast<std::int64_t>(round.jobs.size())}}));
}

}  // namespace k3fleet::lambda
