#include "app/journal.h"

#include "base/crypto.h"
#include "base/json.h"
#include "base/text.h"
#include "core/decidable.h"
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
// The member of an entry that holds a packed case.
constexpr std::string_view kCarried = "packed_case";

std::string case_key(const model::ClusterName& cluster, const std::string& digest) {
    return format("{}{}/{}", ports::kNamedByContent, cluster.str(), digest);
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
    const Timestamp at = from_unix_millis(*now->as_int());
    if (parse_timestamp(to_rfc3339(at)) != at)
        return fail(ErrorCode::Corrupt, "the recorded case has no time");
    Case facts{.loop = *loop,
               .now = at,
               .intent = K3F_TRY(model::decode_cluster_intent(*intent)),
               .memory = K3F_TRY(model::decode_memory(*memory)),
               .world = K3F_TRY(model::decode_world(*world))};
    K3F_TRY(core::check_decidable(facts.intent, facts.memory));
    return facts;
}

Result<std::string> load_packed(ports::Objects& objects, const model::ClusterName& cluster,
                                const std::string& digest) {
    const auto object = K3F_TRY(objects.get(case_key(cluster, digest)));
    if (object) return object->data;
    return fail(ErrorCode::NotFound,
                format("the case {} is not in the journal any more", digest.substr(0, 12)));
}

// A packed case is "W" + text, or "D" + digest of the base + newline + delta; deflated. A base is whole.
enum class Base { Allowed, IsBase };
Result<std::string> unpack(ports::Objects& objects, const model::ClusterName& cluster,
                           const std::string& digest, const std::string& packed, Base base) {
    const std::string stored = K3F_TRY(crypto::inflate(packed, kMaxCaseBytes));
    std::string text;
    if (stored.starts_with("W")) {
        text = stored.substr(1);
    } else if (const auto line = stored.find('\n');
               stored.starts_with("D") && line != std::string::npos && base == Base::Allowed) {
        const std::string of = stored.substr(1, line - 1);
        const std::string whole = K3F_TRY(load_packed(objects, cluster, of));
        const std::string before = K3F_TRY(unpack(objects, cluster, of, whole, Base::IsBase));
        text = K3F_TRY(journal::apply_delta(before, std::string_view(stored).substr(line + 1)));
    }
    if (crypto::sha256_hex(text) != digest)
        return fail(ErrorCode::Corrupt,
                    format("the case {} was changed after it was written", digest.substr(0, 12)));
    return text;
}

Result<std::string> load_whole(ports::Objects& objects, const model::ClusterName& cluster,
                               const std::string& digest) {
    return unpack(objects, cluster, digest, K3F_TRY(load_packed(objects, cluster, digest)), Base::IsBase);
}

// An entry, and the hash of the one that it says is before it.
struct Link {
    JournalEntry entry;
    std::string previous;
};
Result<Link> parse_link(std::int64_t sequence, const std::string& text) {
    const auto parsed = json::parse(text);
    const Value* body = parsed ? parsed->find("body") : nullptr;
    const Value* number = parsed ? parsed->find("sequence") : nullptr;
    const auto at = parsed ? parse_timestamp(parsed->string_at("at")) : fail(ErrorCode::Corrupt, "");
    const auto carried = crypto::from_base64(parsed ? parsed->string_at(kCarried) : "");
    if (!body || !number || number->as_int() != sequence || !at || !carried)
        return fail(ErrorCode::Corrupt, format("entry {} is not a journal entry", sequence));
    return Link{.entry = {.sequence = sequence,
                          .at = *at,
                          .kind = parsed->string_at("kind"),
                          .who = parsed->string_at("who"),
                          .body = *body,
                          .packed_case = *carried,
                          .hash = crypto::sha256_hex(text)},
                .previous = parsed->string_at("prev")};
}

Result<JournalEntry> parse_entry(std::int64_t sequence, const std::string& text) {
    return K3F_TRY(parse_link(sequence, text)).entry;
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
                                     Timestamp at, Value body, std::string_view packed_case) {
    Value entry = Value::object({{"sequence", memory.journal_next},
                                 {"at", to_rfc3339(at)},
                                 {"kind", kind},
                                 {"who", who},
                                 {"prev", memory.journal_head},
                                 {"body", std::move(body)}});
    if (!packed_case.empty()) entry.set(kCarried, crypto::to_base64(packed_case));
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

PackedCase Journal::pack_case(model::Memory& memory, const Case& facts) const {
    const std::string text = journal::to_lines(encode(facts));
    PackedCase packed{.digest = crypto::sha256_hex(text)};
    std::string stored;
    const bool base_is_fresh = memory.case_base_at && facts.now >= *memory.case_base_at &&
                               facts.now - *memory.case_base_at < kWholeEvery;
    if (base_is_fresh) {
        const auto base = load_whole(objects_, cluster_, memory.case_base);
        if (base) stored = "D" + memory.case_base + "\n" + journal::make_delta(*base, text);
    }
    if (stored.empty()) {
        stored = "W" + text;
        memory.case_base = packed.digest;
        memory.case_base_at = facts.now;
        packed.whole = true;
    }
    packed.bytes = crypto::deflate(stored);
    return packed;
}

Status Journal::put_case(const PackedCase& packed) {
    K3F_TRY(objects_.put(case_key(cluster_, packed.digest), packed.bytes, ports::Condition::always()));
    return {};
}

Result<Case> Journal::case_of(const JournalEntry& entry) const {
    const std::string digest = entry.body.string_at("case");
    const std::string packed =
        entry.packed_case.empty() ? K3F_TRY(load_packed(objects_, cluster_, digest)) : entry.packed_case;
    const std::string text = K3F_TRY(unpack(objects_, cluster_, digest, packed, Base::Allowed));
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
        Link link = K3F_TRY_WHILE("reading " + where, parse_link(sequence, object->data));
        if (link.previous != head)
            return fail(ErrorCode::Corrupt,
                        format("{} does not continue the one before it: one of the two was changed", where));
        head = std::move(link.entry.hash);
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
    if (entry.kind != "tick" || entry.body.string_at("case").empty())
        return fail(ErrorCode::InvalidArgument, format("entry {} records no decision", entry.sequence));
    const Case facts = K3F_TRY(journal.case_of(entry));
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
