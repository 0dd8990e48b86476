// How long a backtest takes: a year of two-minute slots on a cluster of a hundred nodes, the product's own
// policy alone and the whole table. The limit is 5 CPU seconds for the table.
#include <benchmark/benchmark.h>

#include "core/backtest/backtest.h"
#include "core/backtest/decide_policy.h"
#include "core/backtest/synthetic.h"
#include "tests/support/backtest.h"

namespace k3fleet {
namespace {

backtest::CapacityModel hundred_nodes() {
    backtest::CapacityModel capacity = support::round_nodes();
    capacity.max = 100;
    return capacity;
}

backtest::Demand a_year(const backtest::CapacityModel& capacity) {
    const backtest::SyntheticShape shape{.length = std::chrono::days{365}, .drift_a_week = 0};
    const backtest::History history = backtest::make_synthetic(1, shape);
    return *backtest::make_demand(history, {.nodes = 90}, capacity, std::chrono::minutes{2});
}

void year_of_decide(benchmark::State& state) {
    const auto capacity = hundred_nodes();
    const auto demand = a_year(capacity);
    for (auto _ : state) {
        backtest::DecidePolicy own(support::cluster_of(capacity), {capacity.node});
        benchmark::DoNotOptimize(backtest::run_policy(own, demand, capacity));
    }
    state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(demand.cores.size()));
}
BENCHMARK(year_of_decide)->Unit(benchmark::kMillisecond);

void year_of_all_policies(benchmark::State& state) {
    const auto capacity = hundred_nodes();
    for (auto _ : state) {
        const auto demand = a_year(capacity);
        backtest::DecidePolicy own(support::cluster_of(capacity), {capacity.node});
        benchmark::DoNotOptimize(backtest::run_backtest(own, demand, capacity, 70, {}));
    }
}
BENCHMARK(year_of_all_policies)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace k3fleet

BENCHMARK_MAIN();
