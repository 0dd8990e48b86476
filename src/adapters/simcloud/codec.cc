// Layout: magic, version byte, SHA-256 of the rest, the rest as archive.h writes it.
#include "adapters/simcloud/codec.h"

#include <algorithm>
#include <functional>

#include "adapters/simcloud/archive.h"
#include "adapters/simcloud/engine.h"
#include "base/crypto.h"
#include "base/text.h"

namespace k3fleet::simcloud {

template <typename Archive>
void fields(Archive& archive, model::Offering& offering) {
    archive(offering.instance_type, offering.zone, offering.market, offering.price, offering.cpu,
            offering.memory);
}
template <typename Archive>
void fields(Archive& archive, model::Instance& instance) {
    archive(instance.id, instance.role, instance.pool, instance.slot, instance.state, instance.offering,
            instance.launched_at, instance.launch_token, instance.interruption_at);
}
template <typename Archive>
void fields(Archive& archive, model::Node& node) {
    archive(node.name, node.uid, node.instance, node.role, node.ready, node.schedulable, node.created_at,
            node.allocatable_cpu, node.allocatable_memory, node.allocatable_pods);
}

template <typename Archive>
void fields(Archive& archive, Deployment& d) {
    archive(d.namespace_name, d.name, d.share, d.cpu, d.memory, d.target, d.min_replicas, d.max_replicas,
            d.min_available, d.max_unavailable);
}
template <typename Archive>
void fields(Archive& archive, DaemonSet& d) {
    archive(d.namespace_name, d.name, d.cpu, d.memory);
}
template <typename Archive>
void fields(Archive& archive, Workload& workload) {
    archive(workload.load, workload.deployments, workload.daemons);
}
template <typename Archive>
void fields(Archive& archive, ClusterSetup& setup) {
    archive(setup.project, setup.name, setup.region, setup.zones, setup.workload);
}
template <typename Archive>
void fields(Archive& archive, SimInstance& instance) {
    archive(instance.number, instance.shown, instance.project, instance.cluster, instance.visible_at,
            instance.before, instance.shown_until, instance.running_at, instance.ended_at,
            instance.ended_by_call, instance.joins, instance.script, instance.address);
}
template <typename Archive>
void fields(Archive& archive, SimNode& node) {
    archive(node.number, node.shown, node.instance, node.machine);
}
template <typename Archive>
void fields(Archive& archive, SimPod& pod) {
    archive(pod.number, pod.owner, pod.owner_index, pod.node, pod.running, pod.ready, pod.unschedulable,
            pod.terminating, pod.created_at);
}
template <typename Archive>
void fields(Archive& archive, Totals& totals) {
    archive(totals.launches, totals.terminations, totals.reclaimed, totals.evictions,
            totals.evictions_blocked, totals.usd, totals.unserved_core_minutes,
            totals.unscheduled_pod_minutes);
}
template <typename Archive>
void fields(Archive& archive, ClusterKeys& keys) {
    archive(keys.ca, keys.password, keys.tokens, keys.node_passwords, keys.credential_at, keys.made,
            keys.problems);
}
template <typename Archive>
void fields(Archive& archive, SimCluster& cluster) {
    archive(cluster.number, cluster.setup, cluster.removed, cluster.nodes, cluster.pods, cluster.next_node,
            cluster.next_pod, cluster.wanted, cluster.totals, cluster.unsettled, cluster.keys);
}
template <typename Archive>
void fields(Archive& archive, Event& event) {
    archive(event.at, event.sequence, event.kind, event.cluster, event.subject);
}
template <typename Archive>
void fields(Archive& archive, WorldState& state) {
    archive(state.seed, state.now, state.speed, state.saved_real, state.next_sequence, state.next_instance,
            state.next_cluster, state.clusters, state.instances, state.faults, state.events, state.load,
            state.account, state.elsewhere);
}

namespace {

constexpr std::string_view kMagic = "k3fleet-sim";
constexpr char kVersion = 5;
constexpr std::size_t kDigest = 32;
constexpr std::size_t kHeader = kMagic.size() + 1 + kDigest;

// More than any machine has; sums of so much cannot overflow.
constexpr std::int64_t kMostOfAnything = std::int64_t{1} << 40;

bool sensible(std::int64_t count) { return count >= 0 && count <= kMostOfAnything; }

bool sound(const Workload& workload) {
    const auto bounded = [](const auto& owner) {
        return sensible(owner.cpu.count) && sensible(owner.memory.count);
    };
    return std::ranges::all_of(workload.deployments, bounded) &&
           std::ranges::all_of(workload.daemons, bounded);
}

template <typename Items>
bool numbered(const Items& items) {
    const auto number = [](const auto& item) { return item.number; };
    return std::ranges::adjacent_find(items, std::ranges::greater_equal{}, number) == items.end();
}

// Whether every pod has an owner, and whatever is searched by number is in its order.
bool sound(const SimCluster& cluster) {
    const Workload& workload = cluster.setup.workload;
    const auto owned = [&](const SimPod& pod) {
        const std::size_t owners = pod.owner == SimPod::Owner::Deployment  ? workload.deployments.size()
                                   : pod.owner == SimPod::Owner::DaemonSet ? workload.daemons.size()
                                                                           : 0;
        return pod.owner_index >= 0 && static_cast<std::size_t>(pod.owner_index) < owners;
    };
    return check_setup(cluster.setup) && sound(workload) && numbered(cluster.nodes) &&
           numbered(cluster.pods) && std::ranges::all_of(cluster.pods, owned);
}

// What the engine relies on, and the checksum does not show: a world may have been made up.
bool sound(const WorldState& state) {
    const auto begins = [&](const Event& event) {
        return event.kind != EventKind::Trouble || event.subject < state.faults.size();
    };
    const auto there = [](const SimCluster& cluster) { return sound(cluster); };
    return state.load.check() && numbered(state.clusters) && std::ranges::all_of(state.clusters, there) &&
           std::ranges::all_of(state.events, begins) && sound(state.account) &&
           std::ranges::all_of(state.elsewhere, [](const auto& entry) { return sound(entry.second); });
}

std::string digest_of(std::string_view body) {
    const auto digest = crypto::sha256(body);
    return {digest.begin(), digest.end()};
}

}  // namespace

std::string encode(const WorldState& state) {
    Writer writer;
    writer(state);
    const std::string body = writer.take();
    std::string bytes(kMagic);
    bytes += kVersion;
    bytes += digest_of(body);
    bytes += body;
    return bytes;
}

Result<WorldState> decode(std::string_view bytes) {
    if (bytes.size() < kHeader || !bytes.starts_with(kMagic)) {
        return fail(ErrorCode::Corrupt, "the saved simulated cloud is not one of k3fleet's");
    }
    if (bytes[kMagic.size()] != kVersion) {
        return fail(
            ErrorCode::Refused,
            "the simulated cloud was saved by another version of k3fleet: use that one, or another state "
            "directory");
    }
    const std::string_view body = bytes.substr(kHeader);
    if (digest_of(body) != bytes.substr(kMagic.size() + 1, kDigest)) {
        return fail(ErrorCode::Corrupt, "the saved simulated cloud is damaged: its checksum does not fit");
    }
    WorldState state;
    Reader reader(body);
    reader(state);
    if (!reader.complete() || !sound(state))
        return fail(ErrorCode::Corrupt, "the saved simulated cloud has a foreign shape");
    restore_derived(state);
    return state;
}

}  // namespace k3fleet::simcloud
