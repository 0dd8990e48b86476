// `k3fleet backtest`: a recorded load, from a file, from Prometheus or made up, and what policies would
// have done on it. Reads; changes nothing.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "base/units.h"
#include "core/backtest/backtest.h"
#include "core/backtest/demand.h"
#include "core/cost/catalogue.h"
#include "core/model/intent.h"

namespace k3fleet::app {

// One series over a time: what a range query asks for.
struct RangeQuery {
    std::string url;  // Of the Prometheus server, without the query.
    std::string promql;
    Timestamp from;
    Timestamp to;
    Duration step{};
};
// Points in ascending order; points that are not there are simply missing. Must fail when the query gives
// more than one series: a sum is the user's to write.
using RangeReader = std::function<Result<std::vector<backtest::Sample>>(const RangeQuery&)>;

struct BacktestOptions {
    // csv:FILE[#COLUMN], prometheus:URL?query=PROMQL or synthetic:SEED.
    std::string history;
    backtest::DemandOptions demand;
    // Assumptions about nodes; what is empty is the default of backtest::CapacityModel.
    std::optional<Duration> boot;
    std::optional<Duration> patience;
    std::optional<double> usable_percent;
    std::optional<UsdPerHour> price;  // On demand, of every type: where the catalogue has none.
    double spot_price_percent = 40;   // Of the price on demand.
    Timestamp now;                    // Where a Prometheus history ends.
};

inline constexpr std::size_t kMaxHistoryBytes = 512UL << 20;

// InvalidArgument on a history that cannot be read as one (with the line), a type without a known price,
// or an option out of range; NotFound if the file is not there; what the reader says otherwise.
Result<backtest::Report> run_backtest(const model::ClusterIntent& intent, const BacktestOptions& options,
                                      const RangeReader& prometheus = {},
                                      const cost::Catalogue& catalogue = cost::Catalogue::builtin());

// The parts of it.
Result<backtest::History> read_history(const BacktestOptions& options, const RangeReader& prometheus);
struct BacktestNodes {
    backtest::CapacityModel capacity;
    std::vector<backtest::NodeType> types;  // All that the pools may launch; the first is the model's.
    std::vector<std::string> assumptions;
};
Result<BacktestNodes> backtest_nodes(const model::ClusterIntent& intent, const BacktestOptions& options,
                                     const cost::Catalogue& catalogue);

}  // namespace k3fleet::app
