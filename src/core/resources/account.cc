// What belongs to a project in one account and region, whatever clusters it has.
#include "base/text.h"
#include "core/iam/resource_policies.h"
#include "core/resources/builder.h"

namespace k3fleet::resources {

namespace names = model::names;

iam::Keys keys_of(model::KeyOwner owner) {
    return owner == model::KeyOwner::Customer ? iam::Keys::Customer : iam::Keys::Aws;
}

iam::Site site_of(const AccountInput& input) {
    return {.scope = input.scope, .clusters = input.clusters, .keys = keys_of(input.intent.keys)};
}

Value key_of(const AccountInput& input) {
    return input.intent.keys == model::KeyOwner::Customer ? att_of("Key", "Arn") : Value(nullptr);
}

namespace {

// G-19. Spot and Fleet, whose roles its policy lets in, encrypt machines' volumes with it: they must be there
// first, since KMS takes no policy that names somebody who does not exist.
void add_key(Builder& b, std::string_view id, const std::string& alias, std::string_view what, Value policy) {
    b.add(id, "AWS::KMS::Key", std::string(alias),
          object({{"Description", what},
                  {"EnableKeyRotation", true},
                  {"PendingWindowInDays", 7},
                  {"KeyPolicy", std::move(policy)}}))
        .after = {LogicalId("SpotRole"), LogicalId("FleetRole")};
    b.add(format("{}Alias", id), "AWS::KMS::Alias",
          object({{"AliasName", alias}, {"TargetKeyId", ref_to(id)}}));
}

// Queue and dead letters. A message is hidden for as long as the controller may run, and 30 s.
void add_queues(Builder& b, const AccountInput& input) {
    const model::Scope& s = b.scope();
    b.add("FailedQueue", "AWS::SQS::Queue", names::failed_queue(s),
          queue_properties(names::failed_queue(s), 60, 1209600, key_of(input)));
    b.add("Queue", "AWS::SQS::Queue", names::queue(s),
          with_dead_letters(queue_properties(names::queue(s), 330, 86400, key_of(input)),
                            att_of("FailedQueue", "Arn")));
    const iam::Site site = site_of(input);
    b.add("QueueAccess", "AWS::SQS::QueuePolicy",
          object({{"Queues", list({ref_to("Queue")})}, {"PolicyDocument", iam::queue_policy(site)}}));
    b.add("FailedQueueAccess", "AWS::SQS::QueuePolicy",
          object({{"Queues", list({ref_to("FailedQueue")})},
                  {"PolicyDocument", iam::failed_queue_policy(site)}}));
}

void add_topic(Builder& b, const AccountInput& input, std::string_view id, const std::string& name,
               Value policy, Claim claim) {
    Value properties = object({{"TopicName", name}});
    // AWS's own key would shut CloudWatch out: alarms could not be delivered.
    if (const Value key = key_of(input); !key.is_null()) properties.set("KmsMasterKeyId", key);
    b.add(id, "AWS::SNS::Topic", name, std::move(properties)).claim = claim;
    b.add(format("{}Access", id), "AWS::SNS::TopicPolicy",
          object({{"Topics", list({ref_to(id)})}, {"PolicyDocument", std::move(policy)}}))
        .claim = claim;
    int nth = 0;
    for (const std::string& email : input.intent.alerts.emails)
        b.add(format("{}Mail{}", id, ++nth), "AWS::SNS::Subscription",
              object({{"TopicArn", ref_to(id)}, {"Protocol", "email"}, {"Endpoint", email}}));
}

// Slack and the like: the notifier alone reads the secret with their addresses.
void subscribe_notifier(Builder& b, std::string_view topic) {
    b.add(format("{}ToNotifier", topic), "AWS::SNS::Subscription",
          object({{"TopicArn", ref_to(topic)},
                  {"Protocol", "lambda"},
                  {"Endpoint", att_of("NotifierFunction", "Arn")}}))
        .after = {LogicalId(format("{}MayNotify", topic))};
}

// The topics, and nobody else, start the notifier.
void allow_topics(Builder& b, const iam::Site& site) {
    for (const iam::FunctionPermission& permission : iam::function_permissions(site)) {
        const bool alerts =
            permission.source_arn == model::arn(b.scope(), "sns", names::alerts_topic(b.scope()));
        b.add(alerts ? "AlertsTopicMayNotify" : "SecurityTopicMayNotify", "AWS::Lambda::Permission",
              object({{"FunctionName", ref_to("NotifierFunction")},
                      {"Action", "lambda:InvokeFunction"},
                      {"Principal", permission.principal},
                      {"SourceArn", permission.source_arn},
                      {"SourceAccount", permission.source_account}}));
    }
}

struct RulePlan {
    std::string_view id;
    std::string name;
    std::string_view what;
    Value pattern;
};

void add_rules(Builder& b) {
    const model::Scope& s = b.scope();
    const std::vector<RulePlan> rules{
        {"InstancesRule", names::instances_rule(s), "Instances that come and go",
         object({{"source", list({"aws.ec2"})},
                 {"detail-type", list({"EC2 Instance State-change Notification"})},
                 {"detail", object({{"state", list({"running", "stopping", "stopped", "shutting-down",
                                                    "terminated"})}})}})},
        {"SpotRule", names::spot_rule(s), "Spot instances that are about to be taken away",
         object({{"source", list({"aws.ec2"})},
                 {"detail-type", list({"EC2 Spot Instance Interruption Warning",
                                       "EC2 Instance Rebalance Recommendation"})}})},
        {"ForeignLaunchRule", names::foreign_launch_rule(s),
         "Launches, to find those that are not ours (N-26)",
         object({{"source", list({"aws.ec2"})},
                 {"detail-type", list({"AWS API Call via CloudTrail"})},
                 {"detail", object({{"eventSource", list({"ec2.amazonaws.com"})},
                                    {"eventName", list({"RunInstances", "CreateFleet"})}})}})}};
    for (const RulePlan& rule : rules) {
        b.add(rule.id, "AWS::Events::Rule", rule.name,
              object({{"Name", rule.name},
                      {"Description", rule.what},
                      {"State", "ENABLED"},
                      {"EventPattern", rule.pattern},
                      {"Targets", list({object({{"Id", "ticks"}, {"Arn", att_of("Queue", "Arn")}})})}}))
            .after = {LogicalId("QueueAccess")};
    }
}

// N-5: who has not shown a second factor may do nothing but set one up.
void add_operators(Builder& b, const AccountInput& input) {
    const model::Scope& s = b.scope();
    b.add("DenyWithoutMfa", "AWS::IAM::ManagedPolicy", names::mfa_policy(s),
          object({{"ManagedPolicyName", names::mfa_policy(s)},
                  {"Description", "Denies everything to users who have not shown their second factor"},
                  {"PolicyDocument", input.policy("deny-without-mfa").documents.front().document}}));
    b.add("Operators", "AWS::IAM::Group",
          object({{"GroupName", names::operators_group(s)},
                  {"ManagedPolicyArns", list({ref_to("DenyWithoutMfa")})}}));
}

void add_service_linked_roles(Builder& b) {
    // EC2 makes them at the first launch, which then fails for want of them: made before, and never removed.
    for (const auto& [id, service] :
         {std::pair("SpotRole", "spot.amazonaws.com"), std::pair("FleetRole", "ec2fleet.amazonaws.com")}) {
        Resource& role = b.add(id, "AWS::IAM::ServiceLinkedRole", object({{"AWSServiceName", service}}));
        role.retain = Retain::Always;
        role.claim = Claim::Accounts;
    }
}

Value environment(const AccountInput& input, std::string_view role) {
    return object({{"K3FLEET_PROJECT", input.scope.project.str()},
                   {"K3FLEET_FUNCTION", role},
                   {"K3FLEET_HOME_REGION",
                    input.scope.home_region.empty() ? input.scope.region : input.scope.home_region}});
}

void add_functions(Builder& b, const AccountInput& input) {
    const model::Scope& s = b.scope();
    b.add("Schedules", "AWS::Scheduler::ScheduleGroup", names::schedule_group(s),
          object({{"Name", names::schedule_group(s)}}));
    add_role(b, "SchedulerRole", iam::Principal::Scheduler, input.policy);
    const auto function = [&](std::string_view id, iam::Principal who, const std::string& name,
                              std::string_view what, int timeout, std::string_view schedule) {
        add_function(b,
                     {.id = id,
                      .name = name,
                      .who = who,
                      .what = what,
                      .timeout_seconds = timeout,
                      .schedule = std::string(schedule),
                      .environment = environment(input, iam::facts_of(who).name),
                      .key = key_of(input)},
                     input.policy, input.code);
    };
    // None is in a VPC: the controller mends the NAT instance that a VPC would make it depend on.
    function("Controller", iam::Principal::Controller, names::controller_function(s),
             "Keeps networks and masters as the cluster files say", 300, "rate(5 minutes)");
    function("Notifier", iam::Principal::Notifier, names::notifier_function(s),
             "Passes alerts on; alone reads the webhooks' addresses", 60, "");
    // The auditor joins them when the program can serve it.
    add_event_source(b, "ControllerQueue", "ControllerFunction", "Queue");
}

}  // namespace

Graph account_graph(const AccountInput& input) {
    Builder b(input.scope, input.intent.managed_by);
    const model::Scope& s = b.scope();
    const iam::Site site = site_of(input);
    add_service_linked_roles(b);
    if (input.intent.keys == model::KeyOwner::Customer) {
        add_key(b, "Key", names::key_alias(s), "Table, state bucket, secrets, queues and logs",
                iam::key_policy(site));
        add_key(b, "SnapshotsKey", names::snapshots_key_alias(s), "Snapshots of clusters",
                iam::snapshots_key_policy(site));
    }
    add_queues(b, input);
    add_storage(b, input);
    Value secret = object({{"Name", names::webhook_secret(s)},
                           {"Description", "Addresses of webhooks; only the notifier reads them"}});
    if (const Value key = key_of(input); !key.is_null()) secret.set("KmsKeyId", key);
    b.add("Webhooks", "AWS::SecretsManager::Secret", names::webhook_secret(s), std::move(secret));
    add_topic(b, input, "AlertsTopic", names::alerts_topic(s), iam::alerts_topic_policy(site), Claim::Ours);
    add_topic(b, input, "SecurityTopic", names::security_topic(), iam::security_topic_policy(site),
              Claim::Accounts);
    add_operators(b, input);
    add_audit_trail(b, input);
    add_role(b, "FlowLogsRole", iam::Principal::FlowLogs, input.policy);
    add_functions(b, input);
    allow_topics(b, site);
    for (const std::string_view topic : {"AlertsTopic", "SecurityTopic"}) subscribe_notifier(b, topic);
    add_rules(b);
    for (const SsmDocument& document : input.documents) {
        std::string id = "Document";
        bool upper = true;
        for (const char c : document.name.substr(s.project.str().size())) {
            if (c == '-') {
                upper = true;
                continue;
            }
            id += upper && c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
            upper = false;
        }
        b.add(id, "AWS::SSM::Document", document.name,
              object({{"Name", document.name},
                      {"DocumentType", document.type},
                      {"DocumentFormat", "JSON"},
                      {"UpdateMethod", "NewVersion"},
                      {"Content", document.content}}));
    }
    return b.take();
}

}  // namespace k3fleet::resources
