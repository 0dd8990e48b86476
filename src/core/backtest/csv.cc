#include "core/backtest/csv.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "base/text.h"

namespace k3fleet::backtest {
namespace {

constexpr std::array<std::string_view, 6> kTimeNames = {"timestamp", "time",     "ts",
                                                        "date",      "datetime", "offset_s"};
constexpr std::array<std::string_view, 4> kMissing = {"", "nan", "null", "na"};

std::string_view next_line(std::string_view& text) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.ends_with('\r')) line.remove_suffix(1);
    return line;
}

// Fields of one line, without the quotes around a whole field. Separators within quotes do not separate.
void split_line(std::string_view line, char separator, std::vector<std::string_view>& fields) {
    fields.clear();
    std::size_t begin = 0;
    bool quoted = false;
    for (std::size_t i = 0; i <= line.size(); ++i) {
        if (i < line.size() && line[i] == '"') quoted = !quoted;
        if (i < line.size() && (quoted || line[i] != separator)) continue;
        std::string_view field = trim(line.substr(begin, i - begin));
        if (field.size() >= 2 && field.front() == '"' && field.back() == '"')
            field = trim(field.substr(1, field.size() - 2));
        fields.push_back(field);
        begin = i + 1;
    }
}

char separator_of(std::string_view header) {
    for (const char candidate : {',', ';', '\t'})
        if (header.contains(candidate)) return candidate;
    return ',';
}

std::optional<double> number(std::string_view text) {
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return value;
}

struct Columns {
    char separator = ',';
    std::size_t count = 0;
    std::size_t time = 0;
    std::size_t value = 0;
    std::string value_name;
    std::string others;  // Names of the columns that were not asked for, if one had to be guessed.
};

Result<Columns> read_header(std::string_view header, std::string_view wanted) {
    Columns columns{.separator = separator_of(header)};
    std::vector<std::string_view> fields;
    split_line(header, columns.separator, fields);
    columns.count = fields.size();
    std::vector<std::string> names(fields.begin(), fields.end());
    const auto time = std::ranges::find_if(names, [](const std::string& name) {
        return std::ranges::find(kTimeNames, lower(name)) != kTimeNames.end();
    });
    if (time == names.end())
        return fail(
            ErrorCode::InvalidArgument,
            format(
                "line 1: no column holds the time; it must name the columns, one of them {} or {}: found {}",
                "timestamp, time, ts, date, datetime", "offset_s", join(names, ", ")));
    columns.time = static_cast<std::size_t>(time - names.begin());
    auto value = std::ranges::find(names, wanted.empty() ? std::string("value") : std::string(wanted));
    if (value == names.end() && !wanted.empty()) {
        const std::string meant = nearest(wanted, names);
        return fail(ErrorCode::InvalidArgument,
                    format("line 1: there is no column {}{}; the columns are {}", wanted,
                           meant.empty() ? "" : format(" (did you mean {}?)", meant), join(names, ", ")));
    }
    if (value == names.end()) {
        value = time == names.begin() ? names.begin() + 1 : names.begin();
        if (value == names.end())
            return fail(ErrorCode::InvalidArgument,
                        "line 1: there is a time and no load: at least two columns are needed");
        for (std::size_t i = 0; i < names.size(); ++i)
            if (i != columns.time && i != static_cast<std::size_t>(value - names.begin()))
                columns.others += (columns.others.empty() ? "" : ", ") + names[i];
    }
    columns.value = static_cast<std::size_t>(value - names.begin());
    columns.value_name = *value;
    if (columns.value == columns.time)
        return fail(ErrorCode::InvalidArgument,
                    format("line 1: column {} is the time, not a load", columns.value_name));
    return columns;
}

