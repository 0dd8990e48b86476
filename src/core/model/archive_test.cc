// Every record, whatever it holds, comes back as it went; and what was damaged is refused or whole,
// never half read.
#include "core/model/archive.h"

#include <gtest/gtest.h>

#include "base/json.h"
#include "core/model/codec.h"
#include "tests/support/generators.h"
#include "tests/support/property.h"

namespace k3fleet::model {
namespace {

template <typename T>
void comes_back(const rc::Gen<T>& generator, Result<T> (*decode)(const Value&)) {
    testing_support::property([&] {
        const T original = *generator;
        const Value record = encode(original);
        const std::string text = json::write(record);
        const auto again = decode(json::parse(text).value());
        if (!again) RC_LOG() << again.error().describe();
        RC_ASSERT(again.has_value());
        RC_ASSERT(*again == original);
        RC_ASSERT(json::write(encode(*again)) == text);
        const T copy = original;
        RC_ASSERT(encode(copy) == record);
    });
}

TEST(ArchiveProperty, EveryRecordComesBackAsItWent) {
    comes_back(testing_support::arbitrary_world(), decode_world);
    comes_back(testing_support::arbitrary_action(), decode_action);
    comes_back(testing_support::arbitrary_action_result(), decode_action_result);
    comes_back(testing_support::arbitrary_plan(), decode_plan);
    comes_back(testing_support::arbitrary_memory(), decode_memory);
    comes_back(testing_support::arbitrary_cluster_intent(), decode_cluster_intent);
}

// The record with one thing changed somewhere inside: a member lost, doubled under another name, renamed, an
// item or member of another kind.
Value damaged(const Value& value) {
    const auto size = value.items().size() + value.members().size();
    const bool deeper = size > 0 && *rc::gen::inRange(0, 4) > 0;
    const auto at = size > 0 ? *rc::gen::inRange<std::size_t>(0, size) : 0;
    if (!deeper) {
        return *rc::gen::elementOf(std::vector<Value>{nullptr, true, "no such name", 1.5, Value::array({1}),
                                                      Value::object({{"foreign", 1}})});
    }
    if (value.is_array()) {
        Value::Array items = value.items();
        items[at] = damaged(items[at]);
        return Value::array(std::move(items));
    }
    Value::Object members = value.members();
    switch (*rc::gen::inRange(0, 5)) {
        case 0: members.erase(members.begin() + static_cast<std::ptrdiff_t>(at)); break;
        case 1: members[at].key += "_"; break;
        case 2: members.push_back({"known", {}, members[at].value}); break;
        default: members[at].value = damaged(members[at].value);
    }
    for (std::size_t i = 0; i + 1 < members.size(); ++i) RC_PRE(members[i].key != members.back().key);
    return Value::from_members(std::move(members));
}

template <typename T>
void is_never_half_read(const rc::Gen<T>& generator, Result<T> (*decode)(const Value&)) {
    testing_support::property([&] {
        const Value record = damaged(encode(*generator));
        const auto read = decode(record);
        if (read) {
            // The damage made another valid record, for example a map with one entry less:
            // then all of it counts.
            RC_LOG() << json::write(record) << "\n" << json::write(encode(*read));
            RC_ASSERT(encode(*read) == record);
        } else {
            RC_ASSERT(read.error().code == ErrorCode::Corrupt);
            RC_ASSERT(!read.error().message.empty());
        }
    });
}

TEST(ArchiveProperty, ADamagedRecordIsNeverHalfRead) {
    is_never_half_read(testing_support::arbitrary_world(), decode_world);
    is_never_half_read(testing_support::arbitrary_action(), decode_action);
    is_never_half_read(testing_support::arbitrary_action_result(), decode_action_result);
    is_never_half_read(testing_support::arbitrary_plan(), decode_plan);
    is_never_half_read(testing_support::arbitrary_memory(), decode_memory);
    is_never_half_read(testing_support::arbitrary_cluster_intent(), decode_cluster_intent);
}

// Read in one go or by way of values: the same memory, or the same refusal.
void reads_the_same(const std::string& text) {
    const auto quick = read_memory(text);
    const auto value = json::parse(text);
    const auto whole = value ? decode_memory(*value) : Result<Memory>(std::unexpected(value.error()));
    RC_LOG() << text;
    RC_ASSERT(quick.has_value() == whole.has_value());
    if (quick) {
        RC_ASSERT(json::write(encode(*quick)) == json::write(encode(*whole)));
    } else {
        RC_ASSERT(quick.error().message == whole.error().message);
    }
}

TEST(ArchiveProperty, TheMemorysTextIsThatOfItsValue) {
    testing_support::property([] {
        const Memory memory = *testing_support::arbitrary_memory();
        const std::string text = write(memory);
        RC_ASSERT(text == json::write(encode(memory)));
        RC_ASSERT(read_memory(text).value() == memory);
        reads_the_same(json::write_pretty(encode(memory)));
    });
}

TEST(ArchiveProperty, ADamagedTextOfAMemoryIsReadAsAnyOther) {
    testing_support::property([] {
        std::string text = write(*testing_support::arbitrary_memory());
        const auto at = *rc::gen::inRange<std::size_t>(0, text.size());
        const auto length = *rc::gen::inRange<std::size_t>(0, 3);
        const std::string other = *rc::gen::elementOf(
            std::vector<std::string>{"",     "0",    "-",  "-0", "1",        "9",    ".",
                                     ".0",   "1.e5", "1e", "e5", "00",       "null", "true",
                                     "{",    "}",    "[",  "]",  ",",        ":",    "\"",
                                     "\\",   "\\n",  "\n", " ",  "\xC3\xA4", "\xC3", "99999999999999999999",
                                     "1e999"});
        text.replace(at, length, other);
        reads_the_same(text);
    });
}

TEST(Archive, AMemoryWithOddNumbersIsReadAsAnyOther) {
    Memory memory;
    memory.readings.push_back({.slot = 7, .cpu = 12.5});
    const std::string text = write(memory);
    for (const char* number :
         {"12",      "-12.5", "0",       "-0", "0.5", "00.5", ".5",   "12.",      "12.e1", "12.5e1",
          "12.5E+1", "1e400", "-1e-400", "+1", "inf", "nan",  "0x10", "\"12.5\"", "null",  "true"}) {
        std::string changed = text;
        changed.replace(changed.find("12.5"), 4, number);
        testing_support::property([&] { reads_the_same(changed); });
    }
}

TEST(Archive, NotKnowingIsWrittenWithItsReason) {
    World world;
    world.signals.cpu = {70.5, from_unix_millis(1'795'317'300'007)};
    world.signals.memory = Unknown{"Prometheus did not answer within 5s"};
    const Value record = encode(world);
    EXPECT_EQ(json::write(*record.path("signals.cpu_percent")),
              R"({"known":70.5,"as_of":"2026-11-22T03:15:00.007Z"})");
    EXPECT_EQ(json::write(*record.path("signals.memory_percent")),
              R"({"unknown":"Prometheus did not answer within 5s"})");
    EXPECT_EQ(json::write(*record.path("instances")), R"({"unknown":"not observed"})");
}

TEST(Archive, NamesThePathOfWhatDoesNotFit) {
    struct Row {
        const char* observed;
        const char* message;
    };
    const Row rows[] = {
        {R"({"known":1})", "signals.cpu_percent must hold known and as_of, or unknown"},
        {R"({"known":1,"as_of":"2026-11-22T03:15:00Z","more":1})",
         "signals.cpu_percent must hold known and as_of, or unknown"},
        {R"({"unknown":"x","known":1})", "signals.cpu_percent must hold known and as_of, or unknown"},
        {R"({"unknown":1})", "signals.cpu_percent.unknown must be a text, but is a whole number"},
        {R"({"known":"1","as_of":"2026-11-22T03:15:00Z"})",
         "signals.cpu_percent.known must be a number, but is a text"},
        {R"({"known":1,"as_of":"noon"})", "signals.cpu_percent.as_of 'noon' is no point in time"},
        {"[]", "signals.cpu_percent must hold known and as_of, or unknown"},
    };
    for (const Row& row : rows) {
        Value record = encode(World{});
        Value signals = *record.find("signals");
        signals.set("cpu_percent", json::parse(row.observed).value());
        record.set("signals", signals);
        const auto read = decode_world(record);
        ASSERT_FALSE(read) << row.observed;
        EXPECT_EQ(read.error().code, ErrorCode::Corrupt);
        EXPECT_EQ(read.error().message, row.message) << row.observed;
    }
}

}  // namespace
}  // namespace k3fleet::model
