#include "cli/commands/reach_support.h"

#include <set>

#include "app/machine.h"
#include "base/text.h"
#include "base/yaml.h"
#include "cli/commands/support.h"
#include "core/intent/rules.h"
#include "core/remote/kubeconfig.h"

namespace k3fleet::cli {

namespace {

constexpr int kFirstPort = 16443;

// Which cluster of which account: names alone come again elsewhere.
std::string place_of(const model::Scope& scope) {
    return format("{}/{}/{}/{}", scope.account, scope.region, scope.project.str(), scope.cluster.str());
}

}  // namespace

Result<OpenReach> open_reach(const Session& session, const std::string& cluster) {
    if (session.settings.cloud.value.starts_with("sim"))
        return fail(ErrorCode::Refused,
                    "machines of the simulated cloud cannot be reached: they run nothing\n"
                    "on AWS: add --cloud aws, or k3fleet context use aws:PROFILE/REGION");
    if (!cluster.empty())
        K3F_TRY_WHILE("reading the cluster's name", intent::obey(intent::kClusterName, cluster));
    OpenReach open{.aws = K3F_TRY(open_aws(session)), .scope = {}};
    open.scope = open.aws->scope();
    open.scope.cluster = model::ClusterName(cluster);
    return open;
}

Result<int> tunnel_port(const Session& session, const OpenReach& open, std::optional<std::int64_t> wanted) {
    if (session.settings.state_dir.value.empty())
        return fail(ErrorCode::InvalidArgument,
                    "there is no place to remember ports\ngive --state-dir DIR, or set HOME");
    if (wanted && (*wanted < 1024 || *wanted > 65535))
        return fail(ErrorCode::InvalidArgument, format("--port is {}; it must be 1024 to 65535", *wanted));
    const std::string file = session.settings.state_dir.value + "/tunnels.yaml";
    const std::string text = K3F_TRY(app::read_own_file(file));
    Value ports = text.empty() ? Value::object() : K3F_TRY_WHILE("reading " + file, yaml::parse(text));
    const std::string place = place_of(open.scope);
    const Value* known = ports.find(place);
    const std::int64_t former = known != nullptr ? known->as_int().value_or(0) : 0;
    int port = 0;
    if (wanted) {
        port = static_cast<int>(*wanted);
    } else if (former > 0 && former < 65536) {
        return static_cast<int>(former);
    } else {
        std::set<std::int64_t> taken;
        for (const auto& member : ports.members()) taken.insert(member.value.as_int().value_or(0));
        port = K3F_TRY(app::free_port(kFirstPort));
        while (taken.contains(port)) port = K3F_TRY(app::free_port(port + 1));
    }
    if (former == port) return port;
    ports.set(place, port);
    K3F_TRY_WHILE("remembering the tunnel's port", app::write_own_file(file, yaml::write(ports)));
    return port;
}

Result<std::string> own_kubeconfig(const Session& session, const model::ClusterName& cluster) {
    const std::string home = session.host.variable("HOME");
    if (home.empty())
        return fail(ErrorCode::InvalidArgument, "HOME is not set, so there is no place for a kubeconfig");
    return format("{}/.kube/k3fleet/{}.yaml", home, cluster.str());
}

Result<int> ended(const Session& session, const OpenReach& open, const ports::RemoteSession& remote,
                  Result<int> outcome) {
    const Status end = open.aws->remote().end_session(remote);
    if (!end) session.detail(end.error().describe());
    return outcome;
}

std::string reason_of(const Session& session, std::string_view what) {
    const std::string user = session.host.variable("USER");
    return user.empty() ? format("k3fleet {}", what) : format("k3fleet {} by {}", what, user);
}

}  // namespace k3fleet::cli
