// completion: a script for the shell.
#include <memory>

#include "cli/commands/commands.h"
#include "cli/completion.h"
#include "cli/session.h"

namespace k3fleet::cli {

namespace {

struct Options {
    std::string shell;
};

Result<ExitCode> run(const Session& session, const Options& options) {
    const Shell shell = options.shell == "bash"  ? Shell::Bash
                        : options.shell == "zsh" ? Shell::Zsh
                                                 : Shell::Fish;
    session.host.out.write(completion_script(shell, session.commands, session.globals));
    return ExitCode::Done;
}

}  // namespace

Command completion() {
    const auto options = std::make_shared<Options>();
    Command command{
        .words = "completion",
        .purpose = Purpose::Program,
        .summary = "Print a completion script for your shell",
        .about = "",
        .examples = {{"completion bash > ~/.local/share/bash-completion/completions/k3fleet",
                      "for every new bash"},
                     {"completion fish > ~/.config/fish/completions/k3fleet.fish", "for every new fish"},
                     {"completion zsh > ~/.zfunc/_k3fleet", "for zsh, with ~/.zfunc in fpath"}},
        .run = [options](Session& session) { return run(session, *options); },
    };
    command.argument("SHELL", options->shell, "The shell that will read it")
        .one_of({"bash", "zsh", "fish"})
        .required();
    return command;
}

}  // namespace k3fleet::cli
