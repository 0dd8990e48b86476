// The words for enumerators in files, journals and on the screen. One spelling each, both ways.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/model/intent.h"
#include "core/model/memory.h"
#include "core/model/plan.h"
#include "core/model/world.h"

namespace k3fleet::model {

std::string_view to_string(Role role);      // master, worker
std::string_view to_string(Market market);  // on-demand, spot
// pending, running, shutting-down, terminated, stopping, stopped
std::string_view to_string(InstanceState state);
std::string_view to_string(PodPhase phase);     // Pending, Running, … as Kubernetes spells them
std::string_view to_string(ClusterMode mode);   // dev, ha
std::string_view to_string(Egress egress);      // nat-instance, nat-gateway, endpoints
std::string_view to_string(Severity severity);  // P0 … P3, info
std::string_view to_string(Outcome outcome);    // done, blocked, failed, skipped
std::string_view to_string(Loop loop);          // infra, workers

std::optional<Role> parse_role(std::string_view text);
std::optional<Market> parse_market(std::string_view text);
std::optional<InstanceState> parse_instance_state(std::string_view text);
std::optional<PodPhase> parse_pod_phase(std::string_view text);
std::optional<ClusterMode> parse_cluster_mode(std::string_view text);
std::optional<Egress> parse_egress(std::string_view text);
std::optional<Severity> parse_severity(std::string_view text);
std::optional<Outcome> parse_outcome(std::string_view text);
std::optional<Loop> parse_loop(std::string_view text);

// "launch", "cordon", "uncordon", "evict", "delete-node", "terminate", "notify".
std::string_view verb(const Action& action);
// One line for people: "launch 1 t4g.medium spot in ap-southeast-1a (pool default)".
std::string describe(const Action& action);

}  // namespace k3fleet::model
