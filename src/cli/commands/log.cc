// log: what happened to a cluster, from its journal; and whether the journal is whole.
#include <algorithm>
#include <array>
#include <memory>

#include "app/history.h"
#include "base/text.h"
#include "cli/commands/commands.h"
#include "cli/commands/support.h"
#include "core/model/names.h"

namespace k3fleet::cli {

namespace {

constexpr std::array<std::string_view, 3> kChains = {"workers", "infra", "operator"};
constexpr std::int64_t kMostLines = 10'000;

struct Options {
    std::string cluster;
    std::int64_t limit = 20;
    bool verify = false;
};

struct Line {
    std::string_view chain;
    app::JournalEntry entry;
};

Result<std::vector<Line>> newest(app::Wiring& site, const model::ClusterName& cluster, int limit) {
    std::vector<Line> lines;
    for (const std::string_view chain : kChains) {
        const app::Journal journal(site.objects(), cluster, std::string(chain));
        for (app::JournalEntry& entry : K3F_TRY(journal.newest(limit)))
            lines.push_back({chain, std::move(entry)});
    }
    std::ranges::stable_sort(lines, [](const Line& a, const Line& b) {
        return std::pair(a.entry.at, a.entry.sequence) < std::pair(b.entry.at, b.entry.sequence);
    });
    if (lines.size() > static_cast<std::size_t>(limit)) lines.erase(lines.begin(), lines.end() - limit);
    return lines;
}

Result<ExitCode> list(const Session& session, app::Wiring& site, const model::ClusterName& cluster,
                      int limit) {
    Value entries = Value::array();
    Table table({{"TIME"}, {"LOOP"}, {"TICK", Align::Right}, {"KIND"}, {"WHO"}, {"WHAT"}});
    for (const Line& line : K3F_TRY(newest(site, cluster, limit))) {
        const app::JournalEntry& e = line.entry;
        entries.push(Value::object({{"time", to_rfc3339(e.at)},
                                    {"chain", line.chain},
                                    {"sequence", e.sequence},
                                    {"kind", e.kind},
                                    {"who", e.who},
                                    {"what", app::describe(e)},
                                    {"hash", e.hash}}));
        table.row({to_rfc3339(std::chrono::floor<std::chrono::seconds>(e.at)), line.chain,
                   std::to_string(e.sequence), e.kind, e.who, app::describe(e)});
    }
    session.result(Value::object({{"cluster", cluster.str()}, {"entries", entries}}), [&](Colours colours) {
        return table.empty() ? format("nothing is recorded of cluster {}\n", cluster.str())
                             : table.render(colours);
    });
    return ExitCode::Done;
}

Result<ExitCode> verify(const Session& session, app::Wiring& site, const model::ClusterName& cluster) {
    Value chains = Value::array();
    Table table({{"CHAIN"}, {"ENTRIES", Align::Right}, {"RESULT"}});
    ExitCode code = ExitCode::Done;
    for (const std::string_view chain : kChains) {
        const app::Journal journal(site.objects(), cluster, std::string(chain));
        std::optional<model::Memory> memory;
        if (const auto loop = model::parse_loop(chain)) {
            const auto item = K3F_TRY(site.state().read({.cluster = cluster, .loop = *loop}));
            if (item && !item->memory.empty()) memory = K3F_TRY(app::read_memory(site, cluster, *loop));
        }
        const auto count = journal.verify(memory);
        if (!count && count.error().code != ErrorCode::Corrupt) return std::unexpected(count.error());
        if (!count) code = ExitCode::Findings;
        const std::string problem = count ? "" : count.error().describe();
        chains.push(Value::object({{"chain", chain},
                                   {"whole", count.has_value()},
                                   {"entries", count ? Value(*count) : Value(nullptr)},
                                   {"problem", problem}}));
        table.row({chain, count ? std::to_string(*count) : "?",
                   count ? Cell("whole", Tone::Good) : Cell("BROKEN: " + problem, Tone::Bad)});
    }
    session.result(Value::object({{"cluster", cluster.str()}, {"chains", chains}}),
                   [&](Colours colours) { return table.render(colours); });
    return code;
}

Result<ExitCode> run(const Session& session, const Options& options) {
    if (options.limit < 1 || options.limit > kMostLines)
        return fail(ErrorCode::InvalidArgument, format("--limit must be from 1 to {}", kMostLines));
    const auto site = K3F_TRY(open_site(session));
    // A cluster that is gone has a journal still, so the name need not be of one that exists.
    const model::ClusterName cluster = options.cluster.empty()
                                           ? K3F_TRY(chosen_cluster(*site, "")).intent.name
                                           : model::ClusterName(options.cluster);
    if (options.verify) return verify(session, *site, cluster);
    return list(session, *site, cluster, static_cast<int>(options.limit));
}

}  // namespace

Command log() {
    const auto options = std::make_shared<Options>();
    Command command{
        .words = "log",
        .purpose = Purpose::History,
        .summary = "Show the journal, or check that it is whole",
        .about =
            "Every decision, what came of it, and every command that changed the cluster. Entries are "
            "chained by "
            "their hashes, so one that was changed, removed or added later shows with --verify. The journal "
            "of a "
            "deleted cluster stays: name it with --cluster.",
        .examples = {{"log --limit 50", "the last 50 entries, newest last"},
                     {"log --cluster shop --verify", "walk the chains from end to end"}},
        .exits = {{ExitCode::Findings, "the journal is not whole (--verify)"}},
        .run = [options](Session& session) { return run(session, *options); },
    };
    command.option("--cluster", "NAME", options->cluster, "Which cluster")
        .default_is("the only one there is");
    command.option("--limit", "NUMBER", options->limit, "How many entries").default_is("20");
    command.flag("--verify", options->verify, "Check the chains of hashes");
    return command;
}

}  // namespace k3fleet::cli
