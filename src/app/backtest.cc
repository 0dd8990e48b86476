#include "app/backtest.h"

#include <algorithm>
#include <charconv>
#include <fstream>

#include "base/text.h"
#include "core/backtest/csv.h"
#include "core/backtest/decide_policy.h"
#include "core/backtest/synthetic.h"

namespace k3fleet::app {
namespace {

using backtest::CapacityModel;
using backtest::History;
using backtest::NodeType;

constexpr Duration kDefaultRange = std::chrono::days{7};

Result<std::string> read_text(const std::string& path) {
    std::ifstream file(path, std::ios::binary | std::ios::ate);
    if (!file)
        return fail(ErrorCode::NotFound, format("the history {} cannot be read: is the path right?", path));
    const auto size = file.tellg();
    if (size < 0) return fail(ErrorCode::InvalidArgument, format("the history {} is not a file", path));
    if (static_cast<std::size_t>(size) > kMaxHistoryBytes)
        return fail(ErrorCode::InvalidArgument, format("the history {} has {} MiB; at most {} are read", path,
                                                       size >> 20, kMaxHistoryBytes >> 20));
    std::string text(static_cast<std::size_t>(size), '\0');
    file.seekg(0);
    file.read(text.data(), size);
    if (!file)
        return fail(ErrorCode::InvalidArgument, format("the history {} cannot be read to its end", path));
    return text;
}

Result<History> read_csv(std::string_view rest) {
    const std::size_t mark = rest.rfind('#');
    const std::string path(rest.substr(0, mark));
    const std::string_view column = mark == std::string_view::npos ? "" : rest.substr(mark + 1);
    if (path.empty())
        return fail(ErrorCode::InvalidArgument, "csv: names no file: --history csv:FILE[#COLUMN]");
    const std::string text = K3F_TRY(read_text(path));
    const std::size_t slash = path.rfind('/');
    const std::string name = "csv:" + (slash == std::string::npos ? path : path.substr(slash + 1)) +
                             (column.empty() ? "" : "#" + std::string(column));
    auto history = backtest::parse_csv(text, name, column);
    if (!history) return std::unexpected(std::move(history).error().with("reading " + path));
    return history;
}

Result<History> read_prometheus(std::string_view rest, const BacktestOptions& options,
                                const RangeReader& reader) {
    constexpr std::string_view kMark = "?query=";
    const std::size_t mark = rest.find(kMark);
    if (mark == std::string_view::npos || mark == 0 || mark + kMark.size() == rest.size())
        return fail(ErrorCode::InvalidArgument,
                    "a history from Prometheus is written prometheus:http://HOST:9090?query=PROMQL, with a "
                    "query that "
                    "gives one series");
    if (!reader)
        return fail(ErrorCode::InvalidArgument, "this program was built without a Prometheus reader");
    constexpr std::int64_t kMostPoints = 1'000'000;
    RangeQuery query{.url = std::string(rest.substr(0, mark)),
                     .promql = std::string(rest.substr(mark + kMark.size())),
                     .from = options.now - options.demand.last.value_or(kDefaultRange),
                     .to = options.now,
                     .step = std::chrono::minutes{1}};
    const auto least = std::chrono::ceil<std::chrono::minutes>((query.to - query.from) / kMostPoints);
    query.step = std::max<Duration>(query.step, least);
    History history{.name = "prometheus: " + query.promql};
    history.samples = K3F_TRY_WHILE("asking " + query.url + " for the history", reader(query));
    return history;
}

Result<History> make_up(std::string_view rest, const BacktestOptions& options) {
    std::uint64_t seed = 0;
    const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), seed);
    if (error != std::errc{} || end != rest.data() + rest.size())
        return fail(ErrorCode::InvalidArgument,
                    format("\"{}\" is no seed: write a whole number, as in synthetic:1", rest));
    backtest::SyntheticShape shape;
    if (options.demand.last) {
        constexpr Duration kMost = std::chrono::days{3660};
        if (*options.demand.last > kMost)
            return fail(ErrorCode::InvalidArgument, "a synthetic load is made for at most ten years");
        shape.length = std::max(*options.demand.last, Duration{std::chrono::hours{1}});
    }
    return backtest::make_synthetic(seed, shape);
}

// All types of a pool with their prices, the cheapest first: the one decide() takes.
Result<std::vector<NodeType>> types_of(const model::NodePool& pool, const std::string& region,
                                       const BacktestOptions& options, const cost::Catalogue& catalogue) {
    std::vector<NodeType> types;
    std::string unpriced;
    for (const std::string& name : pool.instance_types) {
        const cost::InstanceType* known = catalogue.find(name);
        if (!known)
            return fail(
                ErrorCode::InvalidArgument,
                format("pool {} names the instance type {}, which is not known", pool.name.str(), name));
        const auto price = catalogue.price(name, region);
        if (!price && !options.price) {
            unpriced = price.why();
            continue;
        }
        const UsdPerHour hourly = options.price ? *options.price : *price;
        const double spot = hourly.dollars() * options.spot_price_percent / 100;
        types.push_back({.name = name,
                         .allocatable_cpu = known->cpu,
                         .allocatable_memory = known->memory,
                         .allocatable_pods = known->max_pods,
                         .on_demand = hourly,
                         .spot = UsdPerHour::from_dollars(spot)});
    }
    if (types.empty())
        return fail(ErrorCode::InvalidArgument,
                    format("nothing of pool {} can be priced{}: give the price of a node with --price",
                           pool.name.str(), unpriced.empty() ? "" : " (" + unpriced + ")"));
    std::ranges::stable_sort(types, {}, &NodeType::on_demand);
    return types;
}

