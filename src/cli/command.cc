// Texts to fields.
#include "cli/command.h"

#include <charconv>
#include <cmath>

#include "base/text.h"

namespace k3fleet::cli {

namespace {

Result<std::int64_t> parse_whole(std::string_view text) {
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size())
        return fail(ErrorCode::InvalidArgument, format("'{}' is no whole number", text));
    return number;
}

Result<double> parse_decimal(std::string_view text) {
    double number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(number))
        return fail(ErrorCode::InvalidArgument, format("'{}' is no number", text));
    return number;
}

template <typename Field, typename Parse>
Setter parsed(Field& field, Parse parse) {
    return [&field, parse](std::string_view text) -> Status {
        field = K3F_TRY(parse(text));
        return {};
    };
}

Result<std::string> non_empty(std::string_view text) {
    if (trim(text).empty()) return fail(ErrorCode::InvalidArgument, "its value is empty");
    return std::string(text);
}

}  // namespace

Setter bind(std::string& field) { return parsed(field, non_empty); }
Setter bind(std::optional<std::string>& field) { return parsed(field, non_empty); }
Setter bind(std::int64_t& field) { return parsed(field, parse_whole); }
Setter bind(std::optional<std::int64_t>& field) { return parsed(field, parse_whole); }
Setter bind(std::optional<double>& field) { return parsed(field, parse_decimal); }
Setter bind(Duration& field) { return parsed(field, parse_duration); }
Setter bind(std::optional<Duration>& field) { return parsed(field, parse_duration); }
Setter bind(std::optional<Timestamp>& field) { return parsed(field, parse_timestamp); }

Setter bind(std::vector<std::string>& field) {
    return [&field](std::string_view text) -> Status {
        field.push_back(K3F_TRY(non_empty(text)));
        return {};
    };
}

Setter bind(bool& field) {
    return [&field](std::string_view) -> Status {
        field = true;
        return {};
    };
}

}  // namespace k3fleet::cli
