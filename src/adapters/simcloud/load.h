// How much work a simulated cluster is asked to do, in cores, at any moment.
#pragma once

#include <cstdint>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "base/units.h"

namespace k3fleet::simcloud {

// A made-up load: a daily wave, quieter weekends, flash crowds and noise. A function of seed and time alone,
// so that it has no end and no state.
struct SyntheticLoad {
    std::uint64_t seed = 1;
    double peak_cores = 6;        // At 16:00 UTC on a quiet working day.
    double night = 0.3;           // Share of the peak that is left at 04:00.
    double weekend = 0.7;         // Of a working day's.
    double crowds_per_day = 0.3;  // Chance of a flash crowd a day.
    double crowd_height =
        0.9;              // Mean height, as a share of the peak: up within minutes, away within an hour.
    double noise = 0.05;  // Deviation, relative.

    friend bool operator==(const SyntheticLoad&, const SyntheticLoad&) = default;
};

// A recorded load. Before its start the first value holds, after its end the last.
struct RecordedLoad {
    Timestamp start;
    Duration step = std::chrono::minutes{1};
    std::vector<Millicores> cores;

    friend bool operator==(const RecordedLoad&, const RecordedLoad&) = default;
};

struct Load {
    SyntheticLoad synthetic;
    RecordedLoad recorded;  // Counts if it has values.

    double cores_at(Timestamp at) const;
    // InvalidArgument: a number that is negative or makes no sense.
    Status check() const;
    friend bool operator==(const Load&, const Load&) = default;
};

template <typename Archive>
void fields(Archive& archive, SyntheticLoad& load) {
    archive(load.seed, load.peak_cores, load.night, load.weekend, load.crowds_per_day, load.crowd_height,
            load.noise);
}
template <typename Archive>
void fields(Archive& archive, RecordedLoad& load) {
    archive(load.start, load.step, load.cores);
}
template <typename Archive>
void fields(Archive& archive, Load& load) {
    archive(load.synthetic, load.recorded);
}

}  // namespace k3fleet::simcloud
