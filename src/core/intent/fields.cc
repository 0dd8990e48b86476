// The table. Order here is the order in the schema, in messages and in written files.
#include "core/intent/fields.h"

#include <array>

#include "core/model/memory.h"

namespace k3fleet::intent {

namespace {

using namespace std::chrono_literals;

constexpr auto kRequired = Presence::Required;
constexpr auto kOptional = Presence::Optional;
constexpr std::array<std::string_view, 2> kModes = {"dev", "ha"};
constexpr std::array<std::string_view, 3> kEgress = {"nat-instance", "nat-gateway", "endpoints"};
constexpr std::array<std::string_view, 2> kKeys = {"aws", "customer"};
constexpr Range<double> kPercent{0, 100};

template <typename Enum>
void choice(Visitor& v, const Field& field, Enum& value, std::span<const std::string_view> words) {
    std::optional<std::size_t> index = static_cast<std::size_t>(value);
    v.choice(field, index, words);
    if (index) value = static_cast<Enum>(*index);
}

template <typename Enum>
void choice(Visitor& v, const Field& field, std::optional<Enum>& value,
            std::span<const std::string_view> words) {
    std::optional<std::size_t> index;
    if (value) index = static_cast<std::size_t>(*value);
    v.choice(field, index, words);
    if (index) value = static_cast<Enum>(*index);
}

template <typename Name>
void name(Visitor& v, const Field& field, Name& value, const TextRule& rule) {
    std::string text = value.str();
    v.text(field, text, rule);
    value = Name(std::move(text));
}

void number(Visitor& v, const Field& field, double& value, Range<double> range) {
    std::optional<double> held = value;
    v.number(field, held, range);
    if (held) value = *held;
}

void optional_text(Visitor& v, const Field& field, std::optional<std::string>& value, const TextRule& rule) {
    std::string text = value.value_or("");
    v.text(field, text, rule);
    if (!text.empty()) value = std::move(text);
}

template <typename T>
void objects(Visitor& v, const Field& field, std::vector<T>& items, ListRule rule,
             void (*describe_one)(Visitor&, T&)) {
    v.objects(field, rule, items.size(), [&](std::size_t index, Visitor& item) {
        if (index >= items.size()) items.resize(index + 1);
        describe_one(item, items[index]);
    });
}

void describe_pool(Visitor& v, model::NodePool& pool) {
    name(v, {"name", "Name of the pool; part of node labels and tags.", kRequired}, pool.name, kPoolName);
    v.integer({"min", "Never fewer workers than this. 0 lets the pool go away when it is idle."}, pool.min,
              {0, kMaxNodes});
    v.integer({"max", "Never more workers than this, those that still boot included. At least min."},
              pool.max, {0, kMaxNodes});
    v.texts({"instanceTypes",
             "EC2 instance types the pool may use; of those that are to be had the cheapest is "
             "taken. More types make a shortage less likely.",
             kRequired},
            pool.instance_types, kInstanceType, {1, 40, "an instance type"});
    v.texts({"zones", "Availability zones of the pool. Empty: all zones of the cluster."}, pool.zones, kZone,
            {0, 6, "a zone"});
    v.integer({"spotPercent",
               "Share of the pool that should run on spot instances, in percent, rounded down to "
               "whole instances. A shortage of spot falls back to on demand."},
              pool.spot_percent, {0, 100});
    v.text_map({"labels", "Kubernetes labels of the pool's nodes, set when a node joins."}, pool.labels,
               kLabelKey, kLabelValue, 50);
    v.texts({"taints", "Taints of the pool's nodes, set when a node joins: key=value:Effect or key:Effect."},
            pool.taints, kTaint, {0, 50, "a taint"});
}

void describe_windows(Visitor& v, model::Thresholds& thresholds) {
    constexpr Range<int> kReadings{1, model::kMaxReadings};
    v.integer({"up", "Scale up when CPU or memory is above its limit in this many readings in a row."},
              thresholds.window_up, kReadings);
    v.integer({"down", "Scale down when this many readings in a row are quiet."}, thresholds.window_down,
              kReadings);
    v.integer({"pending", "Scale up when pods wait in this many readings in a row; 1 acts at once."},
              thresholds.window_pending, kReadings);
}

void describe_thresholds(Visitor& v, model::Thresholds& t) {
    number(v, {"cpuUp", "Scale up by one when CPU is above this, in percent of all workers' cores."},
           t.cpu_up, kPercent);
    number(v, {"cpuDown", "Scale down only while CPU is below this, in percent."}, t.cpu_down, kPercent);
    number(v, {"cpuUrgent", "Scale up by two when CPU is above this in the newest reading, in percent."},
           t.cpu_urgent, kPercent);
    number(v, {"memoryUp", "Scale up by one when memory is above this, in percent of all workers' memory."},
           t.memory_up, kPercent);
    number(v, {"memoryDown", "Scale down only while memory is below this, in percent."}, t.memory_down,
           kPercent);
    v.integer({"pendingUrgent", "Scale up by two when more pods than this wait for a place."},
              t.pending_urgent, {0, 10000});
    v.section({"windows",
               "How many readings in a row a condition must hold. One reading is taken each "
               "autoscaling.interval; a missing one counts as not holding."},
              [&](Visitor& inner) { describe_windows(inner, t); });
    v.section({"cooldowns", "How long to wait after an action before the next in the same direction."},
              [&](Visitor& inner) {
                  inner.duration({"up", "Wait after a scale-up."}, t.cooldown_up, {0s, 24h});
                  inner.duration({"down", "Wait after a scale-down."}, t.cooldown_down, {0s, 24h});
              });
}

void describe_custom_metric(Visitor& v, model::CustomMetric& metric) {
    v.text({"name", "Name of the metric in decisions and logs.", kRequired}, metric.name, kMetricName);
    v.text({"query", "PromQL that gives one number.", kRequired}, metric.query, kPromQl);
    std::optional<double> limit;  // A metric that is not there yet has none: 0 is a limit like any other.
    if (!metric.name.empty()) limit = metric.limit;
    v.number({"limit", "Above this value one more worker is wanted, at once.", kRequired}, limit,
             {-1e15, 1e15});
    metric.limit = limit.value_or(0);
}

void describe_autoscaling(Visitor& v, model::Autoscaling& scaling) {
    v.fixed({"policy", "How workers are scaled. This release has the policy thresholds."}, "thresholds");
    v.duration({"interval", "One reading of the signals, and one decision, in each span of this length."},
               scaling.interval, {15s, 1h});
    v.section({"thresholds", "Numbers of the policy thresholds."},
              [&](Visitor& inner) { describe_thresholds(inner, scaling.thresholds); });
    objects(v,
            {"customMetrics",
             "Further signals: any PromQL with a limit, such as queue depth or p95 latency. "
             "While one is over its limit nothing is scaled down."},
            scaling.custom, {0, 20, "a custom metric"}, describe_custom_metric);
    v.duration({"joinTimeout", "A new worker that is not Ready after this long is replaced."},
               scaling.join_timeout, {1min, 1h});
    v.duration({"drainTimeout",
                "A drain that is not finished after this long is abandoned and the node made "
                "schedulable again."},
               scaling.drain_timeout, {10s, 1h});
}

void describe_metrics(Visitor& v, model::MetricsSource& metrics) {
    v.text({"prometheusUrl", "Address of Prometheus.", kOptional, "the cluster's own Prometheus"},
           metrics.prometheus_url, kUrl);
    v.text({"username", "User name for basic authentication; needs passwordFile."}, metrics.username,
           kUserName);
    v.text({"passwordFile", "File that holds the password for basic authentication."}, metrics.password_file,
           kFilePath);
    v.text({"bearerTokenFile", "File that holds a bearer token."}, metrics.bearer_token_file, kFilePath);
    v.text({"caFile", "File with the certificate authority (PEM) that signed Prometheus' certificate.",
            kOptional, "the system's authorities"},
           metrics.ca_file, kFilePath);
}

void describe_alerts(Visitor& v, model::AlertTargets& alerts) {
    v.texts({"emails", "Mail addresses that get alerts."}, alerts.emails, kEmail, {0, 20, "a mail address"});
}

void describe_budget(Visitor& v, model::Budget& budget) {
    v.number(
        {"usdPerMonth",
         "No worker is added that would make the cluster's machines cost more than this in a month, in US "
         "dollars.",
         kOptional, "no budget"},
        budget.usd_per_month, {0.01, 1e7});
}

void describe_head(Visitor& v, std::string_view kind) {
    v.fixed({"apiVersion", "Version of the file format.", kRequired}, kApiVersion);
    v.fixed({"kind", "What the file describes.", kRequired}, kind);
}

void describe_cluster_network(Visitor& v, ClusterDraft& draft) {
    v.text({"cidr",
            "Addresses of the cluster's VPC: a private range from /16 to /24, outside 10.42.0.0/15. "
            "The project's range, if it has one, is the default."},
           draft.intent.network.cidr, kVpcCidr);
    choice(v,
           {"egress",
            "How private nodes reach the Internet. nat-gateway costs about ten times as much as "
            "nat-instance and heals itself; endpoints reaches AWS only.",
            kOptional, "the project's; else nat-instance in mode dev and nat-gateway in mode ha"},
           draft.egress, kEgress);
}

void describe_cluster_spec(Visitor& v, ClusterDraft& draft) {
    auto& cluster = draft.intent;
    name(v,
         {"project", "Project the cluster belongs to; part of the names of everything made for it.",
          kOptional, "the name of the cluster"},
         cluster.project, kProjectName);
    v.text({"region", "AWS region of the cluster.", kRequired}, cluster.region, kRegion);
    choice(v, {"mode", "dev has 1 master, ha has 3."}, cluster.mode, kModes);
    v.text({"k3sVersion",
            "K3s version of all nodes. It is pinned, so that nodes made on different days are the "
            "same; `k3fleet cluster upgrade` changes it.",
            kRequired},
           cluster.k3s_version, kK3sVersion);
    v.text({"masterType", "EC2 instance type of the masters."}, cluster.master_type, kInstanceType);
    v.texts(
        {"zones", "Availability zones to use, all of the cluster's region. Empty: all zones of the region."},
        cluster.zones, kZone, {0, 6, "a zone"});
    objects(v, {"pools", "Groups of workers. Empty: masters only."}, cluster.pools, {0, 20, "a pool"},
            describe_pool);
    v.section({"autoscaling", "When workers are added and taken away."},
              [&](Visitor& inner) { describe_autoscaling(inner, cluster.autoscaling); });
    v.section({"metrics",
               "Where CPU, memory and custom metrics are read. Credentials are named, never written "
               "here."},
              [&](Visitor& inner) { describe_metrics(inner, cluster.metrics); });
    v.section({"access", "How people reach the nodes. Everything works without SSH, through SSM."},
              [&](Visitor& inner) {
                  optional_text(inner,
                                {"sshCidr",
                                 "Opens port 22 of a public master to this range, /8 or "
                                 "narrower; never to the whole Internet.",
                                 kOptional, "no SSH and no public address"},
                                cluster.access.ssh_cidr, kSshCidr);
              });
    v.section({"network", "The cluster's network."},
              [&](Visitor& inner) { describe_cluster_network(inner, draft); });
    v.section({"budget", "What it may cost."},
              [&](Visitor& inner) { describe_budget(inner, cluster.budget); });
}

void describe_project_spec(Visitor& v, model::ProjectIntent& project) {
    v.texts({"allowedRegions",
             "Regions in which the project may make anything at all. The first one is the home "
             "region.",
             kRequired},
            project.allowed_regions, kRegion, {1, 20, "a region"});
    v.text({"managedBy", "Value of the tag ManagedBy on everything that is made."}, project.managed_by,
           kTagValue);
    v.section({"network", "Defaults for the project's clusters."}, [&](Visitor& inner) {
        inner.text({"cidr",
                    "Addresses of each cluster's VPC: a private range from /16 to /24, outside "
                    "10.42.0.0/15."},
                   project.network.cidr, kVpcCidr);
        choice(inner,
               {"egress", "How private nodes reach the Internet.", kOptional,
                "nat-instance in mode dev, nat-gateway in mode ha"},
               project.network.egress, kEgress);
    });
    v.section({"encryption", "Everything that is stored is encrypted, always."}, [&](Visitor& inner) {
        choice(inner,
               {"keys",
                "Whose keys encrypt what is stored: AWS's own, which cost nothing, or two of the account "
                "(customer), whose use can be restricted and watched, at $1 a month each."},
               project.keys, kKeys);
    });
    v.section(
        {"alerts",
         "Who is told when something is wrong. Addresses of webhooks are secrets and stand in the secret "
         "PROJECT/webhooks of Secrets Manager."},
        [&](Visitor& inner) { describe_alerts(inner, project.alerts); });
}

}  // namespace

void describe(Visitor& v, ClusterDraft& draft) {
    describe_head(v, "Cluster");
    v.section({"metadata", "Who the cluster is.", kRequired}, [&](Visitor& inner) {
        name(inner, {"name", "Name of the cluster; part of AWS names, tags and the kubeconfig.", kRequired},
             draft.intent.name, kClusterName);
    });
    v.section({"spec", "What the cluster should be.", kRequired},
              [&](Visitor& inner) { describe_cluster_spec(inner, draft); });
}

void describe(Visitor& v, model::ProjectIntent& project) {
    describe_head(v, "Project");
    v.section({"metadata", "Who the project is.", kRequired}, [&](Visitor& inner) {
        name(inner,
             {"name", "Name of the project; the beginning of AWS names, and the tag Project.", kRequired},
             project.name, kProjectName);
    });
    v.section({"spec", "What holds for all clusters of the project.", kRequired},
              [&](Visitor& inner) { describe_project_spec(inner, project); });
}

}  // namespace k3fleet::intent
