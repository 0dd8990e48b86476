// autoscale pause: stops the machine for a while, whoever runs it.
#include <memory>

#include "base/text.h"
#include "cli/commands/commands.h"
#include "cli/commands/support.h"

namespace k3fleet::cli {

namespace {

struct Options {
    std::string cluster;
    Duration length{};
    std::string why;
};

Result<ExitCode> run(const Session& session, const Options& options) {
    if (options.length <= Duration::zero())
        return fail(ErrorCode::InvalidArgument,
                    "--for must be longer than nothing\ngive a duration such as 1h");
    const auto site = K3F_TRY(open_site(session));
    const app::ClusterFile file = K3F_TRY(chosen_cluster(*site, options.cluster));
    const Timestamp until =
        K3F_TRY(app::pause(*site, file.intent.name, options.length, options.why, doer(session, *site)));
    const std::string name = file.intent.name.str();
    const Value data = Value::object(
        {{"cluster", name}, {"paused", true}, {"until", to_rfc3339(until)}, {"why", options.why}});
    session.result(data, [&](Colours) {
        return format(
            "cluster {} is paused until {}: nothing is started, drained or ended\n"
            "end it sooner with: k3fleet autoscale resume --cluster {}\n",
            name, to_rfc3339(until), name);
    });
    return ExitCode::Done;
}

}  // namespace

Command autoscale_pause() {
    const auto options = std::make_shared<Options>();
    Command command{
        .words = "autoscale pause",
        .purpose = Purpose::Scaling,
        .effect = Effect::Changes,
        .summary = "Stop all scaling of a cluster for a while",
        .about =
            "Both loops of the cluster hold until the time is over: they still look and say what they would "
            "do. It "
            "needs no lease, so it works whoever runs the loop, and whatever that process is doing.",
        .examples = {{"autoscale pause --for 1h --why \"database migration\"", "the only cluster there is"},
                     {"autoscale pause --cluster shop --for 30m --why deploy", "one of several"}},
        .run = [options](Session& session) { return run(session, *options); },
    };
    command.option("--cluster", "NAME", options->cluster, "Which cluster")
        .default_is("the only one there is");
    command.option("--for", "DURATION", options->length, "How long").required();
    command.option("--why", "TEXT", options->why, "The reason, shown to whoever looks").required();
    return command;
}

}  // namespace k3fleet::cli
