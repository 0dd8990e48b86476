#include "adapters/simcloud/aws/dynamodb_items.h"

#include <charconv>

#include "adapters/simcloud/aws/dynamodb_values.h"
#include "adapters/simcloud/engine.h"
#include "base/text.h"

namespace k3fleet::simcloud {
namespace {

using std::chrono::hours;
using std::chrono::seconds;

// "Usually within one second": AWS names no more.
constexpr Duration kSettles = seconds{1};
constexpr Duration kSettlesSlowly = seconds{10};
// "Items are typically deleted within a few days of their expiration."
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/howitworks-ttl.html
constexpr Duration kExpiresWithin = hours{48};
constexpr Duration kTooOldToExpire = hours{5 * 365 * 24};
constexpr std::size_t kMaxHash = 2048;
constexpr std::size_t kMaxRange = 1024;

std::unexpected<Error> invalid(std::string message) {
    return refuse("ValidationException", std::move(message));
}

// When the item is gone by itself; empty: it stays.
std::optional<Timestamp> gone_at(const Call& call, const DynamoTable& table, const std::string& key,
                                 const DynamoItem& item) {
    if (table.expiry.empty() || !item.there) return std::nullopt;
    const auto found = item.attributes.find(table.expiry);
    if (found == item.attributes.end() || found->second.kind != Datum::Kind::Number) return std::nullopt;
    const std::string& digits = found->second.text;
    std::int64_t time = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), time);
    if (error != std::errc{} || end != digits.data() + digits.size() || time < 0 || time > 1LL << 40)
        return std::nullopt;
    const Timestamp due = from_unix_seconds(time);
    if (due > call.now || due + kTooOldToExpire < call.now) return std::nullopt;
    Prng random = call.dice("dynamodb-expiry", format("{}/{}/{}", table.name, key, item.writes));
    return due + Duration{static_cast<std::int64_t>(random.uniform() * double(kExpiresWithin.count()))};
}

Status check_part(const DynamoTable& table, const Attributes& item, const std::string& name, Datum::Kind kind,
                  std::size_t longest) {
    const auto found = item.find(name);
    if (found == item.end())
        return invalid(
            format("One or more parameter values were invalid: Missing the key {} in the item", name));
    if (found->second.kind != kind)
        return invalid(
            format("One or more parameter values were invalid: Type mismatch for key {} expected: {} "
                   "actual: {}",
                   name, name_of(kind), name_of(found->second.kind)));
    if (found->second.text.empty())
        return invalid(
            format("One or more parameter values are not valid. The AttributeValue for a key "
                   "attribute cannot contain an empty string value. Key: {}",
                   name));
    if (found->second.text.size() > longest)
        return invalid(
            format("One or more parameter values were invalid: Size of {}key has exceeded the "
                   "maximum size limit of {} bytes",
                   name == table.hash_key ? "hash" : "range", longest));
    return {};
}

}  // namespace

Result<DynamoTable*> find_table(Call& call, const std::optional<std::string>& name) {
    const auto found = call.account.dynamo.tables.find(name.value_or(""));
    if (found == call.account.dynamo.tables.end() || call.now < found->second.active_at ||
        found->second.gone_at)
        return refuse("ResourceNotFoundException", "Requested resource not found");
    return &found->second;
}

std::string item_key(const DynamoTable& table, const Attributes& key) {
    const std::string& hash = key.at(table.hash_key).text;
    if (table.range_key.empty()) return hash;
    return format("{}:{}{}", hash.size(), hash, key.at(table.range_key).text);
}

Result<std::string> key_within(const DynamoTable& table, const Attributes& item) {
    K3F_TRY(check_part(table, item, table.hash_key, table.hash_kind, kMaxHash));
    if (!table.range_key.empty())
        K3F_TRY(check_part(table, item, table.range_key, table.range_kind, kMaxRange));
    return item_key(table, item);
}

Result<std::string> read_key(const DynamoTable& table, const aws::Map<aws::dynamodb::AttributeValue>& key,
                             Attributes& out) {
    out = K3F_TRY(validated(read_attributes(key)));
    const std::size_t parts = table.range_key.empty() ? 1 : 2;
    const bool fits =
        out.size() == parts && out.contains(table.hash_key) && (parts == 1 || out.contains(table.range_key));
    const auto kind_fits = [&](const std::string& name, Datum::Kind kind) {
        return name.empty() || out.at(name).kind == kind;
    };
    if (!fits || !kind_fits(table.hash_key, table.hash_kind) || !kind_fits(table.range_key, table.range_kind))
        return invalid("The provided key element does not match the schema");
    return key_within(table, out);
}

DynamoItem* find_item(Call& call, DynamoTable& table, const std::string& key) {
    const auto found = table.items.find(key);
    if (found == table.items.end()) return nullptr;
    DynamoItem& item = found->second;
    if (const auto end = gone_at(call, table, key, item); end && *end <= call.now) {
        item.was_there = true;
        item.before = std::move(item.attributes);
        item.attributes.clear();
        item.there = false;
        item.changed_at = *end;
        ++item.writes;
    }
    if (!item.there && item.changed_at + kSettlesSlowly < call.now) {
        table.items.erase(found);
        return nullptr;
    }
    return &item;
}

const Attributes* seen(Call& call, DynamoTable& table, const std::string& key, Read read) {
    const DynamoItem* item = find_item(call, table, key);
    if (item == nullptr) return nullptr;
    const bool slow = call.engine.suffers(FaultKind::StaleReads, table.name);
    if (read == Read::Eventual && call.now < item->changed_at + (slow ? kSettlesSlowly : kSettles)) {
        Prng random = call.dice(
            "dynamodb-stale", format("{}/{}/{}/{}", table.name, key, item->writes, to_unix_millis(call.now)));
        if (random.chance(slow ? 0.9 : 0.5)) return item->was_there ? &item->before : nullptr;
    }
    return item->there ? &item->attributes : nullptr;
}

void write(Call& call, DynamoTable& table, const std::string& key, std::optional<Attributes> item) {
    DynamoItem* found = find_item(call, table, key);
    if (found == nullptr && !item) return;
    DynamoItem& place = found != nullptr ? *found : table.items[key];
    place.was_there = place.there;
    place.before = std::move(place.attributes);
    place.there = item.has_value();
    place.attributes = std::move(item).value_or(Attributes{});
    place.changed_at = call.now;
    ++place.writes;
}

std::string table_arn(const Call& call, const std::string& name) {
    return call.arn("dynamodb", "table/" + name);
}

void needs_item(const Call& call, Needs& needs, std::string_view action,
                const std::optional<std::string>& table, const aws::Map<aws::dynamodb::AttributeValue>& key) {
    iam::Context context;
    const auto found = call.account.dynamo.tables.find(table.value_or(""));
    if (found != call.account.dynamo.tables.end()) {
        const auto hash = key.find(found->second.hash_key);
        if (hash != key.end())
            context.set("dynamodb:LeadingKeys", {hash->second.s   ? *hash->second.s
                                                 : hash->second.n ? *hash->second.n
                                                                  : hash->second.b.value_or("")});
    }
    needs.add(action, table_arn(call, table.value_or("")), std::move(context));
}

}  // namespace k3fleet::simcloud
