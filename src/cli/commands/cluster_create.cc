// cluster create: checks a cluster file and uploads it.
#include <memory>

#include "base/text.h"
#include "cli/commands/cluster_support.h"
#include "cli/commands/commands.h"
#include "cli/commands/support.h"

namespace k3fleet::cli {

namespace {

struct Options {
    PrepareOptions prepare;
    bool wait = false;
    Duration timeout = std::chrono::minutes{30};
};

Result<ExitCode> run_on_aws(const Session& session, const Options& options) {
    const auto open = K3F_TRY(OpenClusters::open(session, options.prepare.function_code, Code::Needed));
    return prepare_cluster(session, *open, options.prepare, Prepare::Create,
                           options.wait ? std::optional(options.timeout) : std::nullopt);
}

Result<ExitCode> run(const Session& session, const Options& options) {
    if (on_aws(session)) return run_on_aws(session, options);
    const std::string& path = options.prepare.file;
    const app::ClusterFile file = K3F_TRY(read_cluster_file(session, path));
    remark_warnings(session, file, path);
    const std::string name = file.intent.name.str();
    Value data = Value::object(
        {{"cluster", name}, {"created", !options.prepare.dry_run}, {"digest", file.intent.digest}});
    if (options.prepare.dry_run) {
        session.result(data, [&](Colours) {
            return format("{} is valid: cluster {} was not created\n", input_name(path), name);
        });
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
            "'autoscale run', or here with --wait. What a file may hold: 'k3fleet schema cluster'.\n"
            "On AWS first makes what the cluster stands on: network, roles, secrets, its function; shows the "
            "plan with what it costs and asks. The project must be set up ('init'), and the version of K3s "
            "recorded ('init --k3s'). Machines are started by the project's functions; --wait watches them. "
            "It may be interrupted or killed at any time: the same command goes on.",
        .examples = {{"cluster create -f shop.yaml", "upload; 'autoscale run' does the rest"},
                     {"cluster create -f shop.yaml --wait", "and wait until masters and workers are Ready"},
                     {"cluster create -f shop.yaml --dry-run", "only check the file"},
                     {"cluster create --cloud aws --project shop -f shop.yaml --yes",
                      "on AWS, for a script"}},
        .exits = {{ExitCode::Findings, "there is something to do (--dry-run on AWS)"},
                  {ExitCode::Incomplete, "it was created and is not Ready yet (--wait)"},
                  {ExitCode::Refused, "there is a cluster of that name, or no cloud was chosen"}},
        .run = [options](Session& session) { return run(session, *options); },
    };
    add_options(command, options->prepare);
    command.flag("--wait", options->wait, "Until the cluster is up: run ticks, on AWS watch the functions");
    command.option("--timeout", "DURATION", options->timeout, "With --wait: how long at most")
        .default_is("30m");
    command.flag("--dry-run", options->prepare.dry_run, "Check the file and change nothing");
    return command;
}

}  // namespace k3fleet::cli
