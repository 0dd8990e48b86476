// Builders for the situations that tests talk about: a small cluster in words,
// with everything else at its default.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "base/text.h"
#include "core/decide.h"
#include "core/model/intent.h"
#include "core/model/memory.h"
#include "core/model/world.h"

namespace k3fleet::testing {

inline const Timestamp kNoon = from_unix_seconds(1'800'000'000);

// One pool "default", 2 to 10 workers of t4g.medium in three zones; one master.
inline model::ClusterIntent an_intent() {
    model::ClusterIntent intent;
    intent.project = model::ProjectName("shop");
    intent.name = model::ClusterName("shop");
    intent.region = "eu-west-1";
    intent.zones = {"eu-west-1a", "eu-west-1b", "eu-west-1c"};
    intent.pools = {{.name = model::PoolName("default"), .instance_types = {"t4g.medium"}}};
    intent.network.egress = model::Egress::NatGateway;  // Machines are those that a test speaks of.
    intent.digest = "digest-1";
    return intent;
}

inline std::vector<model::Offering> some_offerings() {
    std::vector<model::Offering> offerings;
    for (const char* type : {"t4g.large", "t4g.medium", "t4g.nano", "t4g.small"}) {
        const std::string name = type;
        const std::int64_t factor = name == "t4g.large" ? 4 : name == "t4g.medium" ? 2 : 1;
        for (const char* zone : {"eu-west-1a", "eu-west-1b", "eu-west-1c"}) {
            model::Offering offering{.instance_type = name,
                                     .zone = zone,
                                     .price = {.micro_usd = 18'400 * factor},
                                     .cpu = {2000},
                                     .memory = {2048 * factor}};
            offerings.push_back(offering);
            offering.market = model::Market::Spot;
            offering.price.micro_usd = 6'000 * factor;
            offerings.push_back(offering);
        }
    }
    return offerings;
}

// A world that is known throughout and calm: no instance, no node, no pod, half load.
class WorldBuilder {
public:
    explicit WorldBuilder(Timestamp now = kNoon) : now_(now) {
        instances({});
        nodes({});
        pods({});
        world_.budgets = {std::vector<model::DisruptionBudget>{}, now};
        world_.offerings = {some_offerings(), now};
        load(50, 40, 0);
    }

    WorldBuilder& load(double cpu, double memory, double pending) {
        world_.signals.cpu = {cpu, now_};
        world_.signals.memory = {memory, now_};
        world_.signals.pending = {pending, now_};
        return *this;
    }
    WorldBuilder& no_metrics() {
        world_.signals = {};
        return *this;
    }
    // Adds a worker "i-NAME" that was launched an hour ago and whose node is Ready.
    WorldBuilder& worker(const std::string& name, const std::string& pool = "default") {
        return booting(name, std::chrono::hours{1}, pool).ready(name);
    }
    // Adds a worker's machine without a node.
    WorldBuilder& booting(const std::string& name, Duration age, const std::string& pool = "default") {
        model::Instance instance{.id = model::InstanceId("i-" + name),
                                 .pool = model::PoolName(pool),
                                 .state = model::InstanceState::Running,
                                 .offering = some_offerings()[6],
                                 .launched_at = now_ - age};
        return add(std::move(instance));
    }
    WorldBuilder& add(model::Instance instance) {
        auto list = *world_.instances;
        list.push_back(std::move(instance));
        return instances(std::move(list));
    }
    WorldBuilder& ready(const std::string& name, bool is_ready = true) {
        auto list = *world_.nodes;
        std::erase_if(list, [&](const model::Node& node) { return node.name.str() == "i-" + name; });
        list.push_back({.name = model::NodeName("i-" + name),
                        .uid = model::Uid("uid-" + name),
                        .instance = model::InstanceId("i-" + name),
                        .ready = is_ready,
                        .created_at = now_ - std::chrono::minutes{50},
                        .allocatable_cpu = {1900},
                        .allocatable_memory = {3500},
                        .allocatable_pods = 110});
        nodes(std::move(list));
        return *this;
    }
    WorldBuilder& cordoned(const std::string& name) {
        auto list = *world_.nodes;
        for (auto& node : list)
            if (node.name.str() == "i-" + name) node.schedulable = false;
        return nodes(std::move(list));
    }
    WorldBuilder& pod(const std::string& name, const std::string& worker, Millicores cpu = {100}) {
        auto list = *world_.pods;
        list.push_back({.namespace_name = "default",
                        .name = name,
                        .uid = model::Uid("pod-" + name),
                        .node = model::NodeName(worker.empty() ? "" : "i-" + worker),
                        .phase = worker.empty() ? model::PodPhase::Pending : model::PodPhase::Running,
                        .unschedulable = worker.empty(),
                        .owner_kind = "ReplicaSet",
                        .cpu = cpu,
                        .memory = {64}});
        pods(std::move(list));
        return *this;
    }
    // Changes one instance in place.
    template <typename Change>
    WorldBuilder& change(const std::string& name, Change change) {
        auto list = *world_.instances;
        for (auto& instance : list)
            if (instance.id.str() == "i-" + name) change(instance);
        instances(std::move(list));
        return *this;
    }
    WorldBuilder& instances(std::vector<model::Instance> list) {
        std::ranges::sort(list, {}, &model::Instance::id);
        world_.instances = {std::move(list), now_};
        return *this;
    }
    WorldBuilder& nodes(std::vector<model::Node> list) {
        std::ranges::sort(list, {}, &model::Node::name);
        world_.nodes = {std::move(list), now_};
        return *this;
    }
    WorldBuilder& pods(std::vector<model::Pod> list) {
        world_.pods = {std::move(list), now_};
        return *this;
    }
    WorldBuilder& paused() {
        world_.freeze =
            model::Freeze{.by = "an operator", .why = "maintenance", .until = now_ + std::chrono::hours{1}};
        return *this;
    }

    model::World& world() { return world_; }
    operator const model::World&() const { return world_; }

private:
    Timestamp now_;
    model::World world_;
};

// Memory of a cluster that has seen `n` readings of this load, the last in the slot before `now`.
inline model::Memory a_memory(int n = 0, double cpu = 50, double memory = 40, double pending = 0,
                              Timestamp now = kNoon, Duration interval = std::chrono::minutes{2}) {
    model::Memory result;
    result.cluster_uid = "uid-of-the-cluster";
    result.version = 7;
    const std::int64_t slot = now.time_since_epoch() / interval;
    for (int i = n; i > 0; --i)
        result.readings.push_back({.slot = slot - i,
                                   .at = now - i * interval,
                                   .cpu = cpu,
                                   .memory = memory,
                                   .pending = pending,
                                   .custom_over = false});
    return result;
}

// Of the pool "default", all Ready.
inline WorldBuilder three_workers() {
    WorldBuilder world;
    world.worker("a").worker("b").worker("c");
    return world;
}

// The plan of the workers' loop.
inline model::Plan workers(const model::ClusterIntent& intent, const model::World& world,
                           const model::Memory& memory, Timestamp now = kNoon) {
    return core::decide(model::Loop::Workers, intent, world, memory, now);
}

}  // namespace k3fleet::testing
