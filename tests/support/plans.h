// Plans as tests read them.
#pragma once

#include <algorithm>
#include <string>
#include <variant>
#include <vector>

#include "base/text.h"
#include "core/model/memory.h"
#include "core/model/plan.h"

namespace k3fleet::testing {

// The actions of one kind, in order.
template <typename T>
std::vector<T> all(const model::Plan& plan) {
    std::vector<T> found;
    for (const model::Action& action : plan.actions)
        if (const T* what = std::get_if<T>(&action.what)) found.push_back(*what);
    return found;
}

// "launch cordon evict …": the plan's actions in order, for people.
inline std::string verbs(const model::Plan& plan) {
    static constexpr const char* kNames[] = {"launch",      "cordon",    "evict",
                                             "delete-node", "terminate", "notify"};
    std::vector<std::string> words;
    for (const model::Action& action : plan.actions) words.emplace_back(kNames[action.what.index()]);
    return join(words, " ");
}

inline bool is_blocked_by(const model::Plan& plan, const std::string& by) {
    return std::ranges::any_of(plan.blocked, [&](const model::Blocked& b) { return b.by == by; });
}

}  // namespace k3fleet::testing
