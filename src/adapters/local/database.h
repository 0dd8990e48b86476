// One SQLite file, shared by threads and processes: transactions that happen wholly or not at all, and errors
// that a person can act on. The only user of SQLite's own header is database.cc.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "base/result.h"
#include "base/time.h"

namespace k3fleet::local {

// A value in a statement or a row. Blob: bytes that are stored as they are.
struct Blob {
    std::string_view bytes;
};
using Parameter = std::variant<std::int64_t, std::string_view, Blob>;
using Cell = std::variant<std::monostate, std::int64_t, std::string>;

class Row {
public:
    explicit Row(std::vector<Cell> cells) : cells_(std::move(cells)) {}
    // The cell as that type; 0 or empty if it holds another (NULL for example).
    std::int64_t integer(std::size_t column) const;
    const std::string& text(std::size_t column) const;
    std::string take(std::size_t column);  // Moves the text out.

private:
    std::vector<Cell> cells_;
};

// What a commit survives. A killed process loses nothing either way. Without Power the newest commits may be
// missing after a power cut, always a whole end of the sequence: enough where nothing outside was told.
enum class Survives { Power, Process };

class Database {
public:
    struct Options {
        std::string schema;  // Statements that make the tables of `version` in an empty file.
        int version = 1;     // Refused: the file says it is of another version.
        Duration busy_timeout = std::chrono::seconds{10};  // How long to wait for another process.
        Survives survives = Survives::Power;
    };

    // Opens or makes the file (mode 0600) and the folder above it (mode 0700). Several may open it at once.
    // PermissionDenied: cannot be written there. Corrupt: not a database of ours. Refused:
    // of another version.
    static Result<std::unique_ptr<Database>> open(const std::filesystem::path& file, Options options);
    ~Database();
    Database(const Database&) = delete;
    Database& operator=(const Database&) = delete;

    // Runs statements inside a transaction; only valid during the body.
    class Transaction {
    public:
        // The rows that the statement gives, at most kMaxRows.
        Result<std::vector<Row>> run(std::string_view sql, std::initializer_list<Parameter> parameters = {});

    private:
        friend class Database;
        explicit Transaction(Database& database) : database_(database) {}
        Database& database_;
    };

    static constexpr std::size_t kMaxRows = 100'000;

    // Runs the body with the write lock of the whole file, taken at the start, so that what it reads cannot
    // change before it writes. Its error, or one of the commit, means that nothing was written.
    // Unavailable: another process kept the lock too long, or the disk is full.
    template <typename Body>
    auto write(Body body) -> std::invoke_result_t<Body, Transaction&> {
        return within<std::invoke_result_t<Body, Transaction&>>("BEGIN IMMEDIATE", std::move(body));
    }
    // Runs the body on one consistent view. It must not write.
    template <typename Body>
    auto read(Body body) -> std::invoke_result_t<Body, Transaction&> {
        return within<std::invoke_result_t<Body, Transaction&>>("BEGIN", std::move(body));
    }

private:
    struct Handle;
    explicit Database(std::unique_ptr<Handle> handle);

    template <typename Outcome, typename Body>
    Outcome within(std::string_view begin, Body body) {
        Outcome outcome = fail(ErrorCode::Internal, "the transaction did not run");
        const Status committed = transact(begin, [&](Transaction& transaction) -> Status {
            outcome = body(transaction);
            if (!outcome) return std::unexpected(outcome.error());
            return {};
        });
        if (!committed) return std::unexpected(committed.error());
        return outcome;
    }
    Status transact(std::string_view begin, const std::function<Status(Transaction&)>& body);

    std::unique_ptr<Handle> handle_;
};

}  // namespace k3fleet::local
