// cluster list: every cluster in one line.
#include "base/text.h"
#include "cli/commands/commands.h"
#include "cli/commands/support.h"
#include "core/model/names.h"

namespace k3fleet::cli {

namespace {

Value number_or_null(const app::Overview& overview, int number) {
    return overview.counted ? Value(number) : Value(nullptr);
}

std::string number_text(const app::Overview& overview, int number) {
    return overview.counted ? std::to_string(number) : "?";
}

Result<ExitCode> run(const Session& session) {
    const auto site = K3F_TRY(open_site(session));
    Value list = Value::array();
    Table table({{"CLUSTER"},
                 {"REGION"},
                 {"MODE"},
                 {"MASTERS", Align::Right},
                 {"WORKERS", Align::Right},
                 {"BOOTING", Align::Right},
                 {"LEAVING", Align::Right},
                 {"$/HOUR", Align::Right},
                 {"STATE"}});
    for (const model::ClusterName& name : K3F_TRY(app::list_clusters(site->objects()))) {
        const Sight sight = K3F_TRY(look_at(*site, name.str()));
        const model::ClusterIntent& intent = sight.file.intent;
        const app::Overview& o = sight.overview;
        const bool paused = sight.world.freeze && sight.world.freeze->until > sight.now;
        const std::string state = intent.deleting   ? "deleting"
                                  : paused          ? "paused"
                                  : !o.counted      ? "unknown"
                                  : app::settled(o) ? "up"
                                                    : "changing";
        list.push(Value::object({{"name", name.str()},
                                 {"region", intent.region},
                                 {"mode", model::to_string(intent.mode)},
                                 {"masters", o.nodes_known ? number_or_null(o, o.masters) : Value(nullptr)},
                                 {"workers", number_or_null(o, o.workers)},
                                 {"booting", number_or_null(o, o.booting)},
                                 {"leaving", number_or_null(o, o.leaving)},
                                 {"usd_per_hour", o.counted ? Value(o.price.dollars()) : Value(nullptr)},
                                 {"state", state},
                                 {"seen_at", seen_value(sight)}}));
        if (const std::string seen = seen_text(sight); !seen.empty())
            session.remark(format("{}: nodes {}", name.str(), seen));
        table.row({name.str(), intent.region, model::to_string(intent.mode),
                   o.nodes_known ? number_text(o, o.masters) : "?", number_text(o, o.workers),
                   number_text(o, o.booting), number_text(o, o.leaving),
                   o.counted ? format("{:.4f}", o.price.dollars()) : "?",
                   Cell(state, state == "up" ? Tone::Good : Tone::Warning)});
    }
    session.result(Value::object({{"clusters", list}}), [&](Colours colours) {
        if (table.empty())
            return std::string("no cluster yet; make one with 'k3fleet cluster create -f FILE'\n");
        return table.render(colours);
    });
    return ExitCode::Done;
}

}  // namespace

Command cluster_list() {
    return {
        .words = "cluster list",
        .purpose = Purpose::Clusters,
        .summary = "List the clusters",
        .about = "",
        .examples = {{"cluster list", "with machines and what they cost an hour"},
                     {"cluster list -o json", "the same for a script"}},
        .run = [](Session& session) { return run(session); },
    };
}

}  // namespace k3fleet::cli
