// Implements the contract of ports/objects.h on the table objects. Etags are drawn from one counter of the
// file, so none is ever given twice, not even to a key that was removed and made again.
#include "adapters/local/sqlite_objects.h"

#include <algorithm>
#include <utility>

#include "base/text.h"

namespace k3fleet::local {
namespace {

using ports::Condition;
using ports::Object;
using Transaction = Database::Transaction;

// S3's limit: https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html
constexpr std::size_t kMaxKeyBytes = 1024;

Status check_key(const std::string& key) {
    if (key.empty() || key.size() > kMaxKeyBytes) {
        return fail(ErrorCode::InvalidArgument,
                    format("an object's name has 1 to {} bytes, this one has {}", kMaxKeyBytes, key.size()));
    }
    if (key.find('\0') != std::string::npos) {
        return fail(ErrorCode::InvalidArgument, "an object's name must not contain a NUL byte");
    }
    return {};
}

std::string etag_text(std::int64_t number) { return format("\"{}\"", number); }

// The least text above everything that begins with the prefix; empty if there is none.
std::string after_prefix(std::string prefix) {
    while (!prefix.empty() && static_cast<unsigned char>(prefix.back()) == 0xff) prefix.pop_back();
    if (!prefix.empty()) prefix.back() = static_cast<char>(static_cast<unsigned char>(prefix.back()) + 1);
    return prefix;
}

Status check_condition(Transaction& transaction, const std::string& key, const Condition& condition) {
    if (condition.kind == Condition::Kind::Always) return {};
    const auto rows = K3F_TRY(transaction.run("SELECT etag FROM objects WHERE key = ?", {Blob{key}}));
    if (condition.kind == Condition::Kind::IfAbsent) {
        if (rows.empty()) return {};
        return fail(ErrorCode::Conflict, format("{} exists already: nothing was written", key));
    }
    if (rows.empty()) {
        return fail(ErrorCode::Conflict, format("{} was removed meanwhile: nothing was written", key));
    }
    if (etag_text(rows.front().integer(0)) != condition.etag) {
        return fail(
            ErrorCode::Conflict,
            format("{} was changed by somebody else meanwhile: nothing was written; read it again", key));
    }
    return {};
}

}  // namespace

Result<std::optional<Object>> SqliteObjects::get(const std::string& key) {
    K3F_TRY(check_key(key));
    return database_.read([&](Transaction& transaction) -> Result<std::optional<Object>> {
        auto rows = K3F_TRY(transaction.run("SELECT data, etag FROM objects WHERE key = ?", {Blob{key}}));
        if (rows.empty()) return std::nullopt;
        return Object{.data = rows.front().take(0), .etag = etag_text(rows.front().integer(1))};
    });
}

Result<std::string> SqliteObjects::put(const std::string& key, std::string_view data,
                                       const Condition& condition) {
    K3F_TRY(check_key(key));
    return database_.write([&](Transaction& transaction) -> Result<std::string> {
        K3F_TRY(check_condition(transaction, key, condition));
        const auto drawn = K3F_TRY(
            transaction.run("UPDATE counters SET value = value + 1 WHERE name = 'etag' RETURNING value"));
        if (drawn.empty()) return fail(ErrorCode::Corrupt, "the local state has lost its counter of etags");
        const std::int64_t etag = drawn.front().integer(0);
        K3F_TRY(transaction.run("INSERT OR REPLACE INTO objects (key, etag, data) VALUES (?, ?, ?)",
                                {Blob{key}, etag, Blob{data}}));
        return etag_text(etag);
    });
}

Result<std::vector<std::string>> SqliteObjects::list(const std::string& prefix, const std::string& after,
                                                     int limit) {
    if (limit < 1)
        return fail(ErrorCode::InvalidArgument, format("a list of at most {} objects is no list", limit));
    const std::string end = after_prefix(prefix);
    const std::int64_t rows_wanted = std::min<std::int64_t>(limit, Database::kMaxRows);
    return database_.read([&](Transaction& transaction) -> Result<std::vector<std::string>> {
        auto rows =
            end.empty()
                ? K3F_TRY(transaction.run(
                      "SELECT key FROM objects WHERE key >= ? AND key > ? ORDER BY key LIMIT ?",
                      {Blob{prefix}, Blob{after}, rows_wanted}))
                : K3F_TRY(transaction.run(
                      "SELECT key FROM objects WHERE key >= ? AND key > ? AND key < ? ORDER BY key LIMIT ?",
                      {Blob{prefix}, Blob{after}, Blob{end}, rows_wanted}));
        std::vector<std::string> keys;
        keys.reserve(rows.size());
        for (Row& row : rows) keys.push_back(row.take(0));
        return keys;
    });
}

Status SqliteObjects::remove(const std::string& key) {
    K3F_TRY(check_key(key));
    return database_.write([&](Transaction& transaction) -> Status {
        K3F_TRY(transaction.run("DELETE FROM objects WHERE key = ?", {Blob{key}}));
        return {};
    });
}

}  // namespace k3fleet::local
