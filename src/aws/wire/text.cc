#include "aws/wire/text.h"

#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <limits>

#include "base/crypto.h"
#include "base/json.h"
#include "base/number.h"
#include "base/secret.h"
#include "base/text.h"

namespace k3fleet::wire {

namespace {

constexpr std::array kDays = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
constexpr std::array kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

std::unexpected<Error> corrupt(std::string_view text, std::string_view wanted) {
    return fail(ErrorCode::Corrupt, format(": '{}' is no {}", text.substr(0, 60), wanted));
}

std::string rfc822(Timestamp at) {
    const auto day = std::chrono::floor<std::chrono::days>(at);
    const std::chrono::year_month_day date{day};
    const std::chrono::hh_mm_ss time{std::chrono::floor<std::chrono::seconds>(at - day)};
    return format("{}, {:02} {} {:04} {:02}:{:02}:{:02} GMT", kDays[std::chrono::weekday{day}.c_encoding()],
                  static_cast<unsigned>(date.day()), kMonths[static_cast<unsigned>(date.month()) - 1],
                  static_cast<int>(date.year()), time.hours().count(), time.minutes().count(),
                  time.seconds().count());
}

template <typename Number>
bool read_number(std::string_view text, Number& number) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return error == std::errc{} && end == text.data() + text.size();
}

// "Tue, 29 Apr 2014 18:30:38 GMT", with a fraction of the second at most.
bool read_rfc822(std::string_view text, Timestamp& at) {
    const auto comma = text.find(", ");
    if (comma == std::string_view::npos || !text.ends_with(" GMT")) return false;
    const auto words = split(text.substr(comma + 2, text.size() - comma - 6), ' ');
    if (words.size() != 4 || words[3].size() < 8) return false;
    unsigned day = 0, month = 1;
    int year = 0, hours = 0, minutes = 0, seconds = 0, millis = 0;
    while (month <= 12 && words[1] != kMonths[month - 1]) ++month;
    const std::string_view clock = words[3];
    if (month > 12 || !read_number(words[0], day) || !read_number(words[2], year) ||
        !read_number(clock.substr(0, 2), hours) || !read_number(clock.substr(3, 2), minutes) ||
        !read_number(clock.substr(6, 2), seconds))
        return false;
    if (clock.size() > 9) {
        if (clock[8] != '.' || clock.size() > 12) return false;
        std::string digits(clock.substr(9));
        digits.resize(3, '0');
        if (!read_number(digits, millis)) return false;
    }
    const std::chrono::year_month_day date{std::chrono::year{year}, std::chrono::month{month},
                                           std::chrono::day{day}};
    if (!date.ok() || year < 0 || year > 9999 || hours < 0 || hours > 23 || minutes < 0 || minutes > 59 ||
        seconds < 0 || seconds > 60 || millis < 0 || clock[2] != ':' || clock[5] != ':')
        return false;
    at = std::chrono::sys_days{date} + std::chrono::hours{hours} + std::chrono::minutes{minutes} +
         std::chrono::seconds{seconds} + Duration{millis};
    return true;
}

// [+-]digits[.digits][e[+-]digits], as decimal_to_double() wants it.
bool is_decimal(std::string_view text) {
    if (text.starts_with('+') || text.starts_with('-')) text.remove_prefix(1);
    std::size_t digits = 0, i = 0;
    const auto run = [&] {
        const std::size_t begin = i;
        while (i < text.size() && text[i] >= '0' && text[i] <= '9') ++i;
        return i - begin;
    };
    digits = run();
    if (i < text.size() && text[i] == '.') {
        ++i;
        digits += run();
    }
    if (digits == 0) return false;
    if (i < text.size() && (text[i] == 'e' || text[i] == 'E')) {
        ++i;
        if (i < text.size() && (text[i] == '+' || text[i] == '-')) ++i;
        if (run() == 0) return false;
    }
    return i == text.size();
}

Status read_double(double& number, std::string_view text) {
    constexpr double kInfinity = std::numeric_limits<double>::infinity();
    if (text == "NaN") {
        number = std::numeric_limits<double>::quiet_NaN();
    } else if (text == "Infinity" || text == "-Infinity") {
        number = text.front() == '-' ? -kInfinity : kInfinity;
    } else if (!is_decimal(text)) {
        return corrupt(text, "number");
    } else {
        number = decimal_to_double(text).value_or(text.front() == '-' ? -kInfinity : kInfinity);
    }
    return {};
}

std::string double_text(double number) {
    if (std::isnan(number)) return "NaN";
    if (std::isinf(number)) return number < 0 ? "-Infinity" : "Infinity";
    return shortest_decimal(number);
}

Result<std::string> read_blob(std::string_view text) {
    auto bytes = crypto::from_base64(text);
    if (!bytes) return fail(ErrorCode::Corrupt, ": the value is not base64");
    return bytes;
}

}  // namespace

