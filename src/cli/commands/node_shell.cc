// node shell: a shell on a machine, without SSH.
#include <memory>

#include "app/machine.h"
#include "base/text.h"
#include "cli/commands/commands.h"
#include "cli/commands/reach_support.h"

namespace k3fleet::cli {

namespace {

struct Options {
    std::string machine;
};

Result<ExitCode> run(const Session& session, const Options& options) {
    K3F_TRY(app::usable_plugin());
    const OpenReach open = K3F_TRY(open_reach(session, ""));
    auto site = open.site();
    const auto machine = K3F_TRY(app::machine_of(site, options.machine));
    const auto shell = K3F_TRY(app::open_shell(site, machine, reason_of(session, "node shell")));
    const int code = K3F_TRY(ended(session, open, shell, app::attach(shell, session.settings.profile.value)));
    return code == 0 || code >= 128 ? ExitCode::Done : ExitCode::Incomplete;
}

}  // namespace

Command node_shell() {
    const auto options = std::make_shared<Options>();
    Command command{
        .words = "node shell",
        .purpose = Purpose::Clusters,
        .summary = "Open a shell on a machine, through AWS Systems Manager",
        .about =
            "A session as ec2-user, who may use sudo. It ends after 20 idle minutes. No port is open for it "
            "and there is no key; AWS's CloudTrail names who opened it, when and where. Needs AWS's program "
            "session-manager-plugin ('k3fleet doctor' looks for it).",
        .examples = {{"node shell i-0123456789abcdef0", "the instance's id is also its node's name"},
                     {"node shell i-0123456789abcdef0 --profile dev", "in another account"}},
        .exits = {{ExitCode::Incomplete, "the machine does not answer"},
                  {ExitCode::Refused, "the plugin is missing, or the machine is none of the project's"}},
        .run = [options](Session& session) { return run(session, *options); },
    };
    command.argument("MACHINE", options->machine, "Instance or node").required();
    return command;
}

}  // namespace k3fleet::cli
