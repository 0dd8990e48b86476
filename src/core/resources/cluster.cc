// What belongs to one cluster and stands still: its network, roles, secrets, function. Instances do not: they
// come and go, and belong to lifecycle and scaling.
#include <algorithm>
#include <array>

#include "base/text.h"
#include "core/iam/resource_policies.h"
#include "core/resources/builder.h"

namespace k3fleet::resources {

namespace names = model::names;

Value key_of(const ClusterInput& input) {
    return input.key_arn.empty() ? Value(nullptr) : Value(input.key_arn);
}

namespace {

// G-16, N-13, N-34. What they hold is written later, by those who know it.
void add_secrets(Builder& b, const ClusterInput& input) {
    const model::Scope& s = b.scope();
    for (const auto& [id, name, what] :
         {std::tuple("JoinSecret", names::join_secret(s), "What workers join with"),
          std::tuple("ServerSecret", names::server_secret(s), "What masters join with"),
          std::tuple("KubeSecret", names::kube_secret(s), "The autoscaler's Kubernetes credential")}) {
        Value properties = object({{"Name", name}, {"Description", what}});
        if (const Value key = key_of(input); !key.is_null()) properties.set("KmsKeyId", key);
        b.add(id, "AWS::SecretsManager::Secret", name, std::move(properties));
    }
}

void add_node_roles(Builder& b, const ClusterInput& input) {
    const model::Scope& s = b.scope();
    const auto add = [&](const std::string& role_id, iam::Principal who, std::string_view profile_id,
                         const std::string& profile) {
        add_role(b, role_id, who, input.policy);
        b.add(profile_id, "AWS::IAM::InstanceProfile", profile,
              object({{"InstanceProfileName", profile}, {"Roles", list({ref_to(role_id)})}}));
    };
    add("NodeRole", iam::Principal::Node, "WorkerProfile", names::worker_profile(s));
    add("MasterRole", iam::Principal::Master, "MasterProfile", names::master_profile(s));
}

// "rate(2 minutes)": the interval of decisions in whole minutes, since schedules know no seconds.
std::string rate(Duration interval) {
    const auto minutes = std::max<std::int64_t>(1, std::chrono::ceil<std::chrono::minutes>(interval).count());
    return format("rate({})", counted(minutes, "minute"));
}

void add_autoscaler(Builder& b, const ClusterInput& input) {
    const model::Scope& s = b.scope();
    // A message is hidden for as long as the function may run, and 30 s.
    b.add("WorkerQueue", "AWS::SQS::Queue", names::worker_queue(s),
          with_dead_letters(queue_properties(names::worker_queue(s), 90, 86400, key_of(input)),
                            model::arn(s, "sqs", names::failed_queue(s))));
    b.add("WorkerQueueAccess", "AWS::SQS::QueuePolicy",
          object({{"Queues", list({ref_to("WorkerQueue")})},
                  {"PolicyDocument", iam::worker_queue_policy({.scope = s, .clusters = {}})}}));
    Value subnets = Value::array();
    for (int i = 1; i <= 2; ++i)
        if (const std::string id = format("PrivateSubnet{}", i); b.has(id)) subnets.push(ref_to(id));
    add_function(
        b,
        {.id = "Autoscaler",
         .name = names::autoscaler_function(s),
         .who = iam::Principal::Autoscaler,
         .what = "Decides how many workers there are",
         .timeout_seconds = 60,
         .schedule = rate(input.intent.autoscaling.interval),
         .environment = object({{"K3FLEET_PROJECT", s.project.str()},
                                {"K3FLEET_CLUSTER", s.cluster.str()},
                                {"K3FLEET_FUNCTION", "autoscaler"},
                                {"K3FLEET_HOME_REGION", s.home_region.empty() ? s.region : s.home_region}}),
         .vpc = object(
             {{"SubnetIds", subnets}, {"SecurityGroupIds", list({att_of("FunctionGroup", "GroupId")})}}),
         .key = key_of(input)},
        input.policy, input.code);
    add_event_source(b, "AutoscalerQueue", "AutoscalerFunction", "WorkerQueue");
}

struct Watch {
    std::string_view id;
    std::string_view what;
    std::string_view metric;
    std::string_view comparison;
    int threshold;
    int periods;  // Of five minutes.
    std::string_view missing;
};

// N-33: who watches the watcher. A function that is not started at all leaves no data, which counts as bad.
constexpr std::array<Watch, 3> kWatches{{
    {"errors", "The autoscaler failed", "Errors", "GreaterThanOrEqualToThreshold", 1, 3, "notBreaching"},
    {"throttles", "The autoscaler was not let run", "Throttles", "GreaterThanOrEqualToThreshold", 1, 3,
     "notBreaching"},
    {"silent", "The autoscaler has not run for 15 minutes", "Invocations", "LessThanThreshold", 1, 3,
     "breaching"},
}};

void add_alarms(Builder& b) {
    const model::Scope& s = b.scope();
    for (const Watch& watch : kWatches) {
        const std::string name = names::autoscaler_alarm(s, watch.id);
        b.add(format("Autoscaler{}Alarm", watch.metric), "AWS::CloudWatch::Alarm", name,
              object({{"AlarmName", name},
                      {"AlarmDescription", watch.what},
                      {"Namespace", "AWS/Lambda"},
                      {"MetricName", watch.metric},
                      {"Dimensions",
                       list({object({{"Name", "FunctionName"}, {"Value", ref_to("AutoscalerFunction")}})})},
                      {"Statistic", "Sum"},
                      {"Period", 300},
                      {"EvaluationPeriods", watch.periods},
                      {"Threshold", watch.threshold},
                      {"ComparisonOperator", watch.comparison},
                      {"TreatMissingData", watch.missing},
                      {"AlarmActions", list({model::arn(s, "sns", names::alerts_topic(s))})}}));
    }
}

}  // namespace

Result<Graph> cluster_graph(const ClusterInput& input) {
    Builder b(input.scope, input.managed_by);
    K3F_TRY(add_network(b, input));
    add_secrets(b, input);
    add_node_roles(b, input);
    add_autoscaler(b, input);
    add_alarms(b);
    return b.take();
}

}  // namespace k3fleet::resources
