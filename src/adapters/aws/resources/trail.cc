// AWS::CloudTrail::Trail: what is recorded, and that it is.
#include <array>

#include "adapters/aws/resources/documents.h"
#include "adapters/aws/resources/kinds_known.h"
#include "aws/gen/cloudtrail.h"

namespace k3fleet::resources {

namespace cloudtrail = aws::cloudtrail;

namespace {

constexpr auto kSettings = std::to_array<std::string_view>(
    {"S3BucketName", "S3KeyPrefix", "IsMultiRegionTrail", "IncludeGlobalServiceEvents", "SnsTopicName",
     "CloudWatchLogsLogGroupArn", "CloudWatchLogsRoleArn"});

Result<Value> selectors_of(Context& context, const std::string& name) {
    const Value answer =
        K3F_TRY(ask<cloudtrail::GetEventSelectorsRequest>(context, Value::object({{"TrailName", name}})));
    return Value::array(at(answer, "EventSelectors").items());
}

Result<Tags> tags_of_trail(Context& context, const std::string& arn) {
    const Value answer = K3F_TRY(
        ask<cloudtrail::ListTagsRequest>(context, Value::object({{"ResourceIdList", Value::array({arn})}})));
    Tags tags;
    for (const Value& one : at(answer, "ResourceTagList").items()) tags.merge(tags_of(at(one, "TagsList")));
    return tags;
}

Result<std::optional<Observed>> observe(Context& context, const std::string& name) {
    const Value answer = K3F_TRY(ask<cloudtrail::DescribeTrailsRequest>(
        context, Value::object({{"trailNameList", Value::array({name})}, {"includeShadowTrails", false}})));
    const Value trails = at(answer, "trailList");
    if (trails.items().empty()) return std::optional<Observed>();
    const Value& trail = trails.items().front();
    Observed observed;
    observed.physical_id = name;
    observed.attributes = Value::object({{"Arn", at(trail, "TrailARN")}});
    observed.properties = take(trail, kSettings);
    rename(observed.properties, trail,
           {{"TrailName", "Name"},
            {"KMSKeyId", "KmsKeyId"},
            {"EnableLogFileValidation", "LogFileValidationEnabled"}});
    observed.properties.set("EventSelectors", K3F_TRY(selectors_of(context, name)));
    const Value status =
        K3F_TRY(ask<cloudtrail::GetTrailStatusRequest>(context, Value::object({{"Name", name}})));
    observed.properties.set("IsLogging", at(status, "IsLogging").as_bool() == true);
    observed.tags = K3F_TRY(tags_of_trail(context, trail.string_at("TrailARN")));
    return std::optional(std::move(observed));
}

Value request_of(const Resource& resource) {
    Value request = take(resource.properties, kSettings);
    take(request, resource.properties, {"EnableLogFileValidation"});
    rename(request, resource.properties, {{"Name", "TrailName"}, {"KmsKeyId", "KMSKeyId"}});
    return request;
}

Status set_rest(Context& context, const Observed& observed, const Resource& resource) {
    if (differs(observed, resource, "EventSelectors")) {
        Value request = Value::object({{"TrailName", observed.physical_id}});
        take(request, resource.properties, {"EventSelectors"});
        K3F_TRY(tell<cloudtrail::PutEventSelectorsRequest>(context, request));
    }
    // Turning it off is nothing that this program does.
    const bool wanted = at(resource.properties, "IsLogging").as_bool() == true;
    if (!wanted || at(observed.properties, "IsLogging").as_bool() == true) return {};
    return tell<cloudtrail::StartLoggingRequest>(context, Value::object({{"Name", observed.physical_id}}));
}

Result<std::string> create(Context& context, const Resource& resource, const std::string& token) {
    static_cast<void>(token);  // A second trail of that name is refused.
    K3F_TRY(tell<cloudtrail::CreateTrailRequest>(
        context, request_of(resource).set("TagsList", tag_list(resource.tags))));
    Observed fresh;
    fresh.physical_id = text(resource, "TrailName");
    K3F_TRY(set_rest(context, fresh, resource));
    return fresh.physical_id;
}

Status update(Context& context, const Observed& observed, const Resource& resource) {
    if (const Tags tags = tags_to_set(observed, resource); !tags.empty())
        K3F_TRY(tell<cloudtrail::AddTagsRequest>(
            context,
            Value::object({{"ResourceId", at(observed.attributes, "Arn")}, {"TagsList", tag_list(tags)}})));
    if (any_differs(observed, resource, kSettings) ||
        any_differs(observed, resource, {"EnableLogFileValidation", "KMSKeyId"}))
        K3F_TRY(tell<cloudtrail::UpdateTrailRequest>(context, request_of(resource)));
    return set_rest(context, observed, resource);
}

Result<Removal> remove(Context& context, const Observed& observed) {
    return removed(
        tell<cloudtrail::DeleteTrailRequest>(context, Value::object({{"Name", observed.physical_id}})));
}

}  // namespace

constinit const Implementation kTrail = {
    .type = "AWS::CloudTrail::Trail",
    .observe = observe,
    .create = create,
    .update = update,
    .remove = remove,
};

}  // namespace k3fleet::resources
