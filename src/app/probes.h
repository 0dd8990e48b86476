// The probes of the production code, all of them: points where a crash would matter, and situations that are
// seldom and dangerous. Simulations count them, so that one that is never reached shows.
#pragma once

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>

namespace k3fleet::app {

inline constexpr auto kProbes = std::to_array<std::string_view>({
    // Points of a tick where a crash would matter.
    "after-commit",
    "after-act",
    "before-launch",
    "after-launch",
    "before-cordon",
    "after-cordon",
    "before-uncordon",
    "after-uncordon",
    "before-evict",
    "after-evict",
    "before-delete-node",
    "after-delete-node",
    "before-terminate",
    "after-terminate",
    "before-notify",
    "after-notify",
    // The lease.
    "lease-held-by-another",
    "lease-lost-at-a-commit",  // A fence refused it: somebody has taken the lease meanwhile.
    "lease-too-short-for-an-action",
    // Plans that a former tick left behind.
    "plan-finished",
    "plan-closed",
    "plan-stays-unsettled",        // An answer was lost again while it was being settled.
    "skipped-in-a-finished-plan",  // An action that is not right any more.
    "earlier-launch-adopted",      // Not carried out now, and found by its token.
    "launch-perhaps-not-listed",   // Failed now, perhaps done then: waited for.
    "launch-adopted-at-closing",
    // The journal.
    "journal-entry-of-another",  // Of a run that died before it could commit, or of a lost answer.
    // Launches.
    "launch-asked-again",          // Its answer was lost.
    "launch-answered-at-last",     // … and came when it was asked again with the same token.
    "launch-answer-lost",          // … and was lost again.
    "offer-refused-earlier",       // A former run saw it: the plan goes on with the next.
    "later-offer-launched",        // There was no capacity for the first one.
    "no-offer-has-capacity",       // Nor for any other.
    "refusal-not-written",         // So the next offer is not tried.
    "pause-unreadable-in-a-plan",  // The last answer stands.
    "paused-in-a-plan",            // By a person, after it was decided.
    "eviction-blocked-by-a-budget",
    "evicted-pod-was-gone",
});

// Its place in the list; empty: there is no such probe.
constexpr std::optional<std::size_t> place_of_probe(std::string_view name) {
    const auto found = std::ranges::find(kProbes, name);
    if (found == kProbes.end()) return std::nullopt;
    return static_cast<std::size_t>(found - kProbes.begin());
}

}  // namespace k3fleet::app
