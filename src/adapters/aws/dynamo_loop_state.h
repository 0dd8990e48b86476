// Leases, fences and memories in the table {project}-state (N-14, G-8): one item a loop, key
// "{cluster}#workers" or "{cluster}#infra", and "{cluster}#freeze" for the pause flag.
//
// Each change is one UpdateItem with one condition, which is lock and fence together; all reads are
// consistent. Times come from the caller: two holders whose clocks differ by more than the lease's margin may
// both believe in their lease, and then the fence decides. A write whose answer was lost is settled by
// reading: the item says under which fence its version was written.
#pragma once

#include <cstddef>
#include <string>

#include "aws/api.h"
#include "ports/loop_state.h"

namespace k3fleet::aws {

// Shorter memories are not worth deflating.
inline constexpr std::size_t kWorthDeflating = 512;

struct StateTable {
    std::string name;
    Duration timeout = std::chrono::seconds{10};  // Of one call with all its tries.
    std::size_t deflate_from = kWorthDeflating;   // Bytes of memory.
};

// A memory as it is stored: deflated where that makes it smaller, since a write is billed by the KiB.
struct PackedMemory {
    std::string bytes;
    bool deflated = false;
};
PackedMemory pack_memory(std::string memory, std::size_t deflate_from = kWorthDeflating);
// DynamoDB keeps 400 KiB an item, names included; this leaves room for the rest of it.
inline constexpr std::size_t kMaxPackedMemory = 390'000;

class DynamoLoopState final : public ports::LoopState {
public:
    // The API must outlive this.
    DynamoLoopState(Api& api, StateTable table) : api_(api), table_(std::move(table)) {}

    Result<ports::LoopItem> acquire(const ports::LoopKey& key, const model::HolderId& holder, Duration lease,
                                    Timestamp now) override;
    // Refused if the memory is too large for an item even when deflated. Unavailable: the answer was lost and
    // somebody has written since, so that it cannot be said whether this was written.
    Result<ports::LoopItem> commit(const ports::LoopItem& held, std::string memory, After after) override;
    Status release(const ports::LoopItem& held) override;
    Result<std::optional<ports::LoopItem>> read(const ports::LoopKey& key) override;
    // Leaves the fence behind, so that none is ever given twice; the table's time-to-live (attribute
    // `expires`) takes it away after 90 days.
    Status remove(const ports::LoopItem& held) override;
    Status set_freeze(const model::ClusterName& cluster, std::optional<model::Freeze> freeze) override;
    Result<std::optional<model::Freeze>> freeze(const model::ClusterName& cluster) override;

private:
    struct Stored;
    struct Update;
    CallOptions options(CallReport* report = nullptr) const;
    // The new item if the update asks for it. The report's `tries` tells whether an earlier one may have been
    // applied.
    Result<Stored> update(Update change, CallReport& report);
    Result<std::optional<Stored>> find(const ports::LoopKey& key);
    std::unexpected<Error> lost(const ports::LoopItem& held, const std::optional<Stored>& stored) const;
    Status after_refusal(const ports::LoopItem& held, const Error& refusal, const CallReport& report,
                         std::int64_t version_written);

    Api& api_;
    StateTable table_;
};

}  // namespace k3fleet::aws
