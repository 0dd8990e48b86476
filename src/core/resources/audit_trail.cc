// Who did what: trail, its log group, the metric filters on it, and the alarms that the checklist names
// (N-18, N-20, N-21). Without the chain of all of them an alarm of CloudTrail's events never leaves
// INSUFFICIENT_DATA.
#include <array>

#include "base/text.h"
#include "core/resources/builder.h"

namespace k3fleet::resources {

namespace names = model::names;

namespace {

struct Watch {
    std::string_view name;
    std::string_view pattern;
    std::string_view what;
};

// Patterns of the CIS AWS Foundations Benchmark 1.4, controls 4.1, 4.3 and 4.4, in the words of
// https://docs.aws.amazon.com/securityhub/latest/userguide/cloudwatch-controls.html
constexpr std::array<Watch, 3> kWatches{{
    {"UnauthorizedAPICalls",
     R"({ ($.errorCode = "*UnauthorizedOperation") || ($.errorCode = "AccessDenied*") })",
     "A call was refused for want of rights (N-21)"},
    {"RootAccountUsage",
     R"({ $.userIdentity.type = "Root" && $.userIdentity.invokedBy NOT EXISTS && $.eventType != "AwsServiceEvent" })",
     "The root user did something (N-21)"},
    {"IAMPolicyChanges",
     "{ ($.eventName = DeleteGroupPolicy) || ($.eventName = DeleteRolePolicy) || "
     "($.eventName = DeleteUserPolicy) || ($.eventName = PutGroupPolicy) || ($.eventName = PutRolePolicy) || "
     "($.eventName = PutUserPolicy) || ($.eventName = CreatePolicy) || ($.eventName = DeletePolicy) || "
     "($.eventName = CreatePolicyVersion) || ($.eventName = DeletePolicyVersion) || "
     "($.eventName = AttachRolePolicy) || ($.eventName = DetachRolePolicy) || "
     "($.eventName = AttachUserPolicy) || ($.eventName = DetachUserPolicy) || "
     "($.eventName = AttachGroupPolicy) || ($.eventName = DetachGroupPolicy) }",
     "Somebody changed a policy (N-21)"},
}};

void add_trail(Builder& b, const AccountInput& input) {
    const model::Scope& s = b.scope();
    const Value key = key_of(input);
    Value log = object({{"LogGroupName", names::trail_log(s)}, {"RetentionInDays", 90}});
    if (!key.is_null()) log.set("KmsKeyId", key);
    b.add("TrailLog", "AWS::Logs::LogGroup", names::trail_log(s), std::move(log)).retain =
        Retain::UnlessPurged;
    add_role(b, "TrailRole", iam::Principal::Trail, input.policy);
    // Launches, terminations, role assumption and GetSecretValue are management events; writes of items are
    // data events, asked for on our table only, since they cost by the event.
    const std::string table = model::arn(s, "dynamodb", format("table/{}", names::table(s)));
    const Value items = object({{"Type", "AWS::DynamoDB::Table"}, {"Values", list({table})}});
    b.add("Trail", "AWS::CloudTrail::Trail", names::trail(s),
          object(
              {{"TrailName", names::trail(s)},
               {"S3BucketName", ref_to("TrailBucket")},
               {"IsLogging", true},
               {"IsMultiRegionTrail", true},
               {"IncludeGlobalServiceEvents", true},
               {"EnableLogFileValidation", true},
               {"CloudWatchLogsLogGroupArn", att_of("TrailLog", "Arn")},
               {"CloudWatchLogsRoleArn", att_of("TrailRole", "Arn")},
               {"EventSelectors", list({object({{"ReadWriteType", "All"}, {"IncludeManagementEvents", true}}),
                                        object({{"ReadWriteType", "WriteOnly"},
                                                {"IncludeManagementEvents", false},
                                                {"DataResources", list({items})}})})}}))
        .after = {LogicalId("TrailBucketAccess"), LogicalId("StateTable")};
}

}  // namespace

void add_audit_trail(Builder& b, const AccountInput& input) {
    add_trail(b, input);
    // Not the project's own namespace, into which nodes may write (N-2).
    const std::string space = format("{}-security", b.scope().project.str());
    for (const Watch& watch : kWatches) {
        const std::string name(watch.name);
        b.add(name + "Filter", "AWS::Logs::MetricFilter",
              object({{"LogGroupName", ref_to("TrailLog")},
                      {"FilterName", name},
                      {"FilterPattern", watch.pattern},
                      {"MetricTransformations",
                       list({object(
                           {{"MetricName", name}, {"MetricNamespace", space}, {"MetricValue", "1"}})})}}));
        b.add(name + "Alarm", "AWS::CloudWatch::Alarm", name,
              object({{"AlarmName", name},
                      {"AlarmDescription", watch.what},
                      {"Namespace", space},
                      {"MetricName", name},
                      {"Statistic", "Sum"},
                      {"Period", 300},
                      {"EvaluationPeriods", 1},
                      {"Threshold", 1},
                      {"ComparisonOperator", "GreaterThanOrEqualToThreshold"},
                      {"TreatMissingData", "notBreaching"},
                      {"AlarmActions", list({ref_to("SecurityTopic")})}}))
            .claim = Claim::Accounts;
    }
}

}  // namespace k3fleet::resources
