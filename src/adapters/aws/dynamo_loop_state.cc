#include "adapters/aws/dynamo_loop_state.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "aws/gen/dynamodb.h"
#include "base/crypto.h"
#include "base/text.h"
#include "core/model/names.h"
#include "ports/lease_refusal.h"

namespace k3fleet::aws {

using dynamodb::AttributeValue;
using ports::LoopItem;
using ports::LoopKey;
using Item = Map<AttributeValue>;

struct DynamoLoopState::Stored {
    LoopItem item;
    bool present = false;          // False: removed; only its fence counts.
    std::int64_t written_by = -1;  // The fence under which the version was written; -1: by none.
};

struct DynamoLoopState::Update {
    const LoopKey& key;
    std::string expression;
    std::string condition;
    Item values;
    const char* answer = dynamodb::return_value::kNone;
};

// A lease that somebody wants.
struct DynamoLoopState::Claim {
    const LoopKey& key;
    const model::HolderId& holder;
    Duration lease;
    Timestamp now;
};

namespace {

constexpr const char* kKey = "cluster_id";
constexpr std::size_t kMaxMemory = 64UL << 20;
constexpr std::chrono::days kFenceKept{90};
constexpr std::chrono::days kFreezeKept{1};

AttributeValue text(std::string value) { return {.s = std::move(value)}; }
AttributeValue number(std::int64_t value) { return {.n = format("{}", value)}; }
AttributeValue bytes(std::string value) { return {.b = std::move(value)}; }

std::string key_text(const LoopKey& key) {
    return format("{}#{}", key.cluster.str(), model::to_string(key.loop));
}
std::string freeze_key(const model::ClusterName& cluster) { return format("{}#freeze", cluster.str()); }

const AttributeValue* attribute(const Item& item, const char* name) {
    const auto found = item.find(name);
    return found == item.end() ? nullptr : &found->second;
}

Result<std::int64_t> number_in(const Item& item, const char* name) {
    const AttributeValue* value = attribute(item, name);
    std::int64_t read = 0;
    if (value != nullptr && value->n) {
        const std::string& digits = *value->n;
        const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), read);
        if (error == std::errc{} && end == digits.data() + digits.size()) return read;
    }
    return fail(ErrorCode::Corrupt, format("an item of the state table has no number '{}'", name));
}

std::string text_in(const Item& item, const char* name) {
    const AttributeValue* value = attribute(item, name);
    return value == nullptr ? std::string() : value->s.value_or("");
}

Result<std::string> memory_in(const Item& item) {
    if (const AttributeValue* packed = attribute(item, "memory_z"))
        return crypto::inflate(packed->b.value_or(""), kMaxMemory);
    const AttributeValue* plain = attribute(item, "memory");
    return plain == nullptr ? std::string() : plain->b.value_or("");
}

Result<LoopItem> read_item(const LoopKey& key, const Item& item) {
    LoopItem read{.key = key, .fence = K3F_TRY(number_in(item, "fence"))};
    if (attribute(item, "version") == nullptr) return read;
    read.version = K3F_TRY(number_in(item, "version"));
    read.memory = K3F_TRY(memory_in(item));
    read.holder = model::HolderId(text_in(item, "holder"));
    if (!read.holder.empty()) read.lease_until = from_unix_millis(K3F_TRY(number_in(item, "lease_until")));
    return read;
}

bool condition_failed(const Error& error) { return error.provider_code == "ConditionalCheckFailedException"; }

}  // namespace

PackedMemory pack_memory(std::string memory, std::size_t deflate_from) {
    if (memory.size() < deflate_from) return {.bytes = std::move(memory)};
    std::string packed = crypto::deflate(memory);
    if (packed.size() >= memory.size()) return {.bytes = std::move(memory)};
    return {.bytes = std::move(packed), .deflated = true};
}

CallOptions DynamoLoopState::options(CallReport* report) const {
    CallOptions call{.timeout = table_.timeout};
    call.report = report;
    return call;
}

Result<DynamoLoopState::Stored> DynamoLoopState::update(Update change, CallReport& report) {
    dynamodb::UpdateItemRequest request{.table_name = table_.name,
                                        .return_values = change.answer,
                                        .update_expression = std::move(change.expression),
                                        .condition_expression = std::move(change.condition)};
    request.key[kKey] = text(key_text(change.key));
    request.expression_attribute_values = std::move(change.values);
    const auto answer =
        K3F_TRY_WHILE("writing " + describe(change.key), api_.call(request, options(&report)));
    if (answer.attributes.empty()) return Stored{};
    return Stored{.item = K3F_TRY(read_item(change.key, answer.attributes)), .present = true};
}

