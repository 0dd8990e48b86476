// Checks across fields, in the order of the file.
#include "core/intent/checks.h"

#include <algorithm>
#include <set>

#include "base/text.h"
#include "core/intent/fields.h"
#include "core/model/resource_names.h"

namespace k3fleet::intent {

namespace {

constexpr Mebibytes kMasterMemory{2048};  // docs.k3s.io, installation/requirements: server.
constexpr Mebibytes kWorkerMemory{512};   // The same page: agent.

bool all_sound(const Session& session, std::initializer_list<std::string> paths) {
    return std::all_of(paths.begin(), paths.end(),
                       [&](const std::string& path) { return session.sound(path); });
}

std::string plain_number(double value) { return format("{:g}", value); }

void check_names(Session& session, const model::ClusterIntent& cluster) {
    if (!all_sound(session, {"metadata.name", "spec.project"})) return;
    auto prefix = model::prefix(cluster.project, cluster.name);
    if (prefix.size() > kMaxPrefix)
        session.error("metadata.name",
                      format("names on AWS would begin with \"{}\", {} characters; at most {} fit", prefix,
                             prefix.size(), kMaxPrefix),
                      format("project and cluster together at most {} characters, so that the IAM role "
                             "{{project}}-{{cluster}}AutoscalerLambdaRole-{{region}} stays within IAM's 64",
                             kMaxPrefix - 1),
                      format("shorten one of them by {}",
                             counted(static_cast<long long>(prefix.size() - kMaxPrefix), "character")));
    else if (!session.given("spec.project") && cluster.project.str().size() > kMaxProjectName)
        session.error(
            "metadata.name",
            format("without spec.project this is the name of the project too, and {} characters are "
                   "too many for that",
                   cluster.project.str().size()),
            format("at most {} characters, so that the bucket "
                   "{{project}}-snapshots-{{account}}-{{region}} stays within S3's 63",
                   kMaxProjectName),
            "shorten it, or name a project");
    const auto* project = session.context().project;
    if (project && !project->name.empty() && cluster.project != project->name)
        session.error(
            "spec.project",
            format("\"{}\" is not the project at hand, \"{}\"", cluster.project.str(), project->name.str()),
            "", "take the field out, or choose the other project with --project");
}

void check_region(Session& session, const model::ClusterIntent& cluster) {
    if (!session.sound("spec.region")) return;
    const auto* project = session.context().project;
    if (project && std::find(project->allowed_regions.begin(), project->allowed_regions.end(),
                             cluster.region) == project->allowed_regions.end())
        return session.error(
            "spec.region",
            format("the project \"{}\" does not allow {}", project->name.str(), cluster.region),
            join(project->allowed_regions, ", "),
            "choose an allowed region, or add this one to allowedRegions of the project");
    const auto& catalogue = session.catalogue();
    const auto& priced = catalogue.priced_regions();
    if (!known_region(cluster.region))
        session.warning("spec.region",
                        format("k3fleet has not heard of {}: if it is new, all is well", cluster.region),
                        "check the spelling");
    else if (std::find(priced.begin(), priced.end(), cluster.region) == priced.end())
        session.warning("spec.region",
                        format("prices in {} are not known: costs are shown as unknown", cluster.region),
                        format("prices are there for {}", join(priced, ", ")));
}

void check_zones(Session& session, const model::ClusterIntent& cluster, const std::vector<std::string>& zones,
                 const std::string& path) {
    if (!session.sound("spec.region")) return;
    for (std::size_t i = 0; i < zones.size(); ++i) {
        auto item = format("{}[{}]", path, i);
        if (!session.sound(item)) continue;
        if (zones[i].substr(0, zones[i].size() - 1) != cluster.region)
            session.error(item,
                          format("{} is not in {}, the region of the cluster", zones[i], cluster.region),
                          format("zones of {0}, such as {0}a", cluster.region), "");
        else if (path != "spec.zones" && !cluster.zones.empty() && session.sound("spec.zones") &&
                 std::find(cluster.zones.begin(), cluster.zones.end(), zones[i]) == cluster.zones.end())
            session.error(item, format("{} is not among the zones of the cluster", zones[i]),
                          join(cluster.zones, ", "), "add it to spec.zones, or take it out here");
    }
}

void check_type_sold(Session& session, const model::ClusterIntent& cluster, const std::string& type,
                     const std::string& path) {
    if (!all_sound(session, {"spec.region", path})) return;
    if (session.catalogue().offered(type, cluster.region) == cost::Offered::No)
        session.error(path, format("{} is not sold in {}", type, cluster.region), "",
                      "choose a type of the same size that is, or another region");
}

void check_masters(Session& session, const model::ClusterIntent& cluster) {
    if (!session.sound("spec.masterType")) return;
    check_type_sold(session, cluster, cluster.master_type, "spec.masterType");
    const auto* type = session.catalogue().find(cluster.master_type);
    if (type && type->memory < kMasterMemory)
        session.warning("spec.masterType",
                        format("{} has {}; a K3s server needs {}", type->name, to_string(type->memory),
                               to_string(kMasterMemory)),
                        "use t4g.small or larger");
    if (session.sound("spec.zones") && cluster.mode == model::ClusterMode::Ha && cluster.zones.size() == 1)
        session.warning("spec.zones", "the three masters share one zone: if it fails, the cluster does",
                        "name three zones, or none to use all of the region");
}

void check_pool_types(Session& session, const model::ClusterIntent& cluster, const model::NodePool& pool,
                      const std::string& path) {
    if (!session.readable(path + ".instanceTypes")) return;
    std::vector<std::string> arm, amd;
    for (std::size_t i = 0; i < pool.instance_types.size(); ++i) {
        auto item = format("{}.instanceTypes[{}]", path, i);
        check_type_sold(session, cluster, pool.instance_types[i], item);
        const auto* type = session.catalogue().find(pool.instance_types[i]);
        if (!type) continue;
        (type->architecture == cost::Architecture::Arm64 ? arm : amd).push_back(type->name);
        if (type->memory < kWorkerMemory)
            session.warning(item,
                            format("{} has {}; a K3s agent needs {}", type->name, to_string(type->memory),
                                   to_string(kWorkerMemory)),
                            "use a larger type");
        if (type->gpus > 0)
            session.warning(item, format("{} has a GPU that this release does not make usable", type->name),
                            "use a type without a GPU, or install the driver yourself");
    }
    if (!arm.empty() && !amd.empty())
        session.warning(path + ".instanceTypes",
                        format("the pool mixes arm64 ({}) and amd64 ({}): its pods need images for both",
                               join(arm, ", "), join(amd, ", ")),
                        "make a pool for each architecture unless all your images are built for both");
}

void check_pool(Session& session, const model::ClusterIntent& cluster, std::size_t index) {
    const auto& pool = cluster.pools[index];
    auto path = format("spec.pools[{}]", index);
    if (all_sound(session, {path + ".min", path + ".max"}) && pool.max < pool.min) {
        bool max_given = session.given(path + ".max");
        session.error(max_given ? path + ".max" : path + ".min",
                      max_given ? format("{} is less than min ({})", pool.max, pool.min)
                                : format("{} is more than max ({}, the default)", pool.min, pool.max),
                      max_given ? format("a whole number from {} to {}", pool.min, kMaxNodes)
                                : format("a whole number from 0 to {}", pool.max),
                      max_given ? "raise max or lower min" : "set max too");
    } else if (pool.max == 0 && session.sound(path + ".max")) {
        session.warning(path + ".max", "with max 0 the pool never has a worker",
                        "raise max, or take the pool out");
    }
    check_pool_types(session, cluster, pool, path);
    if (session.readable(path + ".zones")) check_zones(session, cluster, pool.zones, path + ".zones");
    std::set<std::string> seen;
    for (std::size_t i = 0; i < pool.taints.size(); ++i) {
        const auto& taint = pool.taints[i];
        if (taint.empty() || !session.readable(path + ".taints")) continue;
        auto colon = taint.rfind(':');
        auto identity = taint.substr(0, std::min(taint.find('='), colon)) + taint.substr(colon);
        if (!seen.insert(identity).second)
            session.error(format("{}.taints[{}]", path, i),
                          format("the pool has a taint {} already", identity), "each key and effect once",
                          "take one of them out");
    }
}

void check_pools(Session& session, const model::ClusterIntent& cluster) {
    int most = cluster.masters();
    for (std::size_t i = 0; i < cluster.pools.size(); ++i) {
        auto name_path = format("spec.pools[{}].name", i);
        for (std::size_t j = 0; j < i; ++j) {
            if (cluster.pools[i].name.empty() || cluster.pools[i].name != cluster.pools[j].name) continue;
            session.error(
                name_path,
                format("\"{}\" is the name of another pool already (line {})", cluster.pools[i].name.str(),
                       session.position(format("spec.pools[{}].name", j)).line),
                "each name once", "rename one of the two");
            break;
        }
        check_pool(session, cluster, i);
        most += cluster.pools[i].max;
    }
    if (session.sound("spec.pools") && most > kMaxNodes)
        session.error(
            "spec.pools", format("masters and the max of all pools add up to {} nodes", most),
            format("at most {} nodes: K3s' pod network 10.42.0.0/16 has 255 ranges, one a node", kMaxNodes),
            "lower max of some pools, or make a second cluster");
}

struct Limit {
    std::string_view signal;  // "CPU"
    std::string_view key;     // "cpu"
    double up;
    double down;
};

// n workers at the upper limit carry up*n/(n+1) each once there is one more. If that is below the lower
// limit, the scale-up is undone as soon as the windows and the cooldown allow, and so on for ever.
void check_oscillation(Session& session, const Limit& limit, int n) {
    const std::string base = "spec.autoscaling.thresholds.";
    double after = limit.up * n / (n + 1);
    if (after >= limit.down) return;
    session.warning(
        base + std::string(limit.key) + "Down",
        format("workers can come and go in circles: {} at {} % {} scales up to {}, which leaves {:.1f} % "
               "and is below {} %, where it scales down again",
               limit.signal, plain_number(limit.up), n == 1 ? "of 1 worker" : format("of {} workers", n),
               n + 1, after, plain_number(limit.down)),
        format("set {0}Down to {1} or less, or raise {0}Up or min", limit.key, static_cast<int>(after)));
}

void check_thresholds(Session& session, const model::ClusterIntent& cluster) {
    const std::string base = "spec.autoscaling.thresholds.";
    const auto& t = cluster.autoscaling.thresholds;
    int n = 0;
    for (const auto& pool : cluster.pools) n += pool.min;
    for (const Limit& limit :
         {Limit{"CPU", "cpu", t.cpu_up, t.cpu_down}, Limit{"memory", "memory", t.memory_up, t.memory_down}}) {
        auto up = base + std::string(limit.key) + "Up";
        auto down = base + std::string(limit.key) + "Down";
        if (!all_sound(session, {up, down})) continue;
        if (limit.down >= limit.up) {
            const auto& at = session.given(down) ? down : up;
            session.error(
                at,
                format("{}Down ({}) is not below {}Up ({})", limit.key, plain_number(limit.down), limit.key,
                       plain_number(limit.up)),
                format("{0}Down below {0}Up", limit.key),
                "keep a gap between the two, such as 30 and 70, so that workers do not come and go in "
                "circles");
        } else if (session.sound("spec.pools") && !cluster.pools.empty()) {
            check_oscillation(session, limit, std::max(n, 1));
        }
    }
    if (all_sound(session, {base + "cpuUp", base + "cpuUrgent"}) && t.cpu_urgent < t.cpu_up)
        session.error(
            session.given(base + "cpuUrgent") ? base + "cpuUrgent" : base + "cpuUp",
            format("cpuUrgent ({}) is below cpuUp ({})", plain_number(t.cpu_urgent), plain_number(t.cpu_up)),
            "cpuUrgent at least cpuUp", "raise cpuUrgent");
}

void check_custom_metrics(Session& session, const model::ClusterIntent& cluster) {
    const auto& custom = cluster.autoscaling.custom;
    for (std::size_t i = 0; i < custom.size(); ++i)
        for (std::size_t j = 0; j < i; ++j)
            if (!custom[i].name.empty() && custom[i].name == custom[j].name) {
                session.error(format("spec.autoscaling.customMetrics[{}].name", i),
                              format("\"{}\" is the name of another custom metric already", custom[i].name),
                              "each name once", "rename one of the two");
                break;
            }
}

bool loopback(std::string_view url) {
    return url.starts_with("http://127.") || url.starts_with("http://localhost") ||
           url.starts_with("http://[::1]");
}

void check_metrics(Session& session, const model::ClusterIntent& cluster) {
    const auto& m = cluster.metrics;
    const std::string base = "spec.metrics.";
    auto there = [&](const char* key) { return session.given(base + key); };
    // A password that was written into the file was meant to be that file.
    if (there("username") && !there("passwordFile") && !session.found_secrets())
        session.error(base + "username", "a user name without a password",
                      "username and passwordFile together", "add passwordFile");
    if (there("passwordFile") && !there("username"))
        session.error(base + "passwordFile", "a password without a user name",
                      "username and passwordFile together", "add username");
    if (there("bearerTokenFile") && (there("username") || there("passwordFile")))
        session.error(base + "bearerTokenFile", "two ways to log in: bearer token and user name",
                      "one of the two", "take one of them out");
    if (m.prometheus_url.empty()) return;
    bool plain = m.prometheus_url.starts_with("http://");
    if (plain && !loopback(m.prometheus_url) && (there("bearerTokenFile") || there("passwordFile")))
        session.warning(base + "prometheusUrl", "credentials go over the network unencrypted",
                        "use https://");
    if (plain && !m.ca_file.empty())
        session.warning(base + "caFile", "without effect: http:// uses no certificate",
                        "use https://, or take it out");
}

}  // namespace

void check_cluster(Session& session, const model::ClusterIntent& cluster) {
    check_names(session, cluster);
    check_region(session, cluster);
    check_masters(session, cluster);
    if (session.readable("spec.zones")) check_zones(session, cluster, cluster.zones, "spec.zones");
    check_pools(session, cluster);
    check_thresholds(session, cluster);
    check_custom_metrics(session, cluster);
    check_metrics(session, cluster);
}

void check_project(Session& session, const model::ProjectIntent& project) {
    for (std::size_t i = 0; i < project.allowed_regions.size(); ++i) {
        auto path = format("spec.allowedRegions[{}]", i);
        if (session.sound(path) && !known_region(project.allowed_regions[i]))
            session.warning(
                path,
                format("k3fleet has not heard of {}: if it is new, all is well", project.allowed_regions[i]),
                "check the spelling");
    }
}

}  // namespace k3fleet::intent
