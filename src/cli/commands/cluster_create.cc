// cluster create: checks a cluster file and uploads it.
#include <memory>

#include "base/text.h"
#include "cli/commands/commands.h"
#include "cli/commands/support.h"
#include "core/intent/problem.h"

namespace k3fleet::cli {

namespace {

struct Options {
    std::string file;
    bool wait = false;
    bool dry_run = false;
    Duration timeout = std::chrono::minutes{30};
};

Result<ExitCode> run(const Session& session, const Options& options) {
    const std::string text = K3F_TRY(read_input(session.host, options.file));
    const std::string shown = options.file == "-" ? "standard input" : options.file;
    app::ClusterFile file = K3F_TRY(app::check_cluster_file(text, shown));
    if (!file.warnings.empty()) session.remark(trim(intent::describe(file.warnings, shown)));
    const std::string name = file.intent.name.str();
    Value data =
        Value::object({{"cluster", name}, {"created", !options.dry_run}, {"digest", file.intent.digest}});
    if (options.dry_run) {
        session.result(
            data, [&](Colours) { return format("{} is valid: cluster {} was not created\n", shown, name); });
        return ExitCode::Done;
    }
    const auto site = K3F_TRY(open_site(session));
    K3F_TRY(app::create_cluster(site->objects(), file, doer(session, *site)));
    ExitCode code = ExitCode::Done;
    if (options.wait)
        code = K3F_TRY(wait_with_ticks(session, *site,
                                       {.cluster = file.intent.name,
                                        .what = WaitFor::Settled,
                                        .timeout = options.timeout,
                                        .how_to_continue = "autoscale run --cluster " + name}));
    session.result(data, [&](Colours) {
        if (options.wait) return code == ExitCode::Done ? format("cluster {} is up\n", name) : std::string();
        return format("cluster {} is created: its machines are started by 'k3fleet autoscale run'\n", name);
    });
    return code;
}

}  // namespace

Command cluster_create() {
    const auto options = std::make_shared<Options>();
    Command command{
        .words = "cluster create",
        .purpose = Purpose::Clusters,
        .effect = Effect::Changes,
        .summary = "Create a cluster from a file",
        .about =
            "Checks the file, with line and column of every mistake, and uploads it. Machines are started by "
            "'autoscale run', or here with --wait. What a file may hold: 'k3fleet schema cluster'.",
        .examples = {{"cluster create -f shop.yaml", "upload; 'autoscale run' does the rest"},
                     {"cluster create -f shop.yaml --wait", "and wait until masters and workers are Ready"},
                     {"cluster create -f shop.yaml --dry-run", "only check the file"}},
        .exits = {{ExitCode::Incomplete, "it was created and is not Ready yet (--wait)"},
                  {ExitCode::Refused, "there is a cluster of that name, or no cloud was chosen"}},
        .run = [options](Session& session) { return run(session, *options); },
    };
    command.option("--file", "FILE", options->file, "The cluster file; - is standard input")
        .short_name("-f")
        .required();
    command.flag("--wait", options->wait, "Run ticks until the cluster is up");
    command.option("--timeout", "DURATION", options->timeout, "With --wait: how long at most")
        .default_is("30m");
    command.flag("--dry-run", options->dry_run, "Check the file and change nothing");
    return command;
}

}  // namespace k3fleet::cli
