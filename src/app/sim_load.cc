#include "app/sim_load.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "app/backtest.h"
#include "base/text.h"

namespace k3fleet::app {
namespace {

// A world is saved whole after every call: ten thousand values are a week of minutes.
constexpr std::int64_t kMostSteps = 10'000;

Result<SimulatedLoad> made_up(std::string_view text) {
    std::uint64_t seed = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seed);
    if (error != std::errc{} || end != text.data() + text.size())
        return fail(ErrorCode::InvalidArgument,
                    format("\"{}\" is no seed: write a whole number, as in synthetic:1", text));
    return SimulatedLoad{.seed = seed, .described = format("made up from seed {}", seed)};
}

Result<SimulatedLoad> always(std::string_view text) {
    const auto cores = parse_cpu_quantity(text);
    if (!cores || cores->count < 0 || cores->count > 1'000'000'000)
        return fail(ErrorCode::InvalidArgument,
                    format("\"{}\" is no number of cores: write one, as in flat:2.5", text));
    return SimulatedLoad{.cores = {*cores},
                         .described = format("always {:g} cores", static_cast<double>(cores->count) / 1000)};
}

Millicores to_millicores(double cores) { return {std::llround(cores * 1000)}; }

Result<SimulatedLoad> recorded(const std::string& load) {
    const backtest::History history = K3F_TRY(read_history({.history = load}, {}));
    SimulatedLoad out;
    if (history.samples.size() > 1) {
        const Duration length = history.samples.back().at - history.samples.front().at;
        const auto least = std::chrono::ceil<std::chrono::minutes>(length / kMostSteps);
        out.step = std::max<Duration>(out.step, least);
    }
    // In cores the load is taken as it is, whatever a node has; the capacity must only be one.
    backtest::CapacityModel capacity;
    capacity.node.allocatable_cpu = Millicores{1000};
    const backtest::Demand demand =
        K3F_TRY(backtest::make_demand(history, {.unit = backtest::Unit::Cores}, capacity, out.step));
    // What is not known is as it was before; at the beginning, as it is once it is known.
    std::size_t first = 0;
    while (!demand.known(first)) ++first;
    double cores = demand.cores[first];
    double lowest = cores;
    for (std::size_t i = 0; i < demand.cores.size(); ++i) {
        if (demand.known(i)) cores = demand.cores[i];
        lowest = std::min(lowest, cores);
        out.cores.push_back(to_millicores(cores));
    }
    out.described = format("as in {}: {}, {:.3g} to {:.3g} cores", demand.name,
                           to_rough_string(demand.end() - demand.start), lowest, demand.peak);
    return out;
}

}  // namespace

Result<SimulatedLoad> read_simulated_load(const std::string& load) {
    const std::size_t colon = load.find(':');
    const std::string_view kind = std::string_view(load).substr(0, colon);
    const std::string_view rest = colon == std::string::npos ? "" : std::string_view(load).substr(colon + 1);
    if (kind == "synthetic") return made_up(rest);
    if (kind == "flat") return always(rest);
    if (kind == "csv") return recorded(load);
    return fail(ErrorCode::InvalidArgument,
                format("\"{}\" is no load\nwrite synthetic:SEED, flat:CORES or csv:FILE[#COLUMN]", load));
}

}  // namespace k3fleet::app
