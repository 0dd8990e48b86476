// version: which build this is.
#include "base/text.h"
#include "cli/commands/commands.h"
#include "cli/session.h"

namespace k3fleet::cli {

namespace {

Result<ExitCode> run(const Session& session) {
    const std::string compiler =
#if defined(__clang__)
        format("clang {}.{}", __clang_major__, __clang_minor__);
#else
        format("g++ {}.{}", __GNUC__, __GNUC_MINOR__);
#endif
    const Value data = Value::object({{"version", K3F_VERSION}, {"compiler", compiler}});
    session.result(data, [&](Colours) { return format("k3fleet {} ({})\n", K3F_VERSION, compiler); });
    return ExitCode::Done;
}

}  // namespace

Command version() {
    return {
        .words = "version",
        .purpose = Purpose::Program,
        .summary = "Print the version",
        .about = "",
        .examples = {{"version", "for people"}, {"version -o json", "for scripts"}},
        .run = [](Session& session) { return run(session); },
    };
}

}  // namespace k3fleet::cli