Status check(const BacktestOptions& options) {
    const auto refuse = [](std::string_view what, std::string_view allowed) {
        return fail(ErrorCode::InvalidArgument, format("{} must be {}", what, allowed));
    };
    if (options.boot && (*options.boot < Duration::zero() || *options.boot > std::chrono::hours{1}))
        return refuse("the time from launch to Ready", "between 0s and 1h");
    if (options.patience &&
        (*options.patience < std::chrono::seconds{1} || *options.patience > std::chrono::hours{24}))
        return refuse("the patience of waiting work", "between 1s and 24h");
    if (options.usable_percent && !(*options.usable_percent > 0 && *options.usable_percent <= 100))
        return refuse("the usable part of a node", "above 0 and at most 100 percent");
    if (!(options.spot_price_percent > 0 && options.spot_price_percent <= 100))
        return refuse("the spot price", "above 0 and at most 100 percent of the price on demand");
    if (options.price && options.price->micro_usd <= 0)
        return refuse("the price of a node", "above 0 dollars an hour");
    return {};
}

}  // namespace

Result<History> read_history(const BacktestOptions& options, const RangeReader& prometheus) {
    const std::string_view history = options.history;
    const std::size_t colon = history.find(':');
    const std::string_view kind = history.substr(0, colon);
    const std::string_view rest = colon == std::string_view::npos ? "" : history.substr(colon + 1);
    if (kind == "csv") return read_csv(rest);
    if (kind == "prometheus") return read_prometheus(rest, options, prometheus);
    if (kind == "synthetic") return make_up(rest, options);
    return fail(
        ErrorCode::InvalidArgument,
        format("\"{}\" is no history: write csv:FILE[#COLUMN], prometheus:URL?query=PROMQL or synthetic:SEED",
               history));
}

Result<BacktestNodes> backtest_nodes(const model::ClusterIntent& intent, const BacktestOptions& options,
                                     const cost::Catalogue& catalogue) {
    K3F_TRY(check(options));
    if (intent.pools.empty())
        return fail(ErrorCode::InvalidArgument,
                    "the cluster has no pool of workers: there is nothing to scale");
    BacktestNodes nodes;
    CapacityModel& capacity = nodes.capacity;
    capacity.min = capacity.max = 0;
    for (const model::NodePool& pool : intent.pools) {
        capacity.min += pool.min;
        capacity.max += pool.max;
        for (NodeType& type : K3F_TRY(types_of(pool, intent.region, options, catalogue)))
            if (std::ranges::find(nodes.types, type.name, &NodeType::name) == nodes.types.end())
                nodes.types.push_back(std::move(type));
    }
    if (capacity.max < 1)
        return fail(ErrorCode::InvalidArgument, "the pools allow no worker at all: raise spec.pools[].max");
    const model::NodePool& first = intent.pools.front();
    capacity.node = nodes.types.front();
    capacity.spot_percent = first.spot_percent;
    if (options.boot) capacity.boot = *options.boot;
    if (options.patience) capacity.patience = *options.patience;
    if (options.usable_percent) capacity.usable = *options.usable_percent / 100;
    if (!options.price)
        nodes.assumptions.push_back(format("prices of {} in {}, as of {}", capacity.node.name, intent.region,
                                           to_date(catalogue.prices_as_of())));
    if (capacity.spot_percent > 0)
        nodes.assumptions.push_back(
            format("spot is taken to cost {:g} % of the price on demand", options.spot_price_percent));
    if (intent.pools.size() > 1)
        nodes.assumptions.push_back(
            format("k3fleet scales the {} pools of the file; the other policies one pool of {} with the sum "
                   "of their "
                   "limits",
                   intent.pools.size(), capacity.node.name));
    if (!intent.autoscaling.custom.empty())
        nodes.assumptions.push_back("custom metrics are not in the history: left out");
    if (intent.budget.usd_per_month) nodes.assumptions.push_back("the budget of the file is left out");
    return nodes;
}

Result<backtest::Report> run_backtest(const model::ClusterIntent& intent, const BacktestOptions& options,
                                      const RangeReader& prometheus, const cost::Catalogue& catalogue) {
    const BacktestNodes nodes = K3F_TRY(backtest_nodes(intent, options, catalogue));
    const History history = K3F_TRY(read_history(options, prometheus));
    const backtest::Demand demand =
        K3F_TRY(backtest::make_demand(history, options.demand, nodes.capacity, intent.autoscaling.interval));
    backtest::DecidePolicy own(intent, nodes.types);
    return backtest::run_backtest(own, demand, nodes.capacity, intent.autoscaling.thresholds.cpu_up,
                                  nodes.assumptions);
}

}  // namespace k3fleet::app
