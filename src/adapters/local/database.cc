// SQLite behind Database: opening, transactions, and what its error codes mean to a person.
#include "adapters/local/database.h"

#include <sqlite3.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>
#include <map>
#include <mutex>
#include <system_error>
#include <thread>

#include "base/check.h"
#include "base/text.h"

namespace k3fleet::local {
namespace {

// "K3FL": tells our files from other programs' databases (PRAGMA application_id).
constexpr std::int64_t kApplicationId = 0x4b33464c;
constexpr Duration kBusyPause = std::chrono::milliseconds{5};

bool disk_is_full(int code, int system_errno) {
    if (code == SQLITE_FULL) return true;
    const bool io = (code & 0xff) == SQLITE_IOERR;
    return io && (system_errno == ENOSPC || system_errno == EDQUOT || system_errno == EFBIG);
}

std::unexpected<Error> explain(sqlite3* connection, int code, const std::string& file) {
    const int extended = connection != nullptr ? sqlite3_extended_errcode(connection) : code;
    const int system_errno = connection != nullptr ? sqlite3_system_errno(connection) : 0;
    const std::string said = connection != nullptr ? sqlite3_errmsg(connection) : sqlite3_errstr(code);
    if (disk_is_full(extended, system_errno)) {
        return fail(
            ErrorCode::Unavailable,
            format("the disk that holds {} is full: nothing was written; free some space and try again",
                   file));
    }
    switch (code & 0xff) {
        case SQLITE_BUSY:
        case SQLITE_LOCKED: {
            Error error{
                .code = ErrorCode::Unavailable,
                .message = format("{} is locked by another process: nothing was written; try again", file)};
            error.retry_after = std::chrono::seconds{1};
            return std::unexpected(std::move(error));
        }
        case SQLITE_READONLY:
        case SQLITE_PERM:
        case SQLITE_AUTH:
            return fail(
                ErrorCode::PermissionDenied,
                format("{} cannot be written: make it writable or choose another state directory", file));
        case SQLITE_CANTOPEN:
            return fail(
                ErrorCode::PermissionDenied,
                format("{} cannot be opened ({}): make it readable and writable, or choose another state "
                       "directory",
                       file, system_errno != 0 ? std::strerror(system_errno) : said.c_str()));
        case SQLITE_CORRUPT:
        case SQLITE_NOTADB:
            return fail(
                ErrorCode::Corrupt,
                format(
                    "{} is damaged or no database of k3fleet ({}): restore it from a copy, or move it away "
                    "to begin anew",
                    file, said));
        default:
            return fail(
                ErrorCode::Internal,
                format("{}: {} (SQLite code {}{})", file, said, extended,
                       system_errno != 0 ? format(", {}", std::strerror(system_errno)) : std::string()));
    }
}

// Closing any descriptor of the file would drop the locks this process holds on it through another connection
// (https://www.sqlite.org/howtocorrupt.html, 2.2),
// so the mode is set by name and the file made only if it is absent.
Status prepare_file(const std::filesystem::path& file) {
    std::error_code failure;
    const std::filesystem::path folder = file.parent_path();
    if (!folder.empty() && !std::filesystem::exists(folder, failure)) {
        std::filesystem::create_directories(folder, failure);
        if (failure) {
            return fail(ErrorCode::PermissionDenied, format("the state directory {} cannot be made: {}",
                                                            folder.string(), failure.message()));
        }
        std::filesystem::permissions(folder, std::filesystem::perms::owner_all, failure);
    }
    struct stat status{};
    if (::stat(file.c_str(), &status) != 0) return {};
    if (!S_ISREG(status.st_mode)) {
        return fail(
            ErrorCode::PermissionDenied,
            format("{} is not a file: move it away or choose another state directory", file.string()));
    }
    return {};
}

void keep_private(const std::filesystem::path& file) {
    struct stat status{};
    if (::stat(file.c_str(), &status) == 0 && (status.st_mode & 0077) != 0) {
        // Fails only for a file of somebody else, whose mode is theirs to choose.
        [[maybe_unused]] const int changed = ::chmod(file.c_str(), 0600);
    }
}

int bind(sqlite3_stmt* statement, int index, const Parameter& parameter) {
    if (const auto* number = std::get_if<std::int64_t>(&parameter))
        return sqlite3_bind_int64(statement, index, *number);
    if (const auto* text = std::get_if<std::string_view>(&parameter)) {
        const char* data = text->data() != nullptr ? text->data() : "";
        return sqlite3_bind_text64(statement, index, data, text->size(), SQLITE_STATIC, SQLITE_UTF8);
    }
    const std::string_view bytes = std::get<Blob>(parameter).bytes;
    if (bytes.empty()) return sqlite3_bind_zeroblob(statement, index, 0);
    return sqlite3_bind_blob64(statement, index, bytes.data(), bytes.size(), SQLITE_STATIC);
}

Cell cell(sqlite3_stmt* statement, int column) {
    switch (sqlite3_column_type(statement, column)) {
        case SQLITE_NULL: return std::monostate{};
        case SQLITE_INTEGER: return static_cast<std::int64_t>(sqlite3_column_int64(statement, column));
        default: {
            const auto* data = static_cast<const char*>(sqlite3_column_blob(statement, column));
            const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement, column));
            return data != nullptr ? std::string(data, size) : std::string();
        }
    }
}

}  // namespace