std::string timestamp_text(Timestamp at, TimestampFormat format_wanted) {
    if (format_wanted == TimestampFormat::Rfc822) return rfc822(at);
    if (format_wanted != TimestampFormat::UnixSeconds) return to_rfc3339(at);
    const auto millis = to_unix_millis(at);
    const auto seconds = to_unix_seconds(at);
    const auto fraction = millis - seconds * 1000;
    if (fraction == 0) return format("{}", seconds);
    return seconds >= 0 ? format("{}.{:03}", seconds, fraction)
                        : shortest_decimal(static_cast<double>(millis) / 1000);
}

Result<Timestamp> timestamp_from_seconds(double seconds) {
    // The years 0000 to 9999, as base/time.h has them.
    if (!(seconds >= -62167219200.0 && seconds < 253402300800.0))
        return fail(ErrorCode::Corrupt, ": the time is out of range");
    return from_unix_millis(std::llround(seconds * 1000));
}

Result<Timestamp> read_timestamp(std::string_view text) {
    text = trim(text);
    Timestamp at;
    if (read_rfc822(text, at)) return at;
    if (is_decimal(text))
        return timestamp_from_seconds(decimal_to_double(text).value_or(std::numeric_limits<double>::max()));
    auto iso = parse_timestamp(text);
    if (!iso) return corrupt(text, "time");
    return iso;
}

std::string to_text(View value, TimestampFormat timestamps) {
    switch (value.type->kind) {
        case Kind::Boolean: return value.as<bool>() ? "true" : "false";
        case Kind::Integer: return format("{}", value.as<std::int32_t>());
        case Kind::Long: return format("{}", value.as<std::int64_t>());
        case Kind::Double: return double_text(value.as<double>());
        case Kind::String: return value.as<std::string>();
        case Kind::Secret: return value.as<Secret>().reveal();
        case Kind::Blob: return crypto::to_base64(value.as<std::string>());
        case Kind::SecretBlob: return crypto::to_base64(value.as<Secret>().reveal());
        case Kind::Timestamp: return timestamp_text(value.as<Timestamp>(), timestamps);
        case Kind::Document: return json::write(value.as<Value>());
        case Kind::List:
        case Kind::Map:
        case Kind::Structure: break;
    }
    return {};
}

Status read_text(Slot slot, std::string_view text) {
    switch (slot.type->kind) {
        case Kind::Boolean:
            text = trim(text);
            if (text != "true" && text != "false") return corrupt(text, "true or false");
            slot.as<bool>() = text == "true";
            return {};
        case Kind::Integer:
            text = trim(text);
            if (!read_number(text, slot.as<std::int32_t>())) return corrupt(text, "whole number of 32 bits");
            return {};
        case Kind::Long:
            text = trim(text);
            if (!read_number(text, slot.as<std::int64_t>())) return corrupt(text, "whole number of 64 bits");
            return {};
        case Kind::Double: return read_double(slot.as<double>(), trim(text));
        case Kind::String: slot.as<std::string>() = text; return {};
        case Kind::Secret: slot.as<Secret>() = Secret(std::string(text)); return {};
        case Kind::Blob: slot.as<std::string>() = K3F_TRY(read_blob(trim(text))); return {};
        case Kind::SecretBlob: slot.as<Secret>() = Secret(K3F_TRY(read_blob(trim(text)))); return {};
        case Kind::Timestamp: slot.as<Timestamp>() = K3F_TRY(read_timestamp(text)); return {};
        case Kind::Document: {
            auto document = json::parse(text);
            if (!document) return fail(ErrorCode::Corrupt, ": the value is not JSON");
            slot.as<Value>() = *std::move(document);
            return {};
        }
        case Kind::List:
        case Kind::Map:
        case Kind::Structure: break;
    }
    return fail(ErrorCode::Corrupt, ": a text stands where a list or structure should");
}

std::vector<std::string> split_header_list(std::string_view text, bool of_times) {
    std::vector<std::string> elements;
    std::string current;
    constexpr std::string_view kDay = "Mon";  // "Mon, 16 Dec 2019 23:48:18 GMT" holds a comma itself.
    bool quoted = false, was_quoted = false;
    const auto finish = [&] {
        elements.emplace_back(was_quoted ? current : std::string(trim(current)));
        current.clear();
        was_quoted = false;
    };
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (quoted && c == '\\' && i + 1 < text.size()) {
            current += text[++i];
        } else if (c == '"' && (quoted || trim(current).empty())) {
            if (!quoted) current.clear();
            quoted = !quoted;
            was_quoted = true;
        } else if (c == ',' && !quoted && !(of_times && trim(current).size() == kDay.size())) {
            finish();
        } else if (quoted || !was_quoted) {
            current += c;
        }
    }
    finish();
    return elements;
}

std::string header_list_element(std::string text) {
    if (text.find_first_of(",\"") == std::string::npos) return text;
    std::string quoted = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') quoted += '\\';
        quoted += c;
    }
    return quoted + '"';
}

}  // namespace k3fleet::wire
