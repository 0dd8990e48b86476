#include "adapters/prometheus/queries.h"

#include "base/text.h"

namespace k3fleet::prometheus {

namespace {

constexpr std::string_view kIdle = R"q(node_cpu_seconds_total{mode="idle"})q";
constexpr std::string_view kMasterNodes = R"q(kube_node_role{role=~"control-plane|master|etcd"})q";

// The `instance` labels of node-exporters on masters, by each of the three ways to tell.
std::string master_instances() {
    const std::string by_host_name =
        format(R"q((label_replace(node_uname_info, "node", "$1", "nodename", "(.+)") and on (node) {}))q",
               kMasterNodes);
    const std::string by_instance_name =
        format(R"q((label_replace(node_uname_info, "node", "$1", "instance", "(.+?)(?::[0-9]+)?"))q"
               R"q( and on (node) {}))q",
               kMasterNodes);
    const std::string by_address =
        format(R"q((label_replace(node_uname_info, "internal_ip", "$1", "instance", "(.+?)(?::[0-9]+)?"))q"
               R"q( and on (internal_ip) (kube_node_info and on (node) {})))q",
               kMasterNodes);
    return format("group by (instance) ({} or {} or {})", by_host_name, by_instance_name, by_address);
}

}  // namespace

Queries default_queries(Duration window) {
    const std::string workers = format("unless on (instance) {}", master_instances());
    const auto sampled_at = [&](std::string_view selector) {
        // The oldest sample in use: one worker that is read late makes the whole figure late.
        return format("min(timestamp({}) {})", selector, workers);
    };
    Queries queries;
    // "and idle": a rate over a window goes on for machines that are gone already; the selector alone does
    // not. clamp_max: by extrapolation the idle rate can exceed one second a second by a hair.
    queries.cpu = {.value = format("100 * (1 - avg(clamp_max(rate({}[{}]), 1) and {} {}))", kIdle,
                                   to_string(window), kIdle, workers),
                   .sampled_at = sampled_at(kIdle)};
    queries.memory = {.value = format("100 * (1 - sum(node_memory_MemAvailable_bytes {}) / "
                                      "sum(node_memory_MemTotal_bytes {}))",
                                      workers, workers),
                      .sampled_at = sampled_at("node_memory_MemAvailable_bytes")};
    // "max by" the pod: two replicas of kube-state-metrics must not count a pod twice. The exported_ labels
    // are there when the scrape job does not honour labels.
    constexpr std::string_view kEachPodOnce =
        "sum(max by (uid, namespace, pod, exported_namespace, exported_pod) ({}))";
    queries.unschedulable_metric = "kube_pod_status_unschedulable";
    queries.unschedulable = format(kEachPodOnce, queries.unschedulable_metric);
    queries.phase_pending = format(kEachPodOnce, R"q(kube_pod_status_phase{phase="Pending"})q");
    queries.pending_sampled_at = "min(timestamp(kube_pod_status_phase))";
    queries.last_scrape = "max(timestamp(up))";
    return queries;
}

}  // namespace k3fleet::prometheus
