#include "core/bootstrap/from_intent.h"

#include <algorithm>

#include "base/ranges.h"
#include "base/text.h"

namespace k3fleet::bootstrap {

namespace {

constexpr std::string_view kZeros = "0000000000000000000000000000000000000000000000000000000000000000";

NodeBoot common(const model::ClusterIntent& intent, const AccountFacts& facts,
                cost::Architecture architecture) {
    NodeBoot boot;
    boot.project = intent.project;
    boot.cluster = intent.name;
    boot.account = facts.account;
    boot.region = intent.region;
    boot.k3s_version = intent.k3s_version;
    boot.servers = facts.servers;
    boot.binaries = architecture == cost::Architecture::Arm64 ? facts.arm64 : facts.amd64;
    return boot;
}

Result<const cost::InstanceType*> find_type(const std::string& name) {
    const auto* type = cost::Catalogue::builtin().find(name);
    if (type == nullptr)
        return fail(ErrorCode::InvalidArgument, format("{} is no instance type that k3fleet knows", name));
    return type;
}

// "+" has no place in a path.
std::string release(std::string_view version, std::string_view file) {
    std::string tag(version);
    if (const auto plus = tag.find('+'); plus != std::string::npos) tag.replace(plus, 1, "%2B");
    return format("https://github.com/k3s-io/k3s/releases/download/{}/{}", tag, file);
}

Binaries sample_binaries(const model::ClusterIntent& intent, cost::Architecture architecture) {
    const bool arm = architecture == cost::Architecture::Arm64;
    const std::string zeros(kZeros);
    Binaries binaries;
    binaries.k3s = {release(intent.k3s_version, arm ? "k3s-arm64" : "k3s"), zeros};
    binaries.images = {
        release(intent.k3s_version, format("k3s-airgap-images-{}.tar.zst", to_string(architecture))), zeros};
    binaries.ecr_provider = {format("s3://{}-state-000000000000-{}/binaries/ecr-credential-provider-{}",
                                    intent.project.str(), intent.region, to_string(architecture)),
                             zeros};
    return binaries;
}

}  // namespace

Result<NodeBoot> master_boot(const model::ClusterIntent& intent, const AccountFacts& facts, int slot,
                             Master kind) {
    if (slot < 0 || slot >= intent.masters() || slot >= std::ssize(facts.servers))
        return fail(ErrorCode::InvalidArgument,
                    format("there is no master slot {}: the cluster has {}, from 0", slot, intent.masters()));
    const auto* type = K3F_TRY(find_type(intent.master_type));
    NodeBoot boot = common(intent, facts, type->architecture);
    boot.types[type->name] = reserve(model::Role::Master, type->cpu, type->memory);
    MasterBoot master;
    master.kind = kind;
    master.address = facts.servers[static_cast<std::size_t>(slot)];
    master.placement = intent.pools.empty() ? Placement::Shared : Placement::Dedicated;
    master.ssh = intent.access.ssh_cidr ? Ssh::On : Ssh::Off;
    master.vpc_cidr = intent.network.cidr;
    master.monitoring = facts.monitoring;
    boot.master = std::move(master);
    return boot;
}

Result<NodeBoot> worker_boot(const model::ClusterIntent& intent, const AccountFacts& facts,
                             const model::NodePool& pool, cost::Architecture architecture) {
    NodeBoot boot = common(intent, facts, architecture);
    for (const auto& name : pool.instance_types) {
        const auto* type = K3F_TRY(find_type(name));
        if (type->architecture == architecture)
            boot.types[name] = reserve(model::Role::Worker, type->cpu, type->memory);
    }
    if (boot.types.empty())
        return fail(ErrorCode::InvalidArgument,
                    format("the pool {} has no {} instance type", pool.name.str(), to_string(architecture)));
    boot.worker = WorkerBoot{.pool = pool.name, .labels = pool.labels, .taints = pool.taints};
    return boot;
}

NatBoot nat_boot(const model::ClusterIntent& intent) {
    return {.region = intent.region, .vpc_cidr = intent.network.cidr};
}

std::vector<cost::Architecture> architectures(const model::NodePool& pool) {
    std::vector<cost::Architecture> found;
    for (const auto& name : pool.instance_types) {
        const auto* type = cost::Catalogue::builtin().find(name);
        if (type != nullptr && !contains(found, type->architecture)) found.push_back(type->architecture);
    }
    return found;
}

AccountFacts sample_facts(const model::ClusterIntent& intent) {
    AccountFacts facts;
    facts.account = "000000000000";
    const auto octets = split(intent.network.cidr.substr(0, intent.network.cidr.find('/')), '.');
    for (int slot = 0; slot < intent.masters(); ++slot)
        facts.servers.push_back(format("{}.{}.{}.10", octets.at(0), octets.at(1), 2 * (slot + 1)));
    facts.amd64 = sample_binaries(intent, cost::Architecture::Amd64);
    facts.arm64 = sample_binaries(intent, cost::Architecture::Arm64);
    const auto image = [](std::string_view name) { return format("{}@sha256:{}", name, kZeros); };
    facts.monitoring = {image("quay.io/prometheus/prometheus"),
                        image("registry.k8s.io/kube-state-metrics/kube-state-metrics"),
                        image("quay.io/prometheus/node-exporter")};
    return facts;
}

}  // namespace k3fleet::bootstrap
