// Shared steps of the commands.
#include "cli/commands/support.h"

#include <algorithm>

#include "app/interrupt.h"
#include "base/text.h"
#include "cli/progress.h"
#include "cli/story.h"
#include "cli/table.h"
#include "core/intent/problem.h"
#include "core/intent/rules.h"
#include "core/readiness/k3s_age.h"
#include "core/scaling/resize.h"

namespace k3fleet::cli {

static Result<std::unique_ptr<app::Wiring>> open_on_aws(const Session& session) {
    auto site = K3F_TRY(open_aws(session));
    if (session.effect == Effect::Changes) session.remark(place(*site));
    return site;
}

Result<std::unique_ptr<app::Wiring>> open_site(const Session& session, app::WireSettings settings) {
    const Settings& global = session.settings;
    if (global.cloud.value.empty())
        return fail(ErrorCode::Refused,
                    "no cloud is chosen, so there is nothing to look at\n"
                    "choose the simulated one with 'k3fleet context use sim', or an account with 'k3fleet "
                    "context use aws:PROFILE/REGION'; --cloud sim|sim-aws|aws for one command");
    if (on_aws(session)) return open_on_aws(session);
    if (global.state_dir.value.empty())
        return fail(ErrorCode::InvalidArgument,
                    "there is no place for the state\ngive --state-dir DIR, or set HOME");
    settings.cloud = global.cloud.value;
    settings.state_dir = global.state_dir.value;
    settings.crash_at = session.host.variable("K3FLEET_TEST_CRASH_AT");
    app::stop_on_signals();
    return app::wire(settings);
}

bool on_aws(const Session& session) {
    const std::string& cloud = session.settings.cloud.value;
    return cloud == "aws" || cloud == "sim-aws";
}

std::string account(const app::AwsSite& site) {
    return format("{}AWS {} {}", site.simulated() ? "simulated " : "", site.scope().account,
                  site.scope().region);
}

std::string place(const app::AwsSite& site) {
    return format("{}, project {}", account(site), site.scope().project.str());
}

Result<std::unique_ptr<app::AwsSite>> open_aws(const Session& session) {
    const app::AccountSettings who = K3F_TRY(account_settings(session));
    const Setting& name = session.settings.project;
    if (name.value.empty())
        return fail(ErrorCode::InvalidArgument,
                    "which project of this account?\ngive --project NAME, or set K3FLEET_PROJECT");
    K3F_TRY_WHILE("reading the " + name.origin, intent::obey(intent::kProjectName, name.value));
    return app::wire_aws_site(who, model::ProjectName(name.value));
}

// With -v every call that AWS has answered is a line: what one asks AWS's support about,
// and how many there are.
static ports::AwsCallObserver tell_calls(Sink& sink) {
    return [&sink](const ports::AwsCallSeen& call) {
        const std::string tries = call.tries > 1 ? format(", {} tries", call.tries) : "";
        const std::string request = call.request_id.empty() ? "" : ", request " + printable(call.request_id);
        sink.write(format("aws: {} {} {}{} in {} ms{}\n", call.service, call.operation, call.outcome, tries,
                          call.took.count(), request));
    };
}

Result<app::AccountSettings> account_settings(const Session& session) {
    const Settings& global = session.settings;
    if (!on_aws(session)) {
        const std::string which =
            global.cloud.value.empty()
                ? std::string("no cloud is chosen, and this command works on an AWS account alone")
                : format("this command works on an AWS account alone, and the cloud is {} (from {})",
                         global.cloud.value, global.cloud.origin);
        return fail(ErrorCode::Refused,
                    which +
                        "\nadd --cloud aws, or choose an account: k3fleet context use aws:PROFILE/REGION\n"
                        "or rehearse on a simulated one: --cloud sim-aws");
    }
    app::stop_on_signals();
    using Where = app::AccountSettings::Where;
    app::AccountSettings who{.where = global.cloud.value == "aws" ? Where::Aws : Where::Simulated,
                             .profile = global.profile.value,
                             .region = global.region.value,
                             .state_dir = global.state_dir.value,
                             .variable = session.host.variable,
                             .person_there = session.host.err_audience == Audience::Person,
                             .on_call = {}};
    if (global.verbosity == Verbosity::Verbose) who.on_call = tell_calls(session.host.err);
    return who;
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

Result<app::ClusterFile> read_cluster_file(const Session& session, const std::string& path,
                                           const model::ProjectIntent* project) {
    const std::string text = K3F_TRY(read_input(session.host, path));
    return app::check_cluster_file(text, input_name(path), project);
}

void remark_warnings(const Session& session, const app::ClusterFile& file, const std::string& path) {
    if (!file.warnings.empty()) session.remark(trim(intent::describe(file.warnings, input_name(path))));
}

void remark_old_k3s(const Session& session, const std::string& whose, const std::string& version) {
    const auto check = readiness::check_k3s(whose, version, readiness::k3s_versions(), app::real_time());
    if (check.result == readiness::CheckResult::Ok) return;
    session.remark(format("{}: {}\n  {}", check.name, check.found, join(split(check.fix, '\n'), "\n  ")));
}

Value changes_value(const std::vector<app::Change>& changes) {
    Value list = Value::array();
    for (const app::Change& change : changes)
        list.push(Value::object({{"path", change.path}, {"from", change.from}, {"to", change.to}}));
    return list;
}

std::string changes_text(const std::vector<app::Change>& changes, Colours colours) {
    Table table({{"SETTING"}, {"WAS"}, {"IS"}});
    for (const app::Change& change : changes)
        table.row({change.path, Cell(change.from.empty() ? "-" : change.from, Tone::Bad),
                   Cell(change.to.empty() ? "-" : change.to, Tone::Good)});
    return table.render(colours);
}

app::Doer doer(const Session& session, app::Wiring& site) {
    std::string who = session.host.variable("USER");
    if (who.empty()) who = session.host.variable("LOGNAME");
    return {.who = who.empty() ? "operator" : who, .at = site.clock().now()};
}

Result<Sight> look_at(app::Wiring& site, const std::string& name) {
    app::ClusterFile file = K3F_TRY(chosen_cluster(site, name));
    return app::look(site, std::move(file));
}

std::string seen_text(const Sight& sight) {
    if (!sight.recorded_at) return "";
    return format("as the autoscaler saw it {} ago",
                  to_rough_string(std::max(Duration::zero(), sight.now - *sight.recorded_at)));
}

Value seen_value(const Sight& sight) {
    return sight.recorded_at ? Value(to_rfc3339(*sight.recorded_at)) : Value(nullptr);
}

std::string in_words(const app::Overview& overview) {
    if (!overview.counted) return "machines unknown";
    const std::string masters = overview.nodes_known ? std::to_string(overview.masters) : "?";
    std::string text =
        format("{}/{} masters, {}", masters, overview.masters_wanted, counted(overview.workers, "worker"));
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
    return end_early(session, stopped ? Early::Interrupted : Early::TimedOut, wait.timeout,
                     format("{}, {}", goal, state), "k3fleet " + wait.how_to_continue);
}

ExitCode end_early(const Session& session, Early early, Duration timeout, const std::string& state,
                   const std::string& command) {
    const bool stopped = early == Early::Interrupted;
    session.host.err.write(format("k3fleet: {}: {}\n  go on with: {}\n",
                                  stopped ? "interrupted" : "not done within " + to_string(timeout), state,
                                  command));
    return stopped ? ExitCode::Interrupted : ExitCode::Incomplete;
}

Result<ExitCode> wait_and_watch(const Session& session, app::Wiring& site, const Wait& wait) {
    constexpr Duration kLookAgain = std::chrono::seconds{10};
    Progress progress(session);
    ports::Clock& clock = site.clock();
    const Timestamp end = clock.now() + wait.timeout;
    for (;;) {
        const Sight sight = K3F_TRY(look_at(site, wait.cluster.str()));
        const app::Phase phase = app::phase_of(sight);
        if (phase.step == app::Phase::Step::Up) return ExitCode::Done;
        const std::string state =
            format("{} is coming up: {}; waiting for {}, about {} left", wait.cluster.str(),
                   in_words(sight.overview), phase.waiting_for, to_rough_string(phase.remaining));
        progress.update(clock.now(), state);
        const bool late = clock.now() >= end;
        const Status slept = late ? Status{} : clock.sleep_until(std::min(end, clock.now() + kLookAgain));
        if (slept && !late) continue;
        if (!slept && slept.error().code != ErrorCode::Cancelled) return std::unexpected(slept.error());
        progress.clear();
        return end_early(session, late ? Early::TimedOut : Early::Interrupted, wait.timeout, state,
                         "k3fleet " + wait.how_to_continue);
    }
}

}  // namespace k3fleet::cli
