#include "app/journal.h"

#include "base/crypto.h"
#include "base/json.h"
#include "base/text.h"
#include "core/decide.h"
#include "core/journal/delta.h"
#include "core/model/codec.h"
#include "core/model/names.h"

namespace k3fleet::app {
namespace {

// A chain that somebody filled by dying again and again is still found to end;
// a damaged one is not searched for ever.
constexpr int kMaxOccupied = 64;
constexpr std::int64_t kMaxEntries = std::int64_t{1} << 40;
constexpr std::size_t kMaxCaseBytes = 256UL << 20;
constexpr Duration kWholeEvery = std::chrono::hours{1};

std::string case_key(const model::ClusterName& cluster, const std::string& digest) {
    return format("{}{}/{}", kCasesPrefix, cluster.str(), digest);
}

Value encode(const Case& facts) {
    return Value::object({{"loop", model::to_string(facts.loop)},
                          {"now", to_unix_millis(facts.now)},
                          {"intent", model::encode(facts.intent)},
                          {"memory", model::encode(facts.memory)},
                          {"world", model::encode(facts.world)}});
}

Result<Case> decode_case(const Value& value) {
    const auto loop = model::parse_loop(value.string_at("loop"));
    const Value* now = value.find("now");
    const Value* intent = value.find("intent");
    const Value* memory = value.find("memory");
    const Value* world = value.find("world");
    if (!loop || !now || !now->as_int() || !intent || !memory || !world)
        return fail(ErrorCode::Corrupt, "the recorded case lacks a part");
    return Case{.loop = *loop,
                .now = from_unix_millis(*now->as_int()),
                .intent = K3F_TRY(model::decode_cluster_intent(*intent)),
                .memory = K3F_TRY(model::decode_memory(*memory)),
                .world = K3F_TRY(model::decode_world(*world))};
}

// A stored case is "W" + text, or "D" + digest of the base + newline + delta; deflated.
Result<std::string> load_case_text(ports::Objects& objects, const model::ClusterName& cluster,
                                   const std::string& digest, int depth = 0) {
    const auto object = K3F_TRY(objects.get(case_key(cluster, digest)));
    if (!object)
        return fail(ErrorCode::NotFound,
                    format("the case {} is not in the journal any more", digest.substr(0, 12)));
    const std::string stored = K3F_TRY(crypto::inflate(object->data, kMaxCaseBytes));
    std::string text;
    if (stored.starts_with("W")) {
        text = stored.substr(1);
    } else if (const auto line = stored.find('\n');
               stored.starts_with("D") && line != std::string::npos && depth == 0) {
        const std::string base =
            K3F_TRY(load_case_text(objects, cluster, stored.substr(1, line - 1), depth + 1));
        text = K3F_TRY(journal::apply_delta(base, std::string_view(stored).substr(line + 1)));
    }
    if (crypto::sha256_hex(text) != digest)
        return fail(ErrorCode::Corrupt,
                    format("the case {} was changed after it was written", digest.substr(0, 12)));
    return text;
}

Result<JournalEntry> parse_entry(std::int64_t sequence, const std::string& text) {
    const auto parsed = json::parse(text);
    const Value* body = parsed ? parsed->find("body") : nullptr;
    const Value* number = parsed ? parsed->find("sequence") : nullptr;
    const auto at = parsed ? parse_timestamp(parsed->string_at("at")) : fail(ErrorCode::Corrupt, "");
    if (!body || !number || number->as_int() != sequence || !at)
        return fail(ErrorCode::Corrupt, format("entry {} is not a journal entry", sequence));
    return JournalEntry{.sequence = sequence,
                        .at = *at,
                        .kind = parsed->string_at("kind"),
                        .who = parsed->string_at("who"),
                        .body = *body,
                        .hash = crypto::sha256_hex(text)};
}

std::string previous_of(const std::string& text) {
    const auto parsed = json::parse(text);
    return parsed ? parsed->string_at("prev") : std::string();
}

}  // namespace

Journal::Journal(ports::Objects& objects, model::ClusterName cluster, std::string chain)
    : objects_(objects), cluster_(std::move(cluster)), chain_(std::move(chain)) {}

std::string Journal::key(std::int64_t sequence) const {
    return format("journal/chain/{}/{}/{:012}", cluster_.str(), chain_, sequence);
}

Result<std::int64_t> Journal::append(model::Memory& memory, std::string_view kind, std::string_view who,
                                     Timestamp at, Value body) {
    Value entry = Value::object({{"sequence", memory.journal_next},
                                 {"at", to_rfc3339(at)},
                                 {"kind", kind},
                                 {"who", who},
                                 {"prev", memory.journal_head},
                                 {"body", std::move(body)}});
    for (int tries = 0; tries < kMaxOccupied; ++tries) {
        entry.set("sequence", memory.journal_next).set("prev", memory.journal_head);
        const std::string text = json::write(entry);
        const auto written = objects_.put(key(memory.journal_next), text, ports::Condition::if_absent());
        const std::int64_t sequence = memory.journal_next;
        if (written) {
            memory.journal_head = crypto::sha256_hex(text);
            ++memory.journal_next;
            return sequence;
        }
        if (written.error().code != ErrorCode::Conflict) return std::unexpected(written.error());
        // Written by a run that ended before it could commit: part of the chain if it continues it.
        const auto there = K3F_TRY(objects_.get(key(sequence)));
        if (!there || previous_of(there->data) != memory.journal_head)
            return fail(ErrorCode::Corrupt, format("journal entry {} of {}/{} does not continue the chain",
                                                   sequence, cluster_.str(), chain_));
        memory.journal_head = crypto::sha256_hex(there->data);
        ++memory.journal_next;
    }
    return fail(ErrorCode::Conflict,
                format("the journal of {} is ahead of its memory by more than {} entries", cluster_.str(),
                       kMaxOccupied));
}

Result<std::string> Journal::put_case(model::Memory& memory, const Case& facts) {
    const std::string text = journal::to_lines(encode(facts));
    const std::string digest = crypto::sha256_hex(text);
    std::string stored;
    const bool base_is_fresh = memory.case_base_at && facts.now >= *memory.case_base_at &&
                               facts.now - *memory.case_base_at < kWholeEvery;
    if (base_is_fresh) {
        const auto base = load_case_text(objects_, cluster_, memory.case_base);
        if (base) stored = "D" + memory.case_base + "\n" + journal::make_delta(*base, text);
    }
    if (stored.empty()) {
        stored = "W" + text;
        memory.case_base = digest;
        memory.case_base_at = facts.now;
    }
    K3F_TRY(objects_.put(case_key(cluster_, digest), crypto::deflate(stored), ports::Condition::always()));
    return digest;
}

Result<Case> Journal::get_case(const std::string& digest) const {
    const std::string text = K3F_TRY(load_case_text(objects_, cluster_, digest));
    return decode_case(K3F_TRY(json::parse(text)));
}

Result<JournalEntry> Journal::entry(std::int64_t sequence) const {
    const auto object = K3F_TRY(objects_.get(key(sequence)));
    if (!object)
        return fail(ErrorCode::NotFound,
                    format("cluster {} has no journal entry {}/{}", cluster_.str(), chain_, sequence));
    return parse_entry(sequence, object->data);
}

Result<std::int64_t> Journal::length() const {
    // Entries are numbered without gaps: double until one is missing, then halve.
    const auto exists = [&](std::int64_t sequence) -> Result<bool> {
        return K3F_TRY(objects_.get(key(sequence))).has_value();
    };
    std::int64_t high = 1;
    while (high < kMaxEntries && K3F_TRY(exists(high - 1))) high *= 2;
    std::int64_t low = high / 2;  // low entries exist, entry high - 1 does not.
    --high;
    while (low < high) {
        const std::int64_t middle = low + (high - low) / 2;
        if (K3F_TRY(exists(middle))) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

Status Journal::resume(model::Memory& memory) const {
    memory.journal_next = K3F_TRY(length());
    memory.journal_head.clear();
    if (memory.journal_next > 0) memory.journal_head = K3F_TRY(entry(memory.journal_next - 1)).hash;
    return {};
}

Result<std::vector<JournalEntry>> Journal::newest(int limit, std::optional<std::int64_t> before) const {
    std::vector<JournalEntry> entries;
    const std::int64_t end = before ? *before : K3F_TRY(length());
    for (std::int64_t i = end - 1; i >= 0 && std::ssize(entries) < limit; --i)
        entries.push_back(K3F_TRY(entry(i)));
    return entries;
}

Result<std::int64_t> Journal::verify(const std::optional<model::Memory>& memory) const {
    std::string head;
    std::int64_t sequence = 0;
    for (; sequence < kMaxEntries; ++sequence) {
        const auto object = K3F_TRY(objects_.get(key(sequence)));
        if (!object) break;
        const auto where = format("entry {} of {}/{}", sequence, cluster_.str(), chain_);
        if (previous_of(object->data) != head)
            return fail(ErrorCode::Corrupt,
                        format("{} does not continue the one before it: one of the two was changed", where));
        K3F_TRY_WHILE("reading " + where, parse_entry(sequence, object->data));
        head = crypto::sha256_hex(object->data);
        if (memory && sequence + 1 == memory->journal_next && head != memory->journal_head)
            return fail(ErrorCode::Corrupt,
                        format("{} is not the one that the cluster's memory knows: it was changed", where));
    }
    if (memory && sequence < memory->journal_next)
        return fail(ErrorCode::Corrupt,
                    format("the chain {}/{} ends after {} entries, but {} were written: some were removed",
                           cluster_.str(), chain_, sequence, memory->journal_next));
    return sequence;
}

Status journal_operation(ports::Objects& objects, const model::ClusterName& cluster, std::string_view who,
                         Timestamp at, std::string_view what, Value details) {
    Journal journal(objects, cluster, "operator");
    model::Memory memory;  // Only its place in the chain is used: operators share no memory.
    K3F_TRY(journal.resume(memory));
    Value body = Value::object({{"operation", what}});
    body.set("details", std::move(details));
    K3F_TRY_WHILE("writing the journal", journal.append(memory, "operator", who, at, std::move(body)));
    return {};
}

Result<std::vector<std::string>> replay(const Journal& journal, const JournalEntry& entry) {
    const std::string digest = entry.body.string_at("case");
    if (entry.kind != "tick" || digest.empty())
        return fail(ErrorCode::InvalidArgument, format("entry {} records no decision", entry.sequence));
    const Case facts = K3F_TRY(journal.get_case(digest));
    const model::Plan plan = core::decide(facts.loop, facts.intent, facts.world, facts.memory, facts.now);
    const Value now = describe_plan(plan);
    const Value* then = entry.body.find("plan");
    std::vector<std::string> differences;
    if (!then) return fail(ErrorCode::Corrupt, format("entry {} holds no plan", entry.sequence));
    for (const Member& part : now.members()) {
        const Value* recorded = then->find(part.key);
        if (recorded && *recorded == part.value) continue;
        differences.push_back(format("{}: recorded {}, now {}", part.key,
                                     recorded ? json::write(*recorded) : "nothing", json::write(part.value)));
    }
    return differences;
}

Value describe_plan(const model::Plan& plan) {
    Value actions = Value::array(), blocked = Value::array(), notes = Value::array();
    for (const auto& action : plan.actions) actions.push(model::encode(action));
    for (const auto& b : plan.blocked)
        blocked.push(Value::object({{"what", b.what}, {"by", b.by}, {"why", b.why}}));
    for (const auto& note : plan.notes) notes.push(note);
    return Value::object({{"summary", plan.summary},
                          {"actions", std::move(actions)},
                          {"blocked", std::move(blocked)},
                          {"notes", std::move(notes)},
                          {"next_tick", to_rfc3339(plan.next_tick)}});
}

}  // namespace k3fleet::app
