// cluster status: one cluster, what it is and what it should be.
#include <memory>

#include "base/text.h"
#include "cli/commands/commands.h"
#include "cli/commands/support.h"
#include "core/model/names.h"

namespace k3fleet::cli {

namespace {

struct Options {
    std::string name;
};

Value pools_value(const app::Overview& o) {
    Value pools = Value::array();
    for (const app::PoolOverview& p : o.pools)
        pools.push(Value::object({{"name", p.name.str()},
                                  {"min", p.min},
                                  {"max", p.max},
                                  {"workers", p.workers},
                                  {"booting", p.booting},
                                  {"leaving", p.leaving}}));
    return pools;
}

std::string state_of(const Sight& sight) {
    if (sight.file.intent.deleting) return "deleting";
    if (sight.world.freeze && sight.world.freeze->until > sight.now) return "paused";
    if (!sight.overview.counted) return "unknown";
    return app::settled(sight.overview) ? "up" : "changing";
}

std::string as_text(const Sight& sight, Colours colours) {
    const model::ClusterIntent& intent = sight.file.intent;
    const app::Overview& o = sight.overview;
    const std::string state = state_of(sight);
    std::string text;
    const auto line = [&](std::string_view name, const std::string& value) {
        text += format("{:<9}{}\n", name, value);
    };
    line("cluster", paint(intent.name.str(), Tone::Strong, colours));
    line("state", paint(state, state == "up" ? Tone::Good : Tone::Warning, colours));
    line("project", intent.project.str());
    line("region", intent.region);
    line("K3s", intent.k3s_version);
    line("machines", in_words(o));
    if (const std::string seen = seen_text(sight); !seen.empty()) line("nodes", seen);
    line("costs", o.counted ? format("${:.4f} an hour, about ${:.2f} a month", o.price.dollars(),
                                     o.price.dollars_per_month())
                            : "not known");
    for (const std::string& unknown : o.unknowns)
        line("unknown", paint(printable(unknown), Tone::Warning, colours));
    if (o.pools.empty()) return text;
    Table table({{"POOL"},
                 {"MIN", Align::Right},
                 {"MAX", Align::Right},
                 {"WORKERS", Align::Right},
                 {"BOOTING", Align::Right},
                 {"LEAVING", Align::Right}});
    for (const app::PoolOverview& p : o.pools)
        table.row({p.name.str(), std::to_string(p.min), std::to_string(p.max), std::to_string(p.workers),
                   std::to_string(p.booting), std::to_string(p.leaving)});
    return text + "\n" + table.render(colours);
}

Result<ExitCode> run(const Session& session, const Options& options) {
    const auto site = K3F_TRY(open_site(session));
    const Sight sight = K3F_TRY(look_at(*site, options.name));
    const model::ClusterIntent& intent = sight.file.intent;
    const app::Overview& o = sight.overview;
    const auto number = [&](int n) { return o.counted ? Value(n) : Value(nullptr); };
    Value unknowns = Value::array();
    for (const std::string& text : o.unknowns) unknowns.push(text);
    const Value data = Value::object({{"name", intent.name.str()},
                                      {"state", state_of(sight)},
                                      {"project", intent.project.str()},
                                      {"region", intent.region},
                                      {"mode", model::to_string(intent.mode)},
                                      {"k3s_version", intent.k3s_version},
                                      {"masters", o.nodes_known ? number(o.masters) : Value(nullptr)},
                                      {"masters_wanted", o.masters_wanted},
                                      {"workers", number(o.workers)},
                                      {"booting", number(o.booting)},
                                      {"leaving", number(o.leaving)},
                                      {"usd_per_hour", o.counted ? Value(o.price.dollars()) : Value(nullptr)},
                                      {"pools", pools_value(o)},
                                      {"unknown", unknowns},
                                      {"seen_at", seen_value(sight)},
                                      {"digest", intent.digest}});
    session.result(data, [&](Colours colours) { return as_text(sight, colours); });
    return ExitCode::Done;
}

}  // namespace

Command cluster_status() {
    const auto options = std::make_shared<Options>();
    Command command{
        .words = "cluster status",
        .purpose = Purpose::Clusters,
        .summary = "Show one cluster",
        .about = "",
        .examples = {{"cluster status", "the only one there is"},
                     {"cluster status shop -o json", "one of several"}},
        .run = [options](Session& session) { return run(session, *options); },
    };
    command.argument("CLUSTER", options->name, "Name of the cluster; may be left out if there is only one");
    return command;
}

}  // namespace k3fleet::cli
