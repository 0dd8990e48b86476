// status: how the set-up of a project stands.
#include <algorithm>
#include <memory>

#include "base/text.h"
#include "cli/commands/commands.h"
#include "cli/commands/setup_support.h"

namespace k3fleet::cli {

namespace {

Result<ExitCode> run(const Session& session, const SetupOptions& options) {
    if (nothing_to_set_up(session)) return ExitCode::Done;
    const auto open = K3F_TRY(OpenSetup::open(session, options));
    auto graph = K3F_TRY(open->account_graph(session, options, Code::DigestOnly));
    const app::SetupPlan plan = K3F_TRY(app::plan_setup(open->site(), std::move(graph), open->survey()));
    const auto clusters = K3F_TRY(open->survey().clusters());
    std::vector<std::string> names;
    Value list = Value::array();
    for (const auto& cluster : clusters) {
        names.push_back(cluster.str());
        list.push(cluster.str());
    }
    Value data = plan_value(plan);
    data.set("clusters", std::move(list));
    const bool none = plan.plan.unchanged == 0 && std::ranges::all_of(plan.plan.changes, [](const auto& c) {
                          return c.verb == resources::Verb::Create;
                      });
    session.result(data, [&](Colours colours) {
        std::string text = format("{}\n", place(open->aws()));
        if (none) return format("{}not set up; {} sets it up\n", text, again(session, options, "init"));
        text += plan.plan.empty() ? format("set up, {}\n", summary(plan.plan))
                                  : format("differs from what it should be; {} repairs it\n\n{}",
                                           again(session, options, "init"), plan_text(plan, colours));
        return text +
               (names.empty() ? std::string("no clusters\n") : format("clusters: {}\n", join(names, ", ")));
    });
    return plan.plan.empty() ? ExitCode::Done : ExitCode::Findings;
}

}  // namespace

Command status() {
    const auto options = std::make_shared<SetupOptions>();
    Command command{
        .words = "status",
        .purpose = Purpose::Start,
        .summary = "Show how the set-up of the AWS account stands",
        .about =
            "Whether everything that `init` makes is there and as it was made, and which clusters there are. "
            "Reads only.",
        .examples = {{"status --cloud aws --project shop", "what differs, property by property"},
                     {"status --cloud aws -f project.yaml -o json", "for a nightly check: exit code 3"}},
        .exits = {{ExitCode::Done, "set up, and as it should be"}, {ExitCode::Findings, "something differs"}},
        .run = [options](Session& session) { return run(session, *options); },
    };
    add_options(command, *options);
    return command;
}

}  // namespace k3fleet::cli
