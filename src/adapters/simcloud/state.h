// Everything a simulated world is made of: plain data that can be saved, loaded and compared byte for byte.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "adapters/simcloud/aws/account.h"
#include "adapters/simcloud/faults.h"
#include "adapters/simcloud/load.h"
#include "adapters/simcloud/node_script.h"
#include "base/time.h"
#include "base/units.h"
#include "core/model/ids.h"
#include "core/model/world.h"

namespace k3fleet::simcloud {

// A Deployment that follows a share of the cluster's load, as a horizontal pod autoscaler would make it.
struct Deployment {
    std::string namespace_name = "default";
    std::string name = "web";
    double share = 1;  // Of the load, relative to the other deployments.
    Millicores cpu{500};
    Mebibytes memory{700};
    double target = 0.8;  // CPU in use, as a share of the request, that the replica count aims at.
    int min_replicas = 2;
    int max_replicas = 500;
    // A PodDisruptionBudget "<name>-budget": at least so many available, or at most so many unavailable.
    std::optional<int> min_available;
    std::optional<int> max_unavailable;

    friend bool operator==(const Deployment&, const Deployment&) = default;
};

// One pod on every node, masters included.
struct DaemonSet {
    std::string namespace_name = "kube-system";
    std::string name = "node-exporter";
    Millicores cpu{50};
    Mebibytes memory{64};

    friend bool operator==(const DaemonSet&, const DaemonSet&) = default;
};

struct Workload {
    Load load;
    std::vector<Deployment> deployments{Deployment{.max_unavailable = 1}};
    std::vector<DaemonSet> daemons{DaemonSet{}};

    friend bool operator==(const Workload&, const Workload&) = default;
};

// What must be known of a cluster before anything can be launched for it.
struct ClusterSetup {
    model::ProjectName project;
    model::ClusterName name;
    std::string region;
    std::vector<std::string> zones;
    Workload workload;

    friend bool operator==(const ClusterSetup&, const ClusterSetup&) = default;
};

struct SimInstance {
    std::uint64_t number = 0;  // In the order of launch; names it in events.
    model::Instance shown;     // As Describe shows it.
    model::ProjectName project;
    model::ClusterName cluster;
    Timestamp visible_at;                                         // Describe misses it before.
    model::InstanceState before = model::InstanceState::Pending;  // What Describe may still show …
    Timestamp shown_until;                                        // … until then.
    std::optional<Timestamp> running_at;                          // Once it runs: pay begins.
    std::optional<Timestamp> ended_at;                            // Shutting down since: pay has ended.
    bool ended_by_call = false;  // Somebody asked for its end; it did not die by itself.
    bool joins = true;
    NodeScript script;    // What it was given to run …
    std::string address;  // … and where it stands.
};

struct SimNode {
    std::uint64_t number = 0;
    model::Node shown;
    std::uint64_t instance = 0;
    bool machine = true;  // False: its instance is gone, whether or not that has been noticed.
    // Of the pods on it; recomputed when a world is loaded.
    Millicores used_cpu;
    Mebibytes used_memory;
    int used_pods = 0;
};

struct SimPod {
    enum class Owner { Deployment, DaemonSet };
    std::uint64_t number = 0;
    Owner owner = Owner::Deployment;
    int owner_index = 0;
    std::uint64_t node = 0;  // 0: not scheduled.
    bool running = false;
    bool ready = false;
    bool unschedulable = false;
    bool terminating = false;
    Timestamp created_at;
    model::Pod shown;  // Derived from the above; not saved.
};

struct Totals {
    std::int64_t launches = 0;
    std::int64_t terminations = 0;  // Asked for; reclaimed spot instances are not among them.
    std::int64_t reclaimed = 0;
    std::int64_t evictions = 0;
    std::int64_t evictions_blocked = 0;
    double usd = 0;                    // Of instances that have ended.
    double unserved_core_minutes = 0;  // Load that no pod could take.
    double unscheduled_pod_minutes = 0;
};

// What K3s knows of who may join, once a start script of ours has founded the cluster (node_boot.cc).
struct ClusterKeys {
    std::string ca;        // Digest of its certificate, as tokens name it; empty: no script founded it.
    std::string password;  // The server token that it was founded with.
    std::map<std::string, Timestamp> tokens;              // For joining, until then.
    std::map<std::string, std::uint64_t> node_passwords;  // Whose a node's name is.
    Timestamp credential_at;                              // When the autoscaler's was written last.
    std::uint64_t made = 0;
    std::vector<std::string> problems;  // Why a machine never becomes a node, and what a role may not do.
};

struct SimCluster {
    std::uint64_t number = 0;
    ClusterSetup setup;
    bool removed = false;        // Known once: its ended instances can still be listed.
    std::vector<SimNode> nodes;  // By number.
    std::vector<SimPod> pods;    // By number.
    std::uint64_t next_node = 1;
    std::uint64_t next_pod = 1;
    std::vector<std::vector<int>> wanted;  // Replicas, a list of the last minutes for each deployment.
    Totals totals;
    bool unsettled = false;  // Pods may have to be made, removed or scheduled.
    ClusterKeys keys;
};

enum class EventKind {
    Running,       // An instance has booted.
    Join,          // … and wants to become a node.
    Reclaim,       // The two minutes of a spot instance are over.
    Gone,          // Shutting down has ended.
    Forget,        // Describe lists it no longer.
    NodeLost,      // The control plane has missed a node long enough: NotReady.
    NodeGivenUp,   // … and long enough to replace its pods.
    PodsOrphaned,  // The garbage collector finds pods whose node was deleted.
    PodStarted,
    PodGone,
    Minute,    // Load and replicas of a cluster.
    Trouble,   // A fault that is an event begins.
    NodeBack,  // A node that was NotReady for a while answers again.
    Mint,      // A master writes what others join and ask its API server with.
};

struct Event {
    Timestamp at;
    std::uint64_t sequence = 0;  // Of events at the same moment, the one made first comes first.
    EventKind kind = EventKind::Minute;
    std::uint64_t cluster = 0;
    std::uint64_t subject = 0;  // Number of the instance, node or pod; index of the fault.
};

struct WorldState {
    std::uint64_t seed = 1;
    Timestamp now;
    double speed = 1;      // Virtual seconds a real second between two commands.
    Timestamp saved_real;  // When it was saved, by the real clock.
    std::uint64_t next_sequence = 1;
    std::uint64_t next_instance = 1;
    std::uint64_t next_cluster = 1;
    std::vector<SimCluster> clusters;                // By number.
    std::map<std::uint64_t, SimInstance> instances;  // Those that have ended for up to an hour.
    std::vector<Fault> faults;
    std::vector<Event> events;  // A heap; see engine.cc.
    Load load;                  // Of clusters that are made in it.
    Account account;
    std::map<std::string, Account> elsewhere;  // The account in other regions, by region.

    // The account as it is in a region; empty: where it was opened.
    Account& account_in(const std::string& region) {
        if (region.empty() || region == account.region) return account;
        Account& other = elsewhere[region];
        other.region = region;
        return other;
    }
};

}  // namespace k3fleet::simcloud
