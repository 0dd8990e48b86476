// uninit: takes a project's set-up out of an account.
#include <memory>

#include "base/text.h"
#include "cli/commands/commands.h"
#include "cli/commands/setup_support.h"
#include "core/resources/kinds.h"

namespace k3fleet::cli {

namespace {

struct Options {
    SetupOptions setup;
    bool purge = false;
    bool yes = false;
    bool dry_run = false;
};

// "kept: bucket TrailBucket; --purge takes it too"
std::string kept_text(const app::SetupPlan& plan, bool purged) {
    std::string text;
    for (const resources::LogicalId& id : plan.plan.kept) {
        const resources::Resource* resource = plan.graph.find(id);
        const bool audit = resource->retain == resources::Retain::UnlessPurged;
        text += format(
            "kept: {} {}{}\n", resources::kind_of(resource->type).word, id.str(),
            audit && !purged ? ", of the audit trail; --purge takes it too" : ", which is the account's");
    }
    return text;
}

Result<ExitCode> run(const Session& session, const Options& options) {
    if (nothing_to_set_up(session)) return ExitCode::Done;
    const auto open = K3F_TRY(OpenSetup::open(session, options.setup));
    auto graph = K3F_TRY(open->account_graph(session, options.setup, Code::DigestOnly));
    app::SetupPlan plan = K3F_TRY(
        app::plan_takedown(open->site(), std::move(graph),
                           options.purge ? resources::Purge::Yes : resources::Purge::No, open->survey()));
    const std::string kept = kept_text(plan, options.purge);
    if (plan.plan.empty()) {
        session.result(plan_value(plan), [&](Colours) {
            return format("{}: nothing of it is there\n{}", place(open->aws()), kept);
        });
        return ExitCode::Done;
    }
    const std::string shown = plan_text(plan, session.settings.colours) + kept;
    if (options.dry_run) {
        session.result(plan_value(plan), [&](Colours) { return shown; });
        return ExitCode::Findings;
    }
    session.remark(format("{}: takes everything of the project away", place(open->aws())));
    if (session.settings.format == Format::Table) session.host.out.write(shown + "\n");
    K3F_TRY(confirm(session, options.yes, format("Remove all this from {}?", place(open->aws()))));
    return open->carry_out(session, plan, "nothing of it is left", again(session, options.setup, "uninit"));
}

}  // namespace

Command uninit() {
    const auto options = std::make_shared<Options>();
    Command command{
        .words = "uninit",
        .purpose = Purpose::Start,
        .summary = "Take a project's set-up out of the AWS account",
        .about =
            "Removes what `init` made, in an order that always works, and says what AWS itself keeps and "
            "until when. Refuses while clusters live. The audit trail's bucket and log group stay, unless "
            "--purge is given. It may be interrupted: the same command goes on.",
        .examples = {{"uninit --cloud aws --project shop --dry-run", "what would go, and what stays"},
                     {"uninit --cloud aws --project shop --purge --yes", "everything, the audit trail too"}},
        .exits = {{ExitCode::Findings, "there is something to remove (--dry-run)"},
                  {ExitCode::Incomplete, "something is left; the same command goes on"},
                  {ExitCode::Refused, "clusters live, or not confirmed"},
                  {ExitCode::LeaseHeld, "somebody else works on the project"}},
        .run = [options](Session& session) { return run(session, *options); },
    };
    add_options(command, options->setup);
    command.flag("--purge", options->purge, "The audit trail too");
    command.flag("--yes", options->yes, "Do not ask");
    command.flag("--dry-run", options->dry_run, "Change nothing");
    return command;
}

}  // namespace k3fleet::cli
