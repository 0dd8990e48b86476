// context list: the clouds that were chosen before.
#include "cli/commands/commands.h"
#include "cli/session.h"

namespace k3fleet::cli {

namespace {

Result<ExitCode> run(const Session& session) {
    const ContextFile file = K3F_TRY(load_contexts(session.config_file));
    Value list = Value::array();
    Table table({{"CONTEXT"}, {"CLOUD"}, {"PROFILE"}, {"REGION"}, {"PROJECT"}, {"IN USE"}});
    for (const Context& context : file.contexts) {
        const bool current = context.name == file.current;
        list.push(Value::object({{"name", context.name},
                                 {"cloud", context.cloud},
                                 {"profile", context.profile},
                                 {"region", context.region},
                                 {"project", context.project},
                                 {"current", current}}));
        table.row({context.name, context.cloud, context.profile, context.region, context.project,
                   Cell(current ? "yes" : "", Tone::Good)});
    }
    session.result(Value::object({{"contexts", list}}), [&](Colours colours) {
        if (table.empty()) return std::string("no context yet; choose one with 'k3fleet context use sim'\n");
        return table.render(colours);
    });
    return ExitCode::Done;
}

}  // namespace

Command context_list() {
    return {
        .words = "context list",
        .purpose = Purpose::Start,
        .summary = "List the clouds chosen before",
        .about = "",
        .examples = {{"context list", "what there is, and which is in use"},
                     {"context list -o json", "the same for a script"}},
        .run = [](Session& session) { return run(session); },
    };
}

}  // namespace k3fleet::cli
