// Pods of the simulated world: replicas that follow the load, a scheduler, disruption budgets, eviction, and
// the signals that Prometheus would compute from all that.
#include <algorithm>
#include <array>
#include <cmath>
#include <map>

#include "adapters/simcloud/engine.h"
#include "base/text.h"

namespace k3fleet::simcloud {
namespace {

using model::Role;

constexpr Duration kMinute = std::chrono::minutes{1};
// Replicas go down only when the load has asked for fewer all that time, as a horizontal autoscaler does.
constexpr std::size_t kCalmMinutes = 5;
constexpr double kBurst = 1.5;               // A pod takes up to this multiple of its request.
constexpr double kSystemCores = 0.08;        // K3s agent, containerd and the kernel, a node.
constexpr std::int64_t kSystemMemory = 350;  // The same, MiB.
constexpr double kMemoryInUse = 0.85;        // Of what pods request.

const Deployment& deployment_of(const SimCluster& cluster, const SimPod& pod) {
    return cluster.setup.workload.deployments.at(static_cast<std::size_t>(pod.owner_index));
}

// Five letters as Kubernetes appends them (no vowels, no look-alikes),
// another five for each of 14 million numbers.
std::string suffix(std::uint64_t number) {
    constexpr std::string_view kLetters = "bcdfghjklmnpqrstvwxz2456789";
    constexpr std::uint64_t kSpace = 14'348'907;  // 27^5
    std::uint64_t left = number * 7'368'787 % kSpace;
    std::string text;
    for (int i = 0; i < 5; ++i, left /= kLetters.size()) text += kLetters[left % kLetters.size()];
    return text;
}

int replicas_for(const Deployment& deployment, double cores) {
    const double each = static_cast<double>(deployment.cpu.count) / 1000 * deployment.target;
    const double wanted = std::ceil(cores / each - 1e-9);
    return static_cast<int>(std::clamp<double>(wanted, deployment.min_replicas, deployment.max_replicas));
}

double total_share(const Workload& workload) {
    double sum = 0;
    for (const Deployment& deployment : workload.deployments) sum += deployment.share;
    return sum;
}

int replicas_now(const SimCluster& cluster, std::size_t deployment) {
    if (deployment >= cluster.wanted.size() || cluster.wanted[deployment].empty()) return 0;
    return std::ranges::max(cluster.wanted[deployment]);
}

struct Health {
    int healthy = 0;
    int needed = 0;
    int allowed() const { return std::max(0, healthy - needed); }
};

Health health_of(const SimCluster& cluster, std::size_t index) {
    const Deployment& deployment = cluster.setup.workload.deployments[index];
    Health health;
    for (const SimPod& pod : cluster.pods) {
        if (pod.owner == SimPod::Owner::Deployment && pod.owner_index == static_cast<int>(index) &&
            pod.ready && !pod.terminating) {
            ++health.healthy;
        }
    }
    health.needed = deployment.min_available
                        ? *deployment.min_available
                        : std::max(0, replicas_now(cluster, index) - deployment.max_unavailable.value_or(0));
    return health;
}

bool has_budget(const Deployment& deployment) {
    return deployment.min_available || deployment.max_unavailable;
}
std::string budget_name(const Deployment& deployment) { return deployment.name + "-budget"; }

struct Usage {
    double capacity_cores = 0;  // Of Ready workers that answer.
    double used_cores = 0;
    double unserved_cores = 0;
    double capacity_memory = 0;
    double used_memory = 0;
    int unschedulable = 0;
};

Usage usage_of(const SimCluster& cluster, double load) {
    Usage usage;
    for (const SimNode& node : cluster.nodes) {
        if (node.shown.role != Role::Worker || !node.shown.ready || !node.machine) continue;
        usage.capacity_cores += static_cast<double>(node.shown.allocatable_cpu.count) / 1000;
        usage.capacity_memory += static_cast<double>(node.shown.allocatable_memory.count);
        usage.used_cores += kSystemCores;
        usage.used_memory += static_cast<double>(kSystemMemory);
    }
    std::vector<double> can_serve(cluster.setup.workload.deployments.size());
    for (const SimPod& pod : cluster.pods) {
        usage.unschedulable += pod.unschedulable ? 1 : 0;
        const SimNode* const node = pod.running ? find_node(cluster, pod.node) : nullptr;
        if (node == nullptr || !node->machine || node->shown.role != Role::Worker) continue;
        usage.used_memory += static_cast<double>(memory_of(cluster, pod).count) * kMemoryInUse;
        const double cores = static_cast<double>(cpu_of(cluster, pod).count) / 1000;
        if (pod.owner == SimPod::Owner::DaemonSet)
            usage.used_cores += cores / 2;
        else
            can_serve[static_cast<std::size_t>(pod.owner_index)] += cores * kBurst;
    }
    const double shares = total_share(cluster.setup.workload);
    for (std::size_t i = 0; i < can_serve.size(); ++i) {
        const double asked = shares > 0 ? load * cluster.setup.workload.deployments[i].share / shares : 0;
        usage.used_cores += std::min(asked, can_serve[i]);
        usage.unserved_cores += std::max(0.0, asked - can_serve[i]);
    }
    usage.unserved_cores += std::max(0.0, usage.used_cores - usage.capacity_cores);
    usage.used_cores = std::min(usage.used_cores, usage.capacity_cores);
    usage.used_memory = std::min(usage.used_memory, usage.capacity_memory);
    return usage;
}

bool fits(const SimNode& node, Millicores cpu, Mebibytes memory) {
    return node.used_cpu + cpu <= node.shown.allocatable_cpu &&
           node.used_memory + memory <= node.shown.allocatable_memory &&
           node.used_pods < node.shown.allocatable_pods;
}

// What would be left of the node, as a share; more is better (kube-scheduler's LeastAllocated).
double score(const SimNode& node, Millicores cpu, Mebibytes memory) {
    const auto left = [](std::int64_t used, std::int64_t all) {
        return all > 0 ? 1 - static_cast<double>(used) / static_cast<double>(all) : 0;
    };
    return left((node.used_cpu + cpu).count, node.shown.allocatable_cpu.count) +
           left((node.used_memory + memory).count, node.shown.allocatable_memory.count);
}

void occupy(SimNode& node, Millicores cpu, Mebibytes memory, int pods) {
    node.used_cpu += cpu * pods;
    node.used_memory += memory * pods;
    node.used_pods += pods;
}

template <typename Items>
auto find_numbered(Items& items, std::uint64_t number) -> decltype(items.data()) {
    const auto found =
        std::ranges::lower_bound(items, number, {}, [](const auto& item) { return item.number; });
    return found != items.end() && found->number == number ? &*found : nullptr;
}

}  // namespace

SimNode* find_node(SimCluster& cluster, std::uint64_t number) { return find_numbered(cluster.nodes, number); }
const SimNode* find_node(const SimCluster& cluster, std::uint64_t number) {
    return find_numbered(cluster.nodes, number);
}
SimPod* find_pod(SimCluster& cluster, std::uint64_t number) { return find_numbered(cluster.pods, number); }

Millicores cpu_of(const SimCluster& cluster, const SimPod& pod) {
    if (pod.owner == SimPod::Owner::Deployment) return deployment_of(cluster, pod).cpu;
    return cluster.setup.workload.daemons.at(static_cast<std::size_t>(pod.owner_index)).cpu;
}

Mebibytes memory_of(const SimCluster& cluster, const SimPod& pod) {
    if (pod.owner == SimPod::Owner::Deployment) return deployment_of(cluster, pod).memory;
    return cluster.setup.workload.daemons.at(static_cast<std::size_t>(pod.owner_index)).memory;
}

void refresh_shown(const SimCluster& cluster, SimPod& pod) {
    model::Pod& shown = pod.shown;
    if (shown.name.empty()) {
        const bool deployed = pod.owner == SimPod::Owner::Deployment;
        const auto index = static_cast<std::size_t>(pod.owner_index);
        const std::string& owner = deployed ? cluster.setup.workload.deployments.at(index).name
                                            : cluster.setup.workload.daemons.at(index).name;
        shown.namespace_name = deployed ? cluster.setup.workload.deployments.at(index).namespace_name
                                        : cluster.setup.workload.daemons.at(index).namespace_name;
        // A ReplicaSet's hash is part of its pods' names.
        shown.name = deployed ? format("{}-{:x}-{}", owner, mix_text(owner) & 0xffffffff, suffix(pod.number))
                              : format("{}-{}", owner, suffix(pod.number));
        shown.uid = model::Uid(uid_text(mix_text(cluster.setup.name.str()), cluster.number, pod.number));
        shown.owner_kind = deployed ? "ReplicaSet" : "DaemonSet";
        shown.labels = {{"app", owner}};
        shown.cpu = cpu_of(cluster, pod);
        shown.memory = memory_of(cluster, pod);
        shown.created_at = pod.created_at;
    }
    shown.phase = pod.running ? model::PodPhase::Running : model::PodPhase::Pending;
    shown.unschedulable = pod.unschedulable;
    shown.terminating = pod.terminating;
    // A pod keeps the name of a node that was deleted.
    if (const SimNode* const node = find_node(cluster, pod.node)) shown.node = node->shown.name;
}

void restore_derived(WorldState& state) {
    for (SimCluster& cluster : state.clusters) {
        for (SimNode& node : cluster.nodes) {
            node.used_cpu = {};
            node.used_memory = {};
            node.used_pods = 0;
        }
        for (SimPod& pod : cluster.pods) {
            refresh_shown(cluster, pod);
            if (SimNode* const node = find_node(cluster, pod.node)) {
                occupy(*node, cpu_of(cluster, pod), memory_of(cluster, pod), 1);
            }
        }
    }
}

void Engine::minute(SimCluster& cluster) {
    const auto next = std::chrono::floor<std::chrono::minutes>(state_.now) + kMinute;
    plan_event_at(next, EventKind::Minute, cluster.number, 0);
    const Workload& workload = cluster.setup.workload;
    const double load = workload.load.cores_at(state_.now);
    const double shares = total_share(workload);
    cluster.wanted.resize(workload.deployments.size());
    for (std::size_t i = 0; i < workload.deployments.size(); ++i) {
        const Deployment& deployment = workload.deployments[i];
        auto& recent = cluster.wanted[i];
        recent.push_back(replicas_for(deployment, shares > 0 ? load * deployment.share / shares : 0));
        if (recent.size() > kCalmMinutes) recent.erase(recent.begin());
    }
    cluster.unsettled = true;
    if (cluster.nodes.empty()) return;
    const Usage usage = usage_of(cluster, load);
    cluster.totals.unserved_core_minutes += usage.unserved_cores;
    cluster.totals.unscheduled_pod_minutes += usage.unschedulable;
}

// What the controllers and the scheduler do whenever something has changed;
// nothing while the API server is away.
void Engine::settle(SimCluster& cluster) {
    if (!cluster.unsettled || !api_up(cluster)) return;
    cluster.unsettled = false;
    for (std::size_t i = 0; i < cluster.setup.workload.deployments.size(); ++i) {
        make_replicas(cluster, static_cast<int>(i));
    }
    make_daemons(cluster);
    schedule(cluster);
}

void Engine::make_replicas(SimCluster& cluster, int deployment) {
    const int wanted = replicas_now(cluster, static_cast<std::size_t>(deployment));
    std::vector<std::uint64_t> active;
    for (const SimPod& pod : cluster.pods) {
        if (pod.owner == SimPod::Owner::Deployment && pod.owner_index == deployment && !pod.terminating) {
            active.push_back(pod.number);
        }
    }
    for (auto count = static_cast<int>(active.size()); count < wanted; ++count) {
        add_pod(cluster, SimPod::Owner::Deployment, deployment);
    }
    if (static_cast<int>(active.size()) <= wanted) return;
    // Those without a node go first, then those not ready, then the youngest, as a ReplicaSet chooses.
    std::ranges::sort(active, [&](std::uint64_t a, std::uint64_t b) {
        const SimPod& one = *find_pod(cluster, a);
        const SimPod& two = *find_pod(cluster, b);
        const std::array<std::uint64_t, 3> left{one.node != 0 ? 1U : 0U, one.ready ? 1U : 0U, ~a};
        const std::array<std::uint64_t, 3> right{two.node != 0 ? 1U : 0U, two.ready ? 1U : 0U, ~b};
        return left < right;
    });
    active.resize(active.size() - static_cast<std::size_t>(wanted));
    for (const std::uint64_t number : active) end_pod(cluster, *find_pod(cluster, number));
}

void Engine::make_daemons(SimCluster& cluster) {
    const std::size_t daemons = cluster.setup.workload.daemons.size();
    std::vector<std::pair<std::uint64_t, int>> there;
    for (const SimPod& pod : cluster.pods) {
        if (pod.owner == SimPod::Owner::DaemonSet) there.emplace_back(pod.node, pod.owner_index);
    }
    if (there.size() == cluster.nodes.size() * daemons &&
        std::ranges::all_of(there, [&](const auto& p) { return find_node(cluster, p.first) != nullptr; })) {
        return;
    }
    std::ranges::sort(there);
    for (SimNode& node : cluster.nodes) {
        for (std::size_t i = 0; i < daemons; ++i) {
            const auto index = static_cast<int>(i);
            if (!node.shown.ready || std::ranges::binary_search(there, std::pair{node.number, index}))
                continue;
            SimPod& pod = add_pod(cluster, SimPod::Owner::DaemonSet, index);
            // Bound whether or not they fit, as if their priority had made room.
            bind(cluster, pod, node);
        }
    }
}

SimPod& Engine::add_pod(SimCluster& cluster, SimPod::Owner owner, int owner_index) {
    SimPod& pod = cluster.pods.emplace_back();
    pod.number = cluster.next_pod++;
    pod.owner = owner;
    pod.owner_index = owner_index;
    pod.created_at = state_.now;
    refresh_shown(cluster, pod);
    return pod;
}

void Engine::schedule(SimCluster& cluster) {
    // Pods of one deployment are alike: where one found no place, the next will not either.
    std::vector<bool> hopeless(cluster.setup.workload.deployments.size());
    for (SimPod& pod : cluster.pods) {
        if (pod.node != 0 || pod.terminating || pod.owner != SimPod::Owner::Deployment) continue;
        const auto deployment = static_cast<std::size_t>(pod.owner_index);
        const Millicores cpu = cpu_of(cluster, pod);
        const Mebibytes memory = memory_of(cluster, pod);
        SimNode* best = nullptr;
        double best_score = 0;
        if (!hopeless[deployment]) {
            for (SimNode& node : cluster.nodes) {
                if (node.shown.role != Role::Worker || !node.shown.ready || !node.shown.schedulable) continue;
                if (!fits(node, cpu, memory)) continue;
                const double its_score = score(node, cpu, memory);
                if (best == nullptr || its_score > best_score) {
                    best = &node;
                    best_score = its_score;
                }
            }
        }
        if (best != nullptr) {
            bind(cluster, pod, *best);
        } else {
            hopeless[deployment] = true;
            pod.unschedulable = true;
            pod.shown.unschedulable = true;
        }
    }
}

void Engine::bind(SimCluster& cluster, SimPod& pod, SimNode& node) {
    pod.node = node.number;
    pod.unschedulable = false;
    occupy(node, cpu_of(cluster, pod), memory_of(cluster, pod), 1);
    refresh_shown(cluster, pod);
    const double start = 2 + 6 * dice("start", cluster.number << 40 | pod.number).uniform();
    plan_event(Duration{static_cast<std::int64_t>(start * 1000)}, EventKind::PodStarted, cluster.number,
               pod.number);
}

void Engine::end_pod(SimCluster& cluster, SimPod& pod) {
    if (pod.terminating) return;
    pod.terminating = true;
    refresh_shown(cluster, pod);
    cluster.unsettled = true;
    const double stop = pod.node == 0 ? 0 : 1 + 4 * dice("stop", cluster.number << 40 | pod.number).uniform();
    plan_event(Duration{static_cast<std::int64_t>(stop * 1000)}, EventKind::PodGone, cluster.number,
               pod.number);
}

void Engine::pod_started(SimCluster& cluster, std::uint64_t number) {
    SimPod* const pod = find_pod(cluster, number);
    if (pod == nullptr || pod->terminating) return;
    const SimNode* const node = find_node(cluster, pod->node);
    if (node == nullptr || !node->machine) return;
    pod->running = true;
    pod->ready = true;
    refresh_shown(cluster, *pod);
}

void Engine::pod_gone(SimCluster& cluster, std::uint64_t number) {
    SimPod* const pod = find_pod(cluster, number);
    if (pod == nullptr) return;
    if (SimNode* const node = find_node(cluster, pod->node)) {
        // Nobody is left there to say that the pod has ended.
        if (!node->machine) return;
        occupy(*node, cpu_of(cluster, *pod), memory_of(cluster, *pod), -1);
    }
    cluster.pods.erase(cluster.pods.begin() + (pod - cluster.pods.data()));
    cluster.unsettled = true;
}

void Engine::remove_orphans(SimCluster& cluster, std::uint64_t node) {
    std::erase_if(cluster.pods, [&](const SimPod& pod) { return pod.node == node; });
    cluster.unsettled = true;
}

std::vector<model::Node> Engine::nodes(const SimCluster& cluster) const {
    std::vector<model::Node> list;
    list.reserve(cluster.nodes.size());
    for (const SimNode& node : cluster.nodes) list.push_back(node.shown);
    std::ranges::sort(list, {}, &model::Node::name);
    return list;
}

std::vector<model::Pod> Engine::pods(const SimCluster& cluster) const {
    std::vector<const model::Pod*> order;
    order.reserve(cluster.pods.size());
    for (const SimPod& pod : cluster.pods) order.push_back(&pod.shown);
    std::ranges::sort(order, [](const model::Pod* a, const model::Pod* b) {
        if (const int by_namespace = a->namespace_name.compare(b->namespace_name)) return by_namespace < 0;
        return a->name < b->name;
    });
    std::vector<model::Pod> list;
    list.reserve(order.size());
    for (const model::Pod* pod : order) list.push_back(*pod);
    return list;
}

std::vector<model::DisruptionBudget> Engine::budgets(const SimCluster& cluster) const {
    std::vector<model::DisruptionBudget> list;
    const auto& deployments = cluster.setup.workload.deployments;
    for (std::size_t i = 0; i < deployments.size(); ++i) {
        if (!has_budget(deployments[i])) continue;
        list.push_back({.namespace_name = deployments[i].namespace_name,
                        .name = budget_name(deployments[i]),
                        .match_labels = {{"app", deployments[i].name}},
                        .disruptions_allowed = health_of(cluster, i).allowed()});
    }
    std::ranges::sort(list, {}, [](const auto& b) { return std::pair(b.namespace_name, b.name); });
    return list;
}

Status Engine::cordon(SimCluster& cluster, const model::Cordon& request) {
    for (SimNode& node : cluster.nodes) {
        if (node.shown.name != request.node || node.shown.uid != request.node_uid) continue;
        node.shown.schedulable = request.to == model::Cordon::To::Schedulable;
        cluster.unsettled = true;
        settle(cluster);
        return {};
    }
    return fail(ErrorCode::NotFound,
                format("there is no node {} with uid {}", request.node.str(), request.node_uid.str()));
}

ports::EvictionAnswer Engine::evict(SimCluster& cluster, const model::Evict& request) {
    using Kind = ports::EvictionAnswer::Kind;
    const auto number = number_in_uid(request.pod_uid.str());
    SimPod* const pod = number ? find_pod(cluster, *number) : nullptr;
    if (pod == nullptr || pod->shown.uid != request.pod_uid || pod->shown.name != request.pod ||
        pod->shown.namespace_name != request.namespace_name) {
        return {.kind = Kind::Gone};
    }
    if (pod->terminating) return {.kind = Kind::Accepted};
    if (pod->owner == SimPod::Owner::Deployment && has_budget(deployment_of(cluster, *pod)) && pod->running) {
        const Health health = health_of(cluster, static_cast<std::size_t>(pod->owner_index));
        // A pod that runs and is not ready may go as long as enough others are well (IfHealthyBudget).
        const bool allowed = pod->ready ? health.allowed() > 0 : health.healthy >= health.needed;
        if (!allowed) {
            ++cluster.totals.evictions_blocked;
            return {.kind = Kind::Blocked,
                    .why = format(
                        "Cannot evict pod as it would violate the pod's disruption budget. The disruption "
                        "budget {} needs {} healthy pods and has {} currently",
                        budget_name(deployment_of(cluster, *pod)), health.needed, health.healthy)};
        }
    }
    ++cluster.totals.evictions;
    end_pod(cluster, *pod);
    settle(cluster);
    return {.kind = Kind::Accepted};
}

void Engine::delete_node(SimCluster& cluster, const model::DeleteNode& request) {
    const auto found = std::ranges::find_if(cluster.nodes, [&](const SimNode& node) {
        return node.shown.name == request.node && node.shown.uid == request.node_uid;
    });
    if (found == cluster.nodes.end()) return;
    const std::uint64_t number = found->number;
    cluster.keys.node_passwords.erase(found->shown.name.str());
    cluster.nodes.erase(found);
    const double wait = 40 + 40 * dice("orphans", cluster.number << 40 | number).uniform();
    plan_event(Duration{static_cast<std::int64_t>(wait * 1000)}, EventKind::PodsOrphaned, cluster.number,
               number);
}

model::Signals Engine::signals(const SimCluster& cluster,
                               const std::vector<model::CustomMetric>& custom) const {
    model::Signals signals;
    const auto silent = [](const char* why) { return model::Unknown{why}; };
    const bool outage = suffers(FaultKind::MetricsOutage, cluster.setup.name.str());
    const char* const why = outage ? "Prometheus did not answer within 5s" : "no Ready worker is measured";
    const double load = cluster.setup.workload.load.cores_at(state_.now);
    const Usage usage = usage_of(cluster, load);
    const Timestamp now = state_.now;
    if (outage || usage.capacity_cores <= 0) {
        signals.cpu = silent(why);
        signals.memory = silent(why);
    } else {
        signals.cpu = {100 * usage.used_cores / usage.capacity_cores, now};
        signals.memory = {100 * usage.used_memory / usage.capacity_memory, now};
    }
    if (outage || !api_up(cluster))
        signals.pending = silent(outage ? why : "the API server is not measured");
    else
        signals.pending = {static_cast<double>(usage.unschedulable), now};
    for (const model::CustomMetric& metric : custom) {
        model::Observed<double>& value = signals.custom[metric.name];
        if (outage)
            value = silent(why);
        else if (metric.query == "sim_load_cores")
            value = {load, now};
        else if (metric.query == "sim_unserved_cores")
            value = {usage.unserved_cores, now};
        else
            value = silent("the simulated Prometheus knows sim_load_cores and sim_unserved_cores only");
    }
    return signals;
}

}  // namespace k3fleet::simcloud
