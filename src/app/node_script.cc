#include "app/node_script.h"

#include <algorithm>
#include <vector>

#include "base/text.h"

namespace k3fleet::app {

namespace {

Result<const model::NodePool*> find_pool(const model::ClusterIntent& intent, const std::string& name) {
    if (intent.pools.empty())
        return fail(ErrorCode::InvalidArgument, "the cluster has no pool, and so no workers");
    if (name.empty()) return &intent.pools.front();
    std::vector<std::string> names;
    for (const auto& pool : intent.pools) {
        if (pool.name.str() == name) return &pool;
        names.push_back(pool.name.str());
    }
    return fail(ErrorCode::InvalidArgument,
                format("the cluster has no pool \"{}\"; there is {}", name, join(names, ", ")));
}

template <typename Boot>
Result<NodeScript> rendered(const Boot& boot) {
    NodeScript script;
    script.text = K3F_TRY(bootstrap::script(boot));
    script.packed = K3F_TRY(bootstrap::user_data(boot)).size();
    return script;
}

}  // namespace

Result<NodeScript> node_script(const model::ClusterIntent& intent, const ScriptRequest& request) {
    const auto facts = request.facts.value_or(bootstrap::sample_facts(intent));
    if (request.machine == Machine::Nat) return rendered(bootstrap::nat_boot(intent));
    if (request.machine == Machine::Master) {
        const auto kind = request.slot == 0 ? bootstrap::Master::First : bootstrap::Master::Further;
        return rendered(K3F_TRY(bootstrap::master_boot(intent, facts, request.slot, kind)));
    }
    const auto* pool = K3F_TRY(find_pool(intent, request.pool));
    const auto known = bootstrap::architectures(*pool);
    if (known.empty()) return fail(ErrorCode::InvalidArgument, "the pool has no instance type");
    return rendered(
        K3F_TRY(bootstrap::worker_boot(intent, facts, *pool, request.architecture.value_or(known.front()))));
}

}  // namespace k3fleet::app
