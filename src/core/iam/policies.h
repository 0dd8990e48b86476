// Every policy that k3fleet gives to a role: what it may do, who may take it on, and the policy that demands
// MFA of people. Written from the table of operations, so a right that nobody needs cannot be granted.
//
// The same site gives the same text. Policies of resources (buckets, queues, keys)
// are in resource_policies.h.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/value.h"
#include "core/iam/principals.h"
#include "core/iam/statements.h"

namespace k3fleet::iam {

struct Document {
    // Of the policy: "node-fleetAutoscalerLambdaPolicy", "node-fleetControllerLambdaPolicy-1".
    std::string name;
    Value policy;
};

// What the principal may do: one document of an inline policy, or as many managed ones as the sizes of
// principals.h ask for. See facts_of(who).form. `site.scope.cluster` must be set for a role of a cluster.
std::vector<Document> identity_policies(Principal who, const Site& site);

// ARNs of AWS's own policies that the role has attached as well: Session Manager's, on machines (G-2).
std::vector<std::string> attached_policies(Principal who);
// What AWS's policy AmazonSSMManagedInstanceCore says (version 2), for judging what a machine may do in all.
Value ssm_managed_instance_core();

// Who may take the role on: a service, for things of this account only where the service says which it acts
// for; or people of this account, with MFA. Null for the operator, who has no role.
Value trust_policy(Principal who, const Site& site);

// Denies everything to who has not given a second factor, but what it takes to set one up and to use it
// (N-5). Called model::names::mfa_policy(); attached to the group of operators.
Value deny_without_mfa(const Site& site);

}  // namespace k3fleet::iam