Result<std::optional<DynamoLoopState::Stored>> DynamoLoopState::find(const LoopKey& key, CallReport* report) {
    dynamodb::GetItemRequest request{.table_name = table_.name, .consistent_read = true};
    request.key[kKey] = text(key_text(key));
    const auto answer = K3F_TRY_WHILE("reading " + describe(key), api_.call(request, options(report)));
    if (answer.item.empty()) return std::nullopt;
    Stored stored{.item = K3F_TRY(read_item(key, answer.item))};
    stored.present = attribute(answer.item, "version") != nullptr;
    if (attribute(answer.item, "written_by") != nullptr)
        stored.written_by = K3F_TRY(number_in(answer.item, "written_by"));
    return stored;
}

// With a fence given, only while it is the last one.
Result<LoopItem> DynamoLoopState::take(const Claim& claim, std::string condition, CallReport& report,
                                       std::int64_t fence) {
    Update change{.key = claim.key,
                  .expression =
                      "SET fence = if_not_exists(fence, :zero) + :one, "
                      "version = if_not_exists(version, :zero), "
                      "holder = :holder, lease_until = :until REMOVE expires",
                  .condition = std::move(condition),
                  .values = {},
                  .answer = dynamodb::return_value::kAllNew};
    change.values[":zero"] = number(0);
    change.values[":one"] = number(1);
    change.values[":holder"] = text(claim.holder.str());
    change.values[":until"] = number(to_unix_millis(claim.now + claim.lease));
    if (fence >= 0) change.values[":fence"] = number(fence);
    auto done = K3F_TRY(update(std::move(change), report));
    if (!done.present) return fail(ErrorCode::Corrupt, "the state table did not give the item back");
    return std::move(done.item);
}

// Somebody else had the lease a moment ago.
Result<LoopItem> DynamoLoopState::take_over(const Claim& claim, const Error& refusal, CallReport& report) {
    CallReport seen;
    const auto stored = find(claim.key, &seen);
    if (stored && *stored) {
        const LoopItem& item = (*stored)->item;
        const bool asked = table_.clock_margin && seen.clock;
        const Timestamp now = asked ? seen.clock->theirs : claim.now;
        if (item.holder.empty() || item.lease_until <= now) {
            auto taken = take(claim, "fence = :fence OR holder = :holder", report, item.fence);
            if (taken || !condition_failed(taken.error())) return taken;
        } else {
            auto held = ports::lease_held(item, now);
            held.error().provider_code = refusal.provider_code;
            return held;
        }
    }
    Error held{.code = ErrorCode::Conflict, .message = format("{} is held by another", describe(claim.key))};
    held.provider_code = refusal.provider_code;
    return std::unexpected(std::move(held));
}

// What was just taken, if this machine's clock can hold it.
Result<LoopItem> DynamoLoopState::by_our_clock(LoopItem item, const CallReport& report) {
    if (!table_.clock_margin || !report.clock) return item;
    const Duration ahead = -report.clock->most;
    const Duration behind = report.clock->least;
    if (std::max(ahead, behind) > *table_.clock_margin) {
        (void)release(item);
        return fail(ErrorCode::Unavailable,
                    format("the clock of this machine is at least {} {} AWS's: set it, and try again",
                           to_rough_string(std::max(ahead, behind)), ahead > behind ? "ahead of" : "behind"));
    }
    item.lease_until -= std::max(report.clock->most, Duration::zero());
    return item;
}

Result<LoopItem> DynamoLoopState::acquire(const LoopKey& key, const model::HolderId& holder, Duration lease,
                                          Timestamp now) {
    K3F_TRY(ports::check_lease(holder, lease));
    const Claim claim{.key = key, .holder = holder, .lease = lease, .now = now};
    CallReport report;
    auto taken = take(claim, "attribute_not_exists(holder) OR holder = :holder", report);
    if (!taken && condition_failed(taken.error())) taken = take_over(claim, taken.error(), report);
    if (!taken) return std::unexpected(std::move(taken).error());
    return by_our_clock(*std::move(taken), report);
}

std::unexpected<Error> DynamoLoopState::lost(const LoopItem& held,
                                             const std::optional<Stored>& stored) const {
    return ports::lease_lost(held, stored && stored->present ? std::optional(stored->item) : std::nullopt);
}

// What a refused condition means: the lease is lost, or an earlier try of the same call was applied.
Status DynamoLoopState::after_refusal(const LoopItem& held, const Error& refusal, const CallReport& report,
                                      std::int64_t version_written) {
    if (!condition_failed(refusal)) return std::unexpected(refusal);
    const auto stored = K3F_TRY(find(held.key));
    const bool tried_before = report.tries > 1;
    if (tried_before && stored && stored->present) {
        if (stored->written_by == held.fence && stored->item.version == version_written) return {};
        if (stored->item.version > version_written)
            return fail(ErrorCode::Unavailable,
                        format("the answer to a write of {} was lost, and somebody has written since",
                               describe(held.key)));
    }
    return lost(held, stored);
}

