// autoscale resume: ends a pause.
#include <memory>

#include "base/text.h"
#include "cli/commands/commands.h"
#include "cli/commands/support.h"

namespace k3fleet::cli {

namespace {

struct Options {
    std::string cluster;
};

Result<ExitCode> run(const Session& session, const Options& options) {
    const auto site = K3F_TRY(open_site(session));
    const app::ClusterFile file = K3F_TRY(chosen_cluster(*site, options.cluster));
    const std::string name = file.intent.name.str();
    const bool was = K3F_TRY(app::resume(*site, file.intent.name, doer(session, *site)));
    session.result(Value::object({{"cluster", name}, {"paused", false}}), [&](Colours) {
        return was ? format("cluster {} is no longer paused\n", name)
                   : format("cluster {} was not paused\n", name);
    });
    return ExitCode::Done;
}

}  // namespace

Command autoscale_resume() {
    const auto options = std::make_shared<Options>();
    Command command{
        .words = "autoscale resume",
        .purpose = Purpose::Scaling,
        .effect = Effect::Changes,
        .summary = "End a pause",
        .about = "",
        .examples = {{"autoscale resume", "the only cluster there is"},
                     {"autoscale resume --cluster shop", "one of several"}},
        .run = [options](Session& session) { return run(session, *options); },
    };
    command.option("--cluster", "NAME", options->cluster, "Which cluster")
        .default_is("the only one there is");
    return command;
}

}  // namespace k3fleet::cli
