// The load signals of a cluster's workers, from Prometheus.
#pragma once

#include <vector>

#include "adapters/prometheus/api.h"
#include "adapters/prometheus/queries.h"
#include "ports/executor.h"
#include "ports/metrics.h"

namespace k3fleet::prometheus {

struct Options {
    Source source;
    Queries queries = default_queries();
    Duration timeout = std::chrono::seconds{5};    // Of each query; they run side by side.
    Duration max_age = std::chrono::seconds{150};  // Older samples are no reading.
};

class PrometheusMetrics final : public ports::Metrics {
public:
    // Client and executor must outlive this.
    PrometheusMetrics(net::HttpClient& http, ports::Executor& executor, Options options);

    // The as_of of CPU, memory and pending is the oldest sample behind them; of a custom metric the last
    // scrape, or `at` if that is earlier.
    model::Signals signals(const std::vector<model::CustomMetric>& custom, Timestamp at) override;

private:
    Api api_;
    ports::Executor& executor_;
    Options options_;
};

}  // namespace k3fleet::prometheus
