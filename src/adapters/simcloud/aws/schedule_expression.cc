#include "adapters/simcloud/aws/schedule_expression.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/text.h"
#include "base/time.h"

namespace k3fleet::simcloud {
namespace {

// What stands in "NAME(...)"; empty: it is no such thing.
std::optional<std::string_view> inside(std::string_view expression, std::string_view name) {
    if (!expression.starts_with(name) || !expression.ends_with(')')) return std::nullopt;
    expression.remove_prefix(name.size());
    if (!expression.starts_with('(')) return std::nullopt;
    return expression.substr(1, expression.size() - 2);
}

std::optional<int> whole(std::string_view text) {
    int value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (text.empty() || text.front() == '-' || error != std::errc{} || end != text.data() + text.size())
        return std::nullopt;
    return value;
}

constexpr std::array<std::string_view, 12> kMonths = {"JAN", "FEB", "MAR", "APR", "MAY", "JUN",
                                                      "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"};
constexpr std::array<std::string_view, 7> kDays = {"SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"};

struct Field {
    int least;
    int most;
    std::span<const std::string_view> names = {};  // Of `least` and so on.

    std::optional<int> number(std::string_view text) const {
        for (std::size_t i = 0; i < names.size(); ++i)
            if (names[i] == text) return least + static_cast<int>(i);
        const auto value = whole(text);
        return value && *value >= least && *value <= most ? value : std::nullopt;
    }
    // "*", "5", "1-5", and each with "/2" behind it.
    bool holds(std::string_view text) const {
        if (const auto slash = text.find('/'); slash != std::string_view::npos) {
            const auto step = whole(text.substr(slash + 1));
            if (!step || *step < 1) return false;
            text = text.substr(0, slash);
        }
        if (text == "*") return true;
        const auto dash = text.find('-');
        if (dash == std::string_view::npos) return number(text).has_value();
        const auto from = number(text.substr(0, dash));
        const auto to = number(text.substr(dash + 1));
        return from && to && *from <= *to;
    }
};

constexpr Field kMinute{0, 59};
constexpr Field kHour{0, 23};
constexpr Field kMonthDay{1, 31};
constexpr Field kMonth{1, 12, kMonths};
constexpr Field kWeekday{1, 7, kDays};
constexpr Field kYear{1970, 2199};

bool is_list(std::string_view text, const Field& field) {
    const auto parts = split(text, ',');
    return std::ranges::all_of(parts, [&](const std::string& part) { return field.holds(part); });
}

// "L": the last of the month; "15W": the weekday nearest to it.
bool is_month_day(std::string_view text) {
    if (text == "L" || text == "LW") return true;
    if (text.ends_with('W')) return kMonthDay.number(text.substr(0, text.size() - 1)).has_value();
    return is_list(text, kMonthDay);
}
// "6L": the last Friday of the month; "3#2": its second Tuesday.
bool is_weekday(std::string_view text) {
    if (text == "L") return true;
    if (text.ends_with('L')) return kWeekday.number(text.substr(0, text.size() - 1)).has_value();
    if (const auto hash = text.find('#'); hash != std::string_view::npos) {
        const auto nth = whole(text.substr(hash + 1));
        return kWeekday.number(text.substr(0, hash)) && nth && *nth >= 1 && *nth <= 5;
    }
    return is_list(text, kWeekday);
}

}  // namespace

bool is_rate(std::string_view expression) {
    const auto text = inside(expression, "rate");
    if (!text) return false;
    const auto space = text->find(' ');
    if (space == std::string_view::npos) return false;
    const auto value = whole(text->substr(0, space));
    if (!value || *value < 1) return false;
    const std::string_view unit = text->substr(space + 1);
    return *value == 1 ? unit == "minute" || unit == "hour" || unit == "day"
                       : unit == "minutes" || unit == "hours" || unit == "days";
}

bool is_cron(std::string_view expression) {
    const auto text = inside(expression, "cron");
    if (!text) return false;
    const auto fields = split(*text, ' ');
    if (fields.size() != 6) return false;
    const bool any_month_day = fields[2] == "?";
    const bool any_weekday = fields[4] == "?";
    return is_list(fields[0], kMinute) && is_list(fields[1], kHour) && any_month_day != any_weekday &&
           (any_month_day || is_month_day(fields[2])) && is_list(fields[3], kMonth) &&
           (any_weekday || is_weekday(fields[4])) && is_list(fields[5], kYear);
}

bool is_at(std::string_view expression) {
    const auto text = inside(expression, "at");
    if (!text || text->size() != std::string_view("2026-11-20T13:00:00").size()) return false;
    return parse_timestamp(std::string(*text) + "Z").has_value();
}

}  // namespace k3fleet::simcloud
