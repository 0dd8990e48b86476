// The cluster's side of a simulated world as ports: its API server and its metrics. One thread,
// nothing saved.
#pragma once

#include <utility>

#include "adapters/simcloud/engine.h"
#include "ports/kubernetes.h"
#include "ports/metrics.h"

namespace k3fleet::simcloud {

// Calls of a cluster that was never added fail with NotFound, those of one whose API server is away with
// Unavailable. The engine must outlive both.
class EngineKubernetes final : public ports::Kubernetes {
public:
    EngineKubernetes(Engine& engine, model::ClusterName name) : engine_(engine), name_(std::move(name)) {}

    Result<std::vector<model::Node>> nodes() override;
    Result<std::vector<model::Pod>> pods() override;
    Result<std::vector<model::DisruptionBudget>> disruption_budgets() override;
    Status cordon(const model::Cordon& request) override;
    Result<ports::EvictionAnswer> evict(const model::Evict& request) override;
    Status delete_node(const model::DeleteNode& request) override;

private:
    Result<SimCluster*> up();
    Engine& engine_;
    model::ClusterName name_;
};

// The simulated world knows its present only: `at` is taken as now.
class EngineMetrics final : public ports::Metrics {
public:
    EngineMetrics(Engine& engine, model::ClusterName name) : engine_(engine), name_(std::move(name)) {}
    model::Signals signals(const std::vector<model::CustomMetric>& custom, Timestamp at) override;

private:
    Engine& engine_;
    model::ClusterName name_;
};

// Nobody answers: `who` names it.
std::unexpected<Error> no_answer(std::string_view who);

}  // namespace k3fleet::simcloud
