// replay: decides recorded ticks again and compares.
#include <memory>

#include "app/history.h"
#include "base/text.h"
#include "cli/commands/commands.h"
#include "cli/commands/support.h"

namespace k3fleet::cli {

namespace {

constexpr std::int64_t kMost = 10'000;

struct Options {
    std::string cluster;
    std::string loop = "workers";
    std::optional<std::int64_t> tick;
    std::int64_t last = 20;
};

Result<std::vector<app::JournalEntry>> wanted(const app::Journal& journal, const Options& options) {
    std::vector<app::JournalEntry> entries;
    if (options.tick) {
        entries.push_back(K3F_TRY(app::find_tick(journal, options.tick)).entry);
        return entries;
    }
    for (app::TickRecord& record : K3F_TRY(app::newest_ticks(journal, static_cast<int>(options.last))))
        entries.push_back(std::move(record.entry));
    return entries;
}

Result<ExitCode> run(const Session& session, const Options& options) {
    if (options.last < 1 || options.last > kMost)
        return fail(ErrorCode::InvalidArgument, format("--last must be from 1 to {}", kMost));
    const auto site = K3F_TRY(open_site(session));
    const app::ClusterFile file = K3F_TRY(chosen_cluster(*site, options.cluster));
    const app::Journal journal(site->objects(), file.intent.name, options.loop);
    Value list = Value::array();
    Table table({{"TICK", Align::Right}, {"TIME"}, {"DECIDED AGAIN"}});
    int different = 0;
    for (const app::JournalEntry& entry : K3F_TRY(wanted(journal, options))) {
        const auto differences = K3F_TRY(app::replay(journal, entry));
        Value texts = Value::array();
        for (const std::string& text : differences) texts.push(text);
        list.push(Value::object(
            {{"tick", entry.sequence}, {"time", to_rfc3339(entry.at)}, {"differences", texts}}));
        if (!differences.empty()) ++different;
        table.row(
            {std::to_string(entry.sequence), to_rfc3339(entry.at),
             differences.empty() ? Cell("the same", Tone::Good) : Cell(join(differences, "; "), Tone::Bad)});
    }
    session.result(
        Value::object({{"cluster", file.intent.name.str()}, {"loop", options.loop}, {"ticks", list}}),
        [&](Colours colours) {
            return table.empty() ? std::string("there was no tick yet\n") : table.render(colours);
        });
    return different == 0 ? ExitCode::Done : ExitCode::Findings;
}

}  // namespace

Command replay() {
    const auto options = std::make_shared<Options>();
    Command command{
        .words = "replay",
        .purpose = Purpose::History,
        .summary = "Decide recorded ticks again and compare",
        .about =
            "Takes what each tick saw from the journal and calls the same decision on it: with the same "
            "program "
            "nothing may differ, with a newer one the differences are what changed for you.",
        .examples = {{"replay --last 100", "the last hundred ticks"}, {"replay --tick 42", "one tick"}},
        .exits = {{ExitCode::Findings, "something is decided differently now"}},
        .run = [options](Session& session) { return run(session, *options); },
    };
    command.option("--cluster", "NAME", options->cluster, "Which cluster")
        .default_is("the only one there is");
    command.option("--tick", "NUMBER", options->tick, "Only this tick");
    command.option("--last", "NUMBER", options->last, "How many of the newest ticks").default_is("20");
    command.option("--loop", "LOOP", options->loop, "Which loop")
        .one_of({"workers", "infra"})
        .default_is("workers");
    return command;
}

}  // namespace k3fleet::cli
