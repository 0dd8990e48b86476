// What a machine of a cluster would run when it starts, for people who want to read it first.
#pragma once

#include <optional>
#include <string>

#include "base/result.h"
#include "core/bootstrap/from_intent.h"
#include "core/model/intent.h"

namespace k3fleet::app {

enum class Machine { Master, Worker, Nat };

struct ScriptRequest {
    Machine machine = Machine::Worker;
    int slot = 0;                                    // Of a master: 0 begins the cluster.
    std::string pool;                                // Of a worker; empty: the first.
    std::optional<cost::Architecture> architecture;  // Of a worker; empty: that of its first type.
    std::optional<bootstrap::AccountFacts> facts = std::nullopt;  // Empty: bootstrap::sample_facts().
};

struct NodeScript {
    std::string text;
    std::size_t packed = 0;  // Bytes of user data, of bootstrap::kMaxUserData.
};

// InvalidArgument if the cluster has no such slot, pool or type.
Result<NodeScript> node_script(const model::ClusterIntent& intent, const ScriptRequest& request);

}  // namespace k3fleet::app
