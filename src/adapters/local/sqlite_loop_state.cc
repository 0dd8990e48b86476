// Implements the contract of ports/loop_state.h on the tables loop_items and freezes.
#include "adapters/local/sqlite_loop_state.h"

#include <utility>

#include "base/text.h"
#include "core/model/names.h"
#include "ports/lease_refusal.h"

namespace k3fleet::local {
namespace {

using ports::LoopItem;
using ports::LoopKey;
using Transaction = Database::Transaction;

struct Stored {
    LoopItem item;
    bool present = false;  // False: removed; only its fence counts.
};

std::unexpected<Error> lost(const LoopItem& held, const std::optional<Stored>& stored) {
    return ports::lease_lost(held, stored && stored->present ? std::optional(stored->item) : std::nullopt);
}

Result<std::optional<Stored>> find(Transaction& transaction, const LoopKey& key) {
    auto rows =
        K3F_TRY(transaction.run("SELECT fence, present, version, holder, lease_until, memory FROM loop_items "
                                "WHERE cluster = ? AND loop = ?",
                                {std::string_view(key.cluster.str()), model::to_string(key.loop)}));
    if (rows.empty()) return std::nullopt;
    Row& row = rows.front();
    return Stored{.item = {.key = key,
                           .fence = row.integer(0),
                           .version = row.integer(2),
                           .holder = model::HolderId(row.take(3)),
                           .lease_until = from_unix_millis(row.integer(4)),
                           .memory = row.take(5)},
                  .present = row.integer(1) != 0};
}

enum class Present : std::int64_t { No = 0, Yes = 1 };

Status store(Transaction& transaction, const LoopItem& item, Present present) {
    K3F_TRY(transaction.run(
        "INSERT OR REPLACE INTO loop_items (cluster, loop, fence, present, version, holder, lease_until, "
        "memory) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        {std::string_view(item.key.cluster.str()), model::to_string(item.key.loop), item.fence,
         static_cast<std::int64_t>(present), item.version, std::string_view(item.holder.str()),
         to_unix_millis(item.lease_until), Blob{item.memory}}));
    return {};
}

bool holds(const LoopItem& held, const Stored& stored) {
    return stored.present && !stored.item.holder.empty() && stored.item.holder == held.holder &&
           stored.item.fence == held.fence && stored.item.version == held.version;
}

}  // namespace

Result<LoopItem> SqliteLoopState::acquire(const LoopKey& key, const model::HolderId& holder, Duration lease,
                                          Timestamp now) {
    K3F_TRY(ports::check_lease(holder, lease));
    return database_.write([&](Transaction& transaction) -> Result<LoopItem> {
        const auto stored = K3F_TRY(find(transaction, key));
        LoopItem item{.key = key};
        if (stored && stored->present) item = stored->item;
        if (!item.holder.empty() && item.holder != holder && item.lease_until > now)
            return ports::lease_held(item, now);
        item.fence = (stored ? stored->item.fence : 0) + 1;
        item.holder = holder;
        item.lease_until = now + lease;
        K3F_TRY(store(transaction, item, Present::Yes));
        return item;
    });
}

Result<LoopItem> SqliteLoopState::commit(const LoopItem& held, std::string memory, After after) {
    return database_.write([&](Transaction& transaction) -> Result<LoopItem> {
        const auto stored = K3F_TRY(find(transaction, held.key));
        if (!stored || !holds(held, *stored)) return lost(held, stored);
        LoopItem item = stored->item;
        item.version += 1;
        item.memory = std::move(memory);
        if (after == After::Release) {
            item.holder = {};
            item.lease_until = {};
        }
        K3F_TRY(store(transaction, item, Present::Yes));
        return item;
    });
}

Status SqliteLoopState::release(const LoopItem& held) {
    return database_.write([&](Transaction& transaction) -> Status {
        const auto stored = K3F_TRY(find(transaction, held.key));
        // Not the version: giving the lease back writes nothing that a later version could lose.
        if (!stored || !stored->present || stored->item.fence != held.fence ||
            stored->item.holder != held.holder) {
            return {};
        }
        LoopItem item = stored->item;
        item.holder = {};
        item.lease_until = {};
        return store(transaction, item, Present::Yes);
    });
}

Result<std::optional<LoopItem>> SqliteLoopState::read(const LoopKey& key) {
    return database_.read([&](Transaction& transaction) -> Result<std::optional<LoopItem>> {
        auto stored = K3F_TRY(find(transaction, key));
        if (!stored || !stored->present) return std::nullopt;
        return std::move(stored->item);
    });
}

Status SqliteLoopState::remove(const LoopItem& held) {
    return database_.write([&](Transaction& transaction) -> Status {
        const auto stored = K3F_TRY(find(transaction, held.key));
        if (!stored || !holds(held, *stored)) return lost(held, stored);
        return store(transaction, LoopItem{.key = held.key, .fence = stored->item.fence}, Present::No);
    });
}

Status SqliteLoopState::set_freeze(const model::ClusterName& cluster, std::optional<model::Freeze> freeze) {
    if (cluster.empty()) return fail(ErrorCode::InvalidArgument, "a freeze needs the name of a cluster");
    return database_.write([&](Transaction& transaction) -> Status {
        if (!freeze) {
            K3F_TRY(
                transaction.run("DELETE FROM freezes WHERE cluster = ?", {std::string_view(cluster.str())}));
            return {};
        }
        K3F_TRY(transaction.run(
            "INSERT OR REPLACE INTO freezes (cluster, by_whom, why, until) VALUES (?, ?, ?, ?)",
            {std::string_view(cluster.str()), std::string_view(freeze->by), std::string_view(freeze->why),
             to_unix_millis(freeze->until)}));
        return {};
    });
}

Result<std::optional<model::Freeze>> SqliteLoopState::freeze(const model::ClusterName& cluster) {
    return database_.read([&](Transaction& transaction) -> Result<std::optional<model::Freeze>> {
        auto rows = K3F_TRY(transaction.run("SELECT by_whom, why, until FROM freezes WHERE cluster = ?",
                                            {std::string_view(cluster.str())}));
        if (rows.empty()) return std::nullopt;
        Row& row = rows.front();
        return model::Freeze{
            .by = row.take(0), .why = row.take(1), .until = from_unix_millis(row.integer(2))};
    });
}

}  // namespace k3fleet::local
