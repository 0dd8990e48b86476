// std::from_chars and to_chars, with the one distinction they do not make: too large from too small.
#include "base/number.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "base/check.h"

namespace k3fleet {
namespace {

// Whether an out-of-range number is out of range because it is tiny: its first significant digit, counted
// from the point, together with the exponent, tells.
bool is_tiny(std::string_view text) {
    const auto e = text.find_first_of("eE");
    const std::string_view mantissa = text.substr(0, e);
    const auto first = mantissa.find_first_of("123456789");
    if (first == std::string_view::npos) return true;
    const auto point = std::min(mantissa.find('.'), mantissa.size());
    const auto scale = static_cast<double>(point) - static_cast<double>(first);
    if (e == std::string_view::npos) return scale < 0;
    double exponent = 0;
    std::string_view digits = text.substr(e + 1);
    const bool negative = digits.starts_with('-');
    for (const char c : digits) {
        if (c >= '0' && c <= '9') exponent = std::min(exponent * 10 + (c - '0'), 1e18);
    }
    return scale + (negative ? -exponent : exponent) < 0;
}

}  // namespace

std::optional<double> decimal_to_double(std::string_view text) {
    if (text.starts_with('+')) text.remove_prefix(1);
    double number = 0;
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (failure == std::errc::result_out_of_range) {
        if (!is_tiny(text)) return std::nullopt;
        return text.starts_with('-') ? -0.0 : 0.0;
    }
    K3F_CHECK(failure == std::errc{} && end == text.data() + text.size(),
              "the caller passes decimal numbers only");
    return number;
}

std::string shortest_decimal(double number) {
    K3F_CHECK(std::isfinite(number));
    char buffer[32];
    const auto [end, failure] = std::to_chars(buffer, buffer + sizeof buffer, number);
    K3F_CHECK(failure == std::errc{});
    std::string text(buffer, end);
    if (text.find_first_of(".e") == std::string::npos) text += ".0";
    return text;
}

}  // namespace k3fleet
