// Quantities with their unit in the type, so that cores cannot be added to bytes or dollars.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace k3fleet {

// A whole number of one unit. Arithmetic stays within the unit; scaling is by plain integers.
template <typename Tag>
struct Quantity {
    std::int64_t count = 0;

    friend auto operator<=>(Quantity, Quantity) = default;
    friend Quantity operator+(Quantity a, Quantity b) { return {a.count + b.count}; }
    friend Quantity operator-(Quantity a, Quantity b) { return {a.count - b.count}; }
    friend Quantity operator*(Quantity a, std::int64_t n) { return {a.count * n}; }
    Quantity& operator+=(Quantity b) { return count += b.count, *this; }
    Quantity& operator-=(Quantity b) { return count -= b.count, *this; }
};

using Millicores = Quantity<struct MillicoresTag>;  // 1000 = one CPU core.
using Mebibytes = Quantity<struct MebibytesTag>;    // 2^20 bytes.

// Money per hour in millionths of a US dollar: EC2 prices have at most 10 decimals, we keep 6.
struct UsdPerHour {
    std::int64_t micro_usd = 0;

    friend auto operator<=>(UsdPerHour, UsdPerHour) = default;
    friend UsdPerHour operator+(UsdPerHour a, UsdPerHour b) { return {a.micro_usd + b.micro_usd}; }
    friend UsdPerHour operator*(UsdPerHour a, std::int64_t n) { return {a.micro_usd * n}; }
    UsdPerHour& operator+=(UsdPerHour b) { return micro_usd += b.micro_usd, *this; }

    static UsdPerHour from_dollars(
        double dollars);  // Nearest millionth. The amount must be finite and below 9e12.
    double dollars() const { return static_cast<double>(micro_usd) / 1e6; }
    // AWS bills 730 hours a month in its own examples (https://calculator.aws).
    double dollars_per_month() const { return dollars() * 730; }
};

// Kubernetes resource quantities
// (https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/). Rounded up to the unit,
// as the scheduler does. InvalidArgument on text that is no quantity or is negative.
Result<Millicores> parse_cpu_quantity(std::string_view text);    // "250m", "2", "0.5"
Result<Mebibytes> parse_memory_quantity(std::string_view text);  // "512Mi", "1Gi", "128974848", "1e3"

std::string to_string(Millicores value);  // "1.5 cores"
std::string to_string(Mebibytes value);   // "3.5 GiB"
std::string to_string(UsdPerHour value);  // "$0.0416"

}  // namespace k3fleet
