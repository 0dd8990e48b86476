// context use: chooses the cloud that later commands work on.
#include <memory>

#include "base/text.h"
#include "cli/commands/commands.h"
#include "cli/session.h"

namespace k3fleet::cli {

namespace {

struct Options {
    std::string name;
};

Result<ExitCode> run(const Session& session, const Options& options) {
    Context context = K3F_TRY(parse_context(options.name));
    ContextFile file = K3F_TRY(load_contexts(session.config_file));
    if (const Context* known = file.find(context.name); known != nullptr) {
        context.project = known->project;
        context.state_dir = known->state_dir;
    }
    // What was given on this command line belongs to the context; variables stay what they are, variables.
    const Settings& settings = session.settings;
    if (settings.project.origin.starts_with("flag")) context.project = settings.project.value;
    if (settings.state_dir.origin.starts_with("flag")) context.state_dir = settings.state_dir.value;
    file.put(context);
    file.current = context.name;
    K3F_TRY(save_contexts(session.config_file, file));

    const Value data = Value::object({{"current", context.name}, {"file", session.config_file}});
    session.result(data, [&](Colours) {
        std::string note =
            format("profile {}, region {}: what is made there is paid for", context.profile, context.region);
        if (context.cloud != "aws")
            note = format("simulated: {} nothing and {} only in the state directory",
                          context.cloud == "sim" ? "machines cost" : "the account costs",
                          context.cloud == "sim" ? "exist" : "exists");
        return format("context {} is now in use ({})\n", context.name, note);
    });
    return ExitCode::Done;
}

}  // namespace

Command context_use() {
    const auto options = std::make_shared<Options>();
    Command command{
        .words = "context use",
        .purpose = Purpose::Start,
        .summary = "Choose the cloud to work on",
        .about =
            "Commands that change anything refuse to run until a cloud was chosen, so that nobody buys "
            "machines "
            "by accident. The choice is kept in a file that only you can read; --project and --state-dir "
            "given "
            "here become part of it.",
        .examples = {{"context use sim", "rehearse on the simulated cloud"},
                     {"context use sim-aws --project shop", "on a simulated account of AWS"},
                     {"context use sim --state-dir /tmp/try", "the same, with its state somewhere else"}},
        .run = [options](Session& session) { return run(session, *options); },
    };
    command.argument("CONTEXT", options->name, "sim, or aws:PROFILE/REGION").required();
    return command;
}

}  // namespace k3fleet::cli
