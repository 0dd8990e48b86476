#include "cli/commands/setup_support.h"

#include <algorithm>

#include "app/function_code.h"
#include "app/policies.h"
#include "app/project_record.h"
#include "base/text.h"
#include "cli/plan_view.h"
#include "core/intent/intent.h"
#include "core/intent/rules.h"
#include "core/remote/documents.h"

namespace k3fleet::cli {

void add_options(Command& command, SetupOptions& options) {
    command.option("--file", "FILE", options.file, "The project's file; - is standard input")
        .short_name("-f");
    command
        .option("--function-code", "ZIP", options.function_code,
                "The functions' code, with k3fleet in it as bootstrap")
        .default_is("this program");
}

Result<model::ProjectIntent> project_of(const Session& session, const SetupOptions& options) {
    if (options.file.empty()) {
        if (session.settings.project.value.empty())
            return fail(ErrorCode::InvalidArgument,
                        "no project is named\ngive --project NAME, or a file that describes it: -f FILE");
        const Setting& name = session.settings.project;
        K3F_TRY_WHILE("reading the " + name.origin, intent::obey(intent::kProjectName, name.value));
        model::ProjectIntent intent{.name = model::ProjectName(name.value)};
        if (!session.settings.region.value.empty()) intent.allowed_regions = {session.settings.region.value};
        return intent;
    }
    const std::string text = K3F_TRY(read_input(session.host, options.file));
    const std::string shown = input_name(options.file);
    auto reading = intent::read_project(text);
    if (!reading) return fail(ErrorCode::InvalidArgument, intent::describe(reading.error(), shown));
    if (!reading->warnings.empty()) session.remark(trim(intent::describe(reading->warnings, shown)));
    return std::move(reading->intent);
}

bool nothing_to_set_up(const Session& session) {
    if (session.settings.cloud.value != "sim") return false;
    session.result(Value::object({{"cloud", "sim"}, {"changes", Value::array()}}), [](Colours) {
        return std::string(
            "SIMULATED: there is no account here that would have to be set up; --cloud sim-aws is one\n");
    });
    return true;
}

std::string again(const Session& session, const SetupOptions& options, std::string_view command) {
    const auto typed = [](const Setting& setting) { return setting.origin.starts_with("flag"); };
    const Settings& global = session.settings;
    std::string text = format("k3fleet {}", command);
    if (typed(global.cloud)) text += " --cloud " + global.cloud.value;
    if (typed(global.profile)) text += " --profile " + global.profile.value;
    if (typed(global.region)) text += " --region " + global.region.value;
    if (typed(global.project)) text += " --project " + global.project.value;
    if (!options.file.empty()) text += " -f " + options.file;
    if (!options.function_code.empty()) text += " --function-code " + options.function_code;
    return text;
}

Result<std::unique_ptr<OpenSetup>> OpenSetup::open(const Session& session, const SetupOptions& options) {
    auto open = std::make_unique<OpenSetup>();
    open->intent_ = K3F_TRY(project_of(session, options));
    const app::AccountSettings who = K3F_TRY(account_settings(session));
    open->aws_ = K3F_TRY(app::wire_aws_site(who, open->intent_.name));
    K3F_TRY(open->begin());
    open->survey_ = K3F_TRY(app::survey_project(*open->site_));
    return open;
}

Result<std::unique_ptr<OpenSetup>> OpenSetup::open_recorded(const Session& session) {
    auto open = std::make_unique<OpenSetup>();
    open->aws_ = K3F_TRY(open_aws(session));
    auto recorded = app::load_project(open->aws_->objects());
    if (!recorded && recorded.error().code == ErrorCode::NotFound)
        return fail(ErrorCode::Refused, format("{} is not set up\nset it up first: {}", place(*open->aws_),
                                               again(session, {}, "init")));
    open->intent_ = K3F_TRY(std::move(recorded));
    K3F_TRY(open->begin());
    return open;
}

Status OpenSetup::begin() {
    model::Scope scope = aws_->scope();
    auto& regions = intent_.allowed_regions;
    if (regions.empty()) regions = {scope.region};
    scope.home_region = regions.front();
    if (std::ranges::find(regions, scope.region) == regions.end())
        return fail(
            ErrorCode::Refused,
            format("project {} may not be in {}: its file allows {}\nchoose another --region, or allow it",
                   scope.project.str(), scope.region, join(regions, ", ")));
    site_.emplace(app::SetupSite{.scope = scope,
                                 .provisioning = {.resources = aws_->resources(),
                                                  .executor = aws_->executor(),
                                                  .clock = aws_->clock(),
                                                  .run = aws_->random().hex(8)},
                                 .state = aws_->state(),
                                 .holder = aws_->holder()});
    return {};
}

Result<resources::FunctionCode> function_code(const Session& session, const std::string& zip, Code code) {
    // Whatever its size: what to do about one that is too large is for app/function_code to say.
    constexpr std::size_t kAnySize = std::size_t{4} << 30U;
    if (!zip.empty())
        return app::function_code_of_zip(K3F_TRY(read_input(session.host, zip, kAnySize)), "arm64");
    if (code == Code::DigestOnly) return kAnyCode;
    const std::string program = K3F_TRY(read_input(session.host, "/proc/self/exe", kAnySize));
    return app::function_code_of_program(program);
}

Result<resources::Graph> OpenSetup::account_graph(const Session& session, const SetupOptions& options,
                                                  Code code) {
    return account_graph(K3F_TRY(survey_->clusters()),
                         K3F_TRY(function_code(session, options.function_code, code)));
}

resources::Graph OpenSetup::account_graph(const std::vector<model::ClusterName>& clusters,
                                          resources::FunctionCode code) {
    resources::AccountInput input{
        .scope = site_->scope, .intent = intent_, .clusters = clusters, .code = std::move(code)};
    input.documents = remote::documents(input.scope);
    input.policy = app::policies_for(resources::site_of(input));
    return resources::account_graph(input);
}

Status confirm(const Session& session, bool yes, const std::string& question) {
    if (yes) return {};
    if (session.host.err_audience != Audience::Person || !session.host.read_line)
        return fail(ErrorCode::Refused,
                    "nobody is here to be asked whether to go on\nread the plan, then add --yes");
    session.host.err.write(question + " Type yes: ");
    const std::string answer = K3F_TRY(session.host.read_line());
    if (trim(answer) == "yes") return {};
    return fail(ErrorCode::Refused, "not confirmed; nothing was changed");
}

ExitCode ending(const app::Outcome& outcome) {
    if (outcome.complete()) return ExitCode::Done;
    if (!outcome.stopped) return ExitCode::Incomplete;
    return outcome.stopped->code == ErrorCode::Conflict ? ExitCode::LeaseHeld
                                                        : exit_code(outcome.stopped->code);
}

std::string ending_text(const app::Outcome& outcome, Colours colours, const std::string& all,
                        const std::string& command) {
    std::string text = outcome_text(outcome, colours);
    if (outcome.complete()) return text + all;
    if (outcome.stopped) text += "stopped: " + error_text(*outcome.stopped);
    return text + format("{} done, not everything; go on with: {}\n",
                         counted(static_cast<long long>(outcome.done), "change"), command);
}

Shown::Shown(const Session& session, app::Provisioning& provisioning)
    : progress_(session), provisioning_(provisioning) {
    provisioning_.tell = [this](const app::ProvisionProgress& now) {
        progress_.update(now.now, progress_line(now));
    };
}

Shown::~Shown() {
    provisioning_.tell = [](const app::ProvisionProgress&) {};
}

Result<ExitCode> OpenSetup::carry_out(const Session& session, app::SetupPlan& plan,
                                      const std::string& done_text, const std::string& command,
                                      const Afterwards& afterwards) {
    const auto outcome = [&] {
        const Shown progress(session, site_->provisioning);
        return app::carry_out_setup(*site_, plan);
    }();
    if (!outcome) {
        if (outcome.error().code != ErrorCode::Conflict) return std::unexpected(outcome.error());
        session.host.err.write(render_error(outcome.error(), Colours::Plain));
        return ExitCode::LeaseHeld;
    }
    Report report{.data = plan_value(plan), .text = {}};
    report.data.set("outcome", outcome_value(*outcome));
    Status after;
    if (outcome->complete() && afterwards) after = afterwards(report);
    session.result(report.data, [&](Colours colours) {
        const std::string all = format("{}: {}; {}\n", place(*aws_), done_text,
                                       counted(static_cast<long long>(outcome->done), "change"));
        return ending_text(*outcome, colours, all + report.text, command);
    });
    if (!after) return std::unexpected(after.error());
    return ending(*outcome);
}

}  // namespace k3fleet::cli
