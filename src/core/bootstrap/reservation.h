// What a node keeps back from pods, so that K3s and the system do not starve: K3s itself reserves nothing,
// and a node whose pods take all of its memory drops out of the cluster.
#pragma once

#include <string>

#include "base/units.h"
#include "core/model/world.h"

namespace k3fleet::bootstrap {

struct Reservation {
    Millicores kube_cpu;  // The kubelet's --kube-reserved: K3s, containerd.
    Mebibytes kube_memory;
    Millicores system_cpu;  // --system-reserved: systemd, SSM agent, sshd if any.
    Mebibytes system_memory;
    Mebibytes eviction{100};  // evictionHard memory.available

    friend bool operator==(const Reservation&, const Reservation&) = default;

    // "cpu=60m,memory=384Mi", as the kubelet takes them.
    std::string kube() const;
    std::string system() const;
};

// Both together follow what GKE keeps back
// (cloud.google.com/kubernetes-engine/docs/concepts/plan-node-sizes): memory 255 MiB below 1 GiB, else 25 %
// of the first 4 GiB, 20 % of the next 4, 10 % of the next 8, 6 % of the next 112 and 2 % of the rest; CPU 6
// % of the first core, 1 % of the second, 0.5 % of the next two and 0.25 % of the rest; 100 MiB more are the
// eviction threshold. EKS' formula (11 MiB a pod + 255) is made for its pod limits: at K3s' 110 pods it would
// take three quarters of a t4g.small.
//
// A master keeps 768 MiB and 200 m more: docs.k3s.io/reference/resource-profiling measures 1,606 MB for a
// server with embedded etcd, its packaged pods and a workload, and 275 MB for an agent; what an agent takes
// and the pods' part of it are reserved or accounted for already.
Reservation reserve(model::Role role, Millicores cpu, Mebibytes memory);

}  // namespace k3fleet::bootstrap
