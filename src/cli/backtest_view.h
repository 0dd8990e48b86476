// A backtest's report on the screen and as JSON.
#pragma once

#include <string>

#include "base/value.h"
#include "cli/table.h"
#include "core/backtest/backtest.h"

namespace k3fleet::cli {

// What was assumed, the load and the nodes over time, the table, and the conclusion.
std::string render_backtest(const backtest::Report& report, Colours colours);

// The same figures; the shape is stable. Unknown parts of the timeline are null.
Value backtest_document(const backtest::Report& report);

}  // namespace k3fleet::cli
