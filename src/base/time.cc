// Time from and to text, by arithmetic alone: no locale, no time zone data, no streams.
#include "base/time.h"

#include <algorithm>
#include <array>
#include <optional>

#include "base/text.h"

namespace k3fleet {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr Timestamp kFirst = std::chrono::sys_days{std::chrono::year{0} / 1 / 1};
constexpr Timestamp kLast = Timestamp{std::chrono::sys_days{std::chrono::year{10000} / 1 / 1}} - Duration{1};
constexpr std::string_view kAllowed =
    "write 2026-11-22T03:15:00Z, 2026-11-22 03:15:00 (UTC) or whole UNIX seconds";

struct Unit {
    std::string_view suffix;
    std::int64_t millis;
};
constexpr std::array<Unit, 5> kUnits{
    {{"d", 86'400'000}, {"h", 3'600'000}, {"m", 60'000}, {"s", 1000}, {"ms", 1}}};

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Takes exactly `count` digits from the front of text.
std::optional<int> take_number(std::string_view& text, std::size_t count) {
    if (text.size() < count) return std::nullopt;
    int number = 0;
    for (std::size_t i = 0; i < count; ++i) {
        if (!is_digit(text[i])) return std::nullopt;
        number = number * 10 + (text[i] - '0');
    }
    text.remove_prefix(count);
    return number;
}

bool take(std::string_view& text, std::string_view any_of) {
    if (text.empty() || any_of.find(text[0]) == std::string_view::npos) return false;
    text.remove_prefix(1);
    return true;
}

std::optional<std::chrono::sys_days> take_date(std::string_view& text) {
    const auto year = take_number(text, 4);
    if (!year || !take(text, "-")) return std::nullopt;
    const auto month = take_number(text, 2);
    if (!month || !take(text, "-")) return std::nullopt;
    const auto day = take_number(text, 2);
    if (!day) return std::nullopt;
    const auto date = std::chrono::year{*year} / *month / *day;
    return date.ok() ? std::optional(std::chrono::sys_days{date}) : std::nullopt;
}

std::optional<Duration> take_time_of_day(std::string_view& text) {
    const auto hour = take_number(text, 2);
    if (!hour || !take(text, ":")) return std::nullopt;
    const auto minute = take_number(text, 2);
    if (!minute || !take(text, ":")) return std::nullopt;
    const auto second = take_number(text, 2);
    if (!second || *hour > 23 || *minute > 59 || *second > 60) return std::nullopt;
    Duration time = hours{*hour} + minutes{*minute} + seconds{*second};
    if (!take(text, ".")) return time;
    if (text.empty() || !is_digit(text[0])) return std::nullopt;
    for (int weight = 100; !text.empty() && is_digit(text[0]); weight /= 10) {
        time += Duration{(text[0] - '0') * weight};
        text.remove_prefix(1);
    }
    return time;
}

// "Z" or "+07:30"; empty if it is neither.
std::optional<Duration> take_offset(std::string_view& text) {
    if (take(text, "Zz")) return Duration{0};
    const bool west = text.starts_with('-');
    if (!take(text, "+-")) return std::nullopt;
    const auto hour = take_number(text, 2);
    if (!hour || !take(text, ":")) return std::nullopt;
    const auto minute = take_number(text, 2);
    if (!minute || *hour > 23 || *minute > 59) return std::nullopt;
    const Duration offset = hours{*hour} + minutes{*minute};
    return west ? -offset : offset;
}

std::optional<Timestamp> parse_calendar(std::string_view text) {
    const auto date = take_date(text);
    if (!date) return std::nullopt;
    const bool space = text.starts_with(' ');
    if (!take(text, "Tt ")) return std::nullopt;
    const auto time = take_time_of_day(text);
    if (!time) return std::nullopt;
    if (space && text.empty()) return *date + *time;
    const auto offset = take_offset(text);
    if (!offset || !text.empty()) return std::nullopt;
    return *date + *time - *offset;
}

std::optional<Timestamp> parse_unix_seconds(std::string_view text) {
    const bool negative = text.starts_with('-');
    if (negative) text.remove_prefix(1);
    if (text.empty() || text.size() > 12) return std::nullopt;
    std::int64_t count = 0;
    for (const char c : text) {
        if (!is_digit(c)) return std::nullopt;
        count = count * 10 + (c - '0');
    }
    return from_unix_seconds(negative ? -count : count);
}

}  // namespace

// Without the formatting library: every record of the journal and of memory is full of these.
std::string to_rfc3339(Timestamp at) {
    at = std::min(std::max(at, kFirst), kLast);
    const auto day = std::chrono::floor<days>(at);
    const std::chrono::year_month_day date{day};
    const auto millis = static_cast<std::uint32_t>((at - day).count());
    std::string text = "0000-00-00T00:00:00.000";
    const auto put = [&](std::size_t place, int digits, std::uint32_t number) {
        for (std::size_t i = place + static_cast<std::size_t>(digits); i-- > place; number /= 10)
            text[i] = static_cast<char>('0' + number % 10);
    };
    put(0, 4, static_cast<std::uint32_t>(static_cast<int>(date.year())));
    put(5, 2, static_cast<unsigned>(date.month()));
    put(8, 2, static_cast<unsigned>(date.day()));
    put(11, 2, millis / 3'600'000);
    put(14, 2, millis / 60'000 % 60);
    put(17, 2, millis / 1000 % 60);
    if (millis % 1000 == 0)
        text.resize(text.size() - 4);
    else
        put(20, 3, millis % 1000);
    text += 'Z';
    return text;
}

std::string to_date(Timestamp at) { return to_rfc3339(at).substr(0, 10); }

Result<Timestamp> parse_timestamp(std::string_view text) {
    auto at = parse_unix_seconds(text);
    if (!at) at = parse_calendar(text);
    if (!at)
        return fail(ErrorCode::InvalidArgument, format("\"{}\" is not a point in time: {}", text, kAllowed));
    if (*at < kFirst || *at > kLast) {
        return fail(ErrorCode::InvalidArgument, format("\"{}\" is outside the years 0000 to 9999", text));
    }
    return *at;
}

Result<Duration> parse_duration(std::string_view text) {
    const auto refuse = [&](std::string_view problem) {
        return fail(
            ErrorCode::InvalidArgument,
            format("\"{}\" {}: write whole numbers with units, the largest first, as 7d, 1h30m, 90s or 250ms",
                   text, problem));
    };
    std::string_view rest = text;
    if (rest.starts_with('-')) return refuse("is negative");
    if (rest.empty()) return refuse("is not a span of time");
    std::int64_t total = 0;
    std::size_t next_unit = 0;
    while (!rest.empty()) {
        std::int64_t count = 0;
        const auto digits = std::min(rest.find_first_not_of("0123456789"), rest.size());
        if (digits == 0) return refuse("is not a span of time");
        for (std::size_t i = 0; i < digits; ++i) {
            if (__builtin_mul_overflow(count, 10, &count) ||
                __builtin_add_overflow(count, rest[i] - '0', &count)) {
                return refuse("is too long");
            }
        }
        rest.remove_prefix(digits);
        const auto suffix = rest.substr(0, std::min(rest.find_first_of("0123456789"), rest.size()));
        if (suffix.empty()) return refuse("has a number without a unit");
        while (next_unit < kUnits.size() && kUnits[next_unit].suffix != suffix) ++next_unit;
        if (next_unit == kUnits.size()) return refuse("is not a span of time");
        if (__builtin_mul_overflow(count, kUnits[next_unit++].millis, &count) ||
            __builtin_add_overflow(total, count, &total)) {
            return refuse("is too long");
        }
        rest.remove_prefix(suffix.size());
    }
    return Duration{total};
}

std::string to_string(Duration span) {
    if (span.count() == 0) return "0s";
    auto rest = span.count() < 0 ? 0 - static_cast<std::uint64_t>(span.count())
                                 : static_cast<std::uint64_t>(span.count());
    std::string text = span.count() < 0 ? "-" : "";
    for (const auto& unit : kUnits) {
        const auto size = static_cast<std::uint64_t>(unit.millis);
        if (rest >= size) text += format("{}{}", rest / size, unit.suffix);
        rest %= size;
    }
    return text;
}

std::string to_rough_string(Duration span) {
    if (span.count() < 0) return "-" + to_rough_string(span == Duration::min() ? Duration::max() : -span);
    if (span < seconds{1}) return to_string(span);
    // Rounding to the second unit may carry into the first (59m 59.9s), so the units are chosen twice.
    auto rest = span.count();
    for (int pass = 0; pass < 2; ++pass) {
        std::size_t first = 0;
        while (kUnits[first].millis > rest) ++first;
        const auto grain = kUnits[std::min<std::size_t>(first + 1, 3)].millis;
        rest = rest / grain * grain + (rest % grain * 2 >= grain ? grain : 0);
    }
    std::size_t first = 0;
    while (kUnits[first].millis > rest) ++first;
    std::string text = format("{}{}", rest / kUnits[first].millis, kUnits[first].suffix);
    const auto below = rest % kUnits[first].millis;
    if (below > 0) text += format(" {}{}", below / kUnits[first + 1].millis, kUnits[first + 1].suffix);
    return text;
}

}  // namespace k3fleet
