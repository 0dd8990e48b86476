// CloudWatch: alarms are checked and kept. None is evaluated: it stays without data.
//
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "adapters/simcloud/aws/alarms_state.h"
#include "adapters/simcloud/aws/service.h"
#include "adapters/simcloud/aws/tags.h"
#include "adapters/simcloud/engine.h"
#include "aws/gen/cloudwatch.h"
#include "base/ranges.h"
#include "base/text.h"

namespace k3fleet::simcloud {
namespace {

namespace cloudwatch = aws::cloudwatch;

constexpr std::size_t kMaxName = 255;
constexpr std::size_t kMaxDescription = 1'024;
constexpr std::size_t kMaxActions = 5;
constexpr std::size_t kMaxDimensions = 30;
constexpr std::size_t kMaxNamed = 100;  // In one call.
constexpr std::size_t kPage = 50;
constexpr std::size_t kShortPage = 2;
constexpr std::int64_t kDay = 86'400;
constexpr std::array<std::string_view, 5> kStatistics = {"SampleCount", "Average", "Sum", "Minimum",
                                                         "Maximum"};
// Of single numbers; bands of anomalies are not simulated.
constexpr std::array<std::string_view, 4> kComparisons = {"GreaterThanOrEqualToThreshold",
                                                          "GreaterThanThreshold", "LessThanThreshold",
                                                          "LessThanOrEqualToThreshold"};
constexpr std::array<std::string_view, 4> kMissing = {"breaching", "notBreaching", "ignore", "missing"};

std::unexpected<Error> invalid(std::string message) { return refuse("ValidationError", std::move(message)); }
std::unexpected<Error> missing(std::string_view parameter) {
    return refuse("MissingParameter", format("The parameter {} is required.", parameter));
}
std::unexpected<Error> wrong(std::string_view value, std::string_view member, std::string_view must) {
    return invalid(
        format("1 validation error detected: Value '{}' at '{}' failed to satisfy constraint: Member must {}",
               value, member, must));
}

template <std::size_t N>
Status one_of(const std::string& value, std::string_view member,
              const std::array<std::string_view, N>& allowed) {
    if (contains(allowed, std::string_view(value))) return {};
    return wrong(value, member,
                 format("satisfy enum value set: [{}]", join({allowed.begin(), allowed.end()}, ", ")));
}

std::string alarm_arn(const Call& call, std::string_view name) {
    return call.arn("cloudwatch", format("alarm:{}", name));
}
std::string alarm_in(const Call& call, const std::optional<std::string>& arn) {
    const std::string ours = alarm_arn(call, "");
    return arn.value_or("").starts_with(ours) ? arn->substr(ours.size()) : std::string();
}

iam::Context context_of(const Call& call, const std::string& name) {
    iam::Context context;
    const auto found = call.account.alarms.alarms.find(name);
    if (found != call.account.alarms.alarms.end()) set_resource_tags(context, found->second.tags);
    return context;
}

Status needs_put(const Call& call, const cloudwatch::PutMetricAlarmRequest& request, Needs& needs) {
    const std::string name = request.alarm_name.value_or("");
    iam::Context context = context_of(call, name);
    set_request_tags(context, tags_in(request.tags));
    std::vector<std::string> actions;
    for (const auto* list : {&request.alarm_actions, &request.ok_actions, &request.insufficient_data_actions})
        actions.insert(actions.end(), list->begin(), list->end());
    if (!actions.empty()) context.set("cloudwatch:AlarmActions", std::move(actions));
    if (!request.tags.empty()) needs.add("cloudwatch:TagResource", alarm_arn(call, name), context);
    needs.add("cloudwatch:PutMetricAlarm", alarm_arn(call, name), std::move(context));
    return {};
}

Status check_actions(const Call& call, const std::vector<std::string>& actions, std::string_view member) {
    if (actions.size() > kMaxActions)
        return wrong(format("[{} actions]", actions.size()), member, "have length less than or equal to 5");
    for (const std::string& arn : actions) {
        const auto parts = split(arn, ':');
        if (parts.size() < 6 || parts[0] != "arn" || parts[1] != "aws")
            return invalid(format("Invalid arn syntax: {}", arn));
        if (parts[2] != "sns" && parts[2] != "lambda")
            return refuse("InvalidParameterCombination", format("actions of {} are not simulated", parts[2]));
        if (parts[3] != call.account.region)
            return invalid(
                format("Invalid region {} specified. Only {} is supported.", parts[3], call.account.region));
    }
    return {};
}

Status check_texts(const Alarm& alarm) {
    const auto printable = [](char c) { return c >= 0x20 && c < 0x7f; };
    const auto text = [&](const std::string& value, std::string_view member, std::size_t most) -> Status {
        if (!value.empty() && value.size() <= most && std::ranges::all_of(value, printable)) return {};
        return wrong(value, member, format("have 1 to {} printable characters", most));
    };
    K3F_TRY(text(alarm.name, "alarmName", kMaxName));
    K3F_TRY(text(alarm.metric, "metricName", kMaxName));
    K3F_TRY(text(alarm.name_space, "namespace", kMaxName));
    if (alarm.name_space.starts_with(':'))
        return wrong(alarm.name_space, "namespace", "not begin with a colon");
    if (alarm.description.size() > kMaxDescription)
        return wrong(alarm.description, "alarmDescription", "have length less than or equal to 1024");
    if (alarm.dimensions.size() > kMaxDimensions)
        return wrong("", "dimensions", "have length less than or equal to 30");
    for (const auto& [name, value] : alarm.dimensions) {
        K3F_TRY(text(name, "dimensions.name", kMaxName));
        K3F_TRY(text(value, "dimensions.value", 1'024));
    }
    return {};
}

// Periods of 10, 20, 30 seconds or whole minutes; together a day at most, or a week if they are hours.
Status check_periods(const Alarm& alarm) {
    if (alarm.period != 10 && alarm.period != 20 && alarm.period != 30 &&
        (alarm.period < 60 || alarm.period % 60 != 0))
        return invalid("Period must be 10, 20, 30 or a multiple of 60");
    if (alarm.periods < 1)
        return wrong(std::to_string(alarm.periods), "evaluationPeriods",
                     "have value greater than or equal to 1");
    if (alarm.datapoints && *alarm.datapoints < 1)
        return wrong(std::to_string(*alarm.datapoints), "datapointsToAlarm",
                     "have value greater than or equal to 1");
    if (alarm.datapoints && *alarm.datapoints > alarm.periods)
        return invalid("DatapointsToAlarm must be less than or equal to EvaluationPeriods");
    const std::int64_t whole = std::int64_t{alarm.period} * alarm.periods;
    if (whole > (alarm.period >= 3'600 ? 7 * kDay : kDay))
        return invalid(
            "Metrics cannot be checked across more than a day (EvaluationPeriods * Period must be <= "
            "86400), or a week where the period is an hour or more.");
    return {};
}

Result<Alarm> read(const Call& call, const cloudwatch::PutMetricAlarmRequest& request) {
    for (const auto& [parameter, there] :
         {std::pair("MetricName", request.metric_name.has_value()),
          std::pair("Namespace", request.namespace_.has_value()),
          std::pair("Statistic", request.statistic.has_value()),
          std::pair("Period", request.period.has_value()),
          std::pair("EvaluationPeriods", request.evaluation_periods.has_value()),
          std::pair("ComparisonOperator", request.comparison_operator.has_value()),
          std::pair("Threshold", request.threshold.has_value())})
        if (!there) return missing(parameter);
    Alarm alarm{.name = *request.alarm_name, .description = request.alarm_description.value_or("")};
    alarm.name_space = *request.namespace_;
    alarm.metric = *request.metric_name;
    for (const auto& dimension : request.dimensions)
        if (!alarm.dimensions.emplace(dimension.name.value_or(""), dimension.value.value_or("")).second)
            return invalid("No two dimensions may have the same name");
    alarm.statistic = *request.statistic;
    alarm.unit = request.unit.value_or("");
    alarm.period = *request.period;
    alarm.periods = *request.evaluation_periods;
    alarm.datapoints = request.datapoints_to_alarm;
    alarm.threshold = *request.threshold;
    alarm.comparison = *request.comparison_operator;
    alarm.missing = request.treat_missing_data.value_or("");
    alarm.actions_enabled = request.actions_enabled.value_or(true);
    alarm.on_alarm.assign(request.alarm_actions.begin(), request.alarm_actions.end());
    alarm.on_ok.assign(request.ok_actions.begin(), request.ok_actions.end());
    alarm.on_no_data.assign(request.insufficient_data_actions.begin(),
                            request.insufficient_data_actions.end());
    K3F_TRY(check_texts(alarm));
    K3F_TRY(check_periods(alarm));
    K3F_TRY(one_of(alarm.statistic, "statistic", kStatistics));
    K3F_TRY(one_of(alarm.comparison, "comparisonOperator", kComparisons));
    if (!alarm.missing.empty()) K3F_TRY(one_of(alarm.missing, "treatMissingData", kMissing));
    if (!std::isfinite(alarm.threshold)) return invalid("Threshold is not a number");
    K3F_TRY(check_actions(call, alarm.on_alarm, "alarmActions"));
    K3F_TRY(check_actions(call, alarm.on_ok, "oKActions"));
    K3F_TRY(check_actions(call, alarm.on_no_data, "insufficientDataActions"));
    return alarm;
}

template <typename List>
Status check_tags(const List& added, const Tags& has) {
    if (repeats_key(added)) return refuse("InvalidParameterValue", "No two tags may have the same key");
    const std::string why = wrong_tags(tags_in(added), has);
    return why.empty() ? Status() : refuse("InvalidParameterValue", why);
}

// Sets everything; the tags of an alarm that is there stay as they are.
Result<cloudwatch::PutMetricAlarmResponse> put(Call& call, const cloudwatch::PutMetricAlarmRequest& request) {
    Alarm alarm = K3F_TRY(read(call, request));
    K3F_TRY(check_tags(request.tags, {}));
    alarm.tags = tags_in(request.tags);
    alarm.made_at = call.now;
    alarm.changed_at = call.now;
    auto& alarms = call.account.alarms.alarms;
    if (const auto before = alarms.find(alarm.name); before != alarms.end()) {
        alarm.tags = before->second.tags;
        alarm.made_at = before->second.made_at;
    }
    alarms.insert_or_assign(alarm.name, alarm);
    return cloudwatch::PutMetricAlarmResponse{};
}

cloudwatch::MetricAlarm show(const Call& call, const Alarm& alarm) {
    cloudwatch::MetricAlarm shown{.alarm_name = alarm.name, .alarm_arn = alarm_arn(call, alarm.name)};
    if (!alarm.description.empty()) shown.alarm_description = alarm.description;
    shown.alarm_configuration_updated_timestamp = alarm.changed_at;
    shown.actions_enabled = alarm.actions_enabled;
    shown.ok_actions = {alarm.on_ok.begin(), alarm.on_ok.end()};
    shown.alarm_actions = {alarm.on_alarm.begin(), alarm.on_alarm.end()};
    shown.insufficient_data_actions = {alarm.on_no_data.begin(), alarm.on_no_data.end()};
    shown.ok_actions.mark_present();
    shown.alarm_actions.mark_present();
    shown.insufficient_data_actions.mark_present();
    shown.state_value = "INSUFFICIENT_DATA";
    shown.state_reason = "Unchecked: Initial alarm creation";
    shown.state_updated_timestamp = alarm.made_at;
    shown.state_transitioned_timestamp = alarm.made_at;
    shown.metric_name = alarm.metric;
    shown.namespace_ = alarm.name_space;
    shown.statistic = alarm.statistic;
    shown.dimensions.mark_present();
    for (const auto& [name, value] : alarm.dimensions)
        shown.dimensions.push_back({.name = name, .value = value});
    shown.period = alarm.period;
    if (!alarm.unit.empty()) shown.unit = alarm.unit;
    shown.evaluation_periods = alarm.periods;
    shown.datapoints_to_alarm = alarm.datapoints;
    shown.threshold = alarm.threshold;
    shown.comparison_operator = alarm.comparison;
    if (!alarm.missing.empty()) shown.treat_missing_data = alarm.missing;
    return shown;
}

Status needs_describe(const Call& call, const cloudwatch::DescribeAlarmsRequest&, Needs& needs) {
    needs.add("cloudwatch:DescribeAlarms", alarm_arn(call, "*"));
    return {};
}

Result<cloudwatch::DescribeAlarmsResponse> describe(Call& call,
                                                    const cloudwatch::DescribeAlarmsRequest& request) {
    if (request.alarm_names.size() > kMaxNamed)
        return wrong("", "alarmNames", "have length less than or equal to 100");
    if (!request.alarm_names.empty() && request.alarm_name_prefix)
        return refuse("InvalidParameterCombination", "AlarmNamePrefix and AlarmNames are mutually exclusive");
    if (request.max_records && (*request.max_records < 1 || *request.max_records > 100))
        return wrong(std::to_string(*request.max_records), "maxRecords", "have value between 1 and 100");
    std::size_t limit = request.max_records ? static_cast<std::size_t>(*request.max_records) : kPage;
    if (call.engine.suffers(FaultKind::ShortPages, "")) limit = std::min(limit, kShortPage);
    const auto& all = call.account.alarms.alarms;
    cloudwatch::DescribeAlarmsResponse answer;
    answer.metric_alarms.mark_present();
    for (auto at = all.upper_bound(request.next_token.value_or("")); at != all.end(); ++at) {
        const std::string& name = at->first;
        if (!request.alarm_names.empty() &&
            std::ranges::find(request.alarm_names, name) == request.alarm_names.end())
            continue;
        if (!name.starts_with(request.alarm_name_prefix.value_or(""))) continue;
        if (answer.metric_alarms.size() == limit) {
            answer.next_token = answer.metric_alarms.back().alarm_name;
            break;
        }
        answer.metric_alarms.push_back(show(call, at->second));
    }
    return answer;
}

Status needs_delete(const Call& call, const cloudwatch::DeleteAlarmsRequest& request, Needs& needs) {
    for (const std::string& name : request.alarm_names)
        needs.add("cloudwatch:DeleteAlarms", alarm_arn(call, name), context_of(call, name));
    return {};
}

// Those that are there go, whatever else is named.
Result<cloudwatch::DeleteAlarmsResponse> remove(Call& call, const cloudwatch::DeleteAlarmsRequest& request) {
    if (request.alarm_names.size() > kMaxNamed)
        return wrong("", "alarmNames", "have length less than or equal to 100");
    std::size_t gone = 0;
    for (const std::string& name : request.alarm_names) gone += call.account.alarms.alarms.erase(name);
    if (gone == 0) return refuse("ResourceNotFound", "", 404);
    return cloudwatch::DeleteAlarmsResponse{};
}

template <typename Request>
Status needs_tags(const Call& call, const Request& request, Needs& needs) {
    iam::Context context = context_of(call, alarm_in(call, request.resource_arn));
    if constexpr (requires { request.tags; }) set_request_tags(context, tags_in(request.tags));
    needs.add(format("cloudwatch:{}", call.operation.name), request.resource_arn.value_or(""),
              std::move(context));
    return {};
}

Result<Alarm*> find_tagged(Call& call, const std::optional<std::string>& arn) {
    const auto found = call.account.alarms.alarms.find(alarm_in(call, arn));
    if (found == call.account.alarms.alarms.end())
        return refuse("ResourceNotFoundException", format("Unknown alarm: {}", arn.value_or("")), 404);
    return &found->second;
}

Result<cloudwatch::ListTagsForResourceResponse> list_tags(
    Call& call, const cloudwatch::ListTagsForResourceRequest& request) {
    cloudwatch::ListTagsForResourceResponse answer;
    put_tags(K3F_TRY(find_tagged(call, request.resource_arn))->tags, answer.tags);
    return answer;
}

Result<cloudwatch::TagResourceResponse> tag(Call& call, const cloudwatch::TagResourceRequest& request) {
    Alarm& alarm = *K3F_TRY(find_tagged(call, request.resource_arn));
    K3F_TRY(check_tags(request.tags, alarm.tags));
    for (const auto& [key, value] : tags_in(request.tags)) alarm.tags[key] = value;
    return cloudwatch::TagResourceResponse{};
}

}  // namespace

TaggedThings tagged_alarms(const Account& account) {
    TaggedThings all;
    for (const auto& [name, one] : account.alarms.alarms)
        all.push_back(
            {.arn = arn_in(account, "cloudwatch", "alarm:" + name), .tags = one.tags, .since = one.made_at});
    return all;
}

void add_alarms(Handlers& handlers) {
    handlers.add<cloudwatch::PutMetricAlarmRequest>(
        {"AlarmName", "AlarmDescription", "ActionsEnabled", "OKActions", "AlarmActions",
         "InsufficientDataActions", "MetricName", "Namespace", "Statistic", "Dimensions", "Period", "Unit",
         "EvaluationPeriods", "DatapointsToAlarm", "Threshold", "ComparisonOperator", "TreatMissingData",
         "Tags"},
        needs_put, put);
    handlers.add<cloudwatch::DescribeAlarmsRequest>(
        {"AlarmNames", "AlarmNamePrefix", "MaxRecords", "NextToken"}, needs_describe, describe);
    handlers.add<cloudwatch::DeleteAlarmsRequest>({"AlarmNames"}, needs_delete, remove);
    handlers.add<cloudwatch::ListTagsForResourceRequest>({"ResourceARN"}, needs_tags, list_tags);
    handlers.add<cloudwatch::TagResourceRequest>({"ResourceARN", "Tags"}, needs_tags, tag);
}

}  // namespace k3fleet::simcloud
