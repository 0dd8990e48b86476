#include "core/bootstrap/bootstrap.h"

#include <array>
#include <utility>

#include "base/crypto.h"
#include "base/text.h"
#include "core/bootstrap/check.h"
#include "core/bootstrap/documents.h"
#include "core/bootstrap/k3s_config.h"
#include "core/bootstrap/quote.h"
#include "core/bootstrap/units.h"
#include "core/model/resource_names.h"

namespace k3fleet::bootstrap {

extern const std::string_view boot_sh;
extern const std::string_view join_sh;
extern const std::string_view lib_sh;
extern const std::string_view mint_join_sh;
extern const std::string_view mint_kube_sh;
extern const std::string_view nat_sh;

namespace {

// A boothook runs at every start of the machine, a plain script at the first only (cloud-init, "User data
// formats"): whatever a power cut left half done is written again, and the unit picks up from there.
constexpr std::string_view kHead = R"(#cloud-boothook
#!/bin/bash
# Written by k3fleet. Runs at every start of the machine: puts files in their places and starts the unit that
# does the rest. Holds no secret.
set -euo pipefail
umask 022

# put MODE FILE < content: the whole file or the former one.
put() {
  mkdir -p "${2%/*}"
  cat >"$2.new"
  chmod "$1" "$2.new"
  mv -fT "$2.new" "$2"
}

)";

constexpr std::string_view kTail = R"(
systemctl daemon-reload
systemctl enable k3fleet-boot.service
systemctl start --no-block k3fleet-boot.service
)";

constexpr std::string_view kUnits = "/etc/systemd/system/";
constexpr std::string_view kScripts = "/usr/local/lib/k3fleet/";
constexpr std::string_view kManifests = "/var/lib/rancher/k3s/server/manifests/";

class Script {
public:
    // Keeps the first error; what comes after it is not added.
    void put(std::string_view mode, std::string path, const Result<std::string>& content) {
        if (!result_) return;
        if (!content) {
            result_ = std::unexpected(content.error());
            return;
        }
        auto lines = put_file(mode, path, *content);
        if (lines)
            *result_ += *lines;
        else
            result_ = std::move(lines);
    }
    void unit(std::string_view name, std::string_view content) {
        put("0644", format("{}{}", kUnits, name), std::string(content));
    }
    void program(std::string_view name, std::string_view content) {
        put("0755", format("{}{}", kScripts, name), std::string(content));
    }
    void line(std::string_view text) {
        if (result_) *result_ += format("{}\n", text);
    }
    Result<std::string> finish() {
        if (result_) *result_ += kTail;
        return std::move(result_);
    }

private:
    Result<std::string> result_{std::string(kHead)};
};

using Variables = std::vector<std::pair<std::string_view, std::string>>;

Result<std::string> environment(const Variables& variables) {
    std::string text;
    for (const auto& [name, value] : variables) text += K3F_TRY(assignment(name, value));
    return text;
}

Result<std::string> node_environment(const NodeBoot& boot) {
    Variables variables = {{"ROLE", boot.master ? "master" : "worker"},
                           {"CLUSTER", boot.cluster.str()},
                           {"PREFIX", name_prefix(boot)},
                           {"REGION", boot.region},
                           {"ACCOUNT", boot.account},
                           {"K3S_VERSION", boot.k3s_version},
                           {"K3S_URL", boot.binaries.k3s.url},
                           {"K3S_SHA256", boot.binaries.k3s.sha256},
                           {"IMAGES_URL", boot.binaries.images.url},
                           {"IMAGES_SHA256", boot.binaries.images.sha256},
                           {"ECR_URL", boot.binaries.ecr_provider.url},
                           {"ECR_SHA256", boot.binaries.ecr_provider.sha256},
                           {"SSH", boot.master && boot.master->ssh == Ssh::On ? "on" : "off"}};
    if (boot.master) {
        variables.emplace_back("MASTER", boot.master->kind == Master::First ? "first" : "further");
        variables.emplace_back("SLOT_ADDRESS", boot.master->address);
    }
    std::string text = K3F_TRY(environment(variables));
    if (!boot.master) return text;
    text += "SERVERS=(";
    for (std::size_t i = 0; i < boot.servers.size(); ++i)
        text += (i == 0 ? "" : " ") + K3F_TRY(quote(boot.servers[i]));
    return text + ")\n";
}

void put_common(Script& script, std::string_view sysctl) {
    script.put("0644", "/etc/sysctl.d/90-k3fleet.conf", std::string(sysctl));
    script.put("0644", "/etc/systemd/journald.conf.d/k3fleet.conf", std::string(kJournald));
    script.program("lib.sh", lib_sh);
}

