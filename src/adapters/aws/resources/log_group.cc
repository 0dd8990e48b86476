// AWS::Logs::LogGroup and AWS::Logs::MetricFilter.
#include <algorithm>

#include "adapters/aws/resources/documents.h"
#include "adapters/aws/resources/kinds_known.h"
#include "aws/gen/logs.h"
#include "base/text.h"

namespace k3fleet::resources {

namespace logs = aws::logs;

namespace {

Value named(const std::string& group) { return Value::object({{"logGroupName", group}}); }

// Tags are on the group's ARN without the ":*" that stands for its streams.
std::string tagged_arn(Context& context, const std::string& name) {
    return model::arn(context.scope, "logs", "log-group:" + name);
}

Result<std::optional<Observed>> observe(Context& context, const std::string& name) {
    const auto groups = K3F_TRY(ask_all<logs::DescribeLogGroupsRequest>(
        context, Value::object({{"logGroupNamePrefix", name}}), "logGroups"));
    const auto group =
        std::ranges::find_if(groups, [&](const Value& one) { return one.string_at("logGroupName") == name; });
    if (group == groups.end()) return std::optional<Observed>();
    Observed observed;
    observed.physical_id = name;
    observed.attributes = Value::object({{"Arn", tagged_arn(context, name) + ":*"}});
    observed.properties = Value::object({{"LogGroupName", name},
                                         {"RetentionInDays", at(*group, "retentionInDays")},
                                         {"KmsKeyId", at(*group, "kmsKeyId")}});
    const Value tags = K3F_TRY(ask<logs::ListTagsForResourceRequest>(
        context, Value::object({{"resourceArn", tagged_arn(context, name)}})));
    observed.tags = tags_of(at(tags, "tags"));
    if (const auto created = at(*group, "creationTime").as_int())
        observed.created_at = from_unix_millis(*created);
    return std::optional(std::move(observed));
}

Status set_retention(Context& context, const Observed& observed, const Resource& resource) {
    if (!differs(observed, resource, "RetentionInDays")) return {};
    Value request = named(observed.physical_id);
    rename(request, resource.properties, {{"retentionInDays", "RetentionInDays"}});
    return tell<logs::PutRetentionPolicyRequest>(context, request);
}

Result<std::string> create(Context& context, const Resource& resource, const std::string& token) {
    static_cast<void>(token);  // A second group of that name is refused.
    Observed fresh;
    fresh.physical_id = text(resource, "LogGroupName");
    Value request = named(fresh.physical_id);
    rename(request, resource.properties, {{"kmsKeyId", "KmsKeyId"}});
    K3F_TRY(tell<logs::CreateLogGroupRequest>(context, request.set("tags", tag_map(resource.tags))));
    K3F_TRY(set_retention(context, fresh, resource));
    return fresh.physical_id;
}

Status update(Context& context, const Observed& observed, const Resource& resource) {
    if (const Tags tags = tags_to_set(observed, resource); !tags.empty())
        K3F_TRY(tell<logs::TagResourceRequest>(
            context, Value::object({{"resourceArn", tagged_arn(context, observed.physical_id)},
                                    {"tags", tag_map(tags)}})));
    if (differs(observed, resource, "KmsKeyId")) {
        Value request = named(observed.physical_id);
        rename(request, resource.properties, {{"kmsKeyId", "KmsKeyId"}});
        K3F_TRY(tell<logs::AssociateKmsKeyRequest>(context, request));
    }
    return set_retention(context, observed, resource);
}

Result<Removal> remove(Context& context, const Observed& observed) {
    return removed(tell<logs::DeleteLogGroupRequest>(context, named(observed.physical_id)));
}

// Metric filters.

Value filter_of(const Value& properties) {
    return Value::object(
        {{"logGroupName", at(properties, "LogGroupName")}, {"filterName", at(properties, "FilterName")}});
}

Result<std::optional<Observed>> find_filter(Context& context, const Resource& resource) {
    const std::string group = text(resource, "LogGroupName");
    if (group.empty()) return std::optional<Observed>();
    const auto filters = ask_all<logs::DescribeMetricFiltersRequest>(context, named(group), "metricFilters");
    if (!filters && filters.error().code == ErrorCode::NotFound) return std::optional<Observed>();
    if (!filters) return std::unexpected(filters.error());
    for (const Value& filter : *filters) {
        if (filter.string_at("filterName") != text(resource, "FilterName")) continue;
        Observed observed;
        observed.physical_id = filter.string_at("filterName");
        observed.properties = Value::object({{"LogGroupName", group},
                                             {"FilterName", observed.physical_id},
                                             {"FilterPattern", at(filter, "filterPattern")}});
        Value metrics = Value::array();
        for (const Value& metric : at(filter, "metricTransformations").items()) {
            Value said = Value::object();
            rename(said, metric,
                   {{"MetricName", "metricName"},
                    {"MetricNamespace", "metricNamespace"},
                    {"MetricValue", "metricValue"},
                    {"DefaultValue", "defaultValue"},
                    {"Unit", "unit"}});
            metrics.push(std::move(said));
        }
        observed.properties.set("MetricTransformations", metrics);
        return std::optional(std::move(observed));
    }
    return std::optional<Observed>();
}

Result<std::string> put_filter(Context& context, const Resource& resource, const std::string& token) {
    static_cast<void>(token);  // The same again is the same.
    Value metrics = Value::array();
    for (const Value& metric : at(resource.properties, "MetricTransformations").items()) {
        Value said = Value::object();
        rename(said, metric,
               {{"metricName", "MetricName"},
                {"metricNamespace", "MetricNamespace"},
                {"metricValue", "MetricValue"},
                {"defaultValue", "DefaultValue"},
                {"unit", "Unit"}});
        metrics.push(std::move(said));
    }
    Value request = filter_of(resource.properties);
    request.set("filterPattern", text(resource, "FilterPattern")).set("metricTransformations", metrics);
    K3F_TRY(tell<logs::PutMetricFilterRequest>(context, request));
    return text(resource, "FilterName");
}

Status update_filter(Context& context, const Observed& observed, const Resource& resource) {
    if (!any_differs(observed, resource, {"FilterPattern", "MetricTransformations"})) return {};
    K3F_TRY(put_filter(context, resource, ""));
    return {};
}

Result<Removal> remove_filter(Context& context, const Observed& observed) {
    return removed(tell<logs::DeleteMetricFilterRequest>(context, filter_of(observed.properties)));
}

}  // namespace

constinit const Implementation kLogGroup = {
    .type = "AWS::Logs::LogGroup",
    .observe = observe,
    .create = create,
    .update = update,
    .remove = remove,
};

constinit const Implementation kMetricFilter = {
    .type = "AWS::Logs::MetricFilter",
    .find = find_filter,
    .create = put_filter,
    .update = update_filter,
    .remove = remove_filter,
};

}  // namespace k3fleet::resources
