// What a pod asks of its node, counted as kube-scheduler does.
#pragma once

#include "base/result.h"
#include "base/units.h"
#include "base/value.h"

namespace k3fleet::kube {

struct Requests {
    Millicores cpu;
    Mebibytes memory;
    friend bool operator==(const Requests&, const Requests&) = default;
};

// Of each resource: the larger of (all containers and sidecars) and (each init container with the sidecars
// that were started before it), where a sidecar is an init container with restartPolicy Always; then, if the
// pod has requests of its own (spec.resources), those instead; then spec.overhead on top. A container that is
// being resized counts with the larger of what it asks for and what the kubelet has granted. Sources:
// https://kubernetes.io/docs/concepts/workloads/pods/sidecar-containers/#resource-sharing-within-containers,
// KEP-753 (sidecars), KEP-1287 (resize), KEP-2837 (pod-level resources), KEP-688 (overhead). `pod` = the
// whole object. InvalidArgument on a quantity that cannot be read.
Result<Requests> pod_requests(const Value& pod);

}  // namespace k3fleet::kube