Result<Timestamp> read_time(std::string_view field, int line) {
    if (const auto seconds = number(field)) {
        constexpr double kFarFuture = 1e11;  // Year 5138; milliseconds would lie beyond it.
        if (!(std::abs(*seconds) < kFarFuture))
            return fail(ErrorCode::InvalidArgument,
                        format("line {}: {} is no time in seconds; are these milliseconds?", line, field));
        return from_unix_millis(static_cast<std::int64_t>(std::llround(*seconds * 1000)));
    }
    auto at = parse_timestamp(field);
    if (!at)
        return fail(ErrorCode::InvalidArgument,
                    format("line {}: \"{}\" is no time: write 2026-11-22T03:15:00Z, "
                           "\"2026-11-22 03:15:00\" or UNIX seconds",
                           line, field));
    return *at;
}

Result<std::optional<double>> read_value(std::string_view field, const Columns& columns, int line) {
    if (std::ranges::find(kMissing, lower(field)) != kMissing.end()) return std::optional<double>{};
    const auto value = number(field);
    if (!value || !std::isfinite(*value) || *value < 0)
        return fail(ErrorCode::InvalidArgument, format("line {}: \"{}\" in column {} is no load: a number of "
                                                       "0 or more is expected, or nothing where "
                                                       "it is missing",
                                                       line, field, columns.value_name));
    return value;
}

// Adds rows in order of time; rows of one time become their mean.
class Collector {
public:
    Status add(Timestamp at, std::optional<double> value, int line) {
        if (!history_.samples.empty() && at < history_.samples.back().at)
            return fail(ErrorCode::InvalidArgument,
                        format("line {}: {} is earlier than the row before it ({}); sort the rows by time",
                               line, to_rfc3339(at), to_rfc3339(history_.samples.back().at)));
        if (!value) ++missing_;
        if (history_.samples.empty() || at != history_.samples.back().at) {
            history_.samples.push_back({at, value});
            same_ = value ? 1 : 0;
            return {};
        }
        ++repeated_;
        if (!value) return {};
        auto& mean = history_.samples.back().value;
        ++same_;
        mean = mean.value_or(0) + (*value - mean.value_or(0)) / same_;
        return {};
    }
    std::size_t size() const { return history_.samples.size(); }
    History finish(std::string name, const Columns& columns) {
        history_.name = std::move(name);
        if (!columns.others.empty())
            history_.notes.push_back(
                format("the load is column {} (others: {})", columns.value_name, columns.others));
        if (repeated_ > 0)
            history_.notes.push_back(format("{} the time of the row before: the mean was taken",
                                            counted(repeated_, "row has", "rows have")));
        if (missing_ > 0)
            history_.notes.push_back(
                format("{} no value: missing, not 0", counted(missing_, "row has", "rows have")));
        return std::move(history_);
    }

private:
    History history_;
    int same_ = 0;  // Values in the last sample's mean.
    long long repeated_ = 0;
    long long missing_ = 0;
};

}  // namespace

Result<History> parse_csv(std::string_view text, std::string_view name, std::string_view column) {
    if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
    if (trim(text).empty()) return fail(ErrorCode::InvalidArgument, "the file is empty");
    const Columns columns = K3F_TRY(read_header(next_line(text), column));
    Collector collector;
    std::vector<std::string_view> fields;
    for (int line = 2; !text.empty(); ++line) {
        const std::string_view row = next_line(text);
        if (trim(row).empty()) continue;
        split_line(row, columns.separator, fields);
        if (fields.size() != columns.count)
            return fail(ErrorCode::InvalidArgument,
                        format("line {}: {} where line 1 names {}", line,
                               counted(static_cast<long long>(fields.size()), "field"), columns.count));
        if (collector.size() >= kMaxCsvRows)
            return fail(ErrorCode::InvalidArgument, format("line {}: more than {} rows", line, kMaxCsvRows));
        const Timestamp at = K3F_TRY(read_time(fields[columns.time], line));
        const auto value = K3F_TRY(read_value(fields[columns.value], columns, line));
        K3F_TRY(collector.add(at, value, line));
    }
    return collector.finish(std::string(name), columns);
}

}  // namespace k3fleet::backtest
