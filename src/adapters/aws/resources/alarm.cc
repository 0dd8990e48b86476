// AWS::CloudWatch::Alarm.
#include <array>

#include "adapters/aws/resources/documents.h"
#include "adapters/aws/resources/kinds_known.h"
#include "aws/gen/cloudwatch.h"

namespace k3fleet::resources {

namespace cloudwatch = aws::cloudwatch;

namespace {

constexpr auto kSettings = std::to_array<std::string_view>(
    {"AlarmName", "Namespace", "MetricName", "Dimensions", "Statistic", "Period", "Unit", "EvaluationPeriods",
     "DatapointsToAlarm", "Threshold", "ComparisonOperator", "TreatMissingData", "ActionsEnabled",
     "AlarmActions", "OKActions", "AlarmDescription", "InsufficientDataActions"});

Result<std::optional<Observed>> observe(Context& context, const std::string& name) {
    const auto alarms = K3F_TRY(ask_all<cloudwatch::DescribeAlarmsRequest>(
        context, Value::object({{"AlarmNames", Value::array({name})}}), "MetricAlarms"));
    if (alarms.empty()) return std::optional<Observed>();
    const Value& alarm = alarms.front();
    Observed observed;
    observed.physical_id = name;
    observed.attributes = Value::object({{"Arn", at(alarm, "AlarmArn")}});
    for (const std::string_view list : {"Dimensions", "AlarmActions", "OKActions", "InsufficientDataActions"})
        observed.properties.set(list, Value::array());
    take(observed.properties, alarm, kSettings);
    const Value tags = K3F_TRY(ask<cloudwatch::ListTagsForResourceRequest>(
        context, Value::object({{"ResourceARN", at(alarm, "AlarmArn")}})));
    observed.tags = tags_of(at(tags, "Tags"));
    return std::optional(std::move(observed));
}

Result<std::string> create(Context& context, const Resource& resource, const std::string& token) {
    static_cast<void>(token);  // The same again is the same.
    Value request = take(resource.properties, kSettings);
    K3F_TRY(tell<cloudwatch::PutMetricAlarmRequest>(context, request.set("Tags", tag_list(resource.tags))));
    return text(resource, "AlarmName");
}

// Sets everything; tags of an alarm that is there would be left out.
Status update(Context& context, const Observed& observed, const Resource& resource) {
    if (const Tags tags = tags_to_set(observed, resource); !tags.empty())
        K3F_TRY(tell<cloudwatch::TagResourceRequest>(
            context,
            Value::object({{"ResourceARN", at(observed.attributes, "Arn")}, {"Tags", tag_list(tags)}})));
    if (!any_differs(observed, resource, kSettings)) return {};
    return tell<cloudwatch::PutMetricAlarmRequest>(context, take(resource.properties, kSettings));
}

Result<Removal> remove(Context& context, const Observed& observed) {
    return removed(tell<cloudwatch::DeleteAlarmsRequest>(
        context, Value::object({{"AlarmNames", Value::array({observed.physical_id})}})));
}

}  // namespace

constinit const Implementation kAlarm = {
    .type = "AWS::CloudWatch::Alarm",
    .observe = observe,
    .create = create,
    .update = update,
    .remove = remove,
};

}  // namespace k3fleet::resources
