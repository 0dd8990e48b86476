// export cloudformation: the graph of an account or a cluster as a template. Asks nobody anything.
#include <memory>
#include <set>

#include "app/policies.h"
#include "base/json.h"
#include "base/text.h"
#include "cli/commands/commands.h"
#include "cli/commands/support.h"
#include "core/intent/intent.h"
#include "core/remote/documents.h"
#include "core/resources/cloudformation.h"

namespace k3fleet::cli {

namespace {

struct Options {
    std::string file;
    std::string account;
    std::vector<std::string> clusters;
    std::vector<std::string> zones;
};

template <typename Intent>
Result<Intent> checked(std::expected<intent::Reading<Intent>, intent::ReadError> reading,
                       const std::string& shown) {
    if (!reading) return fail(ErrorCode::InvalidArgument, intent::describe(reading.error(), shown));
    return std::move(reading->intent);
}

model::Scope scope_of(const Options& options, const model::ProjectName& project, const std::string& region) {
    return {.project = project, .account = options.account, .region = region, .home_region = region};
}

std::vector<model::ClusterName> clusters_of(const Options& options) {
    std::vector<model::ClusterName> names;
    for (const std::string& name : std::set(options.clusters.begin(), options.clusters.end()))
        names.emplace_back(name);
    return names;
}

Result<Value> project_template(const Session& session, const Options& options, const std::string& text) {
    resources::AccountInput input;
    input.intent = K3F_TRY(checked(intent::read_project(text), options.file));
    const std::string& chosen = session.settings.region.value;
    input.scope =
        scope_of(options, input.intent.name, chosen.empty() ? input.intent.allowed_regions.front() : chosen);
    input.scope.home_region = input.intent.allowed_regions.front();
    input.documents = remote::documents(input.scope);
    input.clusters = clusters_of(options);
    input.policy = app::policies_for(resources::site_of(input));
    return resources::cloudformation(resources::account_graph(input));
}

Result<Value> cluster_template(const Options& options, const std::string& text) {
    resources::ClusterInput input;
    input.intent = K3F_TRY(checked(intent::read_cluster(text), options.file));
    input.scope = scope_of(options, input.intent.project, input.intent.region);
    input.scope.cluster = input.intent.name;
    input.zones = options.zones;
    if (input.zones.empty() && input.intent.zones.empty())
        return fail(ErrorCode::InvalidArgument,
                    format("the file names no zones, and nobody is asked which {} has\n"
                           "name two or more: --zone {}a --zone {}b",
                           input.intent.region, input.intent.region, input.intent.region));
    input.policy = app::policies_for({.scope = input.scope, .clusters = {input.intent.name}});
    return resources::cloudformation(K3F_TRY(resources::cluster_graph(input)));
}

Result<ExitCode> run(const Session& session, const Options& options) {
    if (options.account.size() != 12 || options.account.find_first_not_of("0123456789") != std::string::npos)
        return fail(ErrorCode::InvalidArgument, "--account takes the twelve digits of an AWS account");
    const std::string text = K3F_TRY(read_input(session.host, options.file));
    const auto kind = intent::read_kind(text);
    if (!kind) return fail(ErrorCode::InvalidArgument, intent::describe(kind.error(), options.file));
    const Value data = K3F_TRY(*kind == intent::Kind::Project ? project_template(session, options, text)
                                                              : cluster_template(options, text));
    session.result(data, [&](Colours) { return json::write_pretty(data); });
    return ExitCode::Done;
}

}  // namespace

Command export_cloudformation() {
    const auto options = std::make_shared<Options>();
    Command command{
        .words = "export cloudformation",
        .purpose = Purpose::Start,
        .summary = "Write what k3fleet makes on AWS as a CloudFormation template",
        .about =
            "Of a project's file: what its account gets. Of a cluster's file: its network, roles, secrets "
            "and "
            "function; machines are in no template, since they come and go. Names, rights and settings are "
            "those "
            "that k3fleet makes itself. The functions' code is taken from the bucket and key that the "
            "template's "
            "parameters name. Calls nothing.",
        .examples = {{"export cloudformation -f project.yaml --account 123456789012", "the account's set-up"},
                     {"export cloudformation -f shop.yaml --account 123456789012 --zone eu-west-1a --zone "
                      "eu-west-1b",
                      "a cluster's"}},
        .run = [options](Session& session) { return run(session, *options); },
    };
    command.option("--file", "FILE", options->file, "A project's or a cluster's file; - is standard input")
        .short_name("-f")
        .required();
    command.option("--account", "DIGITS", options->account, "The AWS account it is for").required();
    command
        .option("--cluster", "NAME", options->clusters,
                "Of a project: a cluster that the functions' rights reach")
        .repeatable();
    command.option("--zone", "ZONE", options->zones, "Of a cluster: an availability zone").repeatable();
    return command;
}

}  // namespace k3fleet::cli
