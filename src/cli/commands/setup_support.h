// What `plan`, `init`, `uninit`, `status` and `export cloudformation` share: the account, the project's file,
// and the graph they come to.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "app/setup.h"
#include "app/wire.h"
#include "cli/commands/support.h"
#include "cli/plan_view.h"
#include "cli/progress.h"
#include "cli/session.h"

namespace k3fleet::cli {

struct SetupOptions {
    std::string file;           // Of the project; empty: defaults for --project.
    std::string function_code;  // A zip; empty: this program.
};
void add_options(Command& command, SetupOptions& options);

// The project's file, or what a project is without one: this region alone, every default.
Result<model::ProjectIntent> project_of(const Session& session, const SetupOptions& options);

// On the simulated cloud there is no account: says so, and the command is done.
bool nothing_to_set_up(const Session& session);

// The functions' code that was given, else this program. For removing and looking it need not be at hand.
enum class Code { Needed, DigestOnly };
Result<resources::FunctionCode> function_code(const Session& session, const std::string& zip, Code code);
inline const resources::FunctionCode kAnyCode{.zip = nullptr, .sha256 = "", .architecture = ""};

// The exit code that says how it ended.
ExitCode ending(const app::Outcome& outcome);
// The same for a person: `all` if everything is done, else what is not and the command that goes on.
std::string ending_text(const app::Outcome& outcome, Colours colours, const std::string& all,
                        const std::string& command);

// Shows progress on standard error while resources are made or taken away; as long as it lives.
class Shown {
public:
    Shown(const Session& session, app::Provisioning& provisioning);
    ~Shown();
    Shown(const Shown&) = delete;
    Shown& operator=(const Shown&) = delete;

private:
    Progress progress_;
    app::Provisioning& provisioning_;
};

// What a command has to say at its end.
struct Report {
    Value data;
    std::string text;  // Whole lines.
};
// Adds to the report what was done after the changes.
using Afterwards = std::function<Status(Report&)>;

class OpenSetup {
public:
    // Refused on another cloud than AWS, and where the project may not be (G-14).
    static Result<std::unique_ptr<OpenSetup>> open(const Session& session, const SetupOptions& options);
    // The project that was chosen, as it was set up; Refused if it was not.
    static Result<std::unique_ptr<OpenSetup>> open_recorded(const Session& session);

    app::SetupSite& site() { return *site_; }
    app::AwsSite& aws() { return *aws_; }
    const model::ProjectIntent& intent() const { return intent_; }
    const model::Scope& scope() const { return site_->scope; }
    // Of the project, as it was when this was opened. Not after open_recorded(), as clusters look for
    // themselves.
    ports::Survey& survey() const { return *survey_; }

    // With progress on standard error. LeaseHeld, with a message, if somebody else works on the project.
    // `done_text` says in two words what the project is then; `command` goes on after an end before the end.
    // `afterwards` is done when all changes are; its error is the command's, after the result was told.
    Result<ExitCode> carry_out(const Session& session, app::SetupPlan& plan, const std::string& done_text,
                               const std::string& command, const Afterwards& afterwards = {});

    // What ought to be there.
    Result<resources::Graph> account_graph(const Session& session, const SetupOptions& options, Code code);
    // The same with these clusters, and whatever code there is.
    resources::Graph account_graph(const std::vector<model::ClusterName>& clusters,
                                   resources::FunctionCode code = kAnyCode);

private:
    Status begin();

    model::ProjectIntent intent_;
    std::unique_ptr<app::AwsSite> aws_;
    std::optional<app::SetupSite> site_;
    std::unique_ptr<ports::Survey> survey_;
};

// The command with the options that were typed: for what to do next.
std::string again(const Session& session, const SetupOptions& options, std::string_view command);

// Asks the person; Refused if nobody is there to be asked and --yes was not given.
Status confirm(const Session& session, bool yes, const std::string& question);

}  // namespace k3fleet::cli
