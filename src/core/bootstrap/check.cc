#include "core/bootstrap/check.h"

#include <algorithm>
#include <charconv>

#include "base/ranges.h"
#include "base/text.h"
#include "core/intent/problem.h"
#include "core/intent/rules.h"

namespace k3fleet::bootstrap {

namespace {

constexpr std::string_view kDigits = "0123456789";
constexpr std::string_view kHex = "0123456789abcdef";
constexpr std::string_view kLower = "abcdefghijklmnopqrstuvwxyz";

// `text` for the message is what a cluster file may have held: shown without control characters.
std::unexpected<Error> wrong(std::string_view field, std::string_view text, std::string_view allowed) {
    return fail(ErrorCode::InvalidArgument,
                format("{} is \"{}\"; it must be {}", field, intent::visible(text), allowed));
}

bool made_of(std::string_view text, std::string_view characters) {
    return text.find_first_not_of(characters) == std::string_view::npos;
}

Status check_rule(std::string_view field, std::string_view text, const intent::TextRule& rule) {
    if (text.empty() || text.size() > rule.most || rule.check(text, cost::Catalogue::builtin()))
        return wrong(field, text, rule.allowed);
    return {};
}

bool is_address(std::string_view text) {
    const auto parts = split(text, '.');
    return parts.size() == 4 && std::ranges::all_of(parts, [](const std::string& part) {
               int number = -1;
               const auto end = part.data() + part.size();
               const auto [at, error] = std::from_chars(part.data(), end, number);
               return error == std::errc{} && at == end && number >= 0 && number <= 255 &&
                      part == std::to_string(number);
           });
}

// A path of an URL or a key of a bucket: what needs no quoting anywhere, and no "..".
bool is_path(std::string_view text) {
    return !text.empty() && text.size() <= 512 && !text.contains("..") &&
           made_of(text, format("{}{}ABCDEFGHIJKLMNOPQRSTUVWXYZ-_./%+", kLower, kDigits));
}

bool is_host(std::string_view text) {
    return !text.empty() && text.size() <= 260 && text.front() != '-' && text.front() != '.' &&
           made_of(text, format("{}{}-.:", kLower, kDigits));
}

bool is_url(std::string_view text) {
    const bool bucket = text.starts_with("s3://");
    if (!bucket && !text.starts_with("https://")) return false;
    text.remove_prefix(bucket ? 5 : 8);
    const auto slash = text.find('/');
    if (slash == std::string_view::npos) return false;
    return is_host(text.substr(0, slash)) && is_path(text.substr(slash + 1));
}

Status check_artifact(std::string_view field, const Artifact& artifact) {
    if (!is_url(artifact.url)) return wrong(format("{}.url", field), artifact.url, "s3://… or https://…");
    if (artifact.sha256.size() != 64 || !made_of(artifact.sha256, kHex))
        return wrong(format("{}.sha256", field), artifact.sha256, "64 hexadecimal digits");
    return {};
}

Status check_image(std::string_view field, std::string_view text) {
    constexpr std::string_view kMark = "@sha256:";
    const auto at = text.find(kMark);
    const bool pinned = at != std::string_view::npos && text.size() == at + kMark.size() + 64 &&
                        made_of(text.substr(at + kMark.size()), kHex);
    const auto name = text.substr(0, at);
    const auto slash = name.find('/');
    if (!pinned || slash == std::string_view::npos || !is_host(name.substr(0, slash)) ||
        !made_of(name.substr(slash), format("{}{}-_./", kLower, kDigits)))
        return wrong(field, text, "REGISTRY/NAME@sha256:DIGEST");
    return {};
}

Status check_servers(const NodeBoot& boot) {
    if (boot.servers.empty() || boot.servers.size() > 7)
        return fail(ErrorCode::InvalidArgument,
                    format("servers has {} addresses; it must have 1 to 7", boot.servers.size()));
    for (std::size_t i = 0; i < boot.servers.size(); ++i) {
        if (!is_address(boot.servers[i])) return wrong("servers", boot.servers[i], "an IPv4 address");
        if (std::count(boot.servers.begin(), boot.servers.end(), boot.servers[i]) > 1)
            return wrong("servers", boot.servers[i], "there once");
    }
    return {};
}

Status check_types(const NodeBoot& boot) {
    if (boot.types.empty())
        return fail(ErrorCode::InvalidArgument, "types is empty: name the instance types");
    for (const auto& [type, kept] : boot.types) {
        K3F_TRY(check_rule("types", type, intent::kInstanceType));
        const bool sound = kept.kube_cpu.count >= 0 && kept.kube_memory.count > 0 &&
                           kept.system_cpu.count >= 0 && kept.system_memory.count > 0;
        if (!sound) return wrong("types", type, "given with what is kept back on it");
    }
    return {};
}

Status check_master(const NodeBoot& boot, const MasterBoot& master) {
    if (!contains(boot.servers, master.address))
        return wrong("master.address", master.address, "one of servers");
    K3F_TRY(check_rule("master.vpc_cidr", master.vpc_cidr, intent::kVpcCidr));
    return check(master.monitoring);
}

Status check_worker(const WorkerBoot& worker) {
    K3F_TRY(check_rule("worker.pool", worker.pool.str(), intent::kPoolName));
    for (const auto& [key, value] : worker.labels) {
        K3F_TRY(check_rule("worker.labels", key, intent::kLabelKey));
        if (!value.empty()) K3F_TRY(check_rule("worker.labels", value, intent::kLabelValue));
    }
    for (const auto& taint : worker.taints) K3F_TRY(check_rule("worker.taints", taint, intent::kTaint));
    return {};
}

}  // namespace

Status check(const Binaries& binaries) {
    K3F_TRY(check_artifact("binaries.k3s", binaries.k3s));
    K3F_TRY(check_artifact("binaries.images", binaries.images));
    return check_artifact("binaries.ecr_provider", binaries.ecr_provider);
}

Status check(const MonitoringImages& images) {
    K3F_TRY(check_image("monitoring.prometheus", images.prometheus));
    K3F_TRY(check_image("monitoring.kube_state_metrics", images.kube_state_metrics));
    return check_image("monitoring.node_exporter", images.node_exporter);
}

Status check(const NodeBoot& boot) {
    K3F_TRY(check_rule("project", boot.project.str(), intent::kProjectName));
    K3F_TRY(check_rule("cluster", boot.cluster.str(), intent::kClusterName));
    if (boot.account.size() != 12 || !made_of(boot.account, kDigits))
        return wrong("account", boot.account, "12 digits");
    K3F_TRY(check_rule("region", boot.region, intent::kRegion));
    K3F_TRY(check_rule("k3s_version", boot.k3s_version, intent::kK3sVersion));
    K3F_TRY(check_servers(boot));
    K3F_TRY(check(boot.binaries));
    K3F_TRY(check_types(boot));
    for (const auto& [registry, endpoint] : boot.mirrors) {
        if (!is_host(registry)) return wrong("mirrors", registry, "the host of a registry");
        if (!is_url(endpoint + "/-") || !endpoint.starts_with("https://"))
            return wrong("mirrors", endpoint, "https://…");
    }
    if (boot.master.has_value() == boot.worker.has_value())
        return fail(ErrorCode::InvalidArgument, "a node is either a master or a worker");
    return boot.master ? check_master(boot, *boot.master) : check_worker(*boot.worker);
}

Status check(const NatBoot& boot) {
    K3F_TRY(check_rule("region", boot.region, intent::kRegion));
    return check_rule("vpc_cidr", boot.vpc_cidr, intent::kVpcCidr);
}

}  // namespace k3fleet::bootstrap
