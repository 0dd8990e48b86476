// The simulated world at work: machines that boot and die, nodes that join and are lost, pods that are
// scheduled and evicted, a load that comes and goes. One thread, no clock and no dice of its own: the same
// state and the same calls give the same world, to the byte.
//
// Every draw comes from the world's seed and from what it is drawn for (the launch's token, the pod's
// number), so that one more call here does not change what happens there.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/simcloud/state.h"
#include "base/prng.h"
#include "base/result.h"
#include "core/model/intent.h"
#include "core/model/plan.h"
#include "core/model/world.h"
#include "ports/kubernetes.h"

namespace k3fleet::simcloud {

// On spot a machine costs between these shares of its price on demand, drawn for each type, zone and day: an
// assumption that is stated rather than a price that nobody can know in advance.
inline constexpr double kCheapestSpot = 0.2;
inline constexpr double kDearestSpot = 0.5;

// What a cluster has cost and suffered since it was added.
struct Report {
    Totals totals;          // With the cost of the running instances up to now.
    double load_cores = 0;  // Asked for now.
    int pods_running = 0;
    int pods_unschedulable = 0;
};

// What comes of a machine's try to join its cluster.
enum class JoinStep { Founds, Joins, Later, Never };

class Engine {
public:
    explicit Engine(WorldState state) : state_(std::move(state)) {}

    const WorldState& state() const { return state_; }
    WorldState& state() { return state_; }
    Timestamp now() const { return state_.now; }

    // Everything that happens until then, in order. A time that has passed changes nothing.
    void advance(Timestamp until);
    std::optional<Timestamp> next_event() const;

    // Idempotent for the same setup. Conflict: the cluster is there with another project, region or zones; a
    // changed workload is taken over. InvalidArgument: nonsense.
    Status add_cluster(const ClusterSetup& setup);
    // Refused while instances of it live. Idempotent.
    Status remove_cluster(const model::ClusterName& name);
    // NotFound: never added. With Removed::Refuse also: removed since.
    enum class Removed { Accept, Refuse };
    Result<SimCluster*> find_cluster(const model::ClusterName& name, Removed removed);

    void add_fault(Fault fault);
    // A state that holds now for this argument (its own argument is empty, or the same).
    bool suffers(FaultKind kind, std::string_view argument) const;
    // Whether an event is due for this argument; takes it, so that it happens once.
    bool take_fault(FaultKind kind, std::string_view argument);

    // A machine of nobody's, or of a cluster: what its launch says, whoever checked it.
    struct Start {
        model::ProjectName project;  // These five are empty for a machine that is none of ours.
        model::ClusterName cluster;
        model::Role role = model::Role::Worker;
        model::PoolName pool;
        int slot = -1;
        std::string type;
        std::string zone;
        std::string region;
        model::Market market = model::Market::OnDemand;
        model::Token token;
        NodeScript script;
        std::string address;
    };
    // NoCapacity: the world has none at the moment. InvalidArgument: no such type.
    Result<SimInstance*> start(const Start& start);
    // Null: there is none, or none any more.
    SimInstance* find_instance(std::uint64_t number);
    // Pay ends, the machine is gone from its cluster. Idempotent.
    void end(SimInstance& instance);
    // As Describe shows it now: a change may show late.
    model::InstanceState shown_state(const SimInstance& instance) const;

    // Of an hour, now. Unknown, with the reason, for types without a price in that region.
    model::Observed<UsdPerHour> spot_price(std::string_view type, std::string_view zone,
                                           std::string_view region) const;

    // Every draw is one of these: of the world's seed, for a purpose and a thing.
    Prng dice(std::string_view purpose, std::uint64_t which) const;

