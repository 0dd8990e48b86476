// From a cluster file, and what only the account knows, to what a machine runs.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "base/result.h"
#include "core/bootstrap/bootstrap.h"
#include "core/cost/catalogue.h"

namespace k3fleet::bootstrap {

struct AccountFacts {
    std::string account;               // 12 digits
    std::vector<std::string> servers;  // Fixed addresses of the masters' slots, the first slot's first.
    Binaries amd64;
    Binaries arm64;
    MonitoringImages monitoring;
};

// A master of this slot (from 0). InvalidArgument if there is no such slot.
Result<NodeBoot> master_boot(const model::ClusterIntent& intent, const AccountFacts& facts, int slot,
                             Master kind);

// Workers of a pool that are launched as its types of this architecture: another architecture has other
// binaries, and another image. InvalidArgument if the pool has no such type.
Result<NodeBoot> worker_boot(const model::ClusterIntent& intent, const AccountFacts& facts,
                             const model::NodePool& pool, cost::Architecture architecture);

NatBoot nat_boot(const model::ClusterIntent& intent);

// The architectures among a pool's types, in the order of the types.
std::vector<cost::Architecture> architectures(const model::NodePool& pool);

// What stands for the account's facts before `init` has resolved them, so that a script can be read all the
// same: account 000000000000, the tenth address of each private subnet for the masters, and digests of zeros,
// with which every download is refused.
AccountFacts sample_facts(const model::ClusterIntent& intent);

}  // namespace k3fleet::bootstrap
