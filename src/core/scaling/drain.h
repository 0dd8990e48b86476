// The drain of one worker, as a step that can be taken again and again: what to do now,
// in the world as it is.
//
// A drain spans many ticks and may change hands between two of them, so nothing is remembered but
// model::Drain, and every step looks at the world afresh. The order is that of `kubectl drain`: cordon,
// evict, and only when nothing that can move is left, terminate the instance. Then the Node is deleted: on
// K3s nobody else does it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "core/model/memory.h"
#include "core/model/plan.h"
#include "core/model/world.h"

namespace k3fleet::scaling {

// How many evictions one step asks for at most: enough for a full node in a few ticks, and few enough that a
// drain never floods the API server.
inline constexpr int kMaxEvictionsPerStep = 10;

struct DrainStep {
    std::vector<model::Action> actions;  // In the order in which they must be carried out.
    std::optional<model::Drain> next;    // What to remember; empty = the drain is over.
    std::vector<model::Blocked> blocked;
    // Cancelled: what was to go has become a worker.
    enum class Ended { No, Done, Abandoned, Cancelled } ended = Ended::No;

    friend bool operator==(const DrainStep&, const DrainStep&) = default;
};

// A drain that begins now. With an announced spot interruption it is forced and ends when AWS takes the
// machine, whatever was asked for. `timeout` is how long evictions may take; it does not cover the boot of a
// replacement.
model::Drain begin_drain(const model::Instance& instance, const model::Node& node, std::string reason,
                         Timestamp now, Duration timeout, model::Drain::AtDeadline at_deadline);

// The same drain as it is after it was given up: its node takes pods again, which is followed for two minutes
// at least.
model::Drain given_up(model::Drain drain, Timestamp now);

// The next step of a drain. Pure, and the same for the same arguments.
//
// Moved are the pods of the node that are not a DaemonSet's, not static, not finished and not already
// leaving; the step waits for those that are leaving. Whether an eviction is allowed is the API server's to
// say: pods whose budget looks used up are asked for last, and after a refusal the order turns so that no pod
// is left out for good.
//
// - Instances, nodes or pods Unknown: nothing is done. The deadline goes on running.
// - Deadline, Abandon: the node is made schedulable again, a P2 notice names the blocker, and the drain is
//   followed until that is seen. Deadline, Force: the instance is terminated with what is left on it.
// - The node's uid is another: the node is left alone and the instance terminated; but if the provider id
//   says that it is the same machine, registered again, the drain goes on with the new uid, because its pods
//   run there.
// - The instance is gone or going: the Node is deleted; Done once it is seen to be gone.
// - Frozen: nothing is done.
// After the decision to terminate there is no way back: Terminate and DeleteNode, both safe to repeat, are
// asked for until the world shows their effect.
DrainStep advance_drain(const model::Drain& drain, const model::World& world, Timestamp now,
                        int max_evictions = kMaxEvictionsPerStep);

// True if an eviction of this pod counts against this budget: same namespace and every label rule holds.
bool covers(const model::DisruptionBudget& budget, const model::Pod& pod);

// True for a pod that a drain has to move: neither a DaemonSet's, nor static, nor finished, nor already
// leaving.
bool movable(const model::Pod& pod);

}  // namespace k3fleet::scaling