    // ports::Kubernetes; the caller has made sure that the API server is up.
    bool api_up(const SimCluster& cluster) const;
    std::vector<model::Node> nodes(const SimCluster& cluster) const;
    std::vector<model::Pod> pods(const SimCluster& cluster) const;
    std::vector<model::DisruptionBudget> budgets(const SimCluster& cluster) const;
    Status cordon(SimCluster& cluster, const model::Cordon& request);
    ports::EvictionAnswer evict(SimCluster& cluster, const model::Evict& request);
    void delete_node(SimCluster& cluster, const model::DeleteNode& request);

    model::Signals signals(const SimCluster& cluster, const std::vector<model::CustomMetric>& custom) const;
    Report report(const SimCluster& cluster) const;

private:
    void happen(const Event& event);
    void plan_event(Duration after, EventKind kind, std::uint64_t cluster, std::uint64_t subject);
    void plan_event_at(Timestamp at, EventKind kind, std::uint64_t cluster, std::uint64_t subject);
    SimCluster* cluster_by_number(std::uint64_t number);

    // machines.cc
    void boot(SimInstance& instance);
    void change_state(SimInstance& instance, model::InstanceState to);
    Duration lag(std::string_view purpose, const SimInstance& instance) const;
    void try_to_join(SimInstance& instance);
    void add_node(SimCluster& cluster, const SimInstance& instance);
    void found_cluster(SimCluster& cluster);
    JoinStep join_by_tags(const SimInstance& instance, const SimCluster& cluster) const;

    // node_boot.cc
    JoinStep run_start_script(SimInstance& instance, SimCluster& cluster);
    void mint(SimInstance& instance, SimCluster& cluster);

    void shut_down(SimInstance& instance);
    void forget(std::uint64_t instance);
    void lose_node(SimCluster& cluster, std::uint64_t node);
    void give_up_node(SimCluster& cluster, std::uint64_t node);

    // disasters.cc
    void trouble(std::size_t fault);
    bool interrupt_spot(const Fault& fault);
    bool flap_node(const Fault& fault, std::size_t index);
    bool kill_machine(const Fault& fault, std::size_t index);
    void lose_zone(const std::string& zone);
    void node_back(SimCluster& cluster, std::uint64_t node);

    // pods.cc
    void minute(SimCluster& cluster);
    void settle(SimCluster& cluster);
    void make_replicas(SimCluster& cluster, int deployment);
    void make_daemons(SimCluster& cluster);
    void schedule(SimCluster& cluster);
    SimPod& add_pod(SimCluster& cluster, SimPod::Owner owner, int owner_index);
    void bind(SimCluster& cluster, SimPod& pod, SimNode& node);
    void end_pod(SimCluster& cluster, SimPod& pod);
    void pod_started(SimCluster& cluster, std::uint64_t pod);
    void pod_gone(SimCluster& cluster, std::uint64_t pod);
    void remove_orphans(SimCluster& cluster, std::uint64_t node);

    WorldState state_;
};

// The zones a cluster may use: those of its file, or all of its region, which here are a, b and c.
std::vector<std::string> zones_of(const model::ClusterIntent& intent);

// InvalidArgument: a name is missing, or a number makes no sense.
Status check_setup(const ClusterSetup& setup);

// Recomputes what is not saved: the pods as they are shown, and what is used on each node.
void restore_derived(WorldState& state);

// Shared by the engine's files.
SimNode* find_node(SimCluster& cluster, std::uint64_t number);
const SimNode* find_node(const SimCluster& cluster, std::uint64_t number);
SimPod* find_pod(SimCluster& cluster, std::uint64_t number);
Millicores cpu_of(const SimCluster& cluster, const SimPod& pod);
Mebibytes memory_of(const SimCluster& cluster, const SimPod& pod);
void refresh_shown(const SimCluster& cluster, SimPod& pod);
// Text that looks like a Kubernetes uid and names a number; empty if it is no such text.
std::string uid_text(std::uint64_t seed, std::uint64_t cluster, std::uint64_t number);
std::optional<std::uint64_t> number_in_uid(const std::string& uid);
std::uint64_t mix_text(std::string_view text);

}  // namespace k3fleet::simcloud
