// cluster kubeconfig: a credential of a few hours for a cluster's API.
#include <memory>

#include "app/machine.h"
#include "base/text.h"
#include "cli/commands/commands.h"
#include "cli/commands/reach_support.h"
#include "core/remote/kubeconfig.h"
#include "core/remote/person.h"

namespace k3fleet::cli {

namespace {

struct Options {
    std::string cluster;
    std::int64_t hours = remote::kMaxHours;
    std::string group = "operators";
    bool admin = false;
    std::string output;
    bool merge = false;
    std::optional<std::int64_t> port;
};

Result<std::string> group_for(const Options& options) {
    if (!options.admin) return remote::group_of(options.group);
    if (options.group != "operators")
        return fail(ErrorCode::InvalidArgument, "--admin is a group of its own: leave --group out");
    return std::string(remote::kAdmins);
}

// Where kubectl would look: the first file of KUBECONFIG, else ~/.kube/config.
Result<std::string> everyday_config(const Session& session) {
    const auto files = split(session.host.variable("KUBECONFIG"), ':');
    if (!files.front().empty()) return files.front();
    const std::string home = session.host.variable("HOME");
    if (home.empty()) return fail(ErrorCode::InvalidArgument, "neither KUBECONFIG nor HOME is set");
    return home + "/.kube/config";
}

// The file as it was is kept beside it, for its owner alone.
Status merge_into(const std::string& file, const Secret& config) {
    const std::string there = K3F_TRY(app::read_own_file(file));
    const Secret whole = K3F_TRY_WHILE("merging into " + file, remote::merged(there, config));
    if (!there.empty()) K3F_TRY(app::write_own_file(file + ".before-k3fleet", there));
    return app::write_own_file(file, whole.reveal());
}

// Two clusters of one name, of different projects, would have one file.
Status check_own(const std::string& file, const model::Scope& scope) {
    const std::string there = K3F_TRY(app::read_own_file(file));
    if (there.empty() || there.contains("current-context: " + remote::context_name(scope) + "\n")) return {};
    return fail(ErrorCode::Refused, format("{} is not of {}, and is left alone\ngive another place: --output "
                                           "FILE, or put it into that file: --merge",
                                           file, remote::context_name(scope)));
}

Result<ExitCode> run(const Session& session, const Options& options) {
    if (options.merge && !options.output.empty())
        return fail(ErrorCode::InvalidArgument, "--merge has a place of its own: leave --output out");
    const std::string group = K3F_TRY(group_for(options));
    if (options.hours < 1 || options.hours > remote::kMaxHours)
        return fail(ErrorCode::InvalidArgument,
                    format("--hours is {}; it must be 1 to {}", options.hours, remote::kMaxHours));
    const OpenReach open = K3F_TRY(open_reach(session, options.cluster));
    std::string file = options.output;
    if (options.merge) file = K3F_TRY(everyday_config(session));
    if (file.empty()) file = K3F_TRY(own_kubeconfig(session, open.scope.cluster));
    if (!options.merge) K3F_TRY(check_own(file, open.scope));
    const Value who = K3F_TRY(open.aws->account().call("sts", "GetCallerIdentity", Value::object()));
    const std::string user = K3F_TRY(remote::user_of(who.string_at("Arn")));
    const int port = K3F_TRY(tunnel_port(session, open, options.port));
    auto site = open.site();
    const auto credential = K3F_TRY_WHILE(
        "asking a master to sign", app::sign_credential(site, {.user = user,
                                                               .group = group,
                                                               .hours = static_cast<int>(options.hours),
                                                               .run_id = open.aws->random().hex(16)}));
    const Secret config = remote::kubeconfig(
        open.scope,
        {.port = port, .ca = credential.ca, .certificate = credential.certificate, .key = credential.key});
    if (options.merge)
        K3F_TRY(merge_into(file, config));
    else
        K3F_TRY(app::write_own_file(file, config.reveal()));
    if (group == remote::kAdmins) session.remark("this credential may do everything in the cluster");
    const std::string context = remote::context_name(open.scope);
    const Value data = Value::object({{"cluster", options.cluster},
                                      {"file", file},
                                      {"context", context},
                                      {"user", user},
                                      {"group", group},
                                      {"expires_at", to_rfc3339(credential.expires_at)},
                                      {"port", port}});
    session.result(data, [&](Colours) {
        std::string text =
            format("{}: {} of group {} until {}\n", file, user, group, to_rfc3339(credential.expires_at));
        text += format("keep this running:  k3fleet cluster tunnel {}\n", options.cluster);
        return text + (options.merge ? format("kubectl's context is now {}\n", context)
                                     : format("then:  kubectl --kubeconfig {} get nodes\n", file));
    });
    return ExitCode::Done;
}

}  // namespace

Command cluster_kubeconfig() {
    const auto options = std::make_shared<Options>();
    Command command{
        .words = "cluster kubeconfig",
        .purpose = Purpose::Clusters,
        .summary = "Get a credential of a few hours for a cluster's API",
        .about =
            "Makes a key here, which never leaves this machine, and has a master sign a certificate for it, "
            "through AWS Systems Manager. The user is called as AWS calls us. Groups: viewers (see), "
            "operators (and change what lies in namespaces), admins (everything), or one of your own that "
            "you bound. The API is reached through 'cluster tunnel', whose port the file names.",
        .examples = {{"cluster kubeconfig shop", "writes ~/.kube/k3fleet/shop.yaml, good for 8 hours"},
                     {"cluster kubeconfig shop --group viewers --hours 1", "to look only"},
                     {"cluster kubeconfig shop --admin", "every right there is, for what needs it"},
                     {"cluster kubeconfig shop --merge", "into kubectl's own file, as its current context"}},
        .exits = {{ExitCode::Incomplete, "no master answers"},
                  {ExitCode::Refused, "the master or AWS said no"}},
        .run = [options](Session& session) { return run(session, *options); },
    };
    command.argument("NAME", options->cluster, "Which cluster").required();
    command.option("--hours", "N", options->hours, "How long it is good for, 1 to 8").default_is("8");
    command.option("--group", "GROUP", options->group, "viewers, operators or another group")
        .default_is("operators");
    command.flag("--admin", options->admin, "Every right in the cluster: the group admins");
    command.option("--output", "FILE", options->output, "Where to write it")
        .default_is("~/.kube/k3fleet/NAME.yaml");
    command.flag("--merge", options->merge, "Put it into kubectl's own file instead; a copy is kept");
    command.option("--port", "N", options->port, "The tunnel's port on this machine")
        .default_is("the one it had, else a free one");
    return command;
}

}  // namespace k3fleet::cli
