// A recorded load from comma-separated text: what monitoring systems export.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "core/backtest/demand.h"

namespace k3fleet::backtest {

inline constexpr std::size_t kMaxCsvRows = 10'000'000;

// The first line names the columns, separated by commas, semicolons or tabs. One is the time: `timestamp`,
// `time`, `ts`, `date`, `datetime` (in any case: RFC 3339, "2026-11-22 03:15:00" in UTC, or UNIX seconds)
// or `offset_s` (seconds from the start). The load is `column`, or if that is empty the column `value`, or
// else the first other one. An empty field, "NaN" or "null" is a missing value, never 0. Rows with the
// same time become one, their mean.
//
// InvalidArgument, with the line, on a row that is out of order, has too few or too many fields, or a
// field that is no number or negative; and when a column is not there.
Result<History> parse_csv(std::string_view text, std::string_view name, std::string_view column);

}  // namespace k3fleet::backtest
