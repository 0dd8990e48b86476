// Resources of AWS one by one: is it there, make it, change it, take it away. core/resources decides what and
// in which order, app carries it out; here no order is known.
//
// In what is passed, references are resolved as far as what they name is there; those that are not stand as
// they are. Waiting is the caller's: nothing here sleeps or polls, `pending` and `Removal` say what to wait
// for.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "core/model/ids.h"
#include "core/model/resource_names.h"
#include "core/resources/resource.h"

namespace k3fleet::ports {

struct Removal {
    enum class State {
        Gone,   // Or was never there.
        Going,  // Call again until it is gone: AWS takes time, or this call did a part of it.
        Kept,   // Deleted, but AWS keeps it until a date: secrets in recovery, keys.
    } state = State::Gone;
    std::string waiting_for;         // Going: "2 network interfaces of Lambda"; what holds it.
    std::optional<Timestamp> until;  // Kept.
};

// One look around. What was answered is not asked again, so everything that one survey says is of one time,
// and nothing of it is older than the survey: whoever must know what has happened since makes another.
class Survey {
public:
    virtual ~Survey() = default;

    // As Resources::read. May be called side by side.
    virtual Result<std::optional<resources::Observed>> read(const resources::Resource& resource) = 0;

    // What carries the project's tag and that cluster's (empty: no cluster's), with its logical id where a
    // tag says it: for what the graph does not hold any more. Kinds without tags are left out.
    virtual Result<std::vector<resources::Observed>> listing(const model::ClusterName& cluster) = 0;

    // Clusters that have anything here, by the tags; sorted. What is deleted and only kept does not count.
    virtual Result<std::vector<model::ClusterName>> clusters() = 0;
};

class Resources {
public:
    virtual ~Resources() = default;

    // Ours, by exact name or by tags; what AWS is deleting already counts as not there, except that a kind
    // with delayed deletion is given with `kept_until`. Conflict: a thing of that name belongs to another
    // Project or Cluster, or to nobody (Claim::Ours; with Claim::Accounts it is given with ours = false).
    virtual Result<std::optional<resources::Observed>> read(const resources::Resource& resource) = 0;

    // Tags are in the creating request. Idempotent: by the token where AWS takes one, else by the unique
    // name, else by looking it up by its tags first. What AWS still keeps is restored and brought to the
    // properties. Unavailable, to be tried again:
    // something that was just made is not known everywhere yet (roles).
    virtual Result<resources::Observed> create(const resources::Resource& resource,
                                               const model::Token& token) = 0;

    // Changes what differs, tags too, and nothing else. The caller has seen that no difference needs a
    // replacement.
    virtual Result<resources::Observed> update(const resources::Observed& observed,
                                               const resources::Resource& resource) = 0;

    // Idempotent. What is needed for it is done here, a step a call: versioned buckets are emptied, functions
    // leave their VPC and are deleted when their interfaces are gone. A DependencyViolation is Going, with
    // what holds it.
    virtual Result<Removal> remove(const resources::Observed& observed) = 0;

    // Of everything that carries the project's tag (and the cluster's, if scope.cluster is not empty). Must
    // not outlive this.
    virtual Result<std::unique_ptr<Survey>> survey(const model::Scope& scope) = 0;
};

}  // namespace k3fleet::ports
