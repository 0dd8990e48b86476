// resources list: everything of ours that exists or costs money.
#include "base/text.h"
#include "cli/commands/commands.h"
#include "cli/commands/support.h"

namespace k3fleet::cli {

namespace {

Result<ExitCode> run(const Session& session) {
    const auto site = K3F_TRY(open_site(session));
    const model::ProjectName project(session.settings.project.value);
    const auto resources = K3F_TRY(site->cloud().resources(project));
    Value list = Value::array();
    UsdPerHour sum;
    Table table({{"KIND"}, {"ID"}, {"CLUSTER"}, {"NAME"}, {"STATE"}, {"$/HOUR", Align::Right}, {"SINCE"}});
    for (const ports::Resource& r : resources) {
        sum += r.price;
        list.push(Value::object({{"kind", r.kind},
                                 {"id", r.id},
                                 {"cluster", r.cluster.str()},
                                 {"name", r.name},
                                 {"state", r.state},
                                 {"usd_per_hour", r.price.dollars()},
                                 {"since", to_rfc3339(r.created_at)}}));
        table.row({r.kind, r.id, r.cluster.str(), r.name, r.state, format("{:.4f}", r.price.dollars()),
                   to_rfc3339(std::chrono::floor<std::chrono::seconds>(r.created_at))});
    }
    const Value data = Value::object({{"project", project.empty() ? Value(nullptr) : Value(project.str())},
                                      {"count", static_cast<std::int64_t>(resources.size())},
                                      {"usd_per_hour", sum.dollars()},
                                      {"resources", list}});
    session.result(data, [&](Colours colours) {
        const std::string where = project.empty() ? "" : format(" in project {}", project.str());
        if (table.empty()) return format("0 resources{}: nothing exists, nothing costs money\n", where);
        return table.render(colours) + format("\n{}{}: ${:.4f} an hour, about ${:.2f} a month\n",
                                              counted(static_cast<long long>(resources.size()), "resource"),
                                              where, sum.dollars(), sum.dollars_per_month());
    });
    return ExitCode::Done;
}

}  // namespace

Command resources_list() {
    return {
        .words = "resources list",
        .purpose = Purpose::Clusters,
        .summary = "List everything that exists or costs money",
        .about = "What the cloud says, not what a file remembers: everything that carries our tags.",
        .examples = {{"resources list", "with prices and their sum"},
                     {"resources list --project shop -o json", "another project, for a script"}},
        .run = [](Session& session) { return run(session); },
    };
}

}  // namespace k3fleet::cli