std::int64_t Row::integer(std::size_t column) const {
    K3F_CHECK(column < cells_.size());
    const auto* number = std::get_if<std::int64_t>(&cells_[column]);
    return number != nullptr ? *number : 0;
}

const std::string& Row::text(std::size_t column) const {
    static const std::string empty;
    K3F_CHECK(column < cells_.size());
    const auto* text = std::get_if<std::string>(&cells_[column]);
    return text != nullptr ? *text : empty;
}

std::string Row::take(std::size_t column) {
    K3F_CHECK(column < cells_.size());
    auto* text = std::get_if<std::string>(&cells_[column]);
    return text != nullptr ? std::move(*text) : std::string();
}

// The connection, its prepared statements, and the mutex that lets one thread at a time use them.
struct Database::Handle {
    std::string file;
    sqlite3* connection = nullptr;
    std::map<std::string, sqlite3_stmt*, std::less<>> statements;
    std::mutex mutex;

    ~Handle() {
        for (const auto& [sql, statement] : statements) sqlite3_finalize(statement);
        sqlite3_close(connection);
    }

    Result<sqlite3_stmt*> prepare(std::string_view sql) {
        if (const auto known = statements.find(sql); known != statements.end()) return known->second;
        sqlite3_stmt* statement = nullptr;
        const int code = sqlite3_prepare_v3(connection, sql.data(), static_cast<int>(sql.size()),
                                            SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
        if (code != SQLITE_OK) return explain(connection, code, file);
        statements.emplace(std::string(sql), statement);
        return statement;
    }

    Result<std::vector<Row>> run(std::string_view sql, std::initializer_list<Parameter> parameters) {
        sqlite3_stmt* statement = K3F_TRY(prepare(sql));
        // Leaves the statement clean on every way out, and drops its pointers into the caller's memory.
        struct Reset {
            sqlite3_stmt* statement;
            ~Reset() {
                sqlite3_reset(statement);
                sqlite3_clear_bindings(statement);
            }
        } const reset{statement};
        int index = 0;
        for (const Parameter& parameter : parameters) {
            if (const int code = bind(statement, ++index, parameter); code != SQLITE_OK) {
                return explain(connection, code, file);
            }
        }
        std::vector<Row> rows;
        while (true) {
            const int code = sqlite3_step(statement);
            if (code == SQLITE_DONE) return rows;
            if (code != SQLITE_ROW) return explain(connection, code, file);
            if (rows.size() == kMaxRows) {
                return fail(ErrorCode::Internal,
                            format("{}: more than {} rows in one answer", file, kMaxRows));
            }
            std::vector<Cell> cells;
            const int columns = sqlite3_column_count(statement);
            cells.reserve(static_cast<std::size_t>(columns));
            for (int column = 0; column < columns; ++column) cells.push_back(cell(statement, column));
            rows.emplace_back(std::move(cells));
        }
    }

    // Statements without parameters or rows, not kept.
    Status execute(const std::string& sql) {
        const int code = sqlite3_exec(connection, sql.c_str(), nullptr, nullptr, nullptr);
        if (code != SQLITE_OK) return explain(connection, code, file);
        return {};
    }

    // SQLite does not wait by itself while another process changes the journal mode of a new file.
    Status use_write_ahead_log(Duration patience) {
        const auto give_up = std::chrono::steady_clock::now() + patience;
        while (true) {
            const int code = sqlite3_exec(connection, "PRAGMA journal_mode = WAL", nullptr, nullptr, nullptr);
            if (code == SQLITE_OK) return {};
            const bool busy = (code & 0xff) == SQLITE_BUSY || (code & 0xff) == SQLITE_LOCKED;
            if (!busy || std::chrono::steady_clock::now() >= give_up) return explain(connection, code, file);
            std::this_thread::sleep_for(kBusyPause);
        }
    }

    Status check_schema(const Options& options) {
        const auto version = K3F_TRY(run("PRAGMA user_version", {})).at(0).integer(0);
        const auto application = K3F_TRY(run("PRAGMA application_id", {})).at(0).integer(0);
        const auto tables = K3F_TRY(run("SELECT count(*) FROM sqlite_master", {})).at(0).integer(0);
        if (application == 0 && version == 0 && tables == 0) {
            K3F_TRY(execute(options.schema));
            K3F_TRY(execute(format("PRAGMA user_version = {}", options.version)));
            return execute(format("PRAGMA application_id = {}", kApplicationId));
        }
        if (application != kApplicationId) {
            return fail(ErrorCode::Corrupt,
                        format("{} is a database of another program: choose another state directory", file));
        }
        if (version != options.version) {
            return fail(
                ErrorCode::Refused,
                format("{} has format {}, and this k3fleet knows format {}: use the version of k3fleet that "
                       "wrote it, or another state directory",
                       file, version, options.version));
        }
        return {};
    }
};

Database::Database(std::unique_ptr<Handle> handle) : handle_(std::move(handle)) {}
Database::~Database() = default;

Result<std::unique_ptr<Database>> Database::open(const std::filesystem::path& file, Options options) {
    K3F_TRY(prepare_file(file));
    auto handle = std::make_unique<Handle>();
    handle->file = file.string();
    const int flags =
        SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
    const int code = sqlite3_open_v2(file.c_str(), &handle->connection, flags, nullptr);
    if (code != SQLITE_OK) return explain(handle->connection, code, handle->file);
    keep_private(file);
    sqlite3_busy_timeout(handle->connection, static_cast<int>(options.busy_timeout.count()));
    K3F_TRY(handle->use_write_ahead_log(options.busy_timeout));
    // FULL: a commit is on the disk when it returns, because a call outside follows it.
    const bool full = options.survives == Survives::Power;
    K3F_TRY(handle->execute(full ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = NORMAL"));
    K3F_TRY(handle->execute("PRAGMA trusted_schema = OFF"));

    auto database = std::unique_ptr<Database>(new Database(std::move(handle)));
    Handle& opened = *database->handle_;
    K3F_TRY(database->transact("BEGIN IMMEDIATE",
                               [&](Transaction&) -> Status { return opened.check_schema(options); }));
    return database;
}

Result<std::vector<Row>> Database::Transaction::run(std::string_view sql,
                                                    std::initializer_list<Parameter> parameters) {
    return database_.handle_->run(sql, parameters);
}

Status Database::transact(std::string_view begin, const std::function<Status(Transaction&)>& body) {
    const std::scoped_lock lock(handle_->mutex);
    K3F_TRY(handle_->run(begin, {}));
    Transaction transaction(*this);
    Status outcome = body(transaction);
    if (outcome) {
        auto committed = handle_->run("COMMIT", {});
        if (committed) return {};
        outcome = std::unexpected(std::move(committed).error());
    }
    // SQLite has already rolled back after some errors.
    if (sqlite3_get_autocommit(handle_->connection) == 0) {
        [[maybe_unused]] const auto undone = handle_->run("ROLLBACK", {});
    }
    return outcome;
}

}  // namespace k3fleet::local
