// Leases and memories in SQLite: every step is one transaction that holds the file's write lock, so one
// condition is lock and fence for all processes on this machine.
#pragma once

#include "adapters/local/database.h"
#include "ports/loop_state.h"

namespace k3fleet::local {

class SqliteLoopState final : public ports::LoopState {
public:
    explicit SqliteLoopState(Database& database) : database_(database) {}

    Result<ports::LoopItem> acquire(const ports::LoopKey& key, const model::HolderId& holder, Duration lease,
                                    Timestamp now) override;
    Result<ports::LoopItem> commit(const ports::LoopItem& held, std::string memory, After after) override;
    Status release(const ports::LoopItem& held) override;
    Result<std::optional<ports::LoopItem>> read(const ports::LoopKey& key) override;
    Status remove(const ports::LoopItem& held) override;
    Status set_freeze(const model::ClusterName& cluster, std::optional<model::Freeze> freeze) override;
    Result<std::optional<model::Freeze>> freeze(const model::ClusterName& cluster) override;

private:
    Database& database_;
};

}  // namespace k3fleet::local
