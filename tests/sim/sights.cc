#include "tests/sim/sights.h"

#include <algorithm>
#include <array>

namespace k3fleet::sim {
namespace {

using enum Sight::Where;

constexpr std::array<Sight, kSights> kTable{{
    {Blocked, "booting", "held: machines boot"},
    {Blocked, "budget", "held: the budget"},
    {Blocked, "cooldown", "held: a cooldown"},
    {Blocked, "deadline", "a drain given up at its deadline"},
    {Blocked, "drain", "held: the pause after a drain that was given up"},
    {Blocked, "frozen", "held: a person's pause"},
    {Blocked, "joined", "an end taken back: the machine has joined"},
    {Blocked, "lifecycle", "a master that nothing replaces"},
    {Blocked, "max", "held: the maximum"},
    {Blocked, "min", "held: the minimum"},
    {Blocked, "no-room", "held: pods have no room elsewhere"},
    {Blocked, "pdb", "a drain held up by a disruption budget"},
    {Blocked, "pods", "a drain that waits for pods to shut down"},
    {Blocked, "unknown", "held: something is unknown"},
    {Blocked, "workers", "masters wait for the workers' end"},
    {Reason, "its time is up and the machine goes anyway", "a drain forced at its deadline"},
    {Note, " stays: its pool would be below its minimum", "a drain taken back for the minimum"},
    {Note, "drain of ", "a drain completed"},
    {Note, " is not listed: given up", "a launch given up that is not listed"},
    {Note, " ended before it joined", "a machine that ended before it joined"},
    {Note, " joined after ", "a machine that joined"},
    {Note, " is master ", "a master found by its tag"},
    {Skipped, " paused the cluster: ", "guard: a person's pause"},
    {Skipped, "the instances are unknown: ", "guard: instances are unknown"},
    {Skipped, "the cluster is being deleted", "guard: a launch for a cluster that goes"},
    {Skipped, " exists already", "guard: the master exists"},
    {Skipped, "there is a NAT instance", "guard: the NAT instance exists"},
    {Skipped, " workers by now", "guard: the pool has its maximum by now"},
    {Skipped, " is no longer in the cluster file", "guard: the pool is not in the file"},
    {Skipped, " is not the ", "guard: an id with another role or pool"},
    {Skipped, "masters are terminated only when ", "guard: a master's end"},
    {Skipped, "the private subnets need it", "guard: the NAT instance is needed"},
    {Skipped, " is not being drained: somebody ", "guard: not being drained any more"},
    {Skipped, "the nodes are unknown: ", "guard: nodes are unknown"},
    {Skipped, " is Ready and takes pods", "guard: the worker takes pods"},
    {Skipped, " is not being drained any more", "guard: an eviction whose drain has ended"},
    {Skipped, "its machine ", "guard: the node's machine runs"},
    {Skipped, "the lease ends too soon", "left for the next tick: the lease ends"},
    {Skipped, "cancelled: the plan was closed", "cancelled with its plan"},
}};

bool any_skipped(const std::vector<model::ActionResult>& results, std::string_view words) {
    return std::ranges::any_of(results, [&](const model::ActionResult& result) {
        return result.outcome == model::Outcome::Skipped && result.detail.find(words) != std::string::npos;
    });
}

}  // namespace

std::span<const Sight, kSights> sights() { return kTable; }

bool tells_of(const app::TickReport& report, const Sight& sight) {
    switch (sight.where) {
        case Blocked:
            return std::ranges::any_of(report.plan.blocked,
                                       [&](const model::Blocked& each) { return each.by == sight.words; });
        case Note:
            return std::ranges::any_of(report.plan.notes, [&](const std::string& note) {
                return note.find(sight.words) != std::string::npos;
            });
        case Reason:
            return std::ranges::any_of(report.plan.actions, [&](const model::Action& action) {
                return action.reason.find(sight.words) != std::string::npos;
            });
        case Skipped:
            return any_skipped(report.results, sight.words) ||
                   any_skipped(report.settled_results, sight.words);
    }
    return false;
}

}  // namespace k3fleet::sim
