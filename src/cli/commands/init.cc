// init: sets an AWS account up for a project.
#include <memory>

#include "app/project_record.h"
#include "base/text.h"
#include "cli/commands/commands.h"
#include "cli/commands/init_k3s.h"
#include "cli/commands/setup_support.h"

namespace k3fleet::cli {

namespace {

struct Options {
    SetupOptions setup;
    K3sOptions k3s;
    std::string plan;
    bool yes = false;
    bool dry_run = false;
};

// What those who work on clusters look up: the project, and what machines are made of.
Status write_down(OpenSetup& open, const K3sOptions& k3s, Report& report) {
    K3F_TRY(app::record_project(open.aws().objects(), open.intent()));
    return record_versions(open, k3s, report);
}

// The account is as it ought to be.
Result<ExitCode> only_versions(const Session& session, const Options& options, OpenSetup& open,
                               const app::SetupPlan& plan) {
    Report report{.data = plan_value(plan), .text = {}};
    Status recorded;
    bool more = false;
    if (options.dry_run)
        more = K3F_TRY(foretell_versions(open, options.k3s, report));
    else
        recorded = write_down(open, options.k3s, report);
    session.result(report.data, [&](Colours) {
        return format("{}: {}\n{}", place(open.aws()), summary(plan.plan), report.text);
    });
    if (!recorded) return std::unexpected(recorded.error());
    return more ? ExitCode::Findings : ExitCode::Done;
}

Result<ExitCode> run(const Session& session, const Options& options) {
    K3F_TRY(check(options.k3s));
    if (nothing_to_set_up(session)) return ExitCode::Done;
    for (const std::string& version : options.k3s.versions) remark_old_k3s(session, "K3s", version);
    const auto open = K3F_TRY(OpenSetup::open(session, options.setup));
    auto graph = K3F_TRY(open->account_graph(session, options.setup, Code::Needed));
    app::SetupPlan plan = K3F_TRY(app::plan_setup(open->site(), std::move(graph), open->survey()));
    if (!options.plan.empty() && !plan.digest.starts_with(options.plan))
        return fail(ErrorCode::Refused,
                    "the account is not what it was when that plan was made\nread the new one: k3fleet plan");
    if (plan.plan.empty()) return only_versions(session, options, *open, plan);
    session.remark(format("{}: about {} a month when it is done", place(open->aws()),
                          resources::money(resources::sum(plan.prices).usd)));
    if (options.dry_run || options.plan.empty()) {
        const std::string shown = plan_text(plan, session.settings.colours);
        if (options.dry_run) {
            Report report{.data = plan_value(plan), .text = {}};
            K3F_TRY(foretell_versions(*open, options.k3s, report));
            session.result(report.data, [&](Colours) { return shown + report.text; });
            return ExitCode::Findings;
        }
        if (session.settings.format == Format::Table) session.host.out.write(shown + "\n");
    }
    K3F_TRY(confirm(session, options.yes, format("Do this to {}?", place(open->aws()))));
    return open->carry_out(session, plan, "set up",
                           again(session, options.setup, "init") + again(options.k3s),
                           [&](Report& report) { return write_down(*open, options.k3s, report); });
}

}  // namespace

Command init() {
    const auto options = std::make_shared<Options>();
    Command command{
        .words = "init",
        .purpose = Purpose::Start,
        .summary = "Set an AWS account up for a project",
        .about =
            "Makes what all clusters of a project share: buckets, table, queues, topics, functions with "
            "their "
            "roles, the audit trail with its alarms. Shows the plan with what it costs and asks first. "
            "Repairs what was changed by hand. It may be interrupted or killed at any time: the same command "
            "goes on, since what is there is what AWS says. "
            "Before a cluster is made, its version of K3s is recorded with --k3s: addresses and checksums of "
            "what its machines fetch, and the machine images. What is recorded stays so.",
        .examples = {{"init --cloud aws -f project.yaml", "shows the plan, asks, makes it so"},
                     {"init --cloud sim-aws --project shop", "the same on a simulated account"},
                     {"init --cloud aws --project shop --yes", "defaults, for a script"},
                     {"init --cloud aws --project shop --k3s v1.36.1+k3s1",
                      "and what its machines are made of"},
                     {"init --cloud aws -f project.yaml --plan 3f9a... --yes", "that plan and no other"}},
        .exits = {{ExitCode::Findings, "there is something to do (--dry-run)"},
                  {ExitCode::Incomplete, "something failed; the same command goes on"},
                  {ExitCode::Refused, "not confirmed, not allowed, or the plan is stale"},
                  {ExitCode::LeaseHeld, "somebody else works on the project"}},
        .run = [options](Session& session) { return run(session, *options); },
    };
    add_options(command, options->setup);
    add_options(command, options->k3s);
    command.option("--plan", "DIGEST", options->plan,
                   "Only if the plan is this one: its beginning, from 'plan'");
    command.flag("--yes", options->yes, "Do not ask");
    command.flag("--dry-run", options->dry_run, "Change nothing");
    return command;
}

}  // namespace k3fleet::cli
