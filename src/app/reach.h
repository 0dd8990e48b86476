// Reaching a cluster and its machines without SSH: which machine answers, a credential signed there, sessions
// on it. All of it goes through Systems Manager.
#pragma once

#include <string>

#include "base/secret.h"
#include "core/model/resource_names.h"
#include "core/remote/documents.h"
#include "ports/clock.h"
#include "ports/cloud.h"
#include "ports/remote_exec.h"

namespace k3fleet::app {

// References outlive it.
struct ReachSite {
    model::Scope scope;  // With the cluster, where one is meant.
    ports::Cloud& cloud;
    ports::RemoteExec& remote;
    ports::Clock& clock;
};

// A running master of the cluster whose agent answers; the first slot's if it does. NotFound: the project has
// no such cluster here, or no running master of it. Unavailable: no agent answers.
Result<model::InstanceId> master_of(ReachSite& site);

// The machine of this id, which is also its node's name. InvalidArgument: no id. Refused: none of the
// project's machines.
Result<model::InstanceId> machine_of(ReachSite& site, const std::string& name);

struct CredentialRequest {
    std::string user;   // remote::user_of()
    std::string group;  // remote::group_of()
    int hours = remote::kMaxHours;
    std::string run_id;  // 16 to 32 hexadecimal digits, another one each time.
};

struct Credential {
    Secret key;  // Made here; it was nowhere else.
    std::string certificate;
    std::string ca;
    Timestamp expires_at;
};

// Signed by a master of the cluster. InvalidArgument: the hours, user or group cannot be. Corrupt: what came
// back is not what was asked for.
Result<Credential> sign_credential(ReachSite& site, const CredentialRequest& request);

// Sessions, for the plugin on this side.
Result<ports::RemoteSession> open_tunnel(ReachSite& site, int local_port, const std::string& reason);
Result<ports::RemoteSession> open_shell(ReachSite& site, const model::InstanceId& machine,
                                        const std::string& reason);

}  // namespace k3fleet::app
