// One way through for every command: parse, settings, banner, run, errors.
#include "cli/program.h"

#include <algorithm>

#include "base/log.h"
#include "base/text.h"
#include "cli/contexts.h"
#include "cli/help.h"
#include "cli/options.h"
#include "cli/session.h"

namespace k3fleet::cli {

namespace {

Colours error_colours(const Host& host) {
    const bool coloured = host.err_audience == Audience::Person && host.variable("NO_COLOR").empty() &&
                          host.variable("TERM") != "dumb";
    return coloured ? Colours::Ansi : Colours::Plain;
}

// "k3fleet help autoscale run" is "k3fleet autoscale run --help".
std::vector<std::string> normalised(const std::vector<std::string>& arguments) {
    if (arguments.empty() || arguments.front() != "help") return arguments;
    std::vector<std::string> out(arguments.begin() + 1, arguments.end());
    out.emplace_back("--help");
    return out;
}

std::string help_for(const Invocation& invocation, const CommandTable& table,
                     const std::vector<Option>& globals, int width) {
    if (invocation.command != nullptr) return command_help(*invocation.command, globals, width);
    if (!invocation.words.empty()) return group_help(table, invocation.words, width);
    return program_help(table, globals, width);
}

void configure_log(Verbosity verbosity, const Host& host) {
    const log::Level level = verbosity == Verbosity::Verbose ? log::Level::Debug
                             : verbosity == Verbosity::Quiet ? log::Level::Error
                                                             : log::Level::Warn;
    log::configure(level, host.err_audience == Audience::Person ? log::Style::Human : log::Style::JsonLines);
}

Result<ExitCode> dispatch(const std::vector<std::string>& arguments, const Host& host) {
    const CommandTable table = all_commands();
    GlobalFlags flags;
    const std::vector<Option> globals = global_options(flags);
    const Invocation invocation = K3F_TRY(parse(table, globals, normalised(arguments)));
    if (invocation.wants == Invocation::Wants::Help) {
        host.out.write(help_for(invocation, table, globals, host.width));
        return ExitCode::Done;
    }
    if (invocation.command == nullptr) {
        // Not an answer but a nudge: a script with an empty variable must not take this for success.
        host.err.write(help_for(invocation, table, globals, host.width));
        return ExitCode::Usage;
    }
    const std::string config_file = K3F_TRY(config_file_path(host));
    const ContextFile contexts = K3F_TRY(load_contexts(config_file));
    const Settings settings = K3F_TRY(resolve(flags, host, contexts));
    configure_log(settings.verbosity, host);
    Session session{settings, host, table, globals, config_file, invocation.command->effect};
    if (invocation.command->effect == Effect::Changes) K3F_TRY(open_for_changes(session));
    return invocation.command->run(session);
}

}  // namespace

ExitCode run_program(const std::vector<std::string>& arguments, const Host& host) {
    const auto code = dispatch(arguments, host);
    if (!code) {
        host.err.write(render_error(code.error(), error_colours(host)));
        return exit_code(code.error().code);
    }
    if (const std::string why = host.out.failure(); !why.empty()) {
        host.err.write(format("k3fleet: the results could not be written: {}\n", why));
        return ExitCode::Incomplete;
    }
    return *code;
}

}  // namespace k3fleet::cli
