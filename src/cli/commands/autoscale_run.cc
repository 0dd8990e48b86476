// autoscale run: the loop itself.
#include <memory>

#include "app/interrupt.h"
#include "base/text.h"
#include "cli/commands/commands.h"
#include "cli/commands/support.h"
#include "cli/progress.h"
#include "cli/story.h"
#include "core/model/names.h"

namespace k3fleet::cli {

namespace {

struct Options {
    std::vector<std::string> clusters;
    bool once = false;
    Duration every = std::chrono::minutes{2};
    std::optional<Duration> length;
    std::optional<Timestamp> until;
    std::optional<Timestamp> at;
    std::optional<Duration> pace;
    std::string kubeconfig;
    std::string prometheus;
};

Status check(const Options& options) {
    if (options.once && (options.length || options.until))
        return fail(ErrorCode::InvalidArgument, "--once contradicts --for and --until\ngive one of them");
    if (options.length && options.until)
        return fail(ErrorCode::InvalidArgument, "--for and --until contradict each other\ngive one of them");
    if (options.every < std::chrono::seconds{1})
        return fail(ErrorCode::InvalidArgument, "--every must be at least 1s");
    return {};
}

// How fast simulated waiting goes by: a run without an end must be readable.
Duration pace_of(const Options& options) {
    if (options.pace) return *options.pace;
    const bool bounded = options.once || options.at || options.length || options.until;
    return bounded ? Duration::zero() : Duration{1000};
}

app::RunPlan plan_of(const Options& options, Timestamp now) {
    const bool once = options.once || (options.at && !options.length && !options.until);
    app::RunPlan plan{.length = once ? app::RunPlan::Length::OneRound : app::RunPlan::Length::UntilStopped,
                      .every = options.every,
                      .until = options.until};
    for (const std::string& name : options.clusters) plan.clusters.emplace_back(name);
    if (options.length) plan.until = now + *options.length;
    return plan;
}

std::string left_behind(const app::RunOutcome& outcome) {
    return format(
        "interrupted after {}: what was decided is recorded, and the next 'k3fleet autoscale run' goes on "
        "from there",
        counted(outcome.ticks, "tick"));
}

app::RunEvents follow(const Session& session, Story& story, Progress& progress) {
    app::RunEvents events;
    events.ticked = [&](const model::ClusterIntent& intent, const app::TickReport& report) {
        const std::string told = story.tick(intent, report);
        progress.clear();
        if (session.settings.format != Format::Table || !told.empty())
            session.stream(tick_value(intent, report), [&](Colours) { return told; });
        return session.host.out.closed() ? app::Next::Stop : app::Next::Continue;
    };
    events.failed = [&session, &progress](const model::ClusterName& name, model::Loop loop,
                                          const Error& error) {
        progress.clear();
        // Who holds a lease says itself of what.
        const bool held = error.code == ErrorCode::Conflict;
        const std::string where = format("{}, {} loop: ", name.str(), model::to_string(loop));
        session.remark(trim((held ? "" : where) + error_text(error)));
    };
    events.deleted = [&session, &progress](const model::ClusterName& name) {
        progress.clear();
        session.remark(format("cluster {} is deleted; nothing of it is left", name.str()));
    };
    events.machines_gone = [&session, &progress](const model::ClusterName& name) {
        progress.clear();
        session.remark(
            format("no machine of cluster {0} is left; take the rest away with: k3fleet cluster "
                   "delete {0} --wait",
                   name.str()));
    };
    events.waiting = [&progress](Timestamp now, Timestamp next) {
        progress.update(now, format("next look in {} (Ctrl-C stops)", to_rough_string(next - now)));
        return progress.live() ? Duration{1000} : Duration::zero();
    };
    if (!progress.live()) events.waiting = nullptr;
    events.proceed = [&session] { return session.host.out.closed() ? app::Next::Stop : app::Next::Continue; };
    return events;
}

Result<ExitCode> run(const Session& session, const Options& options) {
    K3F_TRY(check(options));
    const auto site = K3F_TRY(open_site(session, {.kubeconfig = options.kubeconfig,
                                                  .prometheus_url = options.prometheus,
                                                  .at = options.at,
                                                  .pace = pace_of(options)}));
    if (!site->reaches_clusters())
        session.remark(
            "the project's functions make these ticks by themselves; API servers and Prometheus answer "
            "inside "
            "the clusters' networks only, and what does not answer counts as unknown");
    Story story(session.settings.colours, session.settings.verbosity == Verbosity::Verbose
                                              ? Story::Detail::Full
                                              : Story::Detail::Quiet);
    Progress progress(session);
    const app::RunEvents events = follow(session, story, progress);
    const app::RunPlan plan = plan_of(options, site->clock().now());
    auto outcome = app::run(*site, plan, events);
    progress.clear();
    if (session.settings.format == Format::Table) session.host.out.write(story.rest());
    // A single look has no next one that makes good what failed.
    if (outcome && plan.length == app::RunPlan::Length::OneRound && outcome->first_failure)
        outcome = std::unexpected(*outcome->first_failure);
    if (!outcome) {
        if (outcome.error().code != ErrorCode::Conflict) return std::unexpected(std::move(outcome).error());
        session.host.err.write(render_error(outcome.error(), Colours::Plain));
        return ExitCode::LeaseHeld;
    }
    if (outcome->end == app::RunOutcome::End::Interrupted) {
        session.host.err.write("k3fleet: " + left_behind(*outcome) + "\n");
        return ExitCode::Interrupted;
    }
    return ExitCode::Done;
}

}  // namespace

Command autoscale_run() {
    const auto options = std::make_shared<Options>();
    Command command{
        .words = "autoscale run",
        .purpose = Purpose::Scaling,
        .effect = Effect::Changes,
        .summary = "Watch clusters and scale their workers",
        .about =
            "Looks at each cluster every two minutes, and sooner when something is under way: reads CPU, "
            "memory and "
            "pending pods, decides, writes the decision down, and carries it out. One line a tick says what "
            "was seen, "
            "what was decided and why. It can be killed at any moment: the next run finishes what was "
            "recorded.\n"
            "On the simulated cloud time is simulated too: with --once, --for or --until waiting is a jump, "
            "without "
            "them a simulated minute takes a second.",
        .examples =
            {{"autoscale run", "until Ctrl-C"},
             {"autoscale run --once -o json", "one look, as a line of JSON for each loop"},
             {"autoscale run --cluster shop --for 24h", "a simulated day"},
             {"autoscale run --kubeconfig ~/.kube/config --prometheus-url http://127.0.0.1:9090 --once",
              "signals and nodes of your own cluster, machines simulated"}},
        .exits = {{ExitCode::Incomplete, "a tick failed (--once), or a source that is needed is down"},
                  {ExitCode::LeaseHeld, "another process works on the cluster; the message says which"},
                  {ExitCode::Interrupted, "stopped by Ctrl-C; nothing is half done"}},
        .run = [options](Session& session) { return run(session, *options); },
    };
    command.option("--cluster", "NAME", options->clusters, "Only this cluster")
        .default_is("all")
        .repeatable();
    command.flag("--once", options->once, "Look once at each loop and stop");
    command.option("--every", "DURATION", options->every, "Time between two looks at most").default_is("2m");
    command.option("--for", "DURATION", options->length, "Stop after this long");
    command.option("--until", "TIME", options->until, "Stop at this time, such as 2026-11-22T06:00:00Z");
    command.option("--at", "TIME", options->at,
                   "Decide as if it were this time, to replay a recorded day against a real Prometheus; one "
                   "look, unless --for "
                   "or --until is given");
    command.option("--pace", "DURATION", options->pace, "Real time that a simulated minute of waiting takes");
    command.option("--kubeconfig", "FILE", options->kubeconfig,
                   "Ask this API server instead of the simulated one");
    command.option("--prometheus-url", "URL", options->prometheus,
                   "Ask this Prometheus instead of simulated signals or the cluster file's");
    return command;
}

}  // namespace k3fleet::cli
