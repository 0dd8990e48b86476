// Leases, fences and memories in the table {project}-state (N-14, G-8): one item a loop, key
// "{cluster}#workers" or "{cluster}#infra", and "{cluster}#freeze" for the pause flag.
//
// Each change is one UpdateItem with one condition, which is lock and fence together; all reads are
// consistent. A write whose answer was lost is settled by reading: the item says under which fence its
// version was written.
//
// Times are the caller's, and its clock may be wrong. So another's lease is taken over only when it has ended
// by AWS's clock, as the answer that showed it says; whose clock is off by more than the margin holds none;
// and the end of a lease is given back as the earliest that AWS's clock may mean by it.
#pragma once

#include <cstddef>
#include <optional>
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
    // What a holder's clock may be off from AWS's. With what an answer within the timeout leaves open, it is
    // the 15 s that a function's lease outlives it by. Empty: callers' times are made up, as in tests.
    std::optional<Duration> clock_margin = std::chrono::seconds{5};
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

    // Unavailable: the clock of this machine is off by more than the margin; the lease was given back.
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
    struct Claim;
    CallOptions options(CallReport* report = nullptr) const;
    // The new item if the update asks for it. The report's `tries` tells whether an earlier one may have been
    // applied.
    Result<Stored> update(Update change, CallReport& report);
    Result<std::optional<Stored>> find(const ports::LoopKey& key, CallReport* report = nullptr);
    Result<ports::LoopItem> take(const Claim& claim, std::string condition, CallReport& report,
                                 std::int64_t fence = -1);
    Result<ports::LoopItem> take_over(const Claim& claim, const Error& refusal, CallReport& report);
    Result<ports::LoopItem> by_our_clock(ports::LoopItem item, const CallReport& report);
    std::unexpected<Error> lost(const ports::LoopItem& held, const std::optional<Stored>& stored) const;
    Status after_refusal(const ports::LoopItem& held, const Error& refusal, const CallReport& report,
                         std::int64_t version_written);

    Api& api_;
    StateTable table_;
};

}  // namespace k3fleet::aws
