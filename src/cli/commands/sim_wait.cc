// sim wait: time passes in the simulated world.
#include <memory>

#include "base/text.h"
#include "cli/commands/commands.h"
#include "cli/commands/support.h"

namespace k3fleet::cli {

namespace {

struct Options {
    Duration length{};
};

Result<ExitCode> run(const Session& session, const Options& options) {
    if (options.length <= Duration::zero())
        return fail(ErrorCode::InvalidArgument, "--for must be longer than nothing\ngive a time such as 8h");
    if (session.settings.cloud.value == "aws")
        return fail(ErrorCode::Refused, "on AWS time passes by itself\nadd --cloud sim-aws, or --cloud sim");
    const auto site = K3F_TRY(open_site(session));
    K3F_TRY(site->clock().sleep_until(site->clock().now() + options.length));
    const std::string now = to_rfc3339(std::chrono::floor<std::chrono::seconds>(site->clock().now()));
    session.result(Value::object({{"time", now}}),
                   [&](Colours) { return format("it is {} in the simulated world now\n", now); });
    return ExitCode::Done;
}

}  // namespace

Command sim_wait() {
    const auto options = std::make_shared<Options>();
    Command command{
        .words = "sim wait",
        .purpose = Purpose::Rehearsal,
        .effect = Effect::Changes,
        .summary = "Let time pass in the simulated world",
        .about =
            "What happens meanwhile happens at once: machines boot, the load goes up and down, faults come. "
            "On sim-aws the project's functions work as their schedule says; on sim nobody does, as "
            "'autoscale run' is what works there.",
        .examples = {{"sim wait --cloud sim-aws --project shop --for 8h", "what did the night do to it?"},
                     {"sim wait --cloud sim --for 10m", "until machines have booted"}},
        .run = [options](Session& session) { return run(session, *options); },
    };
    command.option("--for", "DURATION", options->length, "How long").required();
    return command;
}

}  // namespace k3fleet::cli
