// A cluster on AWS before its first machine and after its last. The operator makes its network, roles,
// secrets and function (stage `prepare`) and uploads its file, by which the functions start machines; at its
// end the functions end the machines, and the operator takes all the rest away.
//
// Everything happens under the project's lease, since the account's roles name its clusters. Nothing is kept
// between runs: what was killed is gone on with by making a new plan.
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "app/clusters.h"
#include "app/setup.h"
#include "core/resources/graph.h"
#include "ports/cloud.h"
#include "ports/random.h"
#include "ports/secrets.h"

namespace k3fleet::app {

// What clusters are prepared on. References outlive it.
struct ClusterSite {
    SetupSite& account;  // Its scope is without cluster.
    ports::Objects& objects;
    ports::Secrets& secrets;
    ports::Cloud& cloud;
    ports::Random& random;
    model::ProjectIntent project;
    std::vector<std::string> zones;  // Of the region, sorted.
    resources::FunctionCode code;
    // What the account ought to hold when these are the project's clusters.
    std::function<Result<resources::Graph>(const std::vector<model::ClusterName>&)> account_graph;
};

// What is to be done. Both plans may be empty.
struct ClusterPlan {
    ClusterFile file;                   // To be uploaded; of a deletion only its intent's name counts.
    std::optional<ClusterFile> stored;  // What is there.
    std::vector<Change> changes;        // From the one to the other.
    SetupPlan own;                      // The cluster's own resources.
    SetupPlan rights;                   // What of the account names its clusters: policies of roles.
    std::size_t otherwise = 0;          // So much of the account differs besides, and is left to `init`.
    double usd_more = 0;                // A month, than what is stored, before workers.
    bool token_missing = false;         // The secret that masters join with holds nothing.

    bool uploads() const { return !stored || !changes.empty(); }
    bool empty() const { return !uploads() && own.plan.empty() && rights.plan.empty() && !token_missing; }
};

// What the file asks for and is not there. Changes nothing. Refused: the project is not set up, or the
// version of K3s is not recorded: the message says which command does it. InvalidArgument: the file is for
// another place. Conflict: there is a cluster of that name with another file.
Result<ClusterPlan> plan_creation(ClusterSite& site, const ClusterFile& file);

// The same for a cluster that is there. NotFound names those that are. Refused: it is being deleted, or what
// is asked cannot be done while it lives: another way out, fewer masters, other ground below its machines.
Result<ClusterPlan> plan_change(ClusterSite& site, const ClusterFile& file);

struct ClusterOutcome {
    Outcome resources;
    bool token_written = false;
    bool uploaded = false;
};

// Refused: this version cannot start its machines on AWS. The function that keeps masters stands outside the
// network and knows a master by one sign of life, which does not say whose it is
// (adapters/aws/master_signs.h).
Status check_startable(const model::ClusterIntent& intent);

// Resources, the account's policies, the token, the file; then what the changed file no longer needs. The
// outcome is stopped if somebody else works on the project. Conflict: somebody has changed the cluster since
// the plan was made.
Result<ClusterOutcome> carry_out_cluster(ClusterSite& site, ClusterPlan& plan, const Doer& doer);

// What `cluster delete` takes away once no machine is left. NotFound: nothing is there of such a cluster.
Result<ClusterPlan> plan_deletion(ClusterSite& site, const model::ClusterName& name);

// Waits until no machine of the cluster is there, and tells of each look that found some.
// DeadlineExceeded: some are left. Refused: there are machines and no file, so that no function ends them.
using MachinesLeft = std::function<void(const std::vector<model::Instance>&)>;
Status await_no_machines(ClusterSite& site, const ClusterPlan& plan, Timestamp until,
                         const MachinesLeft& tell);

// Resources, the account's policies, at last the file. Refused: a machine is left.
Result<ClusterOutcome> carry_out_deletion(ClusterSite& site, ClusterPlan& plan, const Doer& doer);

}  // namespace k3fleet::app
