// cluster delete: marks a cluster, and with --wait takes it down.
#include <memory>

#include "base/text.h"
#include "cli/commands/cluster_support.h"
#include "cli/commands/commands.h"
#include "cli/commands/support.h"

namespace k3fleet::cli {

namespace {

Result<ExitCode> run_on_aws(const Session& session, const DeleteOptions& options) {
    const auto open = K3F_TRY(OpenClusters::open(session, "", Code::DigestOnly));
    return delete_cluster(session, *open, options);
}

Result<ExitCode> run(const Session& session, const DeleteOptions& options) {
    if (on_aws(session)) return run_on_aws(session, options);
    const auto site = K3F_TRY(open_site(session));
    const app::ClusterFile file =
        K3F_TRY(app::load_cluster(site->objects(), model::ClusterName(options.name)));
    const model::ClusterName& name = file.intent.name;
    if (options.dry_run) {
        const Sight sight = K3F_TRY(app::look(*site, file));
        const Value data =
            Value::object({{"cluster", name.str()}, {"deleted", false}, {"deleting", file.intent.deleting}});
        session.result(data, [&](Colours) {
            return format("cluster {} would be deleted: {}, {}\n", name.str(), in_words(sight.overview),
                          price_text(sight.overview));
        });
        return ExitCode::Done;
    }
    K3F_TRY(app::mark_deleting(site->objects(), name, doer(session, *site)));
    const auto shown = [&](const std::string& text, bool gone) {
        session.result(Value::object({{"cluster", name.str()}, {"deleted", gone}, {"deleting", !gone}}),
                       [&](Colours) { return text; });
    };
    if (!options.wait) {
        shown(format("cluster {} is marked for deletion: 'k3fleet autoscale run' carries it out, or 'k3fleet "
                     "cluster "
                     "delete {} --wait'\n",
                     name.str(), name.str()),
              false);
        return ExitCode::Done;
    }
    const ExitCode code =
        K3F_TRY(wait_with_ticks(session, *site,
                                {.cluster = name,
                                 .what = WaitFor::Gone,
                                 .timeout = options.timeout,
                                 .how_to_continue = format("cluster delete {} --wait", name.str())}));
    const bool gone = code == ExitCode::Done;
    shown(gone ? format("cluster {} is deleted; nothing of it is left\n", name.str()) : "", gone);
    return code;
}

}  // namespace

Command cluster_delete() {
    const auto options = std::make_shared<DeleteOptions>();
    Command command{
        .words = "cluster delete",
        .purpose = Purpose::Clusters,
        .effect = Effect::Changes,
        .summary = "Delete a cluster and everything it costs",
        .about =
            "Marks the cluster: from then on every tick takes machines away, workers first, and at the end "
            "its file "
            "is removed. The journal stays. It can be interrupted at any time and goes on with the same "
            "command.\n"
            "On AWS the project's functions end the machines; with --wait this takes away the rest, too: "
            "network, roles, function, secrets. It says what AWS itself keeps and until when; a cluster that "
            "is made again under the name before then gets that back.",
        .examples = {{"cluster delete shop --wait", "and wait until nothing is left"},
                     {"cluster delete shop --dry-run", "only say what would go"}},
        .exits = {{ExitCode::Findings, "there is something to delete (--dry-run on AWS)"},
                  {ExitCode::Incomplete, "something is left of it (--wait)"},
                  {ExitCode::LeaseHeld, "somebody else works on the project, or a tick on the cluster"}},
        .run = [options](Session& session) { return run(session, *options); },
    };
    command.argument("CLUSTER", options->name, "Name of the cluster").required();
    command.flag("--wait", options->wait, "Until nothing is left: run ticks, on AWS wait for the functions");
    command.option("--timeout", "DURATION", options->timeout, "With --wait: how long at most")
        .default_is("30m");
    command.flag("--dry-run", options->dry_run, "Change nothing");
    return command;
}

}  // namespace k3fleet::cli
