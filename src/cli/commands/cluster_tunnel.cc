// cluster tunnel: a port on this machine that is a cluster's API.
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
    std::optional<std::int64_t> port;
};

Result<ExitCode> run(const Session& session, const Options& options) {
    K3F_TRY(app::usable_plugin());
    const OpenReach open = K3F_TRY(open_reach(session, options.cluster));
    const int port = K3F_TRY(tunnel_port(session, open, options.port));
    if (K3F_TRY(app::free_port(port)) != port)
        return fail(ErrorCode::Refused,
                    format("port {} of this machine is taken: does the tunnel run already?\n"
                           "another one: --port N, then 'k3fleet cluster kubeconfig {}' again",
                           port, options.cluster));
    auto site = open.site();
    const auto tunnel = K3F_TRY(app::open_tunnel(site, port, reason_of(session, "cluster tunnel")));
    session.remark(format("{} is https://127.0.0.1:{} until Ctrl-C", options.cluster, port));
    const auto own = own_kubeconfig(session, open.scope.cluster);
    const auto there = own ? app::read_own_file(*own) : Result<std::string>();
    if (there && there->empty())
        session.remark(
            format("there is no credential for it yet: k3fleet cluster kubeconfig {}", options.cluster));
    else if (there && remote::port_of(*there) != port)
        session.remark(format("{} names another port: k3fleet cluster kubeconfig {}", *own, options.cluster));
    const int code =
        K3F_TRY(ended(session, open, tunnel, app::attach(tunnel, session.settings.profile.value)));
    if (code == 0 || code >= 128) return ExitCode::Done;
    session.remark(format("the tunnel ended with exit code {} of session-manager-plugin", code));
    return ExitCode::Incomplete;
}

}  // namespace

Command cluster_tunnel() {
    const auto options = std::make_shared<Options>();
    Command command{
        .words = "cluster tunnel",
        .purpose = Purpose::Clusters,
        .summary = "Reach a cluster's API from this machine",
        .about =
            "Opens a session of AWS Systems Manager to a master and carries a port of this machine to its "
            "API, until Ctrl-C. The API itself stays inside the VPC. Each cluster has a port of its own, "
            "which is kept from one time to the next, so several tunnels may run side by side. Needs AWS's "
            "program session-manager-plugin ('k3fleet doctor' looks for it).",
        .examples = {{"cluster tunnel shop", "until Ctrl-C"},
                     {"cluster tunnel shop --port 7443", "from now on on that port"}},
        .exits = {{ExitCode::Incomplete, "no master answers, or the session broke"},
                  {ExitCode::Refused, "the plugin is missing, or the port is taken"}},
        .run = [options](Session& session) { return run(session, *options); },
    };
    command.argument("NAME", options->cluster, "Which cluster").required();
    command.option("--port", "N", options->port, "The port on this machine")
        .default_is("the one it had, else a free one");
    return command;
}

}  // namespace k3fleet::cli
