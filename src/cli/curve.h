// Values over time as one line of characters.
#pragma once

#include <string>
#include <vector>

#include "base/time.h"

namespace k3fleet::cli {

// One character a value: how high it is between nothing and `top`. What is not known (NaN)
// is a question mark.
std::string curve(const std::vector<double>& values, double top);
// The highest known value; 0 if there is none.
double highest(const std::vector<double>& values);
// "2026-03-02 14:05", UTC.
std::string day_and_hour(Timestamp at);

}  // namespace k3fleet::cli
