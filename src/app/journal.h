// The journal: every decision with the case it rests on, and what became of it (G-20).
//
// Entries form a hash chain: each names the sha256 of the one before it, and the loop's memory names the
// last, so an entry that was changed, removed or added later shows. Cases (intent, memory, world) are stored
// content-addressed: whole once an hour, as line deltas in between. An entry may carry a small delta itself.
// The chain is kept for ever and cases are not: such a delta cannot be read once its whole case is gone.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/value.h"
#include "core/model/intent.h"
#include "core/model/memory.h"
#include "core/model/plan.h"
#include "core/model/world.h"
#include "ports/objects.h"

namespace k3fleet::app {

// Everything decide() takes: what a replay needs.
struct Case {
    model::Loop loop = model::Loop::Workers;
    Timestamp now;
    model::ClusterIntent intent;
    model::Memory memory;
    model::World world;
};

struct JournalEntry {
    std::int64_t sequence = 0;
    Timestamp at;
    std::string kind;  // "tick", "results", "settled", "operator"
    std::string who;   // Holder or person.
    Value body;
    std::string packed_case;  // Of a tick that carries its case itself; else empty.
    std::string hash;         // sha256 of the stored text.
};

struct PackedCase {
    std::string digest;
    std::string bytes;
    bool whole = false;  // Others will rest on it: it must be put.

    // May an entry carry it? Entries are kept for ever: this is 45 MB a month at most, a tick each 2 minutes.
    bool is_small() const { return !whole && bytes.size() <= 1536; }
};

// Chain name: "workers", "infra" or "operator".
class Journal {
public:
    Journal(ports::Objects& objects, model::ClusterName cluster, std::string chain);

    // Appends after (memory.journal_next, memory.journal_head) and moves both on. If somebody who died before
    // committing already wrote there, goes on behind it.
    Result<std::int64_t> append(model::Memory& memory, std::string_view kind, std::string_view who,
                                Timestamp at, Value body, std::string_view packed_case = {});
    // Whole if there is no base, or the base is an hour old: then it is the memory's base from now on.
    PackedCase pack_case(model::Memory& memory, const Case& facts) const;
    Status put_case(const PackedCase& packed);

    // What the tick of the entry decided on, wherever it stands. NotFound: it is not kept any more.
    Result<Case> case_of(const JournalEntry& entry) const;
    // Newest first, at most `limit`, older than `before` if given.
    Result<std::vector<JournalEntry>> newest(int limit, std::optional<std::int64_t> before = {}) const;
    Result<JournalEntry> entry(std::int64_t sequence) const;

    // Sets a fresh memory to the end of the chain: a cluster that is made again under an old name goes on
    // with the journal of the old one.
    Status resume(model::Memory& memory) const;

    // How many entries there are.
    Result<std::int64_t> length() const;

    // Walks the whole chain. Corrupt names the first entry that does not fit. Gives the number of entries.
    // With a memory given, the chain's end must also be the one that memory remembers.
    Result<std::int64_t> verify(const std::optional<model::Memory>& memory) const;

private:
    std::string key(std::int64_t sequence) const;
    ports::Objects& objects_;
    model::ClusterName cluster_;
    std::string chain_;
};

// An operation by a person (create, apply, delete, pause …), in the chain "operator". Needs no lease.
Status journal_operation(ports::Objects& objects, const model::ClusterName& cluster, std::string_view who,
                         Timestamp at, std::string_view what, Value details);

// A plan as journal entries hold it: without the memory, which is part of the next case.
Value describe_plan(const model::Plan& plan);

// Runs decide() on the case of a recorded tick and compares. Gives the differences; none = it replays.
Result<std::vector<std::string>> replay(const Journal& journal, const JournalEntry& entry);

}  // namespace k3fleet::app
