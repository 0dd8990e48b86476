// init: sets an AWS account up for a project.
#include <memory>

#include "base/text.h"
#include "cli/commands/commands.h"
#include "cli/commands/setup_support.h"

namespace k3fleet::cli {

namespace {

struct Options {
    SetupOptions setup;
    std::string plan;
    bool yes = false;
    bool dry_run = false;
};

Result<ExitCode> run(const Session& session, const Options& options) {
    if (nothing_to_set_up(session)) return ExitCode::Done;
    const auto open = K3F_TRY(OpenSetup::open(session, options.setup));
    auto graph = K3F_TRY(open->account_graph(session, options.setup, OpenSetup::Code::Needed));
    app::SetupPlan plan = K3F_TRY(app::plan_setup(open->site(), std::move(graph)));
    if (!options.plan.empty() && !plan.digest.starts_with(options.plan))
        return fail(ErrorCode::Refused,
                    "the account is not what it was when that plan was made\nread the new one: k3fleet plan");
    if (plan.plan.empty()) {
        session.result(plan_value(plan),
                       [&](Colours) { return format("{}: {}\n", place(open->scope()), summary(plan.plan)); });
        return ExitCode::Done;
    }
    session.remark(format("{}: about {} a month when it is done", place(open->scope()),
                          resources::money(resources::sum(plan.prices).usd)));
    if (options.dry_run || options.plan.empty()) {
        const std::string shown = plan_text(plan, session.settings.colours);
        if (options.dry_run) {
            session.result(plan_value(plan), [&](Colours) { return shown; });
            return ExitCode::Findings;
        }
        if (session.settings.format == Format::Table) session.host.out.write(shown + "\n");
    }
    K3F_TRY(confirm(session, options.yes, format("Do this to {}?", place(open->scope()))));
    return open->carry_out(session, plan, "set up", again(session, options.setup, "init"));
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
            "goes on, since what is there is what AWS says.",
        .examples = {{"init --cloud aws -f project.yaml", "shows the plan, asks, makes it so"},
                     {"init --cloud aws --project shop --yes", "defaults, for a script"},
                     {"init --cloud aws -f project.yaml --plan 3f9a... --yes", "that plan and no other"}},
        .exits = {{ExitCode::Findings, "there is something to do (--dry-run)"},
                  {ExitCode::Incomplete, "something failed; the same command goes on"},
                  {ExitCode::Refused, "not confirmed, not allowed, or the plan is stale"},
                  {ExitCode::LeaseHeld, "somebody else works on the project"}},
        .run = [options](Session& session) { return run(session, *options); },
    };
    add_options(command, options->setup);
    command.option("--plan", "DIGEST", options->plan,
                   "Only if the plan is this one: its beginning, from 'plan'");
    command.flag("--yes", options->yes, "Do not ask");
    command.flag("--dry-run", options->dry_run, "Change nothing");
    return command;
}

}  // namespace k3fleet::cli
