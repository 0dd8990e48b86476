// The cluster's API server, as far as scaling needs it.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "core/model/ids.h"
#include "core/model/plan.h"
#include "core/model/world.h"

namespace k3fleet::ports {

// What the API server said to an eviction.
struct EvictionAnswer {
    enum class Kind { Accepted, Blocked, Gone } kind = Kind::Accepted;
    std::string why;  // Of Blocked: the budget and its numbers, in the server's words.
};

class Kubernetes {
public:
    virtual ~Kubernetes() = default;

    // Complete lists, sorted by namespace and name; a list that could not be read to its end is an error.
    virtual Result<std::vector<model::Node>> nodes() = 0;
    virtual Result<std::vector<model::Pod>> pods() = 0;
    virtual Result<std::vector<model::DisruptionBudget>> disruption_budgets() = 0;

    // Precondition: a node of this name with this uid. NotFound if it is gone or another.
    virtual Status cordon(const model::Cordon& request) = 0;
    // Precondition: the pod's uid. A pod that is gone or another is Gone, not an error.
    virtual Result<EvictionAnswer> evict(const model::Evict& request) = 0;
    // Idempotent: a node that is gone, or another with its name, is not an error and not touched.
    virtual Status delete_node(const model::DeleteNode& request) = 0;
};

}  // namespace k3fleet::ports
