// The name of everything that k3fleet makes on AWS: one function each, and nowhere else.
//
// With `project: node-fleet` and a cluster of the same name these are the names of the security checklist, to
// the letter. The ARNs of model/aws-operations.toml are made of the same names; a test compares them.
#pragma once

#include <string>
#include <string_view>

#include "core/model/ids.h"

namespace k3fleet::model {

// Where names live. `cluster` is empty for what belongs to the project as a whole.
struct Scope {
    ProjectName project;
    ClusterName cluster;
    std::string account;  // Twelve digits.
    std::string region;
    std::string home_region;  // Of the project; empty: the same region.

    friend bool operator==(const Scope&, const Scope&) = default;
};

// What names of a cluster begin with: the project for the cluster named like it, else project-cluster.
std::string prefix(const ProjectName& project, const ClusterName& cluster);
std::string prefix(const Scope& scope);  // The scope has a cluster.

namespace names {

// Keys of our tags (G-13). Logical is the resource's id in the graph, by which it is found again.
inline constexpr std::string_view kProjectTag = "Project";
inline constexpr std::string_view kClusterTag = "Cluster";
inline constexpr std::string_view kManagedByTag = "ManagedBy";
inline constexpr std::string_view kNameTag = "Name";
inline constexpr std::string_view kRoleTag = "Role";  // k3s-master, k3s-worker, k3s-nat
inline constexpr std::string_view kLogicalTag = "k3fleet:id";
inline constexpr std::string_view kHomeRegionTag = "k3fleet:home-region";

// IAM is global: outside the project's home region its names end with the region.
std::string controller_role(const Scope& s);
std::string notifier_role(const Scope& s);
std::string auditor_role(const Scope& s);
std::string fixer_role(const Scope& s);
std::string responder_role(const Scope& s);
std::string break_glass_role(const Scope& s);
std::string scheduler_role(const Scope& s);
std::string trail_role(const Scope& s);
std::string flow_logs_role(const Scope& s);
std::string autoscaler_role(const Scope& s);
std::string node_role(const Scope& s);
std::string master_role(const Scope& s);
// The inline policy of a role: ...Role becomes ...Policy (N-1, N-2).
std::string policy_of(std::string_view role);
std::string worker_profile(const Scope& s);
std::string master_profile(const Scope& s);
std::string operators_group(const Scope& s);
std::string mfa_policy(const Scope& s);

std::string state_bucket(const Scope& s);
std::string snapshots_bucket(const Scope& s);
std::string trail_bucket(const Scope& s);
std::string table(const Scope& s);

std::string join_secret(const Scope& s);
std::string server_secret(const Scope& s);
std::string kube_secret(const Scope& s);
std::string webhook_secret(const Scope& s);

std::string controller_function(const Scope& s);
std::string notifier_function(const Scope& s);
std::string auditor_function(const Scope& s);
std::string autoscaler_function(const Scope& s);
std::string function_log(std::string_view function);

std::string queue(const Scope& s);         // Wake-ups of the controller.
std::string failed_queue(const Scope& s);  // What was given up on, of every queue of the project.
std::string worker_queue(const Scope& s);  // Wake-ups of one cluster's autoscaler.
std::string alerts_topic(const Scope& s);
std::string security_topic();  // The account's, so that the checklist's name holds.

std::string instances_rule(const Scope& s);
std::string spot_rule(const Scope& s);
std::string foreign_launch_rule(const Scope& s);
std::string break_glass_rule(const Scope& s);
std::string schedule_group(const Scope& s);
std::string schedule(std::string_view function);  // What a function's own schedule is called.

std::string trail(const Scope& s);
std::string trail_log(const Scope& s);
std::string flow_log(const Scope& s);
// UnauthorizedAPICalls, RootAccountUsage, IAMPolicyChanges: the account's (N-21).
std::string autoscaler_alarm(const Scope& s, std::string_view what);

std::string key_alias(const Scope& s);
std::string snapshots_key_alias(const Scope& s);
std::string run_document(const Scope& s, std::string_view what);
std::string session_document(const Scope& s, std::string_view what);
std::string sign_document(const Scope& s, std::string_view what);  // For people alone: gives access.

std::string master_group(const Scope& s);  // Security groups.
std::string worker_group(const Scope& s);
std::string function_group(const Scope& s);
std::string nat_group(const Scope& s);
std::string endpoint_group(const Scope& s);
// What has an id instead of a name still carries one as its tag: {prefix}-vpc, {prefix}-public-1.
std::string tagged(const Scope& s, std::string_view what);

}  // namespace names

// ARNs of things whose names say all. `resource` is what follows the account: "table/shop-state".
std::string arn(const Scope& scope, std::string_view service, std::string_view resource);
std::string role_arn(const Scope& scope, std::string_view role);
std::string bucket_arn(std::string_view bucket);
std::string function_arn(const Scope& scope, std::string_view function);

}  // namespace k3fleet::model
