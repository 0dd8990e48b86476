// autoscale explain: why a tick did what it did.
#include <memory>

#include "app/history.h"
#include "base/text.h"
#include "cli/commands/commands.h"
#include "cli/commands/support.h"
#include "cli/story.h"
#include "core/model/names.h"

namespace k3fleet::cli {

namespace {

struct Options {
    std::string cluster;
    std::string loop = "workers";
    std::optional<std::int64_t> tick;
};

Value seen_value(const app::TickRecord& record) {
    if (!record.facts) return nullptr;
    const app::Case& facts = *record.facts;
    const app::Overview o = app::overview(facts.intent, facts.world, facts.memory, facts.now);
    const auto number = [&](int n) { return o.counted ? Value(n) : Value(nullptr); };
    const auto signal = [](const model::Observed<double>& s) {
        return s.known() ? Value(*s) : Value(nullptr);
    };
    Value unknowns = Value::array();
    for (const std::string& text : o.unknowns) unknowns.push(text);
    return Value::object({{"masters", number(o.masters)},
                          {"workers", number(o.workers)},
                          {"booting", number(o.booting)},
                          {"leaving", number(o.leaving)},
                          {"usd_per_hour", o.counted ? Value(o.price.dollars()) : Value(nullptr)},
                          {"cpu", signal(facts.world.signals.cpu)},
                          {"memory", signal(facts.world.signals.memory)},
                          {"pending", signal(facts.world.signals.pending)},
                          {"unknown", unknowns}});
}

Value to_value(const app::TickRecord& record, const std::string& cluster, const std::string& loop) {
    Value actions = Value::array();
    for (std::size_t i = 0; i < record.actions.size(); ++i) {
        const model::Action& action = record.actions[i];
        Value facts = Value::array();
        for (const std::string& fact : action.facts) facts.push(fact);
        std::string outcome = "unknown";
        std::string detail;
        for (const model::ActionResult& result : record.results) {
            if (result.ordinal != static_cast<int>(i)) continue;
            outcome = model::to_string(result.outcome);
            detail = result.detail;
        }
        actions.push(Value::object({{"what", model::describe(action)},
                                    {"reason", action.reason},
                                    {"facts", facts},
                                    {"outcome", outcome},
                                    {"detail", detail}}));
    }
    Value blocked = Value::array();
    for (const model::Blocked& b : record.blocked)
        blocked.push(Value::object({{"what", b.what}, {"by", b.by}, {"why", b.why}}));
    Value notes = Value::array();
    for (const std::string& note : record.notes) notes.push(note);
    return Value::object({{"cluster", cluster},
                          {"loop", loop},
                          {"tick", record.entry.sequence},
                          {"time", to_rfc3339(record.entry.at)},
                          {"who", record.entry.who},
                          {"seen", seen_value(record)},
                          {"decided", record.summary},
                          {"actions", actions},
                          {"blocked", blocked},
                          {"notes", notes},
                          {"next_tick", record.next_tick}});
}

std::string signal_text(const model::Observed<double>& value, std::string_view unit) {
    return value.known() ? format("{:.4g}{}", *value, unit) : "not known: " + printable(value.why());
}

std::string seen_text(const app::TickRecord& record, Colours colours) {
    if (!record.facts) return "  (what it saw is no longer kept)\n";
    const app::Case& facts = *record.facts;
    const app::Overview o = app::overview(facts.intent, facts.world, facts.memory, facts.now);
    std::string text = format("  machines  {}{}\n", in_words(o), o.counted ? ", " + price_text(o) : "");
    for (const app::PoolOverview& pool : o.pools)
        text += format("  pool      {}: {} of {} to {}\n", pool.name.str(), pool.workers + pool.booting,
                       pool.min, pool.max);
    const auto line = [&](std::string_view name, const model::Observed<double>& value,
                          std::string_view unit) {
        text +=
            format("  {:<8}  {}\n", name,
                   paint(signal_text(value, unit), value.known() ? Tone::Normal : Tone::Warning, colours));
    };
    if (facts.loop == model::Loop::Infra) return text;
    line("cpu", facts.world.signals.cpu, " %");
    line("memory", facts.world.signals.memory, " %");
    line("pending", facts.world.signals.pending, " pods");
    for (const auto& [name, value] : facts.world.signals.custom) line(name, value, "");
    if (facts.world.freeze && facts.world.freeze->until > facts.now)
        text += format("  paused    by {} until {}: {}\n", facts.world.freeze->by,
                       to_rfc3339(facts.world.freeze->until), printable(facts.world.freeze->why));
    return text;
}

std::string done_text(const app::TickRecord& record, Colours colours) {
    std::string text;
    for (std::size_t i = 0; i < record.actions.size(); ++i) {
        const model::Action& action = record.actions[i];
        text += format("  {}. {}\n     because {}\n", i + 1, printable(model::describe(action)),
                       printable(action.reason));
        for (const std::string& fact : action.facts) text += "     fact: " + printable(fact) + "\n";
        for (const model::ActionResult& result : record.results)
            if (result.ordinal == static_cast<int>(i))
                text += format("     {}{}\n", paint(model::to_string(result.outcome), Tone::Strong, colours),
                               result.detail.empty() ? "" : ": " + printable(result.detail));
    }
    if (!record.actions.empty() && record.results.empty())
        text += "  (no result is recorded yet: the next tick finishes this plan)\n";
    return text;
}

std::string to_text(const app::TickRecord& record, const std::string& cluster, const std::string& loop,
                    Colours colours) {
    const auto title = [&](std::string_view name) { return paint(name, Tone::Strong, colours) + "\n"; };
    std::string text = format("tick {} of {}, loop {}, at {}\n\n", record.entry.sequence, cluster, loop,
                              to_rfc3339(std::chrono::floor<std::chrono::seconds>(record.entry.at)));
    text += title("seen") + seen_text(record, colours);
    text += "\n" + title("decided") + "  " + printable(record.summary) + "\n" + done_text(record, colours);
    if (!record.blocked.empty()) {
        text += "\n" + title("not done");
        for (const model::Blocked& b : record.blocked)
            text += format("  {}, blocked by {}{}\n", printable(b.what), paint(b.by, Tone::Warning, colours),
                           record.summary.contains(b.why) ? "" : ": " + printable(b.why));
    }
    if (!record.notes.empty()) text += "\n" + title("also");
    for (const std::string& note : record.notes) text += "  " + printable(note) + "\n";
    return text + format("\nnext look at {}; decided by {}\n", record.next_tick, printable(record.entry.who));
}

Result<ExitCode> run(const Session& session, const Options& options) {
    const auto site = K3F_TRY(open_site(session));
    const app::ClusterFile file = K3F_TRY(chosen_cluster(*site, options.cluster));
    const app::Journal journal(site->objects(), file.intent.name, options.loop);
    const app::TickRecord record = K3F_TRY(app::find_tick(journal, options.tick));
    const std::string name = file.intent.name.str();
    session.result(to_value(record, name, options.loop),
                   [&](Colours colours) { return to_text(record, name, options.loop, colours); });
    return ExitCode::Done;
}

}  // namespace

Command autoscale_explain() {
    const auto options = std::make_shared<Options>();
    Command command{
        .words = "autoscale explain",
        .purpose = Purpose::History,
        .summary = "Say why a tick did what it did",
        .about =
            "From the journal: what was seen, what was decided and on which facts, what came of it, and what "
            "was "
            "wanted and not done. 'k3fleet log' lists the ticks.",
        .examples = {{"autoscale explain", "the latest tick"},
                     {"autoscale explain --cluster shop --tick 42", "an earlier one"}},
        .run = [options](Session& session) { return run(session, *options); },
    };
    command.option("--cluster", "NAME", options->cluster, "Which cluster")
        .default_is("the only one there is");
    command.option("--tick", "NUMBER", options->tick, "Which tick, by its number in the journal")
        .default_is("the latest");
    command.option("--loop", "LOOP", options->loop, "Which loop")
        .one_of({"workers", "infra"})
        .default_is("workers");
    return command;
}

}  // namespace k3fleet::cli
