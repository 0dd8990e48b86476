// Nodes for the tests of this folder.
#pragma once

#include "core/bootstrap/bootstrap.h"

namespace k3fleet::bootstrap::testing {

inline std::string digest_of(char digit) { return std::string(64, digit); }

inline NodeBoot a_node() {
    NodeBoot boot;
    boot.project = model::ProjectName("node-fleet");
    boot.cluster = model::ClusterName("node-fleet");
    boot.account = "123456789012";
    boot.region = "ap-southeast-1";
    boot.k3s_version = "v1.31.4+k3s1";
    boot.servers = {"10.0.2.10"};
    const std::string folder = "s3://node-fleet-state-123456789012-ap-southeast-1/binaries/";
    boot.binaries = {{folder + "v1.31.4/k3s-arm64", digest_of('a')},
                     {folder + "v1.31.4/k3s-airgap-images-arm64.tar.zst", digest_of('b')},
                     {folder + "ecr-credential-provider-arm64", digest_of('c')}};
    return boot;
}

inline NodeBoot a_master(Master kind = Master::First) {
    NodeBoot boot = a_node();
    boot.types["t4g.small"] = reserve(model::Role::Master, Millicores{2000}, Mebibytes{2048});
    MasterBoot master;
    master.kind = kind;
    master.address = "10.0.2.10";
    master.monitoring = {"quay.io/prometheus/prometheus@sha256:" + digest_of('1'),
                         "registry.k8s.io/kube-state-metrics/kube-state-metrics@sha256:" + digest_of('2'),
                         "quay.io/prometheus/node-exporter@sha256:" + digest_of('3')};
    boot.master = master;
    return boot;
}

// The second of three masters of a cluster that is not named like its project.
inline NodeBoot a_further_master() {
    NodeBoot boot = a_master(Master::Further);
    boot.cluster = model::ClusterName("shop");
    boot.servers = {"10.0.2.10", "10.0.4.10", "10.0.6.10"};
    boot.master->address = "10.0.4.10";
    return boot;
}

inline NodeBoot a_worker() {
    NodeBoot boot = a_node();
    boot.types["t4g.medium"] = reserve(model::Role::Worker, Millicores{2000}, Mebibytes{4096});
    boot.types["t4g.large"] = reserve(model::Role::Worker, Millicores{2000}, Mebibytes{8192});
    boot.worker = WorkerBoot{.pool = model::PoolName("batch"),
                             .labels = {{"example.com/team", "shop"}, {"disk", ""}},
                             .taints = {"dedicated=batch:NoSchedule"}};
    return boot;
}

}  // namespace k3fleet::bootstrap::testing
