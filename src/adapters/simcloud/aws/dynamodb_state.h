// DynamoDB's part of a simulated account: tables with their items.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/time.h"

namespace k3fleet::simcloud {

// A value of an item.
struct Datum {
    enum class Kind : std::uint8_t {
        String,
        Number,
        Binary,
        Boolean,
        Null,
        StringSet,
        NumberSet,
        BinarySet,
        List,
        Map,
    };
    Kind kind = Kind::Null;
    std::string text;          // String, Binary; a Number as decimal.h shows it; Boolean: "true" or "false".
    std::vector<Datum> items;  // A List in its order; a set in the order of its values.
    std::map<std::string, Datum> members;  // Map.

    friend bool operator==(const Datum&, const Datum&) = default;
};
using Attributes = std::map<std::string, Datum>;

// A reader that does not ask for consistency may be answered from `before` for a while.
struct DynamoItem {
    bool there = false;
    Attributes attributes;  // With the key's.
    bool was_there = false;
    Attributes before;
    Timestamp changed_at;
    std::uint64_t writes = 0;
};

struct DynamoTable {
    std::string name;
    std::string id;
    std::string hash_key;
    Datum::Kind hash_kind = Datum::Kind::String;
    std::string range_key;  // Empty: none.
    Datum::Kind range_kind = Datum::Kind::String;
    Timestamp created_at;
    Timestamp active_at;               // CREATING before.
    Timestamp busy_until;              // UPDATING before.
    std::optional<Timestamp> gone_at;  // DELETING before.
    bool deletion_protected = false;
    bool encrypted = false;          // By KMS; else with a key of DynamoDB's own, as AWS says nothing of.
    std::string key;                 // Its ARN, of KMS.
    bool encryption_busy = false;    // While UPDATING: it is this that changes.
    Timestamp backups_ready_at;      // Recovery to a point in time cannot be asked for before.
    std::int64_t recovery_days = 0;  // 0: it is off.
    Timestamp recoverable_since;
    std::string expiry;  // The attribute whose time ends an item; empty: none.
    std::map<std::string, std::string> tags;
    Timestamp tagged_at;
    std::map<std::string, DynamoItem> items;  // By the key's bytes, see item_key().
};

struct DynamoTransaction {
    std::string fingerprint;  // Of what was asked for.
    Timestamp at;
};

struct DynamoState {
    std::map<std::string, DynamoTable> tables;
    std::map<std::string, DynamoTransaction> transactions;  // By the client's token.
};

template <typename Archive>
void fields(Archive& archive, Datum& datum) {
    archive(datum.kind, datum.text, datum.items, datum.members);
}
template <typename Archive>
void fields(Archive& archive, DynamoItem& item) {
    archive(item.there, item.attributes, item.was_there, item.before, item.changed_at, item.writes);
}
template <typename Archive>
void fields(Archive& archive, DynamoTable& table) {
    archive(table.name, table.id, table.hash_key, table.hash_kind, table.range_key, table.range_kind,
            table.created_at, table.active_at, table.busy_until, table.gone_at, table.deletion_protected,
            table.encrypted, table.key, table.encryption_busy, table.backups_ready_at, table.recovery_days,
            table.recoverable_since, table.expiry, table.tags, table.tagged_at, table.items);
}
template <typename Archive>
void fields(Archive& archive, DynamoTransaction& transaction) {
    archive(transaction.fingerprint, transaction.at);
}
template <typename Archive>
void fields(Archive& archive, DynamoState& dynamo) {
    archive(dynamo.tables, dynamo.transactions);
}

}  // namespace k3fleet::simcloud
