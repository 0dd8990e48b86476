// Names of things, one type each.
#pragma once

#include "base/strong.h"

namespace k3fleet::model {

using ProjectName = StrongString<struct ProjectNameTag>;
using ClusterName = StrongString<struct ClusterNameTag>;
using PoolName = StrongString<struct PoolNameTag>;
using InstanceId = StrongString<struct InstanceIdTag>;  // EC2's: i-0123456789abcdef0
using NodeName = StrongString<struct NodeNameTag>;
using Uid = StrongString<struct UidTag>;            // Kubernetes' metadata.uid
using HolderId = StrongString<struct HolderIdTag>;  // Who holds a lease: a process, not a person
using Token = StrongString<struct TokenTag>;        // Idempotency token of one mutating call

}  // namespace k3fleet::model
