// sim fault: something that will go wrong in the simulated world.
#include <memory>

#include "base/text.h"
#include "cli/commands/commands.h"
#include "cli/commands/support.h"

namespace k3fleet::cli {

namespace {

struct Options {
    std::string kind;
    Duration after{};
    Duration length{};
    std::string argument;
};

Result<ExitCode> run(const Session& session, const Options& options) {
    const auto site = K3F_TRY(open_site(session));
    const Timestamp at = site->clock().now() + options.after;
    K3F_TRY(site->inject(
        {.kind = options.kind, .at = at, .duration = options.length, .argument = options.argument}));
    const Value data =
        Value::object({{"kind", options.kind},
                       {"at", to_rfc3339(at)},
                       {"seconds", static_cast<std::int64_t>(options.length / std::chrono::seconds{1})},
                       {"argument", options.argument}});
    session.result(data, [&](Colours) {
        const std::string how_long =
            options.length == Duration::zero() ? " on" : " for " + to_string(options.length);
        const std::string whom = options.argument.empty() ? "" : ": " + options.argument;
        return format("{}{} from {}{}\n", options.kind, whom,
                      to_rfc3339(std::chrono::floor<std::chrono::seconds>(at)), how_long);
    });
    return ExitCode::Done;
}

}  // namespace

Command sim_fault() {
    const auto options = std::make_shared<Options>();
    Command command{
        .words = "sim fault",
        .purpose = Purpose::Rehearsal,
        .effect = Effect::Changes,
        .summary = "Let something go wrong in the simulated world",
        .about =
            "States last: metrics-outage, api-down, cloud-down, no-capacity (argument type/zone/market, * "
            "for any). "
            "Events happen once: spot-interruption (argument: an instance, else the oldest on spot), "
            "never-joins, "
            "lost-answer and crash (argument: a call, such as launch, or a point, such as after-launch; a "
            "crash kills "
            "the k3fleet process that makes the call).",
        .examples = {{"sim fault metrics-outage --after 3h --for 20m", "Prometheus goes silent"},
                     {"sim fault crash --argument after-launch", "the next launch is the process's last act"},
                     {"sim fault no-capacity --argument '*/ap-southeast-1a/spot'",
                      "no spot machines in one zone"}},
        .run = [options](Session& session) { return run(session, *options); },
    };
    command.argument("KIND", options->kind, "What goes wrong").one_of(app::fault_kinds()).required();
    command.option("--after", "DURATION", options->after, "How long from now, in simulated time")
        .default_is("at once");
    command
        .option("--for", "DURATION", options->length,
                "How long it lasts, or until when an event may find its victim")
        .default_is("for ever");
    command.option("--argument", "TEXT", options->argument, "What it hits; see above");
    return command;
}

}  // namespace k3fleet::cli
