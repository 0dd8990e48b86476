// The world as one tick saw it: plain data, every source Known or Unknown.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "base/units.h"
#include "core/model/ids.h"
#include "core/model/known.h"

namespace k3fleet::model {

// A Nat machine is the way out of the private subnets: no node of the cluster.
enum class Role { Master, Worker, Nat };
enum class Market { OnDemand, Spot };

// What can be bought: one instance type in one zone on one market, at a price.
struct Offering {
    std::string instance_type;
    std::string zone;
    Market market = Market::OnDemand;
    UsdPerHour price;
    Millicores cpu;
    Mebibytes memory;

    friend bool operator==(const Offering&, const Offering&) = default;
};

enum class InstanceState { Pending, Running, ShuttingDown, Terminated, Stopping, Stopped };

// A machine of ours. Ownership is by tag: only instances that carry this cluster's tags are ever listed here.
struct Instance {
    InstanceId id;
    Role role = Role::Worker;
    PoolName pool;  // Of workers; else empty.
    int slot = -1;  // Masters: 0-2, from a tag. Others: -1.
    InstanceState state = InstanceState::Pending;
    Offering offering;
    Timestamp launched_at;
    Token launch_token;                        // The token it was launched with, from its tag.
    std::optional<Timestamp> interruption_at;  // Spot: when AWS will take it back, once announced.

    // It exists or will: costs money and counts as capacity that is there or coming.
    bool alive() const { return state == InstanceState::Pending || state == InstanceState::Running; }
    friend bool operator==(const Instance&, const Instance&) = default;
};

// A Kubernetes node. Name = instance id by our bootstrap, but the provider id is what links the two.
struct Node {
    NodeName name;
    Uid uid;
    InstanceId instance;  // From spec.providerID (aws:///zone/id); empty if it has none.
    Role role = Role::Worker;
    bool ready = false;
    bool schedulable = true;  // False: cordoned.
    Timestamp created_at;
    Millicores allocatable_cpu;
    Mebibytes allocatable_memory;
    int allocatable_pods = 0;

    friend bool operator==(const Node&, const Node&) = default;
};

enum class PodPhase { Pending, Running, Succeeded, Failed, Unknown };

struct Pod {
    std::string namespace_name;
    std::string name;
    Uid uid;
    NodeName node;  // Empty while unscheduled.
    PodPhase phase = PodPhase::Pending;
    bool unschedulable = false;  // Condition PodScheduled=False, reason Unschedulable.
    std::string owner_kind;      // Controller's kind: "ReplicaSet", "DaemonSet" …; empty for a bare pod.
    bool mirror = false;         // Static pod: the kubelet's own, cannot be evicted.
    bool terminating = false;    // metadata.deletionTimestamp is set.
    Millicores cpu;              // Requests.
    Mebibytes memory;
    std::map<std::string, std::string> labels;
    Timestamp created_at;

    bool finished() const { return phase == PodPhase::Succeeded || phase == PodPhase::Failed; }
    friend bool operator==(const Pod&, const Pod&) = default;
};

// One matchExpressions entry of a label selector. NotIn also holds where the label is missing.
struct LabelRule {
    std::string key;
    enum class Operator { In, NotIn, Exists, DoesNotExist } op = Operator::Exists;
    std::vector<std::string> values;

    friend bool operator==(const LabelRule&, const LabelRule&) = default;
};

// A PodDisruptionBudget, as far as naming a blocker needs it; the API server is who enforces it.
struct DisruptionBudget {
    std::string namespace_name;
    std::string name;
    std::map<std::string, std::string> match_labels;
    std::vector<LabelRule> match_expressions;  // Hold together with match_labels.
    int disruptions_allowed = 0;

    friend bool operator==(const DisruptionBudget&, const DisruptionBudget&) = default;
};

// One number each, read at one moment. A signal may be Unknown while the others are known.
struct Signals {
    Observed<double> cpu;      // Percent of all workers' cores in use, 0-100.
    Observed<double> memory;   // Percent of all workers' memory in use, 0-100.
    Observed<double> pending;  // Pods that wait for a place.
    // Of each custom metric of the intent, by name. Sorted, so that order is a function of content.
    std::map<std::string, Observed<double>> custom;

    friend bool operator==(const Signals&, const Signals&) = default;
};

// Set by a person (`k3fleet autoscale pause`): nothing is launched, drained or terminated until it ends.
struct Freeze {
    std::string by;
    std::string why;
    Timestamp until;

    friend bool operator==(const Freeze&, const Freeze&) = default;
};

struct World {
    Observed<std::vector<Instance>> instances;
    Observed<std::vector<Node>> nodes;
    Observed<std::vector<Pod>> pods;
    Observed<std::vector<DisruptionBudget>> budgets;
    Observed<std::vector<Offering>> offerings;  // What the region sells, for the intent's types and zones.
    Signals signals;
    std::optional<Freeze> freeze;

    friend bool operator==(const World&, const World&) = default;
};

}  // namespace k3fleet::model
