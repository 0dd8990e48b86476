// Decimal text to a double, the nearest one, the same in JSON and YAML and independent of any locale.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace k3fleet {

// Text of the form [+-]digits[.digits][e[+-]digits], where one side of the point may be empty; any other text
// is a bug of the caller. Empty if the magnitude is too large for a double; too small gives zero.
std::optional<double> decimal_to_double(std::string_view text);

// The shortest text that reads back as the same double, with a point or an exponent. Finite numbers only.
std::string shortest_decimal(double number);

}  // namespace k3fleet
