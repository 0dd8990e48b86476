// sim start: makes a simulated world that begins at a chosen time.
#include <memory>

#include "base/text.h"
#include "cli/commands/commands.h"
#include "cli/commands/support.h"

namespace k3fleet::cli {

namespace {

struct Options {
    std::optional<Timestamp> at;
    std::optional<std::int64_t> seed;
    std::string load = "synthetic:1";
};

Result<ExitCode> run(const Session& session, const Options& options) {
    if (options.seed && *options.seed < 0)
        return fail(ErrorCode::InvalidArgument, "--seed must not be negative\ngive a whole number such as 7");
    app::WireSettings settings{.at = options.at, .must_be_new = true};
    if (options.seed) settings.seed = static_cast<std::uint64_t>(*options.seed);
    settings.load = K3F_TRY(app::read_simulated_load(options.load));
    const std::string described = settings.load->described;
    if (on_aws(session))
        return fail(ErrorCode::Refused, "simulated worlds are made in the simulated cloud\nadd --cloud sim");
    const auto site = K3F_TRY(open_site(session, settings));
    const std::string now = to_rfc3339(site->clock().now());
    session.result(Value::object({{"time", now}, {"load", options.load}}), [&](Colours) {
        return format("a new simulated world begins at {}; its load is {}\n", now, described);
    });
    return ExitCode::Done;
}

}  // namespace

Command sim_start() {
    const auto options = std::make_shared<Options>();
    Command command{
        .words = "sim start",
        .purpose = Purpose::Rehearsal,
        .effect = Effect::Changes,
        .summary = "Begin a simulated world at a chosen time",
        .about =
            "Without this the world begins at the real time when it is first used. The same seed, time and "
            "commands "
            "give the same world again. Refused where there is a world already: use another --state-dir.",
        .examples = {{"sim start --at 2026-03-02T18:00:00Z --seed 7",
                      "a Monday evening, always the same one"},
                     {"sim start --load csv:load.csv", "your own recorded load, to watch it being followed"},
                     {"sim start --state-dir try", "now, in a folder of its own"}},
        .run = [options](Session& session) { return run(session, *options); },
    };
    command.option("--at", "TIME", options->at, "When it begins").default_is("now");
    command.option("--seed", "NUMBER", options->seed, "What its boot times and accidents are drawn from")
        .default_is("1");
    command
        .option("--load", "SOURCE", options->load,
                "How much work its clusters have to do: synthetic:SEED (days, weekends and flash crowds), "
                "flat:CORES, or csv:FILE[#COLUMN] with cores in use, which begins when the world does and "
                "whose last value holds")
        .default_is("synthetic:1");
    return command;
}

}  // namespace k3fleet::cli
