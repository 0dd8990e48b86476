// Shared steps of the commands.
#include "cli/commands/support.h"

#include <algorithm>

#include "app/interrupt.h"
#include "base/json.h"
#include "base/text.h"
#include "cli/progress.h"
#include "cli/story.h"
#include "core/model/codec.h"
#include "core/scaling/resize.h"

namespace k3fleet::cli {

Result<std::unique_ptr<app::Wiring>> open_site(const Session& session, app::WireSettings settings) {
    const Settings& global = session.settings;
    if (global.cloud.value.empty())
        return fail(
            ErrorCode::Refused,
            "no cloud is chosen, so there is nothing to look at\n"
            "choose the simulated one with 'k3fleet context use sim', or --cloud sim for one command");
    if (global.cloud.value == "aws")
        return fail(ErrorCode::Refused,
                    format("this version cannot work on AWS yet (cloud aws, from {})\n"
                           "use the simulated cloud: --cloud sim, or 'k3fleet context use sim'",
                           global.cloud.origin));
    if (global.state_dir.value.empty())
        return fail(ErrorCode::InvalidArgument,
                    "there is no place for the state\ngive --state-dir DIR, or set HOME");
    settings.cloud = global.cloud.value;
    settings.state_dir = global.state_dir.value;
    settings.crash_at = session.host.variable("K3FLEET_TEST_CRASH_AT");
    app::stop_on_signals();
    return app::wire(settings);
}

Result<app::AccountSettings> account_settings(const Session& session) {
    const Settings& global = session.settings;
    if (global.cloud.value != "aws") {
        const std::string which =
            global.cloud.value.empty()
                ? std::string("no cloud is chosen, and this command works on AWS alone")
                : format("this command works on AWS alone, and the cloud is {} (from {})", global.cloud.value,
                         global.cloud.origin);
        return fail(
            ErrorCode::Refused,
            which + "\nadd --cloud aws, or choose an account: k3fleet context use aws:PROFILE/REGION");
    }
    app::stop_on_signals();
    return app::AccountSettings{.profile = global.profile.value,
                                .region = global.region.value,
                                .state_dir = global.state_dir.value,
                                .variable = session.host.variable,
                                .person_there = session.host.err_audience == Audience::Person};
}

Result<OpenAccount> open_account(const Session& session) {
    const app::AccountSettings settings = K3F_TRY(account_settings(session));
    OpenAccount open{.clock = app::real_clock(), .random = app::real_random(), .account = {}};
    open.account = K3F_TRY(app::wire_account(settings, *open.clock, *open.random));
    return open;
}

Result<app::ClusterFile> chosen_cluster(app::Wiring& site, const std::string& name) {
    if (!name.empty()) return app::load_cluster(site.objects(), model::ClusterName(name));
    const auto names = K3F_TRY(app::list_clusters(site.objects()));
    if (names.empty())
        return fail(ErrorCode::NotFound,
                    "there is no cluster yet\nmake one with 'k3fleet cluster create -f FILE'");
    if (names.size() == 1) return app::load_cluster(site.objects(), names.front());
    std::vector<std::string> words;
    for (const auto& each : names) words.push_back(each.str());
    return fail(ErrorCode::InvalidArgument,
                format("there are {} clusters; say which one is meant\nclusters: {}", names.size(),
                       join(words, ", ")));
}

app::Doer doer(const Session& session, app::Wiring& site) {
    std::string who = session.host.variable("USER");
    if (who.empty()) who = session.host.variable("LOGNAME");
    return {.who = who.empty() ? "operator" : who, .at = site.clock().now()};
}

Result<model::Memory> read_memory(app::Wiring& site, const model::ClusterName& cluster, model::Loop loop) {
    const auto item = K3F_TRY(site.state().read({.cluster = cluster, .loop = loop}));
    if (!item || item->memory.empty()) return model::Memory{};
    const auto where = format("reading the memory of {}", cluster.str());
    const Value value = K3F_TRY_WHILE(where, json::parse(item->memory));
    return K3F_TRY_WHILE(where, model::decode_memory(value));
}

Result<Sight> look(app::Wiring& site, app::ClusterFile file) {
    Sight sight{.file = std::move(file)};
    app::Services* services = K3F_TRY(site.services(sight.file.intent));
    sight.now = site.clock().now();
    sight.world = app::observe(sight.file.intent, model::Loop::Workers, *services);
    sight.workers = K3F_TRY(read_memory(site, sight.file.intent.name, model::Loop::Workers));
    sight.overview = app::overview(sight.file.intent, sight.world, sight.workers, sight.now);
    return sight;
}

Result<Sight> look_at(app::Wiring& site, const std::string& name) {
    app::ClusterFile file = K3F_TRY(chosen_cluster(site, name));
    return look(site, std::move(file));
}

std::string in_words(const app::Overview& overview) {
    if (!overview.counted) return "machines unknown";
    std::string text = format("{}/{} masters, {}", overview.masters, overview.masters_wanted,
                              counted(overview.workers, "worker"));
    if (overview.booting > 0) text += format(", {} booting", overview.booting);
    if (overview.leaving > 0) text += format(", {} leaving", overview.leaving);
    return text;
}

std::string price_text(const app::Overview& overview) {
    return overview.counted ? format("${:.4f}/h", overview.price.dollars()) : "-";
}

// While a cluster comes up its load is not known yet, and its bounds and cooldowns are no news.
static bool stands_in_the_way(const model::Blocked& blocked) {
    return !routine(blocked) && blocked.what != scaling::kJudgeTheLoad;
}

Result<ExitCode> wait_with_ticks(const Session& session, app::Wiring& site, const Wait& wait) {
    Progress progress(session);
    std::string state = "starting";
    bool done = false;
    const std::string goal =
        wait.what == WaitFor::Gone ? "deleting " + wait.cluster.str() : wait.cluster.str() + " is coming up";
    const Timestamp end = site.clock().now() + wait.timeout;
    app::RunEvents events;
    events.ticked = [&](const model::ClusterIntent& intent, const app::TickReport& report) {
        if (report.loop != model::Loop::Workers) return app::Next::Continue;
        const auto now = app::overview(intent, report.world, report.plan.memory, report.at);
        state = in_words(now);
        for (const model::Blocked& blocked : report.plan.blocked)
            if (stands_in_the_way(blocked)) state += format("; not done: {}: {}", blocked.what, blocked.why);
        progress.update(site.clock().now(), format("{}: {}", goal, state));
        done = wait.what == WaitFor::Settled && app::settled(now);
        return done ? app::Next::Stop : app::Next::Continue;
    };
    events.failed = [&](const model::ClusterName&, model::Loop, const Error& error) {
        progress.update(site.clock().now(), format("{}: {}", goal, split(error.message, '\n').front()));
    };
    events.deleted = [&](const model::ClusterName&) { done = true; };
    events.waiting = [&](Timestamp now, Timestamp) {
        progress.update(now, format("{}: {}", goal, state));
        return progress.live() ? Duration{1000} : Duration::zero();
    };
    const app::RunPlan plan{.clusters = {wait.cluster},
                            .length = app::RunPlan::Length::UntilStopped,
                            .every = std::chrono::seconds{20},
                            .until = end};
    const app::RunOutcome outcome = K3F_TRY(app::run(site, plan, events));
    progress.clear();
    if (done) return ExitCode::Done;
    const bool stopped = outcome.end == app::RunOutcome::End::Interrupted;
    session.host.err.write(format("k3fleet: {}: {}, {}\n  go on with: k3fleet {}\n",
                                  stopped ? "interrupted" : "not done within " + to_string(wait.timeout),
                                  goal, state, wait.how_to_continue));
    return stopped ? ExitCode::Interrupted : ExitCode::Incomplete;
}

}  // namespace k3fleet::cli
