// What belongs to a function: AWS::Lambda::Permission, AWS::Lambda::EventInvokeConfig and
// AWS::Lambda::EventSourceMapping.
#include <array>

#include "adapters/aws/resources/documents.h"
#include "adapters/aws/resources/kinds_known.h"
#include "aws/gen/lambda.h"
#include "base/text.h"
#include "core/resources/compare.h"

namespace k3fleet::resources {

namespace lambda = aws::lambda;

namespace {

// Permissions: a statement of the function's policy each, whose id is the resource's.

Value first(const Value& value) {
    return value.is_array() && !value.items().empty() ? value.items().front() : value;
}

Value condition(const Value& statement, std::string_view key) {
    for (const Member& one : at(statement, "Condition").members())
        for (const Member& entry : one.value.members())
            if (entry.key == key) return first(entry.value);
    return {};
}

Result<std::optional<Observed>> find_permission(Context& context, const Resource& resource) {
    const std::string function = text(resource, "FunctionName");
    if (function.empty()) return std::optional<Observed>();
    const auto answer =
        K3F_TRY(look<lambda::GetPolicyRequest>(context, Value::object({{"FunctionName", function}})));
    if (!answer) return std::optional<Observed>();
    const Value policy = read_document(answer->string_at("Policy"));
    for (const Value& statement : at(policy, "Statement").items()) {
        if (statement.string_at("Sid") != resource.id.str()) continue;
        Observed observed;
        observed.physical_id = resource.id.str();
        const Value principal = at(statement, "Principal");
        const Value service = principal.is_object() ? at(principal, "Service") : principal;
        observed.properties = Value::object({{"FunctionName", function},
                                             {"Action", first(at(statement, "Action"))},
                                             {"Principal", first(service)},
                                             {"SourceArn", condition(statement, "AWS:SourceArn")},
                                             {"SourceAccount", condition(statement, "AWS:SourceAccount")}});
        return std::optional(std::move(observed));
    }
    return std::optional<Observed>();
}

Result<std::string> permit(Context& context, const Resource& resource, const std::string& token) {
    static_cast<void>(token);  // A second statement of that id is refused.
    Value request =
        take(resource.properties, {"FunctionName", "Action", "Principal", "SourceArn", "SourceAccount"});
    request.set("StatementId", resource.id.str());
    K3F_TRY(tell<lambda::AddPermissionRequest>(context, request));
    return resource.id.str();
}

Result<Removal> forbid(Context& context, const Observed& observed) {
    Value request = take(observed.properties, {"FunctionName"});
    return removed(
        tell<lambda::RemovePermissionRequest>(context, request.set("StatementId", observed.physical_id)));
}

// A statement cannot be changed, only said anew.
Status permit_anew(Context& context, const Observed& observed, const Resource& resource) {
    if (differences(kind_of(resource.type), resource, observed).empty()) return {};
    K3F_TRY(forbid(context, observed));
    K3F_TRY(permit(context, resource, ""));
    return {};
}

// Settings of asynchronous calls.

constexpr auto kInvocation = std::to_array<std::string_view>(
    {"MaximumRetryAttempts", "MaximumEventAgeInSeconds", "DestinationConfig"});

Result<std::optional<Observed>> find_config(Context& context, const Resource& resource) {
    const std::string function = text(resource, "FunctionName");
    if (function.empty()) return std::optional<Observed>();
    const auto answer = K3F_TRY(look<lambda::GetFunctionEventInvokeConfigRequest>(
        context, take(resource.properties, {"FunctionName", "Qualifier"})));
    if (!answer) return std::optional<Observed>();
    Observed observed;
    observed.physical_id = format("{}|EventInvokeConfig", function);
    observed.properties = take(resource.properties, {"FunctionName", "Qualifier"});
    take(observed.properties, *answer, kInvocation);
    return std::optional(std::move(observed));
}

Result<std::string> put_config(Context& context, const Resource& resource, const std::string& token) {
    static_cast<void>(token);  // The same again is the same.
    Value request = take(resource.properties, {"FunctionName", "Qualifier"});
    take(request, resource.properties, kInvocation);
    K3F_TRY(tell<lambda::PutFunctionEventInvokeConfigRequest>(context, request));
    return format("{}|EventInvokeConfig", text(resource, "FunctionName"));
}

Status update_config(Context& context, const Observed& observed, const Resource& resource) {
    if (!any_differs(observed, resource, kInvocation)) return {};
    K3F_TRY(put_config(context, resource, ""));
    return {};
}

Result<Removal> remove_config(Context& context, const Observed& observed) {
    return removed(tell<lambda::DeleteFunctionEventInvokeConfigRequest>(
        context, take(observed.properties, {"FunctionName", "Qualifier"})));
}

// Event source mappings. Their ids are drawn by AWS; one for each source and function.

constexpr auto kMapping =
    std::to_array<std::string_view>({"BatchSize", "MaximumBatchingWindowInSeconds", "FunctionResponseTypes",
                                     "ScalingConfig", "FilterCriteria"});

Result<std::optional<Observed>> find_mapping(Context& context, const Resource& resource) {
    const std::string function = text(resource, "FunctionName");
    const std::string source = text(resource, "EventSourceArn");
    if (function.empty() || source.empty()) return std::optional<Observed>();
    const auto all = ask_all<lambda::ListEventSourceMappingsRequest>(
        context, Value::object({{"FunctionName", function}, {"EventSourceArn", source}}),
        "EventSourceMappings");
    if (!all && all.error().code == ErrorCode::NotFound) return std::optional<Observed>();
    if (!all) return std::unexpected(all.error());
    for (const Value& mapping : *all) {
        const std::string state = mapping.string_at("State");
        if (state == "Deleting") continue;
        Observed observed;
        observed.physical_id = mapping.string_at("UUID");
        observed.attributes = Value::object({{"Id", observed.physical_id}});
        observed.properties = Value::object({{"FunctionName", function}, {"EventSourceArn", source}});
        for (const std::string_view name : kMapping) observed.properties.set(name, at(mapping, name));
        observed.properties.set("Enabled", state != "Disabled" && state != "Disabling");
        observed.pending = state != "Enabled" && state != "Disabled";
        if (observed.pending) observed.waiting_for = "the event source is " + state;
        return std::optional(std::move(observed));
    }
    return std::optional<Observed>();
}

Result<std::string> map_source(Context& context, const Resource& resource, const std::string& token) {
    static_cast<void>(token);  // A second mapping of the two is refused.
    Value request = take(resource.properties, {"EventSourceArn", "FunctionName", "Enabled"});
    take(request, resource.properties, kMapping);
    return K3F_TRY(ask<lambda::CreateEventSourceMappingRequest>(context, request)).string_at("UUID");
}

Status update_mapping(Context& context, const Observed& observed, const Resource& resource) {
    if (!any_differs(observed, resource, kMapping) && !differs(observed, resource, "Enabled")) return {};
    Value request = take(resource.properties, {"FunctionName", "Enabled"});
    take(request, resource.properties, kMapping);
    return tell<lambda::UpdateEventSourceMappingRequest>(context, request.set("UUID", observed.physical_id));
}

Result<Removal> remove_mapping(Context& context, const Observed& observed) {
    const Value id = Value::object({{"UUID", observed.physical_id}});
    const auto now = K3F_TRY(look<lambda::GetEventSourceMappingRequest>(context, id));
    if (!now) return Removal{};
    if (now->string_at("State") != "Deleting") {
        const Status done = tell<lambda::DeleteEventSourceMappingRequest>(context, id);
        if (!done && !is(done.error(), "ResourceInUseException")) return removed(done);
    }
    if (!K3F_TRY(look<lambda::GetEventSourceMappingRequest>(context, id))) return Removal{};
    return going("Lambda lets go of the queue");
}

}  // namespace

constinit const Implementation kPermission = {
    .type = "AWS::Lambda::Permission",
    .find = find_permission,
    .create = permit,
    .update = permit_anew,
    .remove = forbid,
};

constinit const Implementation kEventInvokeConfig = {
    .type = "AWS::Lambda::EventInvokeConfig",
    .find = find_config,
    .create = put_config,
    .update = update_config,
    .remove = remove_config,
};

constinit const Implementation kEventSourceMapping = {
    .type = "AWS::Lambda::EventSourceMapping",
    .find = find_mapping,
    .create = map_source,
    .update = update_mapping,
    .remove = remove_mapping,
};

}  // namespace k3fleet::resources
