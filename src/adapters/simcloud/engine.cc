// Time, clusters and faults of the simulated world. Machines are in machines.cc, pods in pods.cc.
#include "adapters/simcloud/engine.h"

#include <algorithm>
#include <charconv>

#include "base/check.h"
#include "base/text.h"

namespace k3fleet::simcloud {
namespace {

// Orders a heap so that its front is the earliest event.
bool later(const Event& a, const Event& b) { return a.at != b.at ? a.at > b.at : a.sequence > b.sequence; }

}  // namespace

Status check_setup(const ClusterSetup& setup) {
    const auto wrong = [&](std::string_view what) {
        return fail(ErrorCode::InvalidArgument, format("simulated cluster {}: {}", setup.name.str(), what));
    };
    if (setup.name.empty() || setup.project.empty()) return wrong("a name and a project are needed");
    if (setup.region.empty() || setup.zones.empty())
        return wrong("a region and at least one zone are needed");
    K3F_TRY(setup.workload.load.check());
    for (const Deployment& d : setup.workload.deployments) {
        if (d.name.empty() || d.namespace_name.empty())
            return wrong("a deployment needs a name and a namespace");
        if (d.cpu.count <= 0 || d.memory.count < 0 || !(d.share >= 0) || !(d.target > 0)) {
            return wrong(
                format("deployment {}: cpu and target must be above 0, memory and share not below", d.name));
        }
        if (d.min_replicas < 0 || d.max_replicas < d.min_replicas) {
            return wrong(format("deployment {}: 0 <= min_replicas <= max_replicas must hold", d.name));
        }
        if (d.min_available.value_or(0) < 0 || d.max_unavailable.value_or(0) < 0) {
            return wrong(format("deployment {}: a budget cannot be negative", d.name));
        }
        if (d.min_available && d.max_unavailable) {
            return wrong(
                format("deployment {}: a budget has min_available or max_unavailable, not both", d.name));
        }
    }
    for (const DaemonSet& d : setup.workload.daemons) {
        if (d.name.empty() || d.namespace_name.empty() || d.cpu.count < 0 || d.memory.count < 0) {
            return wrong("a DaemonSet needs a name, a namespace and requests of 0 or more");
        }
    }
    return {};
}

std::uint64_t mix_text(std::string_view text) {
    // FNV-1a, 64 bits (http://www.isthe.com/chongo/tech/comp/fnv/).
    std::uint64_t hash = 0xcbf29ce484222325;
    for (const char letter : text) hash = (hash ^ static_cast<unsigned char>(letter)) * 0x100000001b3;
    return hash;
}

Prng Engine::dice(std::string_view purpose, std::uint64_t which) const {
    return Prng(state_.seed).fork(mix_text(purpose)).fork(which);
}

SimCluster* Engine::cluster_by_number(std::uint64_t number) {
    const auto found = std::ranges::find(state_.clusters, number, &SimCluster::number);
    return found == state_.clusters.end() ? nullptr : &*found;
}

void Engine::plan_event_at(Timestamp at, EventKind kind, std::uint64_t cluster, std::uint64_t subject) {
    state_.events.push_back({.at = std::max(at, state_.now),
                             .sequence = state_.next_sequence++,
                             .kind = kind,
                             .cluster = cluster,
                             .subject = subject});
    std::ranges::push_heap(state_.events, later);
}

void Engine::plan_event(Duration after, EventKind kind, std::uint64_t cluster, std::uint64_t subject) {
    plan_event_at(state_.now + after, kind, cluster, subject);
}

std::optional<Timestamp> Engine::next_event() const {
    if (state_.events.empty()) return std::nullopt;
    return state_.events.front().at;
}

void Engine::advance(Timestamp until) {
    while (!state_.events.empty() && state_.events.front().at <= until) {
        std::ranges::pop_heap(state_.events, later);
        const Event event = state_.events.back();
        state_.events.pop_back();
        state_.now = event.at;
        happen(event);
    }
    state_.now = std::max(state_.now, until);
}

void Engine::happen(const Event& event) {
    const auto instance = state_.instances.find(event.subject);
    SimCluster* const cluster = cluster_by_number(event.cluster);
    switch (event.kind) {
        case EventKind::Running:
        case EventKind::Join:
        case EventKind::Reclaim:
        case EventKind::Gone:
        case EventKind::Mint:
            if (instance == state_.instances.end()) return;
            break;
        case EventKind::NodeLost:
        case EventKind::NodeGivenUp:
        case EventKind::PodsOrphaned:
        case EventKind::PodStarted:
        case EventKind::PodGone:
        case EventKind::Minute:
        case EventKind::NodeBack:
            if (cluster == nullptr || cluster->removed) return;
            break;
        case EventKind::Forget:
        case EventKind::Trouble: break;
    }
    switch (event.kind) {
        case EventKind::Running: boot(instance->second); break;
        case EventKind::Join: try_to_join(instance->second); break;
        case EventKind::Reclaim:
            if (!instance->second.shown.alive()) return;
            if (cluster != nullptr) ++cluster->totals.reclaimed;
            shut_down(instance->second);
            break;
        case EventKind::Gone:
            change_state(instance->second, model::InstanceState::Terminated);
            plan_event(std::chrono::hours{1}, EventKind::Forget, 0, event.subject);
            break;
        case EventKind::Forget: forget(event.subject); break;
        case EventKind::NodeLost: lose_node(*cluster, event.subject); break;
        case EventKind::NodeGivenUp: give_up_node(*cluster, event.subject); break;
        case EventKind::PodsOrphaned: remove_orphans(*cluster, event.subject); break;
        case EventKind::PodStarted: pod_started(*cluster, event.subject); break;
        case EventKind::PodGone: pod_gone(*cluster, event.subject); break;
        case EventKind::Minute: minute(*cluster); break;
        case EventKind::Trouble: trouble(event.subject); break;
        case EventKind::NodeBack: node_back(*cluster, event.subject); break;
        case EventKind::Mint:
            if (cluster != nullptr) mint(instance->second, *cluster);
            break;
    }
    if (cluster != nullptr) settle(*cluster);
}

Result<SimCluster*> Engine::find_cluster(const model::ClusterName& name, Removed removed) {
    for (SimCluster& cluster : state_.clusters) {
        if (cluster.setup.name != name) continue;
        if (cluster.removed && removed == Removed::Refuse) {
            return fail(ErrorCode::NotFound,
                        format("cluster {} was deleted from the simulated cloud", name.str()));
        }
        return &cluster;
    }
    std::vector<std::string> known;
    for (const SimCluster& cluster : state_.clusters) known.push_back(cluster.setup.name.str());
    return fail(ErrorCode::NotFound, format("the simulated cloud has no cluster {}; it has {}", name.str(),
                                            known.empty() ? std::string("none") : join(known, ", ")));
}

Status Engine::add_cluster(const ClusterSetup& setup) {
    K3F_TRY(check_setup(setup));
    if (const auto known = find_cluster(setup.name, Removed::Accept); known) {
        SimCluster& cluster = **known;
        if (!cluster.removed &&
            (cluster.setup.project != setup.project || cluster.setup.region != setup.region ||
             cluster.setup.zones != setup.zones)) {
            return fail(
                ErrorCode::Conflict,
                format("the simulated cloud has a cluster {} already, of project {} in {}: choose another "
                       "name or delete that one",
                       setup.name.str(), cluster.setup.project.str(), cluster.setup.region));
        }
        const bool again = cluster.removed;
        if (!again && cluster.setup == setup) return {};
        // Pods name their deployment by its place in the list, so another list begins with no pods.
        if (cluster.setup.workload.deployments != setup.workload.deployments ||
            cluster.setup.workload.daemons != setup.workload.daemons) {
            cluster.pods.clear();
            cluster.wanted.clear();
        }
        cluster.setup = setup;
        cluster.removed = false;
        cluster.unsettled = true;
        restore_derived(state_);
        if (again) plan_event(Duration::zero(), EventKind::Minute, cluster.number, 0);
        return {};
    }
    SimCluster cluster{.number = state_.next_cluster++, .setup = setup};
    plan_event(Duration::zero(), EventKind::Minute, cluster.number, 0);
    state_.clusters.push_back(std::move(cluster));
    return {};
}

Status Engine::remove_cluster(const model::ClusterName& name) {
    SimCluster* const cluster = K3F_TRY(find_cluster(name, Removed::Accept));
    for (const auto& [number, instance] : state_.instances) {
        if (instance.cluster == name && instance.shown.alive()) {
            return fail(ErrorCode::Refused, format("cluster {} still has {}: terminate its instances first",
                                                   name.str(), instance.shown.id.str()));
        }
    }
    cluster->removed = true;
    cluster->nodes.clear();
    cluster->pods.clear();
    cluster->wanted.clear();
    return {};
}

void Engine::add_fault(Fault fault) {
    const Timestamp at = fault.at;
    const bool event = fault.event();
    state_.faults.push_back(std::move(fault));
    if (event) plan_event_at(at, EventKind::Trouble, 0, state_.faults.size() - 1);
}

bool Engine::suffers(FaultKind kind, std::string_view argument) const {
    return std::ranges::any_of(state_.faults, [&](const Fault& fault) {
        return fault.kind == kind && fault.active(state_.now) &&
               (fault.argument.empty() || fault.argument == argument);
    });
}

bool Engine::take_fault(FaultKind kind, std::string_view argument) {
    for (Fault& fault : state_.faults) {
        if (fault.kind != kind || !fault.active(state_.now)) continue;
        if (!fault.argument.empty() && fault.argument != argument) continue;
        fault.spent = true;
        return true;
    }
    return false;
}

std::string uid_text(std::uint64_t seed, std::uint64_t cluster, std::uint64_t number) {
    const std::uint64_t noise = Prng(seed).fork(cluster).fork(number).next();
    return format("{:08x}-{:04x}-4{:03x}-a{:03x}-{:012x}", noise & 0xffffffff, (noise >> 32) & 0xffff,
                  (noise >> 48) & 0xfff, cluster & 0xfff, number & 0xffffffffffff);
}

std::optional<std::uint64_t> number_in_uid(const std::string& uid) {
    constexpr std::size_t kLength = 36;
    constexpr std::size_t kDigits = 12;
    if (uid.size() != kLength) return std::nullopt;
    std::uint64_t number = 0;
    const char* const end = uid.data() + kLength;
    const auto parsed = std::from_chars(end - kDigits, end, number, 16);
    if (parsed.ec != std::errc() || parsed.ptr != end) return std::nullopt;
    return number;
}

}  // namespace k3fleet::simcloud
