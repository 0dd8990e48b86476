// Which events a rule wants, as EventBridge and the filters of Lambda's event sources are told: an object of
// fields, each with a list of what it may be.
//
// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html
#pragma once

#include <string>
#include <string_view>

namespace k3fleet::simcloud {

// Why it is no pattern, in EventBridge's words; empty: it is one.
std::string wrong_pattern(std::string_view text);

}  // namespace k3fleet::simcloud
