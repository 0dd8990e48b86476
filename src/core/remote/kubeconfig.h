// A kubeconfig for one cluster behind a tunnel, and putting it into one that is there.
#pragma once

#include <string>

#include "base/result.h"
#include "base/secret.h"
#include "core/model/resource_names.h"

namespace k3fleet::remote {

struct Access {
    int port = 0;             // Of the tunnel, on 127.0.0.1.
    std::string ca;           // PEM.
    std::string certificate;  // PEM.
    Secret key;               // PEM.
};

// What context, cluster and user are called in it: "k3fleet-PROJECT-CLUSTER".
std::string context_name(const model::Scope& scope);

// A whole file. It holds the key: for its owner alone.
Secret kubeconfig(const model::Scope& scope, const Access& access);

// `there` (empty: nothing yet) with our entries added or replaced, and our context as the current one. Others
// keep their content and order; comments are lost. Corrupt: `there` is no kubeconfig.
Result<Secret> merged(const std::string& there, const Secret& ours);

// The port that a kubeconfig of ours names; 0 if it names none.
int port_of(const std::string& text);

}  // namespace k3fleet::remote
