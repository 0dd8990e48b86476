// Reads entries back; strict where a record is damaged.
#include "app/history.h"

#include "base/text.h"
#include "core/model/codec.h"
#include "core/model/names.h"

namespace k3fleet::app {

namespace {

constexpr int kPage = 50;
constexpr int kMaxPages = 200;

Result<TickRecord> read_tick(JournalEntry entry) {
    TickRecord record{.entry = std::move(entry)};
    const Value* plan = record.entry.body.find("plan");
    if (plan == nullptr)
        return fail(ErrorCode::Corrupt, format("entry {} holds no plan", record.entry.sequence));
    record.summary = plan->string_at("summary");
    record.next_tick = plan->string_at("next_tick");
    if (const Value* list = plan->find("actions"))
        for (const Value& item : list->items()) record.actions.push_back(K3F_TRY(model::decode_action(item)));
    if (const Value* list = plan->find("blocked"))
        for (const Value& item : list->items())
            record.blocked.push_back({item.string_at("what"), item.string_at("by"), item.string_at("why")});
    if (const Value* list = plan->find("notes"))
        for (const Value& item : list->items())
            if (item.as_string() != nullptr) record.notes.push_back(*item.as_string());
    return record;
}

// What became of the actions stands in the entry that follows, if the tick got that far.
Status add_results(const Journal& journal, TickRecord& record) {
    if (record.actions.empty()) return {};
    auto next = journal.entry(record.entry.sequence + 1);
    if (!next && next.error().code == ErrorCode::NotFound) return {};
    if (!next) return std::unexpected(std::move(next).error());
    const Value* list = next->body.find("results");
    if (list == nullptr || (next->kind != "results" && next->kind != "settled")) return {};
    for (const Value& item : list->items())
        record.results.push_back(K3F_TRY(model::decode_action_result(item)));
    return {};
}

}  // namespace

Result<std::vector<TickRecord>> newest_ticks(const Journal& journal, int limit) {
    std::vector<TickRecord> out;
    std::optional<std::int64_t> before;
    for (int page = 0; page < kMaxPages; ++page) {
        const auto entries = K3F_TRY(journal.newest(kPage, before));
        for (const JournalEntry& entry : entries) {
            if (static_cast<int>(out.size()) >= limit) return out;
            if (entry.kind != "tick") continue;
            out.push_back(K3F_TRY(read_tick(entry)));
            K3F_TRY(add_results(journal, out.back()));
        }
        if (entries.size() < static_cast<std::size_t>(kPage)) break;
        before = entries.back().sequence;
    }
    return out;
}

Result<TickRecord> find_tick(const Journal& journal, std::optional<std::int64_t> sequence) {
    TickRecord record;
    if (sequence) {
        auto entry = journal.entry(*sequence);
        if (!entry && entry.error().code == ErrorCode::NotFound)
            return fail(
                ErrorCode::NotFound,
                format("there is no entry {} in the journal\n'k3fleet log' lists what there is", *sequence));
        if (!entry) return std::unexpected(std::move(entry).error());
        if (entry->kind != "tick")
            return fail(ErrorCode::InvalidArgument,
                        format("entry {} of the journal is no tick ({})\n'k3fleet log' lists "
                               "what there is",
                               *sequence, entry->kind));
        record = K3F_TRY(read_tick(*std::move(entry)));
        K3F_TRY(add_results(journal, record));
    } else {
        auto newest = K3F_TRY(newest_ticks(journal, 1));
        if (newest.empty())
            return fail(ErrorCode::NotFound,
                        "there was no tick yet\nmake one with 'k3fleet autoscale run --once'");
        record = std::move(newest.front());
    }
    auto facts = journal.case_of(record.entry);
    if (facts)
        record.facts = *std::move(facts);
    else if (facts.error().code != ErrorCode::NotFound)
        return std::unexpected(std::move(facts).error());
    return record;
}

std::string describe(const JournalEntry& entry) {
    if (entry.kind == "tick") {
        const Value* actions = entry.body.path("plan.actions");
        const std::size_t count = actions == nullptr ? 0 : actions->items().size();
        const std::string summary = entry.body.string_at("plan.summary");
        return count == 0 ? summary
                          : format("{} ({})", summary, counted(static_cast<long long>(count), "action"));
    }
    if (const Value* results = entry.body.find("results")) {
        std::size_t done = 0;
        for (const Value& result : results->items())
            if (result.string_at("outcome") == "done") ++done;
        return format("{} of {} done", done,
                      counted(static_cast<long long>(results->items().size()), "action"));
    }
    return entry.body.string_at("operation", entry.kind);
}

}  // namespace k3fleet::app
