// A journal that somebody else wrote: its entry is read with the right digest or refused, and the case of it
// can be decided on without a crash, twice the same. An input is an entry and, behind a byte 0, a case; the
// entry stands at the head of the chain, and the case where an entry that is in order looks for it.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "app/journal.h"
#include "base/check.h"
#include "base/crypto.h"
#include "base/json.h"
#include "base/text.h"
#include "tests/support/fakes.h"

namespace {

using namespace k3fleet;

const model::ClusterName kCluster("shop");

void put(testing::MemoryObjects& objects, const std::string& key, std::string_view data) {
    K3F_CHECK(objects.put(key, data, ports::Condition::always()));
}

void check_entry(std::string_view text) {
    testing::CrashPoints points;
    testing::MemoryObjects objects(points);
    put(objects, "journal/chain/shop/workers/000000000000", text);
    app::Journal journal(objects, kCluster, "workers");
    const auto entry = journal.entry(0);
    K3F_CHECK(journal.length() == 1);
    const auto count = journal.verify(std::nullopt);
    if (entry) {
        K3F_CHECK(entry->sequence == 0 && entry->hash == crypto::sha256_hex(text));
        (void)journal.case_of(*entry);
    } else {
        K3F_CHECK(entry.error().code == ErrorCode::Corrupt && !count);
    }
    if (count) K3F_CHECK(*count == 1 && entry);
    // Whoever appends goes on behind it, or says that it is none of the chain's.
    model::Memory memory;
    const auto appended = journal.append(memory, "tick", "me", Timestamp{}, Value::object());
    if (appended) K3F_CHECK(*appended == 1 && memory.journal_next == 2);
    if (!appended) K3F_CHECK(appended.error().code == ErrorCode::Corrupt);
}

void check_case(std::string_view text) {
    testing::CrashPoints points;
    testing::MemoryObjects objects(points);
    const std::string digest = crypto::sha256_hex(text);
    put(objects, format("{}shop/{}", ports::kNamedByContent, digest),
        crypto::deflate("W" + std::string(text)));
    const app::Journal journal(objects, kCluster, "workers");
    app::JournalEntry entry{.kind = "tick",
                            .body = Value::object({{"case", digest}, {"plan", Value::object()}})};
    const auto facts = journal.case_of(entry);
    const auto first = app::replay(journal, entry);
    K3F_CHECK(facts.has_value() == first.has_value());
    if (first) K3F_CHECK(app::replay(journal, entry) == *first);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view all(reinterpret_cast<const char*>(data), size);
    const auto cut = std::min(all.find('\0'), all.size());
    check_entry(all.substr(0, cut));
    if (cut < all.size()) check_case(all.substr(cut + 1));
    return 0;
}
