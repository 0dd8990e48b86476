// AWS::Scheduler::ScheduleGroup and AWS::Scheduler::Schedule. Only the group has tags.
#include <array>

#include "adapters/aws/resources/documents.h"
#include "adapters/aws/resources/kinds_known.h"
#include "aws/gen/scheduler.h"

namespace k3fleet::resources {

namespace scheduler = aws::scheduler;

namespace {

Value named(const std::string& name) { return Value::object({{"Name", name}}); }

Result<std::optional<Observed>> observe_group(Context& context, const std::string& name) {
    const auto group = K3F_TRY(look<scheduler::GetScheduleGroupRequest>(context, named(name)));
    if (!group || group->string_at("State") == "DELETING") return std::optional<Observed>();
    Observed observed;
    observed.physical_id = name;
    observed.attributes = take(*group, {"Arn"});
    observed.properties = take(*group, {"Name"});
    observed.created_at = time_at(*group, "CreationDate");
    const Value tags = K3F_TRY(ask<scheduler::ListTagsForResourceRequest>(
        context, Value::object({{"ResourceArn", at(*group, "Arn")}})));
    observed.tags = tags_of(at(tags, "Tags"));
    return std::optional(std::move(observed));
}

Result<std::string> create_group(Context& context, const Resource& resource, const std::string& token) {
    Value request = take(resource.properties, {"Name"});
    request.set("Tags", tag_list(resource.tags)).set("ClientToken", token);
    K3F_TRY(tell<scheduler::CreateScheduleGroupRequest>(context, request));
    return text(resource, "Name");
}

Status update_group(Context& context, const Observed& observed, const Resource& resource) {
    const Tags tags = tags_to_set(observed, resource);
    if (tags.empty()) return {};
    return tell<scheduler::TagResourceRequest>(
        context, Value::object({{"ResourceArn", at(observed.attributes, "Arn")}, {"Tags", tag_list(tags)}}));
}

// AWS deletes what is in it, in its own time.
Result<Removal> remove_group(Context& context, const Observed& observed) {
    const auto now = K3F_TRY(look<scheduler::GetScheduleGroupRequest>(context, named(observed.physical_id)));
    if (!now) return Removal{};
    if (now->string_at("State") != "DELETING") {
        const Status done = tell<scheduler::DeleteScheduleGroupRequest>(context, named(observed.physical_id));
        if (!done) return removed(done);
    }
    const auto left = K3F_TRY(look<scheduler::GetScheduleGroupRequest>(context, named(observed.physical_id)));
    return left ? going("AWS deletes the schedules in the group") : Removal{};
}

constexpr auto kSettings =
    std::to_array<std::string_view>({"ScheduleExpression", "ScheduleExpressionTimezone", "FlexibleTimeWindow",
                                     "Target", "State", "Description"});

Result<std::optional<Observed>> find(Context& context, const Resource& resource) {
    const auto schedule = K3F_TRY(
        look<scheduler::GetScheduleRequest>(context, take(resource.properties, {"Name", "GroupName"})));
    if (!schedule) return std::optional<Observed>();
    Observed observed;
    observed.physical_id = schedule->string_at("Name");
    observed.attributes = take(*schedule, {"Arn"});
    observed.properties = take(*schedule, {"Name", "GroupName"});
    take(observed.properties, *schedule, kSettings);
    observed.properties.set("Description", schedule->string_at("Description"));
    observed.created_at = time_at(*schedule, "CreationDate");
    return std::optional(std::move(observed));
}

Value request_of(const Resource& resource) {
    Value request = take(resource.properties, {"Name", "GroupName"});
    take(request, resource.properties, kSettings);
    return request;
}

Result<std::string> create(Context& context, const Resource& resource, const std::string& token) {
    K3F_TRY(tell<scheduler::CreateScheduleRequest>(context, request_of(resource).set("ClientToken", token)));
    return text(resource, "Name");
}

// Sets everything: what a request leaves out goes back to its default.
Status update(Context& context, const Observed& observed, const Resource& resource) {
    if (!any_differs(observed, resource, kSettings)) return {};
    return tell<scheduler::UpdateScheduleRequest>(context, request_of(resource));
}

Result<Removal> remove(Context& context, const Observed& observed) {
    return removed(
        tell<scheduler::DeleteScheduleRequest>(context, take(observed.properties, {"Name", "GroupName"})));
}

}  // namespace

constinit const Implementation kScheduleGroup = {
    .type = "AWS::Scheduler::ScheduleGroup",
    .observe = observe_group,
    .create = create_group,
    .update = update_group,
    .remove = remove_group,
};

constinit const Implementation kSchedule = {
    .type = "AWS::Scheduler::Schedule",
    .find = find,
    .create = create,
    .update = update,
    .remove = remove,
};

}  // namespace k3fleet::resources