void put_k3s(Script& script, const NodeBoot& boot) {
    script.put("0600", "/etc/rancher/k3s/config.yaml", k3s_config(boot));
    script.put("0600", "/etc/rancher/k3s/registries.yaml", registries(boot));
    script.put("0600", "/etc/rancher/k3s/kubelet.yaml", fill(kubelet_yaml, {}));
    script.put("0644", "/var/lib/rancher/credentialprovider/config.yaml", fill(credentials_yaml, {}));
    script.put("0644", "/etc/k3fleet/reservations", reservations(boot));
    script.put("0644", "/etc/systemd/logind.conf.d/k3fleet.conf", std::string(kLogind));
    script.program("boot", boot_sh);
    script.program("join", join_sh);
    script.unit("k3fleet-boot.service", boot_unit());
}

void put_manifests(Script& script, const NodeBoot& boot, const MasterBoot& master) {
    const Filling names = {{"{{prefix}}", name_prefix(boot)}};
    const Filling monitoring = {{"{{prometheus}}", master.monitoring.prometheus},
                                {"{{kube_state_metrics}}", master.monitoring.kube_state_metrics},
                                {"{{node_exporter}}", master.monitoring.node_exporter},
                                {"{{vpc_cidr}}", master.vpc_cidr}};
    script.line("install -d -m 0700 /var/lib/rancher/k3s/server /var/lib/rancher/k3s/server/manifests");
    script.put("0600", format("{}k3fleet-rbac.yaml", kManifests), fill(rbac_yaml, names));
    script.put("0600", format("{}k3fleet-network.yaml", kManifests), fill(network_yaml, {}));
    script.put("0600", format("{}k3fleet-monitoring.yaml", kManifests), fill(monitoring_yaml, monitoring));
}

void put_master(Script& script, const NodeBoot& boot, const MasterBoot& master) {
    script.put("0600", "/etc/rancher/k3s/admission.yaml", fill(admission_yaml, {}));
    script.put("0600", "/etc/rancher/k3s/audit.yaml", fill(audit_yaml, {}));
    script.program("mint-join", mint_join_sh);
    script.program("mint-kube", mint_kube_sh);
    script.unit("k3s.service", server_unit());
    script.unit("k3fleet-join-token.service", join_service());
    script.unit("k3fleet-join-token.timer", join_timer());
    script.unit("k3fleet-autoscaler-kube.service", kube_service());
    script.unit("k3fleet-autoscaler-kube.timer", kube_timer());
    if (master.kind == Master::First) put_manifests(script, boot, master);
}

// Everything that is not from the VPC, or an answer to it, is dropped.
std::string nat_rules(const NatBoot& boot) {
    return format(R"(table ip k3fleet
delete table ip k3fleet
table ip k3fleet {{
  chain forward {{
    type filter hook forward priority filter; policy drop;
    ct state established,related accept
    ip saddr {0} accept
  }}
  chain out {{
    type nat hook postrouting priority srcnat;
    ip saddr {0} ip daddr != {0} masquerade
  }}
}}
)",
                  boot.vpc_cidr);
}

Result<std::string> packed(const Result<std::string>& text) {
    if (!text) return text;
    auto data = crypto::gzip(*text);
    if (data.size() <= kMaxUserData) return data;
    return fail(ErrorCode::Refused, format("the user data has {} bytes when packed, {} more than EC2 takes: "
                                           "use fewer or shorter labels, taints and instance types",
                                           data.size(), data.size() - kMaxUserData));
}

}  // namespace

std::string name_prefix(const NodeBoot& boot) { return model::prefix(boot.project, boot.cluster); }

Result<std::string> script(const NodeBoot& boot) {
    K3F_TRY(check(boot));
    Script script;
    script.put("0644", "/etc/k3fleet/node.env", node_environment(boot));
    put_common(script, kSysctl);
    put_k3s(script, boot);
    if (boot.master)
        put_master(script, boot, *boot.master);
    else
        script.unit("k3s-agent.service", agent_unit());
    return script.finish();
}

Result<std::string> script(const NatBoot& boot) {
    K3F_TRY(check(boot));
    Script script;
    script.put("0644", "/etc/k3fleet/node.env",
               environment({{"REGION", boot.region}, {"VPC_CIDR", boot.vpc_cidr}}));
    put_common(script, kNatSysctl);
    script.put("0644", "/etc/k3fleet/nat.nft", nat_rules(boot));
    script.program("nat", nat_sh);
    script.unit("k3fleet-boot.service", nat_unit());
    return script.finish();
}

Result<std::string> user_data(const NodeBoot& boot) { return packed(script(boot)); }
Result<std::string> user_data(const NatBoot& boot) { return packed(script(boot)); }

}  // namespace k3fleet::bootstrap
