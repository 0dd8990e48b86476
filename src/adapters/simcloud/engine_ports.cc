#include "adapters/simcloud/engine_ports.h"

#include "base/text.h"

namespace k3fleet::simcloud {

std::unexpected<Error> no_answer(std::string_view who) {
    Error error{.code = ErrorCode::Unavailable, .message = format("{} did not answer within 5s", who)};
    error.retry_after = std::chrono::seconds{15};
    return std::unexpected(std::move(error));
}

Result<SimCluster*> EngineKubernetes::up() {
    SimCluster* const cluster = K3F_TRY(engine_.find_cluster(name_, Engine::Removed::Refuse));
    if (!engine_.api_up(*cluster)) return no_answer(format("the API server of cluster {}", name_.str()));
    return cluster;
}

Result<std::vector<model::Node>> EngineKubernetes::nodes() { return engine_.nodes(*K3F_TRY(up())); }
Result<std::vector<model::Pod>> EngineKubernetes::pods() { return engine_.pods(*K3F_TRY(up())); }
Result<std::vector<model::DisruptionBudget>> EngineKubernetes::disruption_budgets() {
    return engine_.budgets(*K3F_TRY(up()));
}
Status EngineKubernetes::cordon(const model::Cordon& request) {
    return engine_.cordon(*K3F_TRY(up()), request);
}
Result<ports::EvictionAnswer> EngineKubernetes::evict(const model::Evict& request) {
    return engine_.evict(*K3F_TRY(up()), request);
}
Status EngineKubernetes::delete_node(const model::DeleteNode& request) {
    engine_.delete_node(*K3F_TRY(up()), request);
    return {};
}

model::Signals EngineMetrics::signals(const std::vector<model::CustomMetric>& custom, Timestamp) {
    const auto cluster = engine_.find_cluster(name_, Engine::Removed::Refuse);
    if (cluster) return engine_.signals(**cluster, custom);
    return ports::all_unknown(custom, cluster.error().describe());
}

}  // namespace k3fleet::simcloud
