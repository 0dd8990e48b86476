// kubectl: kubectl through a tunnel that lives as long as it does.
#include <memory>

#include "app/machine.h"
#include "base/text.h"
#include "cli/commands/commands.h"
#include "cli/commands/reach_support.h"
#include "core/remote/kubeconfig.h"

namespace k3fleet::cli {

namespace {

struct Options {
    std::string cluster;
    std::vector<std::string> words;
};

Result<ExitCode> run(const Session& session, const Options& options) {
    K3F_TRY(app::usable_plugin());
    const OpenReach open = K3F_TRY(open_reach(session, options.cluster));
    const std::string file = K3F_TRY(own_kubeconfig(session, open.scope.cluster));
    const int port = remote::port_of(K3F_TRY(app::read_own_file(file)));
    if (port == 0)
        return fail(ErrorCode::NotFound, format("there is no credential in {}\nget one: k3fleet cluster "
                                                "kubeconfig {}",
                                                file, options.cluster));
    app::Errand errand{
        .arguments = {"kubectl", "--kubeconfig", file, "--context", remote::context_name(open.scope)},
        .environment = {}};
    errand.arguments.insert(errand.arguments.end(), options.words.begin(), options.words.end());
    if (K3F_TRY(app::free_port(port)) != port)
        return fail(ErrorCode::Refused,
                    format("port {} of this machine is taken: if that is the cluster's tunnel, use kubectl "
                           "itself\nkubectl --kubeconfig {}",
                           port, file));
    auto site = open.site();
    const auto tunnel = K3F_TRY(app::open_tunnel(site, port, reason_of(session, "kubectl")));
    const int code = K3F_TRY(
        ended(session, open, tunnel, app::run_through(tunnel, session.settings.profile.value, port, errand)));
    return code == 0 ? ExitCode::Done : ExitCode::Incomplete;
}

}  // namespace

Command kubectl() {
    const auto options = std::make_shared<Options>();
    Command command{
        .words = "kubectl",
        .purpose = Purpose::Clusters,
        .summary = "Run kubectl through a tunnel of its own",
        .about =
            "Opens the cluster's tunnel, runs kubectl with the credential of 'cluster kubeconfig', and "
            "closes "
            "the tunnel when kubectl ends. Each run opens a session, which takes seconds: for more than a "
            "few commands keep 'cluster tunnel' running and use kubectl itself.",
        .examples = {{"kubectl shop -- get nodes", "everything behind -- is kubectl's"},
                     {"kubectl shop -- logs -f deploy/web", "until Ctrl-C"}},
        .exits = {{ExitCode::Done, "kubectl ended with 0"},
                  {ExitCode::Incomplete, "it ended otherwise, or no master answers"}},
        .run = [options](Session& session) { return run(session, *options); },
    };
    command.argument("NAME", options->cluster, "Which cluster").required();
    command.argument("WORD", options->words, "What kubectl is to do, behind --").repeatable();
    return command;
}

}  // namespace k3fleet::cli