Result<LoopItem> DynamoLoopState::commit(const LoopItem& held, std::string memory, After after) {
    LoopItem written = held;
    written.version += 1;
    written.memory = memory;
    PackedMemory packed = pack_memory(std::move(memory), table_.deflate_from);
    if (packed.bytes.size() > kMaxPackedMemory)
        return fail(ErrorCode::Refused,
                    format("the memory of {} has {} bytes even when packed, and the state table takes {}",
                           describe(held.key), packed.bytes.size(), kMaxPackedMemory));
    std::string expression = "SET version = :next, written_by = :fence, ";
    expression += packed.deflated ? "memory_z = :memory REMOVE memory" : "memory = :memory REMOVE memory_z";
    if (after == After::Release) expression += ", holder, lease_until";
    Update change{.key = held.key,
                  .expression = std::move(expression),
                  .condition = "fence = :fence AND version = :version AND holder = :holder",
                  .values = {}};
    change.values[":next"] = number(written.version);
    change.values[":memory"] = bytes(std::move(packed.bytes));
    change.values[":fence"] = number(held.fence);
    change.values[":version"] = number(held.version);
    change.values[":holder"] = text(held.holder.str());
    CallReport report;
    const auto done = update(std::move(change), report);
    if (!done) K3F_TRY(after_refusal(held, done.error(), report, written.version));
    if (after == After::Release) {
        written.holder = {};
        written.lease_until = {};
    }
    return written;
}

Status DynamoLoopState::release(const LoopItem& held) {
    // Not the version: giving the lease back writes nothing that a later version could lose.
    Update change{.key = held.key,
                  .expression = "REMOVE holder, lease_until",
                  .condition = "fence = :fence AND holder = :holder",
                  .values = {}};
    change.values[":fence"] = number(held.fence);
    change.values[":holder"] = text(held.holder.str());
    CallReport report;
    const auto done = update(std::move(change), report);
    if (!done && !condition_failed(done.error())) return std::unexpected(done.error());
    return {};
}

Result<std::optional<LoopItem>> DynamoLoopState::read(const LoopKey& key) {
    auto stored = K3F_TRY(find(key));
    if (!stored || !stored->present) return std::nullopt;
    return std::move(stored->item);
}

Status DynamoLoopState::remove(const LoopItem& held) {
    Update change{.key = held.key,
                  .expression =
                      "SET expires = :expires "
                      "REMOVE version, holder, lease_until, memory, memory_z, written_by",
                  .condition = "fence = :fence AND version = :version AND holder = :holder",
                  .values = {}};
    change.values[":expires"] = number(to_unix_seconds(held.lease_until + kFenceKept));
    change.values[":fence"] = number(held.fence);
    change.values[":version"] = number(held.version);
    change.values[":holder"] = text(held.holder.str());
    CallReport report;
    const auto done = update(std::move(change), report);
    if (done) return {};
    if (!condition_failed(done.error())) return std::unexpected(done.error());
    const auto stored = K3F_TRY(find(held.key));
    const bool gone = !stored || (!stored->present && stored->item.fence == held.fence);
    if (report.tries > 1 && gone) return {};
    return lost(held, stored);
}

Status DynamoLoopState::set_freeze(const model::ClusterName& cluster, std::optional<model::Freeze> freeze) {
    if (cluster.empty()) return fail(ErrorCode::InvalidArgument, "a freeze needs the name of a cluster");
    if (!freeze) {
        dynamodb::DeleteItemRequest request{.table_name = table_.name};
        request.key[kKey] = text(freeze_key(cluster));
        K3F_TRY_WHILE(format("ending the pause of {}", cluster.str()), api_.call(request, options()));
        return {};
    }
    dynamodb::PutItemRequest request{.table_name = table_.name};
    request.item[kKey] = text(freeze_key(cluster));
    request.item["by_whom"] = text(std::move(freeze->by));
    request.item["why"] = text(std::move(freeze->why));
    request.item["until"] = number(to_unix_millis(freeze->until));
    request.item["expires"] = number(to_unix_seconds(freeze->until + kFreezeKept));
    K3F_TRY_WHILE(format("pausing {}", cluster.str()), api_.call(request, options()));
    return {};
}

Result<std::optional<model::Freeze>> DynamoLoopState::freeze(const model::ClusterName& cluster) {
    dynamodb::GetItemRequest request{.table_name = table_.name, .consistent_read = true};
    request.key[kKey] = text(freeze_key(cluster));
    const auto answer =
        K3F_TRY_WHILE(format("reading the pause of {}", cluster.str()), api_.call(request, options()));
    if (answer.item.empty()) return std::nullopt;
    return model::Freeze{.by = text_in(answer.item, "by_whom"),
                         .why = text_in(answer.item, "why"),
                         .until = from_unix_millis(K3F_TRY(number_in(answer.item, "until")))};
}

}  // namespace k3fleet::aws
