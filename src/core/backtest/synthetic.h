// A load that is made up, for those who have no history at hand: the same seed gives the same load on
// every machine.
#pragma once

#include <cstdint>

#include "base/time.h"
#include "core/backtest/demand.h"

namespace k3fleet::backtest {

struct SyntheticShape {
    Timestamp start = from_unix_seconds(1'767'571'200);  // Monday 2026-01-05 00:00 UTC.
    Duration length = std::chrono::days{7};
    Duration step = std::chrono::minutes{1};
    double night = 0.25;         // Of the daily peak: what is left at four in the morning.
    double weekend = 0.6;        // Of a weekday's.
    double drift_a_week = 0.02;  // Growth.
    double noise = 0.04;         // Deviation of a noise that forgets within about ten minutes.
    double crowds_a_week = 2;    // Flash crowds: up within minutes, away within an hour or so.
    double crowd_height = 0.9;   // Mean height, of the daily peak.
};

// Values without a unit, about 1 at a usual daily peak.
History make_synthetic(std::uint64_t seed, const SyntheticShape& shape = {});

}  // namespace k3fleet::backtest
