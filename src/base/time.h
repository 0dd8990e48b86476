// Points in time and spans. Nothing here reads a clock: that is ports::Clock.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace k3fleet {

using Duration = std::chrono::milliseconds;
using Timestamp = std::chrono::sys_time<Duration>;

constexpr Timestamp from_unix_seconds(std::int64_t seconds) {
    return Timestamp{std::chrono::seconds{seconds}};
}
constexpr std::int64_t to_unix_seconds(Timestamp at) {
    return std::chrono::floor<std::chrono::seconds>(at.time_since_epoch()).count();
}
constexpr std::int64_t to_unix_millis(Timestamp at) { return at.time_since_epoch().count(); }
constexpr Timestamp from_unix_millis(std::int64_t millis) { return Timestamp{Duration{millis}}; }

// RFC 3339 in UTC, seconds precision unless there are milliseconds: 2026-11-22T03:15:00Z.
// The format has the years 0000 to 9999: a time outside is shown as the nearest end.
std::string to_rfc3339(Timestamp at);
// Its day alone, in UTC: 2026-11-22.
std::string to_date(Timestamp at);
// Accepts RFC 3339 with Z or a numeric offset, "2026-11-22 03:15:00" (UTC), or whole UNIX seconds.
// Digits beyond milliseconds are cut off; a leap second reads as the second after it.
Result<Timestamp> parse_timestamp(std::string_view text);

// "90s", "2m", "1h30m", "7d", "250ms": whole numbers, the largest unit first, never negative. A bare number
// is refused, since its unit would be a guess.
Result<Duration> parse_duration(std::string_view text);
std::string to_string(Duration span);        // "1h30m", exact; parses back if it is not negative
std::string to_rough_string(Duration span);  // "about a minute"-style: the largest two units, "2h 5m"

}  // namespace k3fleet
