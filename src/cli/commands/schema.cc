// schema: what a file may hold, as JSON schema.
#include <memory>

#include "base/json.h"
#include "cli/commands/commands.h"
#include "cli/session.h"
#include "core/intent/intent.h"

namespace k3fleet::cli {

namespace {

struct Options {
    std::string kind = "cluster";
};

Result<ExitCode> run(const Session& session, const Options& options) {
    const Value schema =
        intent::schema(options.kind == "project" ? intent::Kind::Project : intent::Kind::Cluster);
    session.result(schema, [&](Colours) { return json::write_pretty(schema); });
    return ExitCode::Done;
}

}  // namespace

Command schema() {
    const auto options = std::make_shared<Options>();
    Command command{
        .words = "schema",
        .purpose = Purpose::Start,
        .summary = "Print what a cluster or project file may hold",
        .about =
            "A JSON schema (draft 2020-12) with every key, its meaning and its default. Editors complete and "
            "check "
            "files with it.",
        .examples = {{"schema cluster > cluster.schema.json", "for an editor"},
                     {"schema project -o yaml", "easier to read"}},
        .run = [options](Session& session) { return run(session, *options); },
    };
    command.argument("KIND", options->kind, "Which file").one_of({"cluster", "project"});
    return command;
}

}  // namespace k3fleet::cli
