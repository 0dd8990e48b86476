#include "core/model/resource_names.h"

#include "base/check.h"
#include "base/text.h"

namespace k3fleet::model {

namespace {

bool at_home(const Scope& s) { return s.home_region.empty() || s.home_region == s.region; }

std::string global(const Scope& s, std::string name) {
    return at_home(s) ? name : format("{}-{}", name, s.region);
}

std::string of_project(const Scope& s, std::string_view what) {
    return format("{}{}", s.project.str(), what);
}

std::string of_cluster(const Scope& s, std::string_view what) { return format("{}{}", prefix(s), what); }

std::string bucket(const Scope& s, std::string_view what) {
    return format("{}-{}-{}-{}", s.project.str(), what, s.account, s.region);
}

}  // namespace

std::string prefix(const ProjectName& project, const ClusterName& cluster) {
    if (cluster.str() == project.str()) return project.str();
    return format("{}-{}", project.str(), cluster.str());
}

std::string prefix(const Scope& scope) {
    K3F_CHECK(!scope.cluster.empty(), "a name of a cluster is asked for without one");
    return prefix(scope.project, scope.cluster);
}

namespace names {

std::string controller_role(const Scope& s) { return global(s, of_project(s, "ControllerLambdaRole")); }
std::string notifier_role(const Scope& s) { return global(s, of_project(s, "NotifierLambdaRole")); }
std::string auditor_role(const Scope& s) { return global(s, of_project(s, "AuditorLambdaRole")); }
std::string fixer_role(const Scope& s) { return global(s, of_project(s, "FixerRole")); }
std::string responder_role(const Scope& s) { return global(s, of_project(s, "ResponderRole")); }
std::string break_glass_role(const Scope& s) { return global(s, of_project(s, "BreakGlassRole")); }
std::string scheduler_role(const Scope& s) { return global(s, of_project(s, "SchedulerRole")); }
std::string trail_role(const Scope& s) { return global(s, of_project(s, "TrailRole")); }
std::string flow_logs_role(const Scope& s) { return global(s, of_project(s, "FlowLogsRole")); }
std::string autoscaler_role(const Scope& s) { return global(s, of_cluster(s, "AutoscalerLambdaRole")); }
std::string node_role(const Scope& s) { return global(s, of_cluster(s, "K3sNodeRole")); }
std::string master_role(const Scope& s) { return global(s, of_cluster(s, "K3sMasterRole")); }
std::string policy_of(std::string_view role) {
    const auto at = role.rfind("Role");
    K3F_CHECK(at != std::string_view::npos, "not the name of a role");
    return format("{}Policy{}", role.substr(0, at), role.substr(at + 4));
}
std::string worker_profile(const Scope& s) { return global(s, of_cluster(s, "-ssm-instance-profile")); }
std::string master_profile(const Scope& s) { return global(s, of_cluster(s, "-master-instance-profile")); }
std::string operators_group(const Scope& s) { return global(s, of_project(s, "-operators")); }
std::string mfa_policy(const Scope& s) { return global(s, of_project(s, "DenyWithoutMfa")); }

std::string state_bucket(const Scope& s) { return bucket(s, "state"); }
std::string snapshots_bucket(const Scope& s) { return bucket(s, "snapshots"); }
std::string trail_bucket(const Scope& s) { return bucket(s, "trail"); }
std::string table(const Scope& s) { return of_project(s, "-state"); }

std::string join_secret(const Scope& s) { return of_cluster(s, "/k3s-token"); }
std::string server_secret(const Scope& s) { return of_cluster(s, "/server-token"); }
std::string kube_secret(const Scope& s) { return of_cluster(s, "/autoscaler-kube"); }
std::string webhook_secret(const Scope& s) { return of_project(s, "/webhooks"); }

std::string controller_function(const Scope& s) { return of_project(s, "-controller"); }
std::string notifier_function(const Scope& s) { return of_project(s, "-notifier"); }
std::string auditor_function(const Scope& s) { return of_project(s, "-auditor"); }
std::string autoscaler_function(const Scope& s) { return of_cluster(s, "-autoscaler"); }
std::string function_log(std::string_view function) { return format("/aws/lambda/{}", function); }

std::string queue(const Scope& s) { return of_project(s, "-ticks"); }
std::string failed_queue(const Scope& s) { return of_project(s, "-ticks-failed"); }
std::string worker_queue(const Scope& s) { return of_cluster(s, "-worker-ticks"); }
std::string alerts_topic(const Scope& s) { return of_project(s, "-alerts"); }
std::string security_topic() { return "security-alerts"; }

std::string instances_rule(const Scope& s) { return of_project(s, "-instances"); }
std::string spot_rule(const Scope& s) { return of_project(s, "-spot"); }
std::string foreign_launch_rule(const Scope& s) { return of_project(s, "-foreign-launch"); }
std::string break_glass_rule(const Scope& s) { return of_project(s, "-break-glass"); }
std::string schedule_group(const Scope& s) { return s.project.str(); }
std::string schedule(std::string_view function) { return std::string(function); }

std::string trail(const Scope& s) { return of_project(s, "-trail"); }
std::string trail_log(const Scope& s) { return of_project(s, "-trail"); }
std::string flow_log(const Scope& s) { return of_cluster(s, "-flow-logs"); }
std::string autoscaler_alarm(const Scope& s, std::string_view what) {
    return format("{}-{}", autoscaler_function(s), what);
}

std::string key_alias(const Scope& s) { return format("alias/{}", s.project.str()); }
std::string snapshots_key_alias(const Scope& s) { return format("alias/{}-snapshots", s.project.str()); }
std::string run_document(const Scope& s, std::string_view what) {
    return format("{}-run-{}", s.project.str(), what);
}
std::string session_document(const Scope& s, std::string_view what) {
    return format("{}-session-{}", s.project.str(), what);
}
std::string sign_document(const Scope& s, std::string_view what) {
    return format("{}-sign-{}", s.project.str(), what);
}

std::string master_group(const Scope& s) { return of_cluster(s, "-master-sg"); }
std::string worker_group(const Scope& s) { return of_cluster(s, "-worker-sg"); }
std::string function_group(const Scope& s) { return of_cluster(s, "-lambda-sg"); }
std::string nat_group(const Scope& s) { return of_cluster(s, "-nat-sg"); }
std::string endpoint_group(const Scope& s) { return of_cluster(s, "-endpoint-sg"); }
std::string tagged(const Scope& s, std::string_view what) {
    return s.cluster.empty() ? format("{}-{}", s.project.str(), what) : format("{}-{}", prefix(s), what);
}

}  // namespace names

std::string arn(const Scope& scope, std::string_view service, std::string_view resource) {
    return format("arn:aws:{}:{}:{}:{}", service, scope.region, scope.account, resource);
}

std::string role_arn(const Scope& scope, std::string_view role) {
    return format("arn:aws:iam::{}:role/{}", scope.account, role);
}

std::string bucket_arn(std::string_view bucket) { return format("arn:aws:s3:::{}", bucket); }

std::string function_arn(const Scope& scope, std::string_view function) {
    return arn(scope, "lambda", format("function:{}", function));
}

}  // namespace k3fleet::model
