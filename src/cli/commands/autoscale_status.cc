// autoscale status: how the scaling of a cluster stands, and what it will do next.
#include <algorithm>
#include <memory>

#include "app/history.h"
#include "base/text.h"
#include "cli/commands/commands.h"
#include "cli/commands/support.h"
#include "cli/story.h"
#include "core/model/names.h"

namespace k3fleet::cli {

namespace {

constexpr int kDecisions = 5;

struct Options {
    std::string cluster;
};

struct Facts {
    Sight sight;
    std::vector<app::TickRecord>
        decisions;          // Newest first; those in which something happened or was held up.
    std::string next_tick;  // Empty: there was no tick yet.
    std::optional<ports::LoopItem> item;
};

Result<Facts> gather(app::Wiring& site, const std::string& name) {
    Facts facts{.sight = K3F_TRY(look_at(site, name))};
    const model::ClusterName& cluster = facts.sight.file.intent.name;
    const app::Journal journal(site.objects(), cluster, app::chain_of(model::Loop::Workers));
    for (app::TickRecord& record : K3F_TRY(app::newest_ticks(journal, 100))) {
        if (facts.next_tick.empty()) facts.next_tick = record.next_tick;
        const bool quiet = record.actions.empty() && record.blocked.empty();
        if (!quiet && facts.decisions.size() < kDecisions) facts.decisions.push_back(std::move(record));
    }
    facts.item = K3F_TRY(site.state().read({.cluster = cluster, .loop = model::Loop::Workers}));
    return facts;
}

// How long a cooldown still lasts; zero when it is over or never began.
Duration left(const std::optional<Timestamp>& since, Duration cooldown, Timestamp now) {
    if (!since) return Duration::zero();
    return std::max(Duration::zero(), *since + cooldown - now);
}

struct Cooldowns {
    model::PoolName pool;
    Duration up;
    Duration down;
};

std::vector<Cooldowns> cooldowns(const Facts& facts) {
    std::vector<Cooldowns> out;
    const model::Thresholds& t = facts.sight.file.intent.autoscaling.thresholds;
    for (const auto& [pool, memory] : facts.sight.workers.pools)
        out.push_back({pool, left(memory.last_up, t.cooldown_up, facts.sight.now),
                       left(memory.last_down, t.cooldown_down, facts.sight.now)});
    return out;
}

bool paused(const Facts& facts) {
    return facts.sight.world.freeze && facts.sight.world.freeze->until > facts.sight.now;
}

Value to_value(const Facts& facts) {
    const Sight& sight = facts.sight;
    const app::Overview& o = sight.overview;
    const auto number = [&](int n) { return o.counted ? Value(n) : Value(nullptr); };
    const auto signal = [](const model::Observed<double>& s) {
        return s.known() ? Value(*s) : Value(nullptr);
    };
    Value pools = Value::array();
    for (const Cooldowns& c : cooldowns(facts))
        pools.push(Value::object({{"pool", c.pool.str()},
                                  {"up_seconds_left", c.up.count() / 1000},
                                  {"down_seconds_left", c.down.count() / 1000}}));
    Value drains = Value::array();
    for (const model::Drain& d : sight.workers.drains)
        drains.push(Value::object({{"instance", d.instance.str()},
                                   {"node", d.node.str()},
                                   {"reason", d.reason},
                                   {"deadline", to_rfc3339(d.deadline)},
                                   {"blocker", d.blocker}}));
    Value decisions = Value::array();
    for (const app::TickRecord& r : facts.decisions)
        decisions.push(Value::object(
            {{"tick", r.entry.sequence},
             {"time", to_rfc3339(r.entry.at)},
             {"decided", r.summary},
             {"blocked_by", r.blocked.empty() ? Value(nullptr) : Value(r.blocked.front().by)}}));
    Value freeze = nullptr;
    if (paused(facts))
        freeze = Value::object({{"by", sight.world.freeze->by},
                                {"why", sight.world.freeze->why},
                                {"until", to_rfc3339(sight.world.freeze->until)}});
    return Value::object({{"cluster", sight.file.intent.name.str()},
                          {"seen_at", seen_value(sight)},
                          {"time", to_rfc3339(sight.now)},
                          {"workers", number(o.workers)},
                          {"booting", number(o.booting)},
                          {"leaving", number(o.leaving)},
                          {"usd_per_hour", o.counted ? Value(o.price.dollars()) : Value(nullptr)},
                          {"cpu", signal(sight.world.signals.cpu)},
                          {"memory", signal(sight.world.signals.memory)},
                          {"pending", signal(sight.world.signals.pending)},
                          {"paused", freeze},
                          {"cooldowns", pools},
                          {"drains", drains},
                          {"decisions", decisions},
                          {"holder", facts.item ? facts.item->holder.str() : ""},
                          {"next_tick", facts.next_tick.empty() ? Value(nullptr) : Value(facts.next_tick)}});
}

std::string cooldown_text(const Facts& facts) {
    std::vector<std::string> parts;
    for (const Cooldowns& c : cooldowns(facts)) {
        if (c.up > Duration::zero())
            parts.push_back(format("{}: up in {}", c.pool.str(), to_rough_string(c.up)));
        if (c.down > Duration::zero())
            parts.push_back(format("{}: down in {}", c.pool.str(), to_rough_string(c.down)));
    }
    return parts.empty() ? "none: both directions are free" : join(parts, ", ");
}

std::string next_text(const Facts& facts) {
    if (facts.next_tick.empty()) return "there was none yet; start with 'k3fleet autoscale run'";
    const auto next = parse_timestamp(facts.next_tick);
    if (!next) return facts.next_tick;
    if (*next > facts.sight.now)
        return format("{} (in {})", facts.next_tick, to_rough_string(*next - facts.sight.now));
    return format("{} (overdue by {}: is 'k3fleet autoscale run' running?)", facts.next_tick,
                  to_rough_string(facts.sight.now - *next));
}

std::string as_text(const Facts& facts, Colours colours) {
    const Sight& sight = facts.sight;
    const model::Signals& s = sight.world.signals;
    std::string text;
    const auto line = [&](std::string_view name, const std::string& value) {
        text += format("{:<11}{}\n", name, value);
    };
    line("cluster", paint(sight.file.intent.name.str(), Tone::Strong, colours));
    line("machines", format("{}, {}", in_words(sight.overview), price_text(sight.overview)));
    if (const std::string seen = seen_text(sight); !seen.empty()) line("nodes", seen);
    line("signals", format("cpu {}, memory {}, pending {}", percent_text(s.cpu), percent_text(s.memory),
                           s.pending.known() ? format("{:.0f}", *s.pending) : "?"));
    for (const std::string& unknown : sight.overview.unknowns)
        line("unknown", paint(printable(unknown), Tone::Warning, colours));
    if (paused(facts))
        line("paused", paint(format("until {} by {}: {}", to_rfc3339(sight.world.freeze->until),
                                    printable(sight.world.freeze->by), printable(sight.world.freeze->why)),
                             Tone::Warning, colours));
    line("cooldowns", cooldown_text(facts));
    for (const model::Drain& d : sight.workers.drains)
        line("leaving", printable(format("{}: {}{}", d.node.empty() ? d.instance.str() : d.node.str(),
                                         d.reason, d.blocker.empty() ? "" : "; held up by " + d.blocker)));
    line("next look", next_text(facts));
    if (facts.decisions.empty()) return text;
    Table table({{"TICK", Align::Right}, {"TIME"}, {"DECIDED"}});
    for (const app::TickRecord& r : facts.decisions)
        table.row({std::to_string(r.entry.sequence),
                   to_rfc3339(std::chrono::floor<std::chrono::seconds>(r.entry.at)), r.summary});
    return text + "\nlast decisions ('k3fleet autoscale explain --tick N' says why)\n" +
           table.render(colours);
}

Result<ExitCode> run(const Session& session, const Options& options) {
    const auto site = K3F_TRY(open_site(session));
    const Facts facts = K3F_TRY(gather(*site, options.cluster));
    session.result(to_value(facts), [&](Colours colours) { return as_text(facts, colours); });
    return ExitCode::Done;
}

}  // namespace

Command autoscale_status() {
    const auto options = std::make_shared<Options>();
    Command command{
        .words = "autoscale status",
        .purpose = Purpose::Scaling,
        .summary = "Show workers, cooldowns and the last decisions",
        .about =
            "Looks at the cluster without changing anything and without a lease: what is there, what is on "
            "its way, "
            "what holds scaling up, and when the next look is due.",
        .examples = {{"autoscale status", "the only cluster there is"},
                     {"autoscale status --cluster shop -o json", "one of several, for a script"}},
        .run = [options](Session& session) { return run(session, *options); },
    };
    command.option("--cluster", "NAME", options->cluster, "Which cluster")
        .default_is("the only one there is");
    return command;
}

}  // namespace k3fleet::cli
