// The API server's answers as our vocabulary: one page of a list in, plain structs out. No I/O.
//
// What is needed and missing (a name, a uid) or unreadable (a quantity) makes the whole page Corrupt: a list
// with a hole would look like a node without pods.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "core/model/world.h"

namespace k3fleet::kube {

template <typename T>
struct Page {
    std::vector<T> items;
    std::string next;  // The continue token; empty on the last page.
};

Result<Page<model::Node>> parse_nodes(std::string_view json);
// Requests as kube-scheduler counts them: see requests.h.
Result<Page<model::Pod>> parse_pods(std::string_view json);
// A budget without a selector covers no pod and is left out.
Result<Page<model::DisruptionBudget>> parse_disruption_budgets(std::string_view json);

// The uid in an answer that holds one object; empty if there is none.
std::string parse_uid(std::string_view json);

// A metav1.Status: what the server says about a call that it did not carry out.
struct Refusal {
    std::string message;
    std::string reason;  // "NotFound", "Conflict", "TooManyRequests" …; empty if it is not such a Status.
    bool disruption_budget = false;  // One of its causes is a disruption budget.
    std::string cause;               // That cause in the server's words.
};
Refusal parse_refusal(std::string_view body);

// "aws:///ap-southeast-1a/i-0abc" -> i-0abc; empty for every other shape.
model::InstanceId instance_of(std::string_view provider_id);

}  // namespace k3fleet::kube
