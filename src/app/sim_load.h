// The load of a simulated world, as a person names it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "base/units.h"

namespace k3fleet::app {

struct SimulatedLoad {
    std::optional<std::uint64_t> seed;  // Made up: a daily wave, quieter weekends, flash crowds and noise.
    std::optional<double> peak_cores;   // Of a made-up one, on a quiet working day; empty: 6.
    // Else this, from the moment the world begins: one value a step, and the last one holds for ever.
    Duration step = std::chrono::minutes{1};
    std::vector<Millicores> cores;
    std::string described;  // "load.csv, 7d of it, 1.2 to 4.5 cores"
};

// synthetic:SEED, flat:CORES or csv:FILE[#COLUMN], a recording of cores in use as `backtest` reads it. A long
// recording is taken in steps of several minutes, their means. InvalidArgument, NotFound: what is wrong with
// it, with the line of a file.
Result<SimulatedLoad> read_simulated_load(const std::string& load);

}  // namespace k3fleet::app
