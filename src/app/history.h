// What the journal tells of one tick: for explain, log and replay.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "app/journal.h"
#include "base/result.h"
#include "core/model/memory.h"
#include "core/model/plan.h"
#include "ports/objects.h"

namespace k3fleet::app {

struct TickRecord {
    JournalEntry entry;
    std::optional<Case> facts;  // Empty: the case is no longer kept.
    std::string summary;
    std::vector<model::Action> actions;
    std::vector<model::Blocked> blocked;
    std::vector<std::string> notes;
    std::string next_tick;                     // RFC 3339.
    std::vector<model::ActionResult> results;  // Empty also while the tick is not concluded.
};

// The tick with this sequence number, or the newest one. NotFound says which there are.
Result<TickRecord> find_tick(const Journal& journal, std::optional<std::int64_t> sequence);

// The newest ticks, newest first, at most `limit`; their cases are not loaded.
Result<std::vector<TickRecord>> newest_ticks(const Journal& journal, int limit);

// One entry of any chain in a few words: "scale up by 2; launch", "create", "done: 2 of 2 actions".
std::string describe(const JournalEntry& entry);

}  // namespace k3fleet::app
