// The PromQL behind the signals. Metric names are those of node-exporter and kube-state-metrics:
// https://github.com/prometheus/node_exporter and
// https://github.com/kubernetes/kube-state-metrics/tree/main/docs/metrics (node and pod metrics).
#pragma once

#include <string>

#include "base/time.h"

namespace k3fleet::prometheus {

// A signal: its value, and when the samples behind it were taken (UNIX seconds, one number). An instant
// query's answer carries the time of the question, not of the samples, and a sample is shown for up to five
// minutes after it was taken: the age must be asked for.
struct SignalQuery {
    std::string value;
    std::string sampled_at;
};

// Each may be replaced for installations that label or record things differently.
struct Queries {
    SignalQuery cpu;     // Percent of all workers' cores that were not idle, 0-100.
    SignalQuery memory;  // Percent of all workers' memory that is not available, 0-100.

    // Waiting pods the scheduler found no place for, and as a second choice those in phase Pending, which
    // also counts pods that only load their image. The first has series only while there are such pods:
    // without series it is 0 if the metric is offered (the metadata knows `unschedulable_metric`), else it
    // does not exist. `pending_sampled_at` says when kube-state-metrics was read.
    std::string unschedulable;
    std::string unschedulable_metric;
    std::string phase_pending;
    std::string pending_sampled_at;

    // For custom metrics, whose samples cannot be told from any PromQL: when Prometheus last read anything.
    // Series of a target that fails end at once (Prometheus marks them stale), so what is left to fear is a
    // Prometheus that reads nothing.
    std::string last_scrape;
};

// The queries for node-exporter and kube-state-metrics as their usual charts install them.
//
// CPU = 100 * (1 - average over all cores of the rate of idle seconds). The rate is taken over `window`,
// which must hold two samples at least: 3 minutes is right for scrape intervals up to a minute. Averaging
// over the modes that are not idle, as is often done, divides by their number: with seven such modes a fully
// loaded machine shows 14 %.
//
// Masters are left out wherever they can be told: kube_node_role names them, and a node-exporter target
// belongs to one if its node_uname_info has the node's name, if its `instance` label is the node's name, or
// if the address in it is the node's internal address by kube_node_info. Without kube-state-metrics all nodes
// count.
Queries default_queries(Duration window = std::chrono::minutes{3});

}  // namespace k3fleet::prometheus
