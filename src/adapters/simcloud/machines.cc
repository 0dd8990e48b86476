// Instances and nodes of the simulated world: launch, boot, join, notice, loss.
#include <algorithm>
#include <cmath>

#include "adapters/simcloud/engine.h"
#include "base/text.h"
#include "core/cost/catalogue.h"
#include "core/model/names.h"

namespace k3fleet::simcloud {
namespace {

using model::Instance;
using model::InstanceState;
using model::Market;
using model::Role;

// Assumed, not measured: about 25 s from launch to running, and up to a minute more for the first start of
// K3s.
constexpr double kBootMedian = 25;
constexpr double kBootSpread = 0.25;  // Deviation of the logarithm.
constexpr double kJoinAtLeast = 40;
constexpr double kJoinSpread = 20;
constexpr Duration kJoinAgain = std::chrono::seconds{15};
// kube-controller-manager's --node-monitor-grace-period.
constexpr Duration kNodeGrace = std::chrono::seconds{40};
// The default toleration of nodes that are not ready.
constexpr Duration kPodToleration = std::chrono::seconds{300};
constexpr std::int64_t kLeastBilled = 60;  // Seconds.
constexpr int kPodsPerNode = 110;

Duration seconds(double value) { return Duration{static_cast<std::int64_t>(value * 1000)}; }

double usd_of(const SimInstance& instance, Timestamp now) {
    if (!instance.running_at) return 0;
    const auto span = instance.ended_at.value_or(now) - *instance.running_at;
    const auto billed = std::max(std::chrono::floor<std::chrono::seconds>(span).count(), kLeastBilled);
    return instance.shown.offering.price.dollars() * static_cast<double>(billed) / 3600;
}

bool is_live_master(const SimNode& node) { return node.shown.role == Role::Master && node.machine; }

}  // namespace

model::Observed<UsdPerHour> Engine::spot_price(std::string_view type, std::string_view zone,
                                               std::string_view region) const {
    const auto on_demand = cost::Catalogue::builtin().price(type, region);
    if (!on_demand) return on_demand;
    const auto day = std::chrono::floor<std::chrono::days>(state_.now).time_since_epoch().count();
    const double drawn = dice("spot-price", mix_text(format("{} {} {}", type, zone, day))).uniform();
    return {UsdPerHour::from_dollars(on_demand->dollars() *
                                     (kCheapestSpot + (kDearestSpot - kCheapestSpot) * drawn)),
            state_.now};
}

Result<SimInstance*> Engine::start(const Start& start) {
    auto offering = K3F_TRY(cost::Catalogue::builtin().on_demand(start.type, start.zone, start.region));
    offering.market = start.market;
    if (start.market == Market::Spot)
        if (const auto price = spot_price(start.type, start.zone, start.region)) offering.price = *price;
    for (const Fault& fault : state_.faults) {
        if (!fault.active(state_.now)) continue;
        const bool none = fault.kind == FaultKind::NoCapacity &&
                          covers(fault.argument, start.type, start.zone, model::to_string(start.market));
        if (none || (fault.kind == FaultKind::ZoneDown && fault.argument == start.zone)) {
            return fail(ErrorCode::NoCapacity,
                        format("there is no {} {} to be had in {} at the moment",
                               model::to_string(start.market), start.type, start.zone));
        }
    }
    // A token counts in its region.
    const std::string where = start.region == state_.account.region ? "" : start.region;
    Prng random = dice("launch", mix_text(start.token.str() + where));
    SimInstance instance{.number = state_.next_instance++,
                         .shown = {.id = model::InstanceId(format("i-0{:016x}", random.next())),
                                   .role = start.role,
                                   .pool = start.pool,
                                   .slot = start.slot,
                                   .state = InstanceState::Pending,
                                   .offering = std::move(offering),
                                   .launched_at = state_.now,
                                   .launch_token = start.token},
                         .project = start.project,
                         .cluster = start.cluster,
                         .script = start.script,
                         .address = start.address};
    // Half of all launches show up at once, the others within five seconds.
    instance.visible_at =
        state_.now + (random.chance(0.5) ? Duration::zero() : seconds(5 * random.uniform()));
    instance.visible_at = std::max(instance.visible_at, state_.now + lag("show", instance));
    const auto cluster = find_cluster(start.cluster, Removed::Accept);
    if (start.role == Role::Nat || !cluster) instance.joins = false;
    if (start.role == Role::Worker && cluster)
        instance.joins = !take_fault(FaultKind::NeverJoins, start.cluster.str());
    const double boot_seconds = kBootMedian * std::exp(random.normal(0, kBootSpread));
    plan_event(seconds(boot_seconds), EventKind::Running, cluster ? (*cluster)->number : 0, instance.number);
    if (cluster) ++(*cluster)->totals.launches;
    return &state_.instances.emplace(instance.number, std::move(instance)).first->second;
}

SimInstance* Engine::find_instance(std::uint64_t number) {
    const auto found = state_.instances.find(number);
    return found == state_.instances.end() ? nullptr : &found->second;
}

// How late lists show this: not at all on a good day, else up to a minute.
Duration Engine::lag(std::string_view purpose, const SimInstance& instance) const {
    if (!suffers(FaultKind::SlowToShow, "")) return Duration::zero();
    return seconds(60 * dice(purpose, instance.number).uniform());
}

void Engine::change_state(SimInstance& instance, InstanceState to) {
    const Duration late = lag(model::to_string(to), instance);
    if (late > Duration::zero()) {
        instance.before = shown_state(instance);
        instance.shown_until = state_.now + late;
    }
    instance.shown.state = to;
}

InstanceState Engine::shown_state(const SimInstance& instance) const {
    return state_.now < instance.shown_until ? instance.before : instance.shown.state;
}

void Engine::boot(SimInstance& instance) {
    if (instance.shown.state != InstanceState::Pending) return;
    change_state(instance, InstanceState::Running);
    instance.running_at = state_.now;
    if (!instance.joins) return;
    Prng random = dice("join", mix_text(instance.shown.launch_token.str()));
    const auto cluster = find_cluster(instance.cluster, Removed::Accept);
    plan_event(seconds(kJoinAtLeast + kJoinSpread * random.uniform()), EventKind::Join, (*cluster)->number,
               instance.number);
}

void Engine::try_to_join(SimInstance& instance) {
    if (instance.shown.state != InstanceState::Running) return;
    const auto found = find_cluster(instance.cluster, Removed::Refuse);
    if (!found) return;
    SimCluster& cluster = **found;
    const bool there = std::ranges::any_of(
        cluster.nodes, [&](const SimNode& node) { return node.shown.instance == instance.shown.id; });
    if (there) return;
    const JoinStep step =
        instance.script.ours() ? run_start_script(instance, cluster) : join_by_tags(instance, cluster);
    if (step == JoinStep::Never) return;
    if (step == JoinStep::Later)
        return plan_event(kJoinAgain, EventKind::Join, cluster.number, instance.number);
    if (step == JoinStep::Founds) found_cluster(cluster);
    add_node(cluster, instance);
    if (instance.script.master())
        plan_event(Duration::zero(), EventKind::Mint, cluster.number, instance.number);
}

// A machine without a script of ours.
JoinStep Engine::join_by_tags(const SimInstance& instance, const SimCluster& cluster) const {
    if (instance.shown.role == Role::Master && std::ranges::none_of(cluster.nodes, is_live_master))
        return JoinStep::Founds;
    return api_up(cluster) ? JoinStep::Joins : JoinStep::Later;
}

// A master that finds no other begins an empty cluster; what the user deploys is deployed again, and workers
// that still run register anew.
void Engine::found_cluster(SimCluster& cluster) {
    cluster.nodes.clear();
    cluster.pods.clear();
    cluster.unsettled = true;
    for (const auto& [number, instance] : state_.instances) {
        // Assumed: K3s' agents keep to the CA that they joined.
        const bool anew = instance.joins && !instance.script.ours();
        if (instance.cluster == cluster.setup.name && instance.shown.role == Role::Worker && anew &&
            instance.shown.state == InstanceState::Running) {
            plan_event(kJoinAgain, EventKind::Join, cluster.number, number);
        }
    }
}

void Engine::add_node(SimCluster& cluster, const SimInstance& instance) {
    const model::Offering& machine = instance.shown.offering;
    // Assumed: the kernel keeps 4 % of the memory. K3s itself reserves nothing by default.
    const std::int64_t kernel = std::max<std::int64_t>(96, machine.memory.count / 25);
    const std::uint64_t number = cluster.next_node++;
    cluster.nodes.push_back(
        {.number = number,
         .shown = {.name = model::NodeName(instance.shown.id.str()),
                   .uid = model::Uid(uid_text(state_.seed ^ 1, cluster.number, number)),
                   .instance = instance.shown.id,
                   .role = instance.shown.role,
                   .ready = true,
                   .schedulable = true,
                   .created_at = state_.now,
                   .allocatable_cpu = machine.cpu,
                   .allocatable_memory = Mebibytes{std::max<std::int64_t>(0, machine.memory.count - kernel)},
                   .allocatable_pods = kPodsPerNode},
         .instance = instance.number});
    cluster.unsettled = true;
}

void Engine::shut_down(SimInstance& instance) {
    change_state(instance, InstanceState::ShuttingDown);
    instance.ended_at = state_.now;
    Prng random = dice("end", mix_text(instance.shown.launch_token.str()));
    plan_event(seconds(15 + 30 * random.uniform()), EventKind::Gone, 0, instance.number);
    const auto found = find_cluster(instance.cluster, Removed::Accept);
    if (!found) return;
    SimCluster& cluster = **found;
    cluster.totals.usd += usd_of(instance, state_.now);
    for (SimNode& node : cluster.nodes) {
        if (node.instance != instance.number) continue;
        node.machine = false;
        plan_event(kNodeGrace, EventKind::NodeLost, cluster.number, node.number);
    }
}

void Engine::forget(std::uint64_t number) { state_.instances.erase(number); }

void Engine::lose_node(SimCluster& cluster, std::uint64_t number) {
    SimNode* const node = find_node(cluster, number);
    if (node == nullptr || node->machine) return;
    node->shown.ready = false;
    for (SimPod& pod : cluster.pods) {
        if (pod.node == number) pod.ready = false;
    }
    cluster.unsettled = true;
    plan_event(kPodToleration, EventKind::NodeGivenUp, cluster.number, number);
}

// The pods are asked to go, but nobody is there to do it: they stay Terminating until the node is deleted.
void Engine::give_up_node(SimCluster& cluster, std::uint64_t number) {
    const SimNode* const node = find_node(cluster, number);
    if (node == nullptr || node->machine) return;
    for (SimPod& pod : cluster.pods) {
        if (pod.node != number || pod.owner == SimPod::Owner::DaemonSet) continue;
        pod.terminating = true;
        refresh_shown(cluster, pod);
    }
    cluster.unsettled = true;
}

void Engine::end(SimInstance& instance) {
    if (!instance.shown.alive()) return;
    if (const auto cluster = find_cluster(instance.cluster, Removed::Accept))
        ++(*cluster)->totals.terminations;
    instance.ended_by_call = true;
    shut_down(instance);
}

std::vector<std::string> zones_of(const model::ClusterIntent& intent) {
    if (!intent.zones.empty()) return intent.zones;
    return {intent.region + "a", intent.region + "b", intent.region + "c"};
}

bool Engine::api_up(const SimCluster& cluster) const {
    if (cluster.removed || suffers(FaultKind::ApiDown, cluster.setup.name.str())) return false;
    const auto masters = std::ranges::count_if(
        cluster.nodes, [](const SimNode& node) { return node.shown.role == Role::Master; });
    // A majority of the etcd members.
    return std::ranges::count_if(cluster.nodes, is_live_master) > masters / 2;
}

Report Engine::report(const SimCluster& cluster) const {
    Report report{.totals = cluster.totals, .load_cores = cluster.setup.workload.load.cores_at(state_.now)};
    for (const auto& [number, instance] : state_.instances) {
        if (instance.cluster == cluster.setup.name && !instance.ended_at) {
            report.totals.usd += usd_of(instance, state_.now);
        }
    }
    for (const SimPod& pod : cluster.pods) {
        report.pods_running += pod.running && pod.ready ? 1 : 0;
        report.pods_unschedulable += pod.unschedulable ? 1 : 0;
    }
    return report;
}

}  // namespace k3fleet::simcloud
