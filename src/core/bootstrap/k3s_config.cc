#include "core/bootstrap/k3s_config.h"

#include "base/text.h"
#include "base/yaml.h"

namespace k3fleet::bootstrap {

namespace {

Value texts(std::initializer_list<std::string_view> items) {
    Value list = Value::array();
    for (const auto item : items) list.push(item);
    return list;
}

// What all servers of a cluster must agree on (docs.k3s.io/cli/server, "Critical configuration values"), and
// the CIS profile (docs.k3s.io/security/hardening-guide).
void add_server(Value& config, const NodeBoot& boot, const MasterBoot& master) {
    config.set("agent-token-file", "/var/lib/k3fleet/agent-token");
    config.set("cluster-cidr", "10.42.0.0/16");
    config.set("service-cidr", "10.43.0.0/16");
    config.set("cluster-dns", "10.43.0.10");
    config.set("secrets-encryption", true);
    // ADR 7: labels and provider id are the kubelet's own; nothing from outside could reach a load balancer.
    config.set("disable-cloud-controller", true);
    config.set("disable", texts({"traefik", "servicelb"}));
    config.set("write-kubeconfig-mode", "0600");
    Value names = Value::array();
    for (const auto& server : boot.servers) names.push(server);
    config.set("tls-san", std::move(names));
    config.set("advertise-address", master.address);
    config.set("kube-apiserver-arg",
               texts({"tls-min-version=VersionTLS13",  // N-15
                      "enable-admission-plugins=NodeRestriction,EventRateLimit",
                      "admission-control-config-file=/etc/rancher/k3s/admission.yaml",
                      "audit-policy-file=/etc/rancher/k3s/audit.yaml",
                      "audit-log-path=/var/lib/rancher/k3s/server/logs/audit.log", "audit-log-maxage=30",
                      "audit-log-maxbackup=10", "audit-log-maxsize=100",
                      "service-account-extend-token-expiration=false"}));
    config.set("kube-controller-manager-arg", texts({"terminated-pod-gc-threshold=10"}));
    if (master.placement == Placement::Dedicated)
        config.set("node-taint", texts({"node-role.kubernetes.io/control-plane:NoSchedule"}));
    config.set("node-label", texts({"k3fleet.dev/role=master"}));
}

void add_worker(Value& config, const WorkerBoot& worker) {
    Value labels = texts({"k3fleet.dev/role=worker"});
    labels.push(format("k3fleet.dev/pool={}", worker.pool.str()));
    for (const auto& [key, value] : worker.labels) labels.push(format("{}={}", key, value));
    config.set("node-label", std::move(labels));
    if (worker.taints.empty()) return;
    Value taints = Value::array();
    for (const auto& taint : worker.taints) taints.push(taint);
    config.set("node-taint", std::move(taints));
}

}  // namespace

std::string k3s_config(const NodeBoot& boot) {
    Value config = Value::object({{"token-file", "/var/lib/k3fleet/token"},
                                  {"protect-kernel-defaults", true},
                                  {"private-registry", "/etc/rancher/k3s/registries.yaml"}});
    config.set("image-credential-provider-bin-dir", "/var/lib/rancher/credentialprovider/bin");
    config.set("image-credential-provider-config", "/var/lib/rancher/credentialprovider/config.yaml");
    config.set("kubelet-arg", texts({"config=/etc/rancher/k3s/kubelet.yaml"}));
    if (boot.master) add_server(config, boot, *boot.master);
    if (boot.worker) add_worker(config, *boot.worker);
    return yaml::write(config);
}

std::string registries(const NodeBoot& boot) {
    Value mirrors = Value::object();
    for (const auto& [registry, endpoint] : boot.mirrors)
        mirrors.set(registry, Value::object({{"endpoint", Value::array({Value(endpoint)})}}));
    return yaml::write(Value::object({{"mirrors", mirrors}}));
}

std::string reservations(const NodeBoot& boot) {
    std::string lines;
    for (const auto& [type, kept] : boot.types)
        lines += format("{} {} {}\n", type, kept.kube(), kept.system());
    return lines;
}

}  // namespace k3fleet::bootstrap
