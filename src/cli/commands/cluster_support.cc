#include "cli/commands/cluster_support.h"

#include <cmath>

#include "base/text.h"
#include "cli/plan_view.h"
#include "cli/progress.h"
#include "core/resources/kinds.h"

namespace k3fleet::cli {

Result<std::unique_ptr<OpenClusters>> OpenClusters::open(const Session& session, const std::string& code_zip,
                                                         Code code) {
    auto open = std::make_unique<OpenClusters>();
    open->setup_ = K3F_TRY(OpenSetup::open_recorded(session));
    auto function = K3F_TRY(function_code(session, code_zip, code));
    OpenSetup& setup = *open->setup_;
    app::AwsSite& aws = setup.aws();
    open->site_.emplace(
        app::ClusterSite{.account = setup.site(),
                         .objects = aws.objects(),
                         .secrets = aws.secrets(),
                         .cloud = aws.cloud(),
                         .random = aws.random(),
                         .project = setup.intent(),
                         .zones = K3F_TRY(aws.zones()),
                         .code = std::move(function),
                         .account_graph = [&setup](const auto& clusters) -> Result<resources::Graph> {
                             return setup.account_graph(clusters);
                         }});
    return open;
}

void add_options(Command& command, PrepareOptions& options) {
    command.option("--file", "FILE", options.file, "The cluster file; - is standard input")
        .short_name("-f")
        .required();
    command
        .option("--function-code", "ZIP", options.function_code,
                "On AWS: the function's code, with k3fleet in it as bootstrap")
        .default_is("this program");
    command.flag("--yes", options.yes, "On AWS: do not ask");
}

namespace {

app::Doer doer_of(const Session& session, OpenClusters& open) { return doer(session, open.aws()); }

Value to_value(const app::ClusterPlan& plan) {
    return Value::object({{"cluster", plan.file.intent.name.str()},
                          {"digest", plan.file.intent.digest},
                          {"file", changes_value(plan.changes)},
                          {"resources", plan_value(plan.own)},
                          {"rights", *plan_value(plan.rights).find("changes")},
                          {"token", plan.token_missing ? "to be written" : "written"},
                          {"usd_per_month_more", plan.usd_more}});
}

// What of the account changes with its clusters, and what is left to `init`.
std::string rights_text(const app::ClusterPlan& plan, Colours colours) {
    std::string text;
    if (!plan.rights.plan.empty())
        text += "\nof the account, so that its functions reach this cluster and no other:\n" +
                plan_text(plan.rights, colours);
    if (plan.otherwise > 0)
        text += format("\nthe account differs otherwise, too: {}; 'k3fleet init' repairs that\n",
                       counted(static_cast<long long>(plan.otherwise), "thing"));
    return text;
}

std::string to_text(const app::ClusterPlan& plan, Colours colours) {
    std::string text;
    if (!plan.changes.empty()) text += changes_text(plan.changes, colours) + "\n";
    text += plan.own.plan.empty() ? format("{}\n", summary(plan.own.plan)) : plan_text(plan.own, colours);
    return text + rights_text(plan, colours);
}

// "+$12.30", "-$3.00"
std::string more(double usd) { return format("{}{}", usd < 0 ? "-" : "+", resources::money(std::abs(usd))); }

// Carried out, with what came of it. `all` is what the command's end says when everything is done.
Result<ExitCode> tell(const Session& session, Value data, const app::ClusterOutcome& outcome,
                      const std::string& all, const std::string& command) {
    const app::Outcome& done = outcome.resources;
    if (done.stopped && done.done == 0) {
        session.host.err.write(render_error(*done.stopped, Colours::Plain));
        return ending(done);
    }
    data.set("outcome", outcome_value(done));
    session.result(data, [&](Colours colours) { return ending_text(done, colours, all, command); });
    return ending(done);
}

std::string again(const Session& session, const PrepareOptions& options, Prepare what) {
    return again(session, {.file = options.file, .function_code = options.function_code},
                 what == Prepare::Create ? "cluster create" : "apply");
}

}  // namespace

// Says what is to be done, asks, and does it.
static Result<ExitCode> carry_out(const Session& session, OpenClusters& open, app::ClusterPlan& plan,
                                  const PrepareOptions& options, Prepare what) {
    const std::string name = plan.file.intent.name.str();
    Value data = to_value(plan);
    const std::string shown = to_text(plan, session.settings.colours);
    if (options.dry_run) {
        session.result(data, [&](Colours) { return shown; });
        return ExitCode::Findings;
    }
    K3F_TRY(app::check_startable(plan.file.intent));
    if (session.settings.format == Format::Table) session.host.out.write(shown + "\n");
    K3F_TRY(confirm(session, options.yes,
                    format("{} cluster {} on {}?", what == Prepare::Create ? "Create" : "Change", name,
                           place(open.aws()))));
    const auto outcome = [&] {
        const Shown progress(session, open.setup().site().provisioning);
        return app::carry_out_cluster(open.site(), plan, doer_of(session, open));
    }();
    if (!outcome) return std::unexpected(outcome.error());
    data.set("uploaded", outcome->uploaded);
    return tell(
        session, std::move(data), *outcome,
        format("cluster {} is {}: the project's functions {}\n", name, plan.stored ? "changed" : "created",
               plan.stored ? "work by its file from now on" : "start its machines"),
        again(session, options, what));
}

Result<ExitCode> prepare_cluster(const Session& session, OpenClusters& open, const PrepareOptions& options,
                                 Prepare what, std::optional<Duration> watch) {
    // With what the project says where the file does not.
    const auto file = K3F_TRY(read_cluster_file(session, options.file, &open.setup().intent()));
    app::ClusterPlan plan = K3F_TRY(what == Prepare::Create ? app::plan_creation(open.site(), file)
                                                            : app::plan_change(open.site(), file));
    session.remark(format("{}: {} a month", account(open.aws()), more(plan.usd_more)));
    remark_warnings(session, file, options.file);
    remark_old_k3s(session, "K3s of cluster " + file.intent.name.str(), file.intent.k3s_version);
    ExitCode code = ExitCode::Done;
    if (plan.empty()) {
        session.result(to_value(plan), [&](Colours) {
            return format("cluster {} is as its file says; nothing to do\n", file.intent.name.str());
        });
        if (plan.otherwise > 0) session.remark(trim(rights_text(plan, Colours::Plain)));
    } else {
        code = K3F_TRY(carry_out(session, open, plan, options, what));
    }
    if (code != ExitCode::Done || !watch) return code;
    return wait_and_watch(session, open.aws(),
                          {.cluster = file.intent.name,
                           .timeout = *watch,
                           .how_to_continue = format("cluster status {}", file.intent.name.str())});
}

namespace {

std::string machines_text(const std::vector<model::Instance>& left) {
    return format("deleting: {} still to go", counted(static_cast<long long>(left.size()), "machine"));
}

// Waits for the functions. Done: no machine is there any more, and the plan is made again if that took time.
Result<ExitCode> let_machines_go(const Session& session, OpenClusters& open, app::ClusterPlan& plan,
                                 const DeleteOptions& options, const std::string& command) {
    Progress progress(session);
    ports::Clock& clock = open.aws().clock();
    std::string state;
    const Status gone = app::await_no_machines(open.site(), plan, clock.now() + options.timeout,
                                               [&](const std::vector<model::Instance>& left) {
                                                   state = machines_text(left);
                                                   progress.update(clock.now(), state);
                                               });
    progress.clear();
    if (gone) {
        if (!state.empty()) plan = K3F_TRY(app::plan_deletion(open.site(), model::ClusterName(options.name)));
        return ExitCode::Done;
    }
    if (state.empty()) state = "no machine was seen yet";
    const ErrorCode code = gone.error().code;
    if (code != ErrorCode::DeadlineExceeded && code != ErrorCode::Cancelled)
        return std::unexpected(gone.error());
    return end_early(session, code == ErrorCode::Cancelled ? Early::Interrupted : Early::TimedOut,
                     options.timeout, state, command);
}

}  // namespace

Result<ExitCode> delete_cluster(const Session& session, OpenClusters& open, const DeleteOptions& options) {
    const model::ClusterName name(options.name);
    app::ClusterPlan plan = K3F_TRY(app::plan_deletion(open.site(), name));
    session.remark(format("{}: takes cluster {} away", place(open.aws()), name.str()));
    const auto data = [&](bool deleted) {
        return Value::object({{"cluster", name.str()},
                              {"deleted", deleted},
                              {"deleting", !deleted && !options.dry_run},
                              {"resources", plan_value(plan.own)},
                              {"rights", *plan_value(plan.rights).find("changes")}});
    };
    if (options.dry_run) {
        session.result(data(false), [&](Colours colours) { return to_text(plan, colours); });
        return ExitCode::Findings;
    }
    if (plan.stored) K3F_TRY(app::mark_deleting(open.aws().objects(), name, doer_of(session, open)));
    const std::string command =
        format("{} {} --wait", again(session, SetupOptions{}, "cluster delete"), name.str());
    if (!options.wait) {
        session.result(data(false), [&](Colours) {
            return format(
                "cluster {} is marked for deletion: the project's functions end its machines\n"
                "take the rest away with: {}\n",
                name.str(), command);
        });
        return ExitCode::Done;
    }
    if (const ExitCode code = K3F_TRY(let_machines_go(session, open, plan, options, command));
        code != ExitCode::Done)
        return code;
    const auto outcome = [&] {
        const Shown progress(session, open.setup().site().provisioning);
        return app::carry_out_deletion(open.site(), plan, doer_of(session, open));
    }();
    if (!outcome) return std::unexpected(outcome.error());
    return tell(session, data(outcome->resources.complete()), *outcome,
                format("cluster {} is deleted; nothing of it is left that costs anything\n", name.str()),
                command);
}

}  // namespace k3fleet::cli
