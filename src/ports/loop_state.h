// One item for each loop of each cluster that is lease, fence and memory at once (G-8).
//
// Whoever acquires it gets a larger fence than anyone before. Commits are accepted only from the holder of
// the current fence and version: a paused old holder cannot write, whatever it believes. One condition is
// lock and fence.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "core/model/ids.h"
#include "core/model/memory.h"
#include "core/model/world.h"

namespace k3fleet::ports {

struct LoopKey {
    model::ClusterName cluster;  // Empty: the project as a whole, whose set-up has a lease too.
    model::Loop loop = model::Loop::Workers;
    friend bool operator==(const LoopKey&, const LoopKey&) = default;
};

struct LoopItem {
    LoopKey key;
    std::int64_t fence = 0;    // Grows with each acquisition.
    std::int64_t version = 0;  // Grows with each commit.
    model::HolderId holder;    // Empty: nobody.
    Timestamp lease_until;
    std::string memory;  // Encoded model::Memory; empty for an item that was just made.
};

class LoopState {
public:
    virtual ~LoopState() = default;

    // Takes the lease if it is free or expired at `now`, or held by `holder` itself; makes the item if there
    // is none. Conflict: somebody else holds it; the message names the holder and the expiry.
    virtual Result<LoopItem> acquire(const LoopKey& key, const model::HolderId& holder, Duration lease,
                                     Timestamp now) = 0;

    enum class After { Keep, Release };
    // Writes memory and raises the version, if the fence and version are still the held ones; with
    // After::Release gives the lease back in the same write. Conflict: the lease was lost; nothing was
    // written.
    virtual Result<LoopItem> commit(const LoopItem& held, std::string memory, After after) = 0;

    // Gives the lease back without writing. Idempotent; a lease that was lost is not an error.
    virtual Status release(const LoopItem& held) = 0;

    // For status and explain: needs no lease.
    virtual Result<std::optional<LoopItem>> read(const LoopKey& key) = 0;
    // Removes the item of a cluster that is gone. Precondition: held.
    virtual Status remove(const LoopItem& held) = 0;

    // The freeze flag both loops of a cluster read; needs no lease, so that a person can always stop the
    // machine.
    virtual Status set_freeze(const model::ClusterName& cluster, std::optional<model::Freeze> freeze) = 0;
    virtual Result<std::optional<model::Freeze>> freeze(const model::ClusterName& cluster) = 0;
};

}  // namespace k3fleet::ports
