// rehearse: what would become of a cluster in days in which everything goes wrong.
#include <memory>

#include "app/clusters.h"
#include "app/interrupt.h"
#include "app/rehearsal.h"
#include "app/wire.h"
#include "base/text.h"
#include "cli/commands/commands.h"
#include "cli/commands/support.h"
#include "cli/progress.h"
#include "cli/rehearsal_view.h"
#include "cli/session.h"

namespace k3fleet::cli {

namespace {

constexpr std::int64_t kMostDays = 90;

struct Options {
    std::string file;
    std::int64_t days = 7;
    std::string faults = "heavy";
    std::int64_t seed = 1;
    std::string load = "synthetic:1";
    std::optional<Timestamp> at;
    bool story = false;
};

// Days begin at midnight, so that the same command gives the same rehearsal all day long.
Timestamp midnight(Timestamp at) { return std::chrono::floor<std::chrono::days>(at); }

Result<ExitCode> run(const Session& session, const Options& options) {
    if (options.days < 1 || options.days > kMostDays)
        return fail(ErrorCode::InvalidArgument,
                    format("--days must be 1 to {}, not {}", kMostDays, options.days));
    if (options.seed < 0)
        return fail(ErrorCode::InvalidArgument, "--seed must not be negative\ngive a whole number such as 7");
    const app::ClusterFile file = K3F_TRY(read_cluster_file(session, options.file));
    remark_warnings(session, file, options.file);
    app::RehearsalOptions rehearsal{.start = options.at.value_or(midnight(app::real_time())),
                                    .length = std::chrono::days{options.days},
                                    .faults = options.faults,
                                    .seed = static_cast<std::uint64_t>(options.seed)};
    rehearsal.load = K3F_TRY(app::read_simulated_load(options.load));
    const auto stage = K3F_TRY(app::make_stage(file.intent, rehearsal));
    app::stop_on_signals();
    Progress progress(session);
    const auto report = K3F_TRY(app::rehearse(file.intent, rehearsal, *stage, [&](Timestamp at) -> Status {
        if (app::stop_requested()) return fail(ErrorCode::Cancelled, "the rehearsal was stopped");
        if (progress.live()) progress.update(at, format("of {} simulated days", options.days));
        return {};
    }));
    progress.clear();
    session.result(rehearsal_document(report), [&](Colours colours) {
        return (options.story ? render_story(report) + "\n" : "") + render_rehearsal(report, colours);
    });
    return report.broken.empty() ? ExitCode::Done : ExitCode::Findings;
}

}  // namespace

Command rehearse_command() {
    const auto options = std::make_shared<Options>();
    Command command{
        .words = "rehearse",
        .purpose = Purpose::Rehearsal,
        .summary = "Live through a bad week of your cluster in seconds",
        .about =
            "Runs the controllers that ship on a simulated AWS account with a cluster as your file says: "
            "spot "
            "instances are taken back, zones are lost, calls are throttled or lose their answers, processes "
            "are "
            "killed in the middle. Shows what broke, what the controllers did, what it would have cost, how "
            "long "
            "pods waited, and the worst moments. The same seed gives the same days again. Needs no account, "
            "and "
            "changes nothing.",
        .examples = {{"rehearse -f shop.yaml", "a week of the worst"},
                     {"rehearse -f shop.yaml --faults none", "a quiet week, to compare with"},
                     {"rehearse -f shop.yaml --days 2 --load csv:load.csv --story",
                      "your own load, and everything that happens"}},
        .exits = {{ExitCode::Findings, "a promise was broken: a bug of k3fleet, please report it"}},
        .run = [options](Session& session) { return run(session, *options); },
    };
    command.option("--file", "FILE", options->file, "The cluster file").short_name("-f").required();
    command.option("--days", "NUMBER", options->days, "How many days").default_is("7");
    command.option("--faults", "LEVEL", options->faults, "How much goes wrong")
        .one_of({"none", "light", "heavy"})
        .default_is("heavy");
    command.option("--seed", "NUMBER", options->seed, "What the accidents are drawn from").default_is("1");
    command
        .option(
            "--load", "SOURCE", options->load,
            "How much work there is: synthetic:SEED (days, weekends and flash crowds, sized to the pools), "
            "flat:CORES, or csv:FILE[#COLUMN] with cores in use")
        .default_is("synthetic:1");
    command.option("--at", "TIME", options->at, "When it begins").default_is("today at 00:00 UTC");
    command.flag("--story", options->story, "Also everything that happened, a line each");
    return command;
}

}  // namespace k3fleet::cli
