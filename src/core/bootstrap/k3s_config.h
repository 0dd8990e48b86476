// K3s' own configuration files on a node, but for what only the machine knows of itself (node/boot.sh writes
// that beside them).
#pragma once

#include <string>

#include "core/bootstrap/bootstrap.h"

namespace k3fleet::bootstrap {

// /etc/rancher/k3s/config.yaml. Tokens are named by file.
std::string k3s_config(const NodeBoot& boot);

// /etc/rancher/k3s/registries.yaml
std::string registries(const NodeBoot& boot);

// Lines "TYPE KUBE-RESERVED SYSTEM-RESERVED" for node/boot.sh.
std::string reservations(const NodeBoot& boot);

}  // namespace k3fleet::bootstrap
