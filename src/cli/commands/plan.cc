// plan: what `init` would do to an account. Changes nothing.
#include <memory>

#include "app/clusters.h"
#include "base/text.h"
#include "cli/commands/commands.h"
#include "cli/commands/setup_support.h"

namespace k3fleet::cli {

namespace {

// Of clusters that are there. One that cannot be read is another command's to tell.
Status remark_clusters(const Session& session, OpenSetup& open) {
    for (const model::ClusterName& name : K3F_TRY(open.survey().clusters()))
        if (const auto file = app::load_cluster(open.aws().objects(), name))
            remark_old_k3s(session, "K3s of cluster " + name.str(), file->intent.k3s_version);
    return {};
}

Result<ExitCode> run(const Session& session, const SetupOptions& options) {
    if (nothing_to_set_up(session)) return ExitCode::Done;
    const auto open = K3F_TRY(OpenSetup::open(session, options));
    auto graph = K3F_TRY(open->account_graph(session, options, Code::Needed));
    const app::SetupPlan plan = K3F_TRY(app::plan_setup(open->site(), std::move(graph), open->survey()));
    K3F_TRY(remark_clusters(session, *open));
    session.result(plan_value(plan), [&](Colours colours) {
        if (plan.plan.empty()) return format("{}: {}\n", place(open->aws()), summary(plan.plan));
        return format("{}\n\n{}\ncarry it out with: {} --plan {}\n", place(open->aws()),
                      plan_text(plan, colours), again(session, options, "init"), plan.digest.substr(0, 16));
    });
    return plan.plan.empty() ? ExitCode::Done : ExitCode::Findings;
}

}  // namespace

Command plan() {
    const auto options = std::make_shared<SetupOptions>();
    Command command{
        .words = "plan",
        .purpose = Purpose::Start,
        .summary = "Show what init would do to the account, and what it costs",
        .about =
            "Compares the account with what the project needs, property by property: what is made, changed, "
            "made anew and taken away, in the order in which it happens, with what it costs a month while "
            "nothing runs and the cheaper choice. Also shows what was changed by hand, and says which "
            "clusters run a "
            "K3s that gets no more fixes. Reads only.",
        .examples = {{"plan --cloud aws -f project.yaml", "exit code 3 if there is anything to do"},
                     {"plan --cloud aws --project shop -o json", "every difference, for a script"}},
        .exits = {{ExitCode::Done, "the account is as it should be"},
                  {ExitCode::Findings, "there is something to do"}},
        .run = [options](Session& session) { return run(session, *options); },
    };
    add_options(command, *options);
    return command;
}

}  // namespace k3fleet::cli
