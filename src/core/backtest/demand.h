// Demand: what a recorded history asks for, in cores a slot, by a stated model.
//
// A history is a series of points; between two of them the value is taken to run straight, and a slot's
// demand is the mean of that line over the slot. Where two points lie further apart than the gap limit
// nothing is known in between, and what is not known stays Unknown: no policy is shown a number there.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "core/backtest/capacity.h"

namespace k3fleet::backtest {

struct Sample {
    Timestamp at;
    std::optional<double> value;  // Empty: recorded as missing (an empty field, NaN).
    friend bool operator==(const Sample&, const Sample&) = default;
};

struct History {
    std::string name;             // "csv:load.csv", for the report.
    std::vector<Sample> samples;  // Times ascending, values finite and >= 0: the reader's duty, checked here.
    std::vector<std::string> notes;  // What the reader did about odd rows; printed with the assumptions.
};

// What the numbers of a history mean.
enum class Unit {
    Scaled,    // A shape without a unit: scaled so that its 99th percentile is the stated number of nodes.
    Cores,     // Cores in use.
    Percent,   // Percent of the allocatable cores of the stated number of nodes.
    Requests,  // Requests per second, each worth the stated core-seconds.
};

struct DemandOptions {
    Unit unit = Unit::Scaled;
    std::optional<double> nodes;  // Scaled: nodes at p99, default 0.7 * max. Percent: must be given.
    std::optional<double> cores_per_request;  // Requests: must be given.
    std::optional<Duration> gap_limit;        // Default: three times the usual step, at least 15 minutes.
    std::optional<Duration> last;             // Only the newest part of the history.
};

struct Demand {
    std::string name;
    Timestamp start;
    Duration slot{};
    std::vector<double> cores;  // Mean a slot; kUnknown where it is not known.
    int unknown_slots = 0;
    int bridged = 0;  // Missing stretches that were short enough to draw a line across.
    int gaps = 0;     // Stretches that were not.
    double peak = 0;  // Of the known slots, in cores.
    double p99 = 0;
    double mean = 0;
    std::vector<std::string> assumptions;

    static constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();
    bool known(std::size_t slot_number) const { return cores[slot_number] == cores[slot_number]; }
    Timestamp end() const { return start + slot * static_cast<std::int64_t>(cores.size()); }
};

inline constexpr std::int64_t kMaxSlots = 5'000'000;  // Nineteen years of two-minute slots.

// InvalidArgument if the history is too short (two slots), too long, out of order, negative or unknown
// throughout, or if the unit needs a number that was not given.
Result<Demand> make_demand(const History& history, const DemandOptions& options,
                           const CapacityModel& capacity, Duration slot);

}  // namespace k3fleet::backtest
