// From what we want and what is there to what is to be done, in an order that always works.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "base/result.h"
#include "core/resources/compare.h"
#include "core/resources/graph.h"
#include "core/resources/references.h"

namespace k3fleet::resources {

enum class Verb { Create, Update, Delete };
std::string_view to_string(Verb verb);  // create, update, delete

struct Change {
    Verb verb = Verb::Create;
    LogicalId id;
    std::string type;
    std::string name;                     // For people: the physical name, or the tag Name, or the id.
    std::string physical_id;              // Of Update and Delete.
    std::vector<Difference> differences;  // Of Update; of a replacement what made it necessary.
    bool replacement = false;             // One half of delete and create.
    std::string reason;                   // Why it is replaced or deleted.
    bool operator_only = false;      // Rights and code: a function reports it, the operator repairs it (G-1).
    std::vector<std::size_t> needs;  // Of the same plan, all smaller: must be done before.
};

struct ChangePlan {
    model::Scope scope;
    std::vector<Change> changes;  // In an order that works one by one; `needs` says what may go side by side.
    std::vector<LogicalId> adopted;  // The account's own, taken as they are.
    std::vector<LogicalId> kept;     // By a removal: the audit trail, service-linked roles.
    std::size_t unchanged = 0;

    // sha256 of all that would be done: another digest, another plan.
    std::string digest() const;
    bool empty() const { return changes.empty(); }
};

// Some changes of a plan, as a plan: what of their needs is not among them counts as done.
ChangePlan part_of(const ChangePlan& plan, const std::set<std::size_t>& wanted);

// What there is, as read: those of the graph by their ids; what carries our tags and is not in the graph.
struct Sight {
    ObservedById there;
    std::vector<Observed> others;
};

// The account's own, to be left as it is: it was there before us, or is a part of what was.
bool is_accounts(const Resource& resource, const ObservedById& there);

// Refused if something that holds data (table, bucket, secret, key) would have to be replaced.
Result<ChangePlan> plan_changes(const Graph& wanted, const Sight& sight);

enum class Purge { No, Yes };
// Everything away, but for what `retain` keeps.
ChangePlan plan_removal(const Graph& graph, const Sight& sight, Purge purge);

// Of what is not in any graph: smaller goes first.
int removal_rank(std::string_view type);

}  // namespace k3fleet::resources
