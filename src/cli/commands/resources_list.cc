// resources list: everything of ours that exists or costs money.
#include "app/inventory.h"
#include "base/text.h"
#include "cli/commands/commands.h"
#include "cli/commands/support.h"

namespace k3fleet::cli {

namespace {

Result<std::vector<app::Belonging>> belongings(const Session& session, const model::ProjectName& project) {
    if (on_aws(session)) return app::inventory(*K3F_TRY(open_aws(session)));
    return app::inventory(K3F_TRY(open_site(session))->cloud(), project);
}

std::string price_of(const app::Belonging& one) {
    if (one.by_use) return "by use";
    if (one.price && one.price->micro_usd == 0) return "-";
    return one.price ? format("{:.4f}", one.price->dollars()) : "?";
}

Value described(const app::Belonging& one) {
    return Value::object({{"kind", one.kind},
                          {"id", one.id},
                          {"cluster", one.cluster.str()},
                          {"name", one.name},
                          {"state", one.state},
                          {"usd_per_hour", one.price ? Value(one.price->dollars()) : Value(nullptr)},
                          {"since", one.since ? Value(to_rfc3339(*one.since)) : Value(nullptr)}});
}

Result<ExitCode> run(const Session& session) {
    const model::ProjectName project(session.settings.project.value);
    const auto all = K3F_TRY(belongings(session, project));
    Value list = Value::array();
    UsdPerHour sum;
    bool by_use = false;
    Table table({{"KIND"}, {"ID"}, {"CLUSTER"}, {"NAME"}, {"STATE"}, {"$/HOUR", Align::Right}, {"SINCE"}});
    for (const app::Belonging& one : all) {
        if (one.price) sum += *one.price;
        by_use = by_use || one.by_use;
        list.push(described(one));
        table.row({one.kind, one.id, one.cluster.str(), one.name, one.state, price_of(one),
                   one.since ? to_rfc3339(std::chrono::floor<std::chrono::seconds>(*one.since)) : ""});
    }
    const Value data = Value::object({{"project", project.empty() ? Value(nullptr) : Value(project.str())},
                                      {"count", static_cast<std::int64_t>(all.size())},
                                      {"usd_per_hour", sum.dollars()},
                                      {"resources", list}});
    session.result(data, [&](Colours colours) {
        const std::string where = project.empty() ? "" : format(" in project {}", project.str());
        if (table.empty()) return format("0 resources{}: nothing exists, nothing costs money\n", where);
        return table.render(colours) + format("\n{}{}: ${:.4f} an hour, about ${:.2f} a month{}\n",
                                              counted(static_cast<long long>(all.size()), "resource"), where,
                                              sum.dollars(), sum.dollars_per_month(),
                                              by_use ? ", and what is paid by use" : "");
    });
    return ExitCode::Done;
}

}  // namespace

Command resources_list() {
    return {
        .words = "resources list",
        .purpose = Purpose::Clusters,
        .summary = "List everything that exists or costs money",
        .about =
            "What the cloud says, not what a file remembers: everything that carries our tags. Parts of "
            "something else, such as a route or a policy of a bucket, carry none and go with it.",
        .examples = {{"resources list", "with prices and their sum"},
                     {"resources list --project shop -o json", "another project, for a script"}},
        .run = [](Session& session) { return run(session); },
    };
}

}  // namespace k3fleet::cli
