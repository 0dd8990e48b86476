// doctor: what stands between this machine, an AWS account and clusters on it.
#include "app/doctor.h"

#include <algorithm>
#include <memory>

#include "app/doctor_clusters.h"
#include "app/machine.h"
#include "base/text.h"
#include "cli/commands/commands.h"
#include "cli/commands/support.h"

namespace k3fleet::cli {

namespace {

Tone tone_of(app::CheckResult result) {
    switch (result) {
        case app::CheckResult::Ok: return Tone::Good;
        case app::CheckResult::Warning: return Tone::Warning;
        case app::CheckResult::Failed: return Tone::Bad;
        case app::CheckResult::NotChecked: return Tone::Faint;
    }
    return Tone::Normal;
}

// Each line of it below the other.
std::string advice(const app::Check& check, std::size_t width) {
    std::string text;
    for (const std::string& line : split(check.fix, '\n'))
        text += format("  {:<{}} {}\n", text.empty() ? check.name + ":" : "", width, printable(line));
    return text;
}

std::string as_text(const std::vector<app::Check>& checks, Colours colours) {
    Table table({{"CHECK"}, {"RESULT"}, {"FOUND"}});
    for (const app::Check& check : checks)
        table.row({check.name, {to_string(check.result), tone_of(check.result)}, printable(check.found)});
    std::string text = table.render(colours);
    std::size_t width = 0;
    for (const app::Check& check : checks)
        if (!check.fix.empty()) width = std::max(width, check.name.size() + 1);
    if (width > 0) text += "\nWhat to do\n";
    for (const app::Check& check : checks)
        if (!check.fix.empty()) text += advice(check, width);
    return text;
}

Value to_value(const std::vector<app::Check>& checks) {
    Value list = Value::array();
    for (const app::Check& check : checks) {
        Value fix = check.fix.empty() ? Value(nullptr) : Value(check.fix);
        list.push(Value::object({{"check", check.name},
                                 {"result", to_string(check.result)},
                                 {"found", check.found},
                                 {"fix", std::move(fix)}}));
    }
    return Value::object({{"checks", std::move(list)}});
}

struct Options {
    std::vector<std::string> files;
};

// The clusters that are judged, and a line on where they are from.
struct Judged {
    std::vector<model::ClusterIntent> clusters;
    app::Check origin;
};

app::Check origin(std::string found) {
    return {"clusters", app::CheckResult::NotChecked, std::move(found), ""};
}

std::string usual() {
    const model::ClusterIntent cluster = app::usual_cluster("");
    const model::NodePool& pool = cluster.pools.front();
    return format("judged for a dev cluster: {} {}, {} to {} {}", cluster.masters(), cluster.master_type,
                  pool.min, pool.max, join(pool.instance_types, " or "));
}

Result<Judged> from_files(const Session& session, const Options& options) {
    Judged judged;
    for (const std::string& path : options.files) {
        const app::ClusterFile file = K3F_TRY(read_cluster_file(session, path));
        remark_warnings(session, file, path);
        judged.clusters.push_back(file.intent);
    }
    judged.origin = {"clusters", app::CheckResult::Ok, join(options.files, ", "), ""};
    return judged;
}

// Of a project that cannot be read nothing is known, which is not the same as that it has no cluster.
Result<std::vector<model::ClusterIntent>> clusters_of(const Session& session) {
    const auto site = K3F_TRY(open_aws(session));
    std::vector<model::ClusterIntent> clusters;
    for (const model::ClusterName& name : K3F_TRY(app::list_clusters(site->objects())))
        clusters.push_back(K3F_TRY(app::load_cluster(site->objects(), name)).intent);
    return clusters;
}

Judged from_project(const Session& session) {
    const std::string& project = session.settings.project.value;
    auto clusters = clusters_of(session);
    if (!clusters && clusters.error().code == ErrorCode::NotFound)
        return {{}, origin(format("project {} is not set up here; {}", project, usual()))};
    if (!clusters)
        return {{},
                origin(format("those of project {} are not known: {}; {}", project,
                              split(clusters.error().message, '\n').front(), usual()))};
    if (clusters->empty()) return {{}, origin(format("project {} has none yet; {}", project, usual()))};
    return {std::move(*clusters), {"clusters", app::CheckResult::Ok, "those of project " + project, ""}};
}

Result<ExitCode> run(const Session& session, const Options& options) {
    const OpenAccount aws = K3F_TRY(open_account(session));
    Judged judged{{}, origin("no file (-f) and no project is named; " + usual())};
    if (!options.files.empty()) judged = K3F_TRY(from_files(session, options));
    std::vector<app::Check> checks = app::examine(*aws.account, *aws.clock);
    const bool answered = app::answered(checks);
    if (answered && options.files.empty() && !session.settings.project.value.empty())
        judged = from_project(session);
    checks.push_back(judged.origin);
    std::ranges::move(
        app::examine_clusters(*aws.account, answered ? app::Asking::Allowed : app::Asking::Pointless,
                              judged.clusters, aws.clock->now()),
        std::back_inserter(checks));
    checks.push_back(app::check_plugin(app::plugin_version()));
    session.result(to_value(checks), [&](Colours colours) { return as_text(checks, colours); });
    const bool failed = std::ranges::any_of(
        checks, [](const app::Check& check) { return check.result == app::CheckResult::Failed; });
    return failed ? ExitCode::Findings : ExitCode::Done;
}

}  // namespace

Command doctor() {
    const auto options = std::make_shared<Options>();
    Command command{
        .words = "doctor",
        .purpose = Purpose::Start,
        .summary = "Check what k3fleet needs on AWS, with what to do",
        .about =
            "Looks at region, credentials, connection, identity, clock and rights, in the order in which "
            "they are needed, and for the program that carries tunnels and shells. Then at what would stop "
            "clusters: quotas and what of them is used, zones that do not offer their types of machines, "
            "versions of K3s that get no more fixes. Judged are the clusters of the files, else those of the "
            "project, else one of mode dev.\n"
            "Reads only: what would change something is asked as a dry run, which AWS answers without doing "
            "it. Works on AWS alone: the simulated cloud needs nothing.",
        .examples = {{"doctor --cloud aws", "with the profile and region that the AWS command would use"},
                     {"doctor --cloud aws -f cluster.yaml", "is there room for this cluster?"},
                     {"doctor --cloud aws --profile dev --region ap-southeast-1 -o json", "for a script"}},
        .exits = {{ExitCode::Done, "nothing that k3fleet needs is missing"},
                  {ExitCode::Findings, "something failed; the last lines say what to do"}},
        .run = [options](Session& session) { return run(session, *options); },
    };
    command.option("--file", "FILE", options->files, "A cluster file to judge; - is standard input")
        .short_name("-f")
        .repeatable();
    return command;
}

}  // namespace k3fleet::cli
