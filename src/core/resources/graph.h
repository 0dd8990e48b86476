// What ought to be there: the resources of an account (`init`) and of a cluster's stage `prepare`, with every
// default of the requirements. Pure: the same input gives the same graph to the byte.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "core/iam/statements.h"
#include "core/model/intent.h"
#include "core/model/resource_names.h"
#include "core/resources/resource.h"

namespace k3fleet::resources {

struct Graph {
    model::Scope scope;
    std::vector<Resource> resources;  // In an order in which they can be made, by construction.

    const Resource* find(const LogicalId& id) const;
};

struct NamedPolicy {
    std::string name;
    Value document;
};

// What a role may do. One document goes into the role; what does not fit there is policies of its own.
struct RolePolicies {
    std::vector<NamedPolicy> documents;
    enum class Form { Inline, Managed } form = Form::Inline;
};

// Of a caller, in the words of model/aws-operations.toml: "controller", "node", ...; and "deny-without-mfa",
// one document.
using PolicyOf = std::function<RolePolicies(std::string_view caller)>;

// The program as Lambda takes it.
struct FunctionCode {
    std::shared_ptr<const std::string> zip;  // Null: only its digest is known (plans, templates).
    std::string sha256;                      // Base64, as Lambda says it; empty: whatever is there is right.
    std::string architecture = "arm64";      // Or x86_64; empty: whatever is there is right.
};

struct SsmDocument {
    std::string name;  // Full: names::run_document() and the like.
    std::string type;  // Command, Session
    Value content;
};

struct AccountInput {
    model::Scope scope;  // Without cluster.
    model::ProjectIntent intent;
    std::vector<model::ClusterName> clusters;  // Of the project, sorted: policies name their things.
    PolicyOf policy;
    FunctionCode code;
    std::vector<SsmDocument> documents;
};

iam::Keys keys_of(model::KeyOwner owner);
// What policies of the account are written for.
iam::Site site_of(const AccountInput& input);

struct ClusterInput {
    model::Scope scope;  // With cluster.
    model::ClusterIntent intent;
    std::string managed_by = "k3fleet";
    std::string key_arn;  // Of the project's own key (G-19); empty: AWS's keys.
    std::vector<std::string>
        zones;  // Of the region, usable by us, sorted; the intent's own if it names some.
    PolicyOf policy;
    FunctionCode code;
};

Graph account_graph(const AccountInput& input);

// InvalidArgument: the region has too few zones, or the range has no room for them.
Result<Graph> cluster_graph(const ClusterInput& input);

// Where the masters stand, for whoever starts them: one a slot, in the order of the slots.
struct MasterSlot {
    LogicalId interface;
    std::string zone;
    std::string address;
};
Result<std::vector<MasterSlot>> master_slots(const ClusterInput& input);

}  // namespace k3fleet::resources
