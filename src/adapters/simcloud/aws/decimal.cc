#include "adapters/simcloud/aws/decimal.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <optional>

#include "base/text.h"

namespace k3fleet::simcloud {
namespace {

constexpr std::size_t kDigits = 38;
constexpr int kLargest = 126;  // 9.99…E+125 is 0.999…E+126.
constexpr int kSmallest = -129;
constexpr int kPlain = 40;                // Beyond that many places with an exponent.
constexpr std::size_t kWholeDigits = 18;  // These fit into 64 bits, sums of two of them too.

// ±0.DIGITS × 10^exponent; no zeros at either end of the digits; zero has none.
struct Decimal {
    bool negative = false;
    std::string digits;
    int exponent = 0;
};

std::optional<std::int64_t> small_whole(std::string_view text) {
    if (text.size() > kWholeDigits) return std::nullopt;
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return value;
}

void strip(Decimal& number) {
    const std::size_t first = number.digits.find_first_not_of('0');
    if (first == std::string::npos) {
        number = {};
        return;
    }
    number.digits.erase(0, first);
    number.exponent -= static_cast<int>(first);
    number.digits.erase(number.digits.find_last_not_of('0') + 1);
}

std::optional<Decimal> parse(std::string_view text) {
    Decimal number;
    if (text.starts_with('-') || text.starts_with('+')) {
        number.negative = text.front() == '-';
        text.remove_prefix(1);
    }
    int exponent = 0;
    if (const std::size_t e = text.find_first_of("eE"); e != std::string_view::npos) {
        std::string_view power = text.substr(e + 1);
        if (power.starts_with('+')) power.remove_prefix(1);
        const auto [end, error] = std::from_chars(power.data(), power.data() + power.size(), exponent);
        if (error != std::errc{} || end != power.data() + power.size() || exponent > 9'999 ||
            exponent < -9'999)
            return std::nullopt;
        text = text.substr(0, e);
    }
    const std::size_t point = std::min(text.find('.'), text.size());
    number.digits = text.substr(0, point);
    number.exponent = static_cast<int>(point) + exponent;
    if (point < text.size()) number.digits += text.substr(point + 1);
    const auto digit = [](char c) { return c >= '0' && c <= '9'; };
    if (number.digits.empty() || !std::ranges::all_of(number.digits, digit)) return std::nullopt;
    strip(number);
    return number;
}

std::string show(const Decimal& number) {
    if (number.digits.empty()) return "0";
    std::string text = number.negative ? "-" : "";
    const int length = static_cast<int>(number.digits.size());
    if (number.exponent > kPlain || number.exponent < -kPlain) {
        text += number.digits.front();
        if (length > 1) text += "." + number.digits.substr(1);
        return text + format("E{:+d}", number.exponent - 1);
    }
    if (number.exponent <= 0)
        return text + "0." + std::string(static_cast<std::size_t>(-number.exponent), '0') + number.digits;
    if (length <= number.exponent)
        return text + number.digits + std::string(static_cast<std::size_t>(number.exponent - length), '0');
    const auto whole = static_cast<std::size_t>(number.exponent);
    return text + number.digits.substr(0, whole) + "." + number.digits.substr(whole);
}

Result<std::string> checked(const Decimal& number) {
    const auto refused = [](const char* why) { return fail(ErrorCode::InvalidArgument, why); };
    if (number.digits.size() > kDigits)
        return refused("Attempting to store more than 38 significant digits in a Number");
    if (!number.digits.empty() && number.exponent > kLargest)
        return refused(
            "Number overflow. Attempting to store a number with magnitude larger than supported range");
    if (!number.digits.empty() && number.exponent < kSmallest)
        return refused(
            "Number underflow. Attempting to store a number with magnitude smaller than supported range");
    return show(number);
}

std::strong_ordering compare_magnitudes(const Decimal& a, const Decimal& b) {
    if (a.digits.empty() || b.digits.empty()) return !a.digits.empty() <=> !b.digits.empty();
    if (a.exponent != b.exponent) return a.exponent <=> b.exponent;
    return a.digits.compare(b.digits) <=> 0;
}

// The digits of both at the same places.
std::string at_places(const Decimal& number, int first, int last) {
    return std::string(static_cast<std::size_t>(first - number.exponent), '0') + number.digits +
           std::string(
               static_cast<std::size_t>(number.exponent - static_cast<int>(number.digits.size()) - last),
               '0');
}

int last_place(const Decimal& number) { return number.exponent - static_cast<int>(number.digits.size()); }

// |a| + |b|, or |a| - |b| where |a| is not the smaller one.
std::string combine(const std::string& a, const std::string& b, int sign) {
    std::string out(a.size(), '0');
    int carry = 0;
    for (std::size_t i = a.size(); i-- > 0;) {
        int digit = (a[i] - '0') + sign * (b[i] - '0') + carry;
        carry = digit > 9 ? 1 : digit < 0 ? -1 : 0;
        digit -= 10 * carry;
        out[i] = static_cast<char>('0' + digit);
    }
    return (carry > 0 ? "1" : "0") + out;
}

Decimal add(const Decimal& a, const Decimal& b) {
    if (a.digits.empty()) return b;
    if (b.digits.empty()) return a;
    const bool a_larger = compare_magnitudes(a, b) >= 0;
    const Decimal& large = a_larger ? a : b;
    const Decimal& small = a_larger ? b : a;
    const int first = large.exponent;
    const int last = std::min(last_place(a), last_place(b));
    Decimal sum{.negative = large.negative,
                .digits = combine(at_places(large, first, last), at_places(small, first, last),
                                  a.negative == b.negative ? 1 : -1),
                .exponent = first + 1};
    strip(sum);
    return sum;
}

}  // namespace

Result<std::string> canonical_number(std::string_view text) {
    if (const auto whole = small_whole(text)) return std::to_string(*whole);
    const auto number = parse(trim(text));
    if (!number)
        return fail(ErrorCode::InvalidArgument,
                    format("The parameter cannot be converted to a numeric value: {}", text));
    return checked(*number);
}

std::strong_ordering compare_numbers(std::string_view a, std::string_view b) {
    const auto small_a = small_whole(a);
    const auto small_b = small_whole(b);
    if (small_a && small_b) return *small_a <=> *small_b;
    const Decimal x = parse(a).value_or(Decimal{});
    const Decimal y = parse(b).value_or(Decimal{});
    if (x.negative != y.negative) return y.negative <=> x.negative;
    return x.negative ? compare_magnitudes(y, x) : compare_magnitudes(x, y);
}

Result<std::string> add_numbers(std::string_view a, std::string_view b) {
    const auto small_a = small_whole(a);
    const auto small_b = small_whole(b);
    if (small_a && small_b) return std::to_string(*small_a + *small_b);
    return checked(add(parse(a).value_or(Decimal{}), parse(b).value_or(Decimal{})));
}

std::string negative_number(std::string_view a) {
    if (a == "0") return "0";
    return a.starts_with('-') ? std::string(a.substr(1)) : "-" + std::string(a);
}

}  // namespace k3fleet::simcloud
