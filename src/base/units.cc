// Quantities from and to text, in whole numbers throughout: 0.1 cores are exactly 100 millicores.
#include "base/units.h"

#include <cmath>
#include <limits>
#include <optional>

#include "base/check.h"
#include "base/text.h"

namespace k3fleet {
namespace {

__extension__ using Wide = unsigned __int128;

constexpr int kDigits = 19;  // Significant digits kept: more than an int64 can hold apart.
constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();

// digits * 10^ten * 2^two, and whether something more was cut off behind the digits.
struct Scaled {
    Wide digits = 0;
    std::int64_t ten = 0;
    int two = 0;
    bool more = false;
};

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Reads the digits of a number with at most one point; the rest stays in text. Empty if there is no digit.
std::optional<Scaled> take_digits(std::string_view& text) {
    Scaled number;
    bool seen = false;
    bool fraction = false;
    int kept = 0;
    while (!text.empty() && (is_digit(text[0]) || (text[0] == '.' && !fraction))) {
        const char c = text[0];
        text.remove_prefix(1);
        if (c == '.') {
            fraction = true;
            continue;
        }
        seen = true;
        if (kept == kDigits) {
            number.more = number.more || c != '0';
            if (!fraction) ++number.ten;
            continue;
        }
        number.digits = number.digits * 10 + static_cast<unsigned>(c - '0');
        if (number.digits > 0) ++kept;
        if (fraction) --number.ten;
    }
    if (!seen) return std::nullopt;
    return number;
}

// The suffix of a Kubernetes quantity, or an exponent. False if it is neither.
bool apply_suffix(std::string_view suffix, Scaled& number) {
    static constexpr std::string_view kBinary = "KMGTPE";
    static constexpr std::string_view kDecimal = "num kMGTPE";  // 10^-9, -6, -3, 0, 3, …
    if (suffix.empty()) return true;
    if (suffix.size() == 2 && suffix[1] == 'i') {
        const auto at = kBinary.find(suffix[0]);
        if (at == std::string_view::npos) return false;
        number.two += 10 * (static_cast<int>(at) + 1);
        return true;
    }
    if (suffix.size() == 1 && suffix[0] != ' ') {
        const auto at = kDecimal.find(suffix[0]);
        if (at == std::string_view::npos) return false;
        number.ten += 3 * (static_cast<int>(at) - 3);
        return true;
    }
    if (suffix[0] != 'e' && suffix[0] != 'E') return false;
    suffix.remove_prefix(1);
    const bool negative = suffix.starts_with('-');
    if (negative || suffix.starts_with('+')) suffix.remove_prefix(1);
    if (suffix.empty() || suffix.size() > 6) return false;
    int exponent = 0;
    for (const char c : suffix) {
        if (!is_digit(c)) return false;
        exponent = exponent * 10 + (c - '0');
    }
    number.ten += negative ? -exponent : exponent;
    return true;
}

// The value rounded up to a whole number; empty if it does not fit.
std::optional<std::int64_t> round_up(Scaled number) {
    if (number.digits == 0) return number.more ? 1 : 0;
    Wide whole = number.digits;
    bool more = number.more;
    // 19 digits times 2^60 fit in 128 bits; everything that grows further is out of range anyway.
    if (number.two > 0) whole <<= number.two;
    for (; number.ten > 0; --number.ten) {
        whole *= 10;
        if (whole > static_cast<Wide>(kMax) << 20) return std::nullopt;
    }
    for (; number.ten < 0 && whole > 0; ++number.ten) {
        more = more || whole % 10 != 0;
        whole /= 10;
    }
    if (number.two < 0) {
        const Wide below = (static_cast<Wide>(1) << -number.two) - 1;
        more = more || (whole & below) != 0;
        whole >>= -number.two;
    }
    if (more) ++whole;
    if (whole > static_cast<Wide>(kMax)) return std::nullopt;
    return static_cast<std::int64_t>(whole);
}

Result<std::int64_t> parse_quantity(std::string_view text, int ten, int two, std::string_view allowed) {
    const auto refuse = [&](std::string_view problem) {
        return fail(ErrorCode::InvalidArgument, format("\"{}\" {}: write {}", text, problem, allowed));
    };
    std::string_view rest = text;
    if (rest.starts_with('-')) return refuse("is negative");
    if (rest.starts_with('+')) rest.remove_prefix(1);
    auto number = take_digits(rest);
    if (!number || !apply_suffix(rest, *number)) return refuse("is not a quantity");
    number->ten += ten;
    number->two += two;
    const auto whole = round_up(*number);
    if (!whole) return refuse("is too large");
    return *whole;
}

// count / 10^decimals with at least and at most that many decimals, without a floating-point step.
std::string decimal(std::int64_t count, int decimals, int at_least) {
    const auto magnitude =
        count < 0 ? 0 - static_cast<std::uint64_t>(count) : static_cast<std::uint64_t>(count);
    std::uint64_t unit = 1;
    for (int i = 0; i < decimals; ++i) unit *= 10;
    std::string fraction = format("{:0{}}", magnitude % unit, decimals);
    while (static_cast<int>(fraction.size()) > at_least && fraction.ends_with('0')) fraction.pop_back();
    return format("{}{}{}", magnitude / unit, fraction.empty() ? "" : ".", fraction);
}

}  // namespace

UsdPerHour UsdPerHour::from_dollars(double dollars) {
    K3F_CHECK(std::isfinite(dollars) && std::abs(dollars) < 9e12);
    return {std::llround(dollars * 1e6)};
}

Result<Millicores> parse_cpu_quantity(std::string_view text) {
    return Millicores{K3F_TRY(parse_quantity(text, 3, 0, "cores as 2, 0.5 or 250m"))};
}

Result<Mebibytes> parse_memory_quantity(std::string_view text) {
    return Mebibytes{K3F_TRY(parse_quantity(text, 0, -20, "bytes as 512Mi, 1.5Gi, 500M or 128974848"))};
}

std::string to_string(Millicores value) {
    const bool one = value.count == 1000 || value.count == -1000;
    return format("{}{} {}", value.count < 0 ? "-" : "", decimal(value.count, 3, 0), one ? "core" : "cores");
}

std::string to_string(Mebibytes value) {
    const double size = std::abs(static_cast<double>(value.count));
    const std::string_view sign = value.count < 0 ? "-" : "";
    if (size < 1024) return format("{} MiB", value.count);
    // Tenths, so that 1023.96 GiB becomes 1 TiB and not 1024 GiB.
    const auto gib = std::llround(size / 1024 * 10);
    if (gib < 10240) return format("{}{} GiB", sign, decimal(gib, 1, 0));
    return format("{}{} TiB", sign, decimal(std::llround(size / 1024 / 1024 * 10), 1, 0));
}

std::string to_string(UsdPerHour value) {
    return format("{}${}", value.micro_usd < 0 ? "-" : "", decimal(value.micro_usd, 6, 2));
}

}  // namespace k3fleet
