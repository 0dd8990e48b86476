// `autoscale decide`: one case of the policy `thresholds` as a document, and its answer as one.
//
// The case is what a person or another program writes down, so reading is strict where a mistake could hide
// (unknown keys, texts in place of numbers) and lenient where measuring is (null, NaN, infinite, negative =
// Unknown).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/value.h"
#include "core/model/memory.h"
#include "core/scaling/thresholds.h"

namespace k3fleet::app {

// A case with the readings its input points at.
struct DecideCase {
    scaling::ThresholdInput input;  // Its readings are set by decide().
    std::vector<model::Reading> readings;
};

// InvalidArgument lists every mistake as "file:line:column: what is wrong", each with what is allowed. `file`
// is the name the user typed. Keys of "config" that are absent take the policy's defaults; null and absent
// last_up and last_down mean never; an absent custom_over means that no custom metric is configured, null
// that it is not known.
Result<DecideCase> read_decide_case(std::string_view text, std::string_view file);

scaling::ThresholdDecision decide(const DecideCase& facts);

// {"action","count","reason","blocked_by"}, in this order and nothing else.
Value to_value(const scaling::ThresholdDecision& decision);

}  // namespace k3fleet::app
