// One tick: observe, decide, record, act. All that production does happens in here, one loop of one cluster
// at a time.
//
// Safe to call from anywhere at any time: whoever holds the loop's lease works, everybody else gets Conflict.
// A tick that is killed at any point is finished by the next one: the plan and its tokens were committed
// before the first call.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "core/model/intent.h"
#include "core/model/memory.h"
#include "core/model/plan.h"
#include "ports/clock.h"
#include "ports/cloud.h"
#include "ports/executor.h"
#include "ports/kubernetes.h"
#include "ports/loop_state.h"
#include "ports/metrics.h"
#include "ports/notifier.h"
#include "ports/objects.h"
#include "ports/random.h"

namespace k3fleet::app {

// What a tick works with. Everything outside the process is behind one of these.
struct Services {
    ports::Cloud& cloud;
    ports::Kubernetes& kubernetes;
    ports::Metrics& metrics;
    ports::LoopState& state;
    ports::Objects& objects;
    ports::Notifier& notifier;
    ports::Clock& clock;
    ports::Random& random;
    ports::Executor& executor;
    model::HolderId holder;
    // Whether the journal keeps what decisions rest on, which is most of a tick's own work. Simulations leave
    // it out, and cannot be replayed from their journal.
    enum class Cases { Kept, LeftOut } cases = Cases::Kept;
    // Called with a name of app/probes.h at each point where a crash would matter ("after-commit",
    // "before-launch" …), where tests stop the process, and in situations that are seldom ("plan-closed"),
    // which they count. Empty in production.
    std::function<void(std::string_view)> probe;

    void reached(std::string_view point) const {
        if (probe) probe(point);
    }
};

struct TickLimits {
    Duration lease = std::chrono::seconds{75};
    Duration call_timeout = std::chrono::seconds{10};   // Of one call to the outside.
    Duration finish_within = std::chrono::minutes{10};  // An older recorded plan is closed, not finished.
};

// Name of a loop's chain in the journal: "workers" or "infra".
std::string chain_of(model::Loop loop);

// What a tick saw and did: for the line on the screen and for tests.
struct TickReport {
    model::Loop loop = model::Loop::Workers;
    Timestamp at;
    std::int64_t journal_sequence = 0;  // Of the entry that holds the plan.
    model::World world;
    model::Plan plan;
    std::vector<model::ActionResult> results;
    // A plan that a former tick left behind: empty, "finished" or "closed", and what became of its actions.
    std::string settled;
    std::vector<model::ActionResult> settled_results;
    // Machines that are to join or to go, or a plan that is not settled: before this tick, and after it.
    bool open_before = false;
    bool open_after = false;
};

// Conflict: another holder has the lease (the message says who and until when), or it was lost meanwhile.
// Other errors: nothing could be decided or recorded; whatever was recorded stays for the next tick.
Result<TickReport> tick(const model::ClusterIntent& intent, model::Loop loop, Services& services,
                        const TickLimits& limits = {});

// Sees what a tick of this loop would see, without a lease and without changing anything: for dry runs and
// status. All sources at once; one that does not answer is Unknown with the reason.
// The infra loop reads no pods and no load.
model::World observe(const model::ClusterIntent& intent, model::Loop loop, Services& services);

// Memory as it is stored, or a fresh one (with a cluster uid from `random`) for an item that was just made.
// Corrupt if it cannot be read or does not fit the item: nothing is done with half a memory.
Result<model::Memory> load_memory(const ports::LoopItem& item, ports::Random& random);

}  // namespace k3fleet::app
