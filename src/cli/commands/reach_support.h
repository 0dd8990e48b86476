// What the commands share that reach a cluster on AWS: the site, the local port of its tunnel, who we are.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "app/reach.h"
#include "app/wire.h"
#include "cli/session.h"

namespace k3fleet::cli {

struct OpenReach {
    std::unique_ptr<app::AwsSite> aws;
    model::Scope scope;  // With the cluster if one was named.
    app::ReachSite site() const { return {scope, aws->cloud(), aws->remote(), aws->clock()}; }
};

// Refused on another cloud than AWS: machines of the simulated one cannot be reached. `cluster` may be empty.
Result<OpenReach> open_reach(const Session& session, const std::string& cluster);

// The port on this machine that the cluster's tunnel has: the wanted one, else the one it had before, else a
// free one that no other cluster has; remembered below the state directory. Refused: the wanted one is taken.
Result<int> tunnel_port(const Session& session, const OpenReach& open, std::optional<std::int64_t> wanted);

// ~/.kube/k3fleet/CLUSTER.yaml
Result<std::string> own_kubeconfig(const Session& session, const model::ClusterName& cluster);

// Ends the session, whatever came of it: what came of it.
Result<int> ended(const Session& session, const OpenReach& open, const ports::RemoteSession& remote,
                  Result<int> outcome);

// "k3fleet kubectl by alice", for lists of sessions.
std::string reason_of(const Session& session, std::string_view what);

}  // namespace k3fleet::cli
