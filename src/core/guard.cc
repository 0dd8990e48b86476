#include "core/guard.h"

#include <algorithm>
#include <variant>

#include "base/ranges.h"
#include "base/text.h"
#include "core/model/names.h"

namespace k3fleet::core {
namespace {

using model::Instance;
using model::Role;

const Instance* find_instance(const GuardContext& context, const model::InstanceId& id) {
    const auto& instances = *context.world.instances;
    const auto found = std::ranges::find(instances, id, &Instance::id);
    return found == instances.end() ? nullptr : &*found;
}

int alive_in_pool(const GuardContext& context, const model::PoolName& pool) {
    const auto leaving = [&](const Instance& instance) {
        return std::ranges::any_of(context.memory.drains, [&](const model::Drain& drain) {
            return drain.instance == instance.id && drain.leaves();
        });
    };
    return static_cast<int>(std::ranges::count_if(*context.world.instances, [&](const Instance& instance) {
        return instance.role == Role::Worker && instance.pool == pool && instance.alive() &&
               !leaving(instance);
    }));
}

// A launch whose token has already given an instance is no new one: asking again only learns its id.
bool already_launched(const GuardContext& context, const model::Launch& launch) {
    return std::ranges::any_of(*context.world.instances, [&](const Instance& instance) {
        return contains(launch.attempts, instance.launch_token, &model::Launch::Attempt::token);
    });
}

bool takes_pods(const GuardContext& context, const model::InstanceId& instance) {
    if (!context.world.nodes) return false;
    const auto node = std::ranges::find(*context.world.nodes, instance, &model::Node::instance);
    return node != context.world.nodes->end() && node->ready && node->schedulable;
}

// Its time is up, and it was a node when the drain began.
bool must_go(const model::Drain& drain, Timestamp now) {
    return drain.at_deadline == model::Drain::AtDeadline::Force && !drain.node.empty() &&
           now >= drain.deadline;
}

std::optional<std::string> judge(const model::Launch& launch, const GuardContext& context) {
    if (!context.world.instances) return "the instances are unknown: " + context.world.instances.why();
    if (already_launched(context, launch)) return std::nullopt;
    if (context.intent.deleting) return "the cluster is being deleted";
    if (launch.role == Role::Master) {
        const bool taken = std::ranges::any_of(*context.world.instances, [&](const Instance& instance) {
            return instance.role == Role::Master && instance.slot == launch.slot && instance.alive();
        });
        return taken ? std::optional(format("master {} exists already", launch.slot)) : std::nullopt;
    }
    if (launch.role == Role::Nat) {
        const bool there = std::ranges::any_of(*context.world.instances, [](const Instance& instance) {
            return instance.role == Role::Nat && instance.state != model::InstanceState::Terminated;
        });
        return there ? std::optional<std::string>("there is a NAT instance, which has the address")
                     : std::nullopt;
    }
    const auto pool = std::ranges::find(context.intent.pools, launch.pool, &model::NodePool::name);
    if (pool == context.intent.pools.end())
        return format("pool {} is no longer in the cluster file", launch.pool.str());
    const int alive = alive_in_pool(context, launch.pool) + context.launched;
    if (alive >= pool->max)
        return format("pool {} has {} of at most {} workers by now", launch.pool.str(), alive, pool->max);
    return std::nullopt;
}

std::optional<std::string> judge(const model::Terminate& target, const GuardContext& context) {
    if (!context.world.instances) return "the instances are unknown: " + context.world.instances.why();
    const Instance* instance = find_instance(context, target.instance);
    if (!instance) return std::nullopt;  // Gone already: the call is idempotent and finds nothing.
    if (instance->role != target.role || instance->pool != target.pool)
        return format("{} is not the {} of pool '{}' that it was", target.instance.str(),
                      model::to_string(target.role), target.pool.str());
    if (target.role == Role::Master && !context.intent.deleting)
        return "masters are terminated only when the cluster is deleted: the rest would lose its quorum";
    if (context.intent.deleting) return std::nullopt;
    if (target.role == Role::Nat) {
        const bool needed = context.intent.network.egress == model::Egress::NatInstance && instance->alive();
        return needed ? std::optional<std::string>("the private subnets need it") : std::nullopt;
    }
    const auto drain = std::ranges::find(context.memory.drains, target.instance, &model::Drain::instance);
    if (drain == context.memory.drains.end())
        return format("{} is not being drained: somebody decided otherwise since", target.instance.str());
    // A plan may be finished minutes after it was made: by now a machine that was given up may have joined.
    if (must_go(*drain, context.now)) return std::nullopt;
    if (!context.world.nodes) return "the nodes are unknown: " + context.world.nodes.why();
    if (takes_pods(context, target.instance))
        return format("the node of {} is Ready and takes pods", target.instance.str());
    return std::nullopt;
}

std::optional<std::string> judge(const model::Evict& evict, const GuardContext& context) {
    if (!contains(context.memory.drains, evict.node, &model::Drain::node))
        return format("node {} is not being drained any more", evict.node.str());
    return std::nullopt;
}

// Deleting a Node whose machine runs would only make it register again, and lose its pods' place meanwhile.
std::optional<std::string> judge(const model::DeleteNode& target, const GuardContext& context) {
    if (!context.world.instances) return "the instances are unknown: " + context.world.instances.why();
    if (!context.world.nodes) return std::nullopt;
    const auto node = std::ranges::find(*context.world.nodes, target.node, &model::Node::name);
    if (node == context.world.nodes->end() || node->instance.empty()) return std::nullopt;
    const Instance* instance = find_instance(context, node->instance);
    if (instance && instance->alive() && !context.intent.deleting)
        return format("its machine {} runs", instance->id.str());
    return std::nullopt;
}

std::optional<std::string> judge(const model::Cordon&, const GuardContext&) { return std::nullopt; }
std::optional<std::string> judge(const model::Notify&, const GuardContext&) { return std::nullopt; }

}  // namespace

std::optional<std::string> why_not(const model::Action& action, const GuardContext& context) {
    const bool tells_only = std::holds_alternative<model::Notify>(action.what);
    if (!tells_only && context.world.freeze && context.world.freeze->until > context.now)
        return format("{} paused the cluster: {}", context.world.freeze->by, context.world.freeze->why);
    return std::visit([&](const auto& what) { return judge(what, context); }, action.what);
}

}  // namespace k3fleet::core
