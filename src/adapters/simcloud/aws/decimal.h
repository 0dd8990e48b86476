// DynamoDB's numbers: decimals of 38 digits, exact. A double would round counters and times.
//
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html
#pragma once

#include <compare>
#include <string>
#include <string_view>

#include "base/result.h"

namespace k3fleet::simcloud {

// As DynamoDB shows it: no leading or trailing zeros, "1.5", "0", "1E+60". InvalidArgument, in DynamoDB's
// words: no number, more than 38 digits, too large or too small.
Result<std::string> canonical_number(std::string_view text);

// All of these take canonical numbers only.
std::strong_ordering compare_numbers(std::string_view a, std::string_view b);
// InvalidArgument if the result has more digits than DynamoDB keeps.
Result<std::string> add_numbers(std::string_view a, std::string_view b);
std::string negative_number(std::string_view a);

}  // namespace k3fleet::simcloud
