// apply: uploads a changed cluster file, and says what is different.
#include <memory>

#include "base/text.h"
#include "cli/commands/cluster_support.h"
#include "cli/commands/commands.h"
#include "cli/commands/support.h"

namespace k3fleet::cli {

namespace {

Result<ExitCode> run_on_aws(const Session& session, const PrepareOptions& options) {
    const auto open = K3F_TRY(OpenClusters::open(session, options.function_code, Code::DigestOnly));
    return prepare_cluster(session, *open, options, Prepare::Apply);
}

Result<ExitCode> run(const Session& session, const PrepareOptions& options) {
    if (on_aws(session)) return run_on_aws(session, options);
    const app::ClusterFile file = K3F_TRY(read_cluster_file(session, options.file));
    remark_warnings(session, file, options.file);
    const auto site = K3F_TRY(open_site(session));
    const app::ClusterFile stored = K3F_TRY(app::load_cluster(site->objects(), file.intent.name));
    const auto changes = app::changes(stored.intent, file.intent);
    const bool upload = !changes.empty() && !options.dry_run;
    if (upload) K3F_TRY(app::replace_cluster(site->objects(), stored, file, doer(session, *site)));
    const std::string name = file.intent.name.str();
    const Value data =
        Value::object({{"cluster", name}, {"applied", upload}, {"changes", changes_value(changes)}});
    session.result(data, [&](Colours colours) {
        if (changes.empty()) return format("cluster {} is as the file says; nothing to do\n", name);
        return changes_text(changes, colours) +
               (upload ? format("\ncluster {} is changed: 'k3fleet autoscale run' works by it from now on\n",
                                name)
                       : format("\ncluster {} was not changed (--dry-run)\n", name));
    });
    return options.dry_run && !changes.empty() ? ExitCode::Findings : ExitCode::Done;
}

}  // namespace

Command apply() {
    const auto options = std::make_shared<PrepareOptions>();
    Command command{
        .words = "apply",
        .purpose = Purpose::Clusters,
        .effect = Effect::Changes,
        .summary = "Change a cluster to what its file says",
        .about =
            "Shows every setting that differs and uploads the file. If somebody else uploads at the same "
            "moment, "
            "one of the two is refused.\n"
            "On AWS shows what the change makes of the cluster's network, roles and function, and what it "
            "costs; asks, and carries it out before the file is uploaded.",
        .examples = {{"apply -f shop.yaml --dry-run", "what would change; exit code 3 if anything would"},
                     {"apply -f shop.yaml", "change it"}},
        .exits = {{ExitCode::Findings, "there are differences (--dry-run)"},
                  {ExitCode::Refused, "somebody else changed the file meanwhile"}},
        .run = [options](Session& session) { return run(session, *options); },
    };
    add_options(command, *options);
    command.flag("--dry-run", options->dry_run, "Show the differences and change nothing");
    return command;
}

}  // namespace k3fleet::cli
