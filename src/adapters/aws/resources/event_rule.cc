// AWS::Events::Rule with its targets.
#include <algorithm>

#include "adapters/aws/resources/documents.h"
#include "adapters/aws/resources/kinds_known.h"
#include "aws/gen/events.h"
#include "base/json.h"
#include "base/text.h"

namespace k3fleet::resources {

namespace events = aws::events;

namespace {

Value of(const std::string& rule) { return Value::object({{"Rule", rule}}); }

Result<Value> targets_of(Context& context, const std::string& rule) {
    return Value::array(K3F_TRY(ask_all<events::ListTargetsByRuleRequest>(context, of(rule), "Targets")));
}

Result<std::optional<Observed>> observe(Context& context, const std::string& name) {
    const auto rule = K3F_TRY(look<events::DescribeRuleRequest>(context, Value::object({{"Name", name}})));
    if (!rule) return std::optional<Observed>();
    Observed observed;
    observed.physical_id = name;
    observed.attributes = take(*rule, {"Arn"});
    observed.properties = take(*rule, {"Name", "State", "ScheduleExpression"});
    observed.properties.set("Description", rule->string_at("Description"));
    const std::string pattern = rule->string_at("EventPattern");
    observed.properties.set("EventPattern", pattern.empty() ? Value() : read_document(pattern));
    observed.properties.set("Targets", K3F_TRY(targets_of(context, name)));
    const Value tags = K3F_TRY(
        ask<events::ListTagsForResourceRequest>(context, Value::object({{"ResourceARN", at(*rule, "Arn")}})));
    observed.tags = tags_of(at(tags, "Tags"));
    return std::optional(std::move(observed));
}

// The calls succeed even if nothing was done.
Status all_done(const Value& answer) {
    const Value failed = at(answer, "FailedEntries");
    if (failed.items().empty()) return {};
    return fail(ErrorCode::Refused, format("target {}: {}", failed.items().front().string_at("TargetId"),
                                           failed.items().front().string_at("ErrorMessage")));
}

Status drop_targets(Context& context, const std::string& rule, const Value& ids) {
    if (ids.items().empty()) return {};
    return all_done(K3F_TRY(ask<events::RemoveTargetsRequest>(context, of(rule).set("Ids", ids))));
}

Status set_targets(Context& context, const Observed& observed, const Resource& resource) {
    const Value wanted = at(resource.properties, "Targets");
    if (wanted.is_null()) return {};
    const Value has = at(observed.properties, "Targets");
    Value surplus = Value::array();
    for (const Value& target : has.items()) {
        const auto same = [&](const Value& one) { return one.string_at("Id") == target.string_at("Id"); };
        if (std::ranges::none_of(wanted.items(), same)) surplus.push(at(target, "Id"));
    }
    K3F_TRY(drop_targets(context, observed.physical_id, surplus));
    if (wanted.items().empty() || !differs(observed, resource, "Targets")) return {};
    return all_done(
        K3F_TRY(ask<events::PutTargetsRequest>(context, of(observed.physical_id).set("Targets", wanted))));
}

// With tags also where the rule is there: AWS leaves its tags alone then, but IAM asks for Project in the
// request, whether it makes a rule or changes one.
Value request_of(const Resource& resource) {
    Value request = take(resource.properties, {"Name", "Description", "State", "ScheduleExpression"});
    request.set("Tags", tag_list(resource.tags));
    if (const Value pattern = at(resource.properties, "EventPattern"); !pattern.is_null())
        request.set("EventPattern", json::write(pattern));
    return request;
}

Result<std::string> create(Context& context, const Resource& resource, const std::string& token) {
    static_cast<void>(token);  // The same again is the same.
    K3F_TRY(tell<events::PutRuleRequest>(context, request_of(resource)));
    Observed fresh;
    fresh.physical_id = text(resource, "Name");
    K3F_TRY(set_targets(context, fresh, resource));
    return fresh.physical_id;
}

Status update(Context& context, const Observed& observed, const Resource& resource) {
    if (const Tags tags = tags_to_set(observed, resource); !tags.empty())
        K3F_TRY(tell<events::TagResourceRequest>(
            context,
            Value::object({{"ResourceARN", at(observed.attributes, "Arn")}, {"Tags", tag_list(tags)}})));
    if (any_differs(observed, resource, {"Description", "State", "ScheduleExpression", "EventPattern"}))
        K3F_TRY(tell<events::PutRuleRequest>(context, request_of(resource)));
    return set_targets(context, observed, resource);
}

Result<Removal> remove(Context& context, const Observed& observed) {
    const auto targets = targets_of(context, observed.physical_id);
    if (!targets) return removed(std::unexpected(targets.error()));
    Value ids = Value::array();
    for (const Value& target : targets->items()) ids.push(at(target, "Id"));
    K3F_TRY(drop_targets(context, observed.physical_id, ids));
    return removed(tell<events::DeleteRuleRequest>(context, Value::object({{"Name", observed.physical_id}})));
}

}  // namespace

constinit const Implementation kEventRule = {
    .type = "AWS::Events::Rule",
    .observe = observe,
    .create = create,
    .update = update,
    .remove = remove,
};

}  // namespace k3fleet::resources
