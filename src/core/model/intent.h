// What the user wants: the validated content of a Project or a Cluster file. core/intent reads and checks it.
#pragma once

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "base/units.h"
#include "core/model/ids.h"
#include "core/model/world.h"

namespace k3fleet::model {

enum class ClusterMode { Dev, Ha };  // 1 master, 3 masters.

// A custom metric: any PromQL that gives one number, and the limit above which more workers are wanted.
struct CustomMetric {
    std::string name;
    std::string query;
    double limit = 0;

    friend bool operator==(const CustomMetric&, const CustomMetric&) = default;
};

// The policy `thresholds` (N-30). Defaults are the requirement's.
struct Thresholds {
    double cpu_up = 70;
    double cpu_down = 30;
    double cpu_urgent = 85;  // Above it a scale-up is by two.
    double memory_up = 75;
    double memory_down = 50;
    int pending_urgent = 5;  // More waiting pods than this: a scale-up is by two.
    int window_up = 3;
    int window_down = 10;
    int window_pending = 1;
    Duration cooldown_up = std::chrono::seconds{300};
    Duration cooldown_down = std::chrono::seconds{600};

    // In readings: what lies further back is never looked at.
    int widest_window() const { return std::max({1, window_up, window_down, window_pending}); }

    friend bool operator==(const Thresholds&, const Thresholds&) = default;
};

struct Autoscaling {
    Duration interval = std::chrono::minutes{2};  // One reading a slot of this length.
    Thresholds thresholds;
    std::vector<CustomMetric> custom;
    Duration join_timeout = std::chrono::minutes{10};  // From launch to Ready; then the instance is a ghost.
    Duration drain_timeout = std::chrono::minutes{5};

    friend bool operator==(const Autoscaling&, const Autoscaling&) = default;
};

struct NodePool {
    PoolName name;
    int min = 2;
    int max = 10;
    std::vector<std::string> instance_types;  // Cheapest that is to be had is taken.
    std::vector<std::string> zones;           // Empty: all zones of the cluster.
    int spot_percent = 0;                     // Goal: floor(total * spot_percent / 100) on spot.
    std::map<std::string, std::string> labels;
    std::vector<std::string> taints;  // "key=value:NoSchedule"

    friend bool operator==(const NodePool&, const NodePool&) = default;
};

struct Access {
    std::optional<std::string> ssh_cidr;  // Opens 22 from that range on a public master; default none (G-4).
    friend bool operator==(const Access&, const Access&) = default;
};

enum class Egress { NatInstance, NatGateway, Endpoints };

// What a NAT instance is: the smallest there is forwards 32 Mbit/s for ever and 5 Gbit/s in bursts.
inline constexpr std::string_view kNatType = "t4g.nano";
inline constexpr int kNatDiskGib = 8;  // The smallest that Amazon Linux fits on.

struct Network {
    std::string cidr = "10.0.0.0/16";
    Egress egress = Egress::NatInstance;
    friend bool operator==(const Network&, const Network&) = default;
};

// What the clusters of a project use where their own file does not say.
struct ProjectNetwork {
    std::string cidr = "10.0.0.0/16";
    std::optional<Egress> egress;  // Empty: by the cluster's mode, nat-instance in dev and nat-gateway in ha.
    friend bool operator==(const ProjectNetwork&, const ProjectNetwork&) = default;
};

// Who is told; besides them the webhooks in the project's secret, which only the notifier reads.
struct AlertTargets {
    std::vector<std::string> emails;
    friend bool operator==(const AlertTargets&, const AlertTargets&) = default;
};

struct Budget {
    std::optional<double> usd_per_month;
    friend bool operator==(const Budget&, const Budget&) = default;
};

// Where signals come from. Secrets are named, never held.
struct MetricsSource {
    std::string prometheus_url;  // Empty: the cluster's own add-on.
    std::string username;
    std::string password_file;
    std::string bearer_token_file;
    std::string ca_file;
    friend bool operator==(const MetricsSource&, const MetricsSource&) = default;
};

struct ClusterIntent {
    ProjectName project;
    ClusterName name;
    std::string region;
    ClusterMode mode = ClusterMode::Dev;
    std::string k3s_version;
    std::string master_type = "t4g.small";
    std::vector<std::string> zones;
    std::vector<NodePool> pools;
    Autoscaling autoscaling;
    MetricsSource metrics;
    Access access;
    Network network;
    Budget budget;

    // Not from the file: what surrounds it.
    bool deleting = false;  // `cluster delete` was asked for.
    std::string digest;     // intent::digest(): which intent a plan belongs to.

    int masters() const { return mode == ClusterMode::Ha ? 3 : 1; }
    friend bool operator==(const ClusterIntent&, const ClusterIntent&) = default;
};

enum class KeyOwner { Aws, Customer };  // Whose keys encrypt what is stored (G-19).

struct ProjectIntent {
    ProjectName name;
    std::vector<std::string> allowed_regions;  // G-14; the first is the home region.
    std::string managed_by = "k3fleet";        // Value of the tag ManagedBy (G-13).
    ProjectNetwork network;
    KeyOwner keys = KeyOwner::Aws;
    AlertTargets alerts;

    friend bool operator==(const ProjectIntent&, const ProjectIntent&) = default;
};

}  // namespace k3fleet::model
