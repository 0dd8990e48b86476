// EventBridge: rules of the default bus and their targets. No event is matched here: whatever happens in the
// simulated world reaches the program's queues by the simulator.
//
// https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutRule.html
// https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutTargets.html
#include <algorithm>
#include <array>
#include <utility>

#include "adapters/simcloud/aws/event_pattern.h"
#include "adapters/simcloud/aws/schedule_expression.h"
#include "adapters/simcloud/aws/service.h"
#include "adapters/simcloud/aws/tags.h"
#include "adapters/simcloud/engine.h"
#include "aws/gen/events.h"
#include "base/json.h"
#include "base/ranges.h"
#include "base/text.h"

namespace k3fleet::simcloud {
namespace {

namespace events = aws::events;

constexpr std::size_t kMaxRules = 300;  // Of a bus.
constexpr std::size_t kMaxPattern = 4'096;
constexpr std::size_t kMaxTargets = 5;  // Of a rule.
constexpr std::size_t kMaxName = 64;
constexpr std::size_t kPage = 100;
constexpr std::size_t kShortPage = 2;
constexpr std::array<std::string_view, 3> kStates = {"ENABLED", "DISABLED",
                                                     "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"};

std::unexpected<Error> invalid(std::string message) {
    return refuse("ValidationException", std::move(message));
}
std::unexpected<Error> too_many() {
    return refuse("LimitExceededException", "The requested resource exceeds the maximum number allowed.");
}

Status check_name(const std::string& name, std::string_view member) {
    const auto allowed = [](char c) { return is_letter_or_digit(c) || c == '.' || c == '-' || c == '_'; };
    std::string_view must;
    if (name.size() > kMaxName)
        must = "have length less than or equal to 64";
    else if (name.empty() || !std::ranges::all_of(name, allowed))
        must = "satisfy regular expression pattern: [\\.\\-_A-Za-z0-9]+";
    else
        return {};
    return invalid(
        format("1 validation error detected: Value '{}' at '{}' failed to satisfy constraint: Member must {}",
               name, member, must));
}

std::string rule_arn(const Call& call, std::string_view name) {
    return call.arn("events", format("rule/{}", name));
}
std::string rule_in(const Call& call, const std::optional<std::string>& arn) {
    const std::string ours = rule_arn(call, "");
    return arn.value_or("").starts_with(ours) ? arn->substr(ours.size()) : std::string();
}

// Null: there is none.
EventRule* look_up(const Call& call, const std::string& name) {
    auto& rules = call.account.event_rules.rules;
    const auto found = rules.find(name);
    return found == rules.end() ? nullptr : &found->second;
}
Result<EventRule*> find_rule(const Call& call, const std::string& name) {
    EventRule* rule = look_up(call, name);
    if (rule == nullptr)
        return refuse("ResourceNotFoundException",
                      format("Rule {} does not exist on EventBus default.", name));
    return rule;
}

iam::Context context_of(const Call& call, const std::string& name) {
    iam::Context context;
    if (const EventRule* rule = look_up(call, name)) {
        set_resource_tags(context, rule->tags);
        context.set("events:creatorAccount", {call.account.number});
    }
    return context;
}

template <typename Request>
std::string name_of(const Request& request) {
    if constexpr (requires { request.rule; }) {
        return request.rule.value_or("");
    } else {
        return request.name.value_or("");
    }
}

template <typename Request>
Status needs_rule(const Call& call, const Request& request, Needs& needs) {
    const std::string name = name_of(request);
    needs.add(format("events:{}", call.operation.name), rule_arn(call, name), context_of(call, name));
    return {};
}

Status needs_put(const Call& call, const events::PutRuleRequest& request, Needs& needs) {
    const std::string name = request.name.value_or("");
    iam::Context context = context_of(call, name);
    context.set("events:creatorAccount", {call.account.number});
    set_request_tags(context, tags_in(request.tags));
    // Tags of a rule that is there are not touched, and only the request's are asked for.
    if (!request.tags.empty() && look_up(call, name) == nullptr)
        needs.add("events:TagResource", rule_arn(call, name), context);
    needs.add("events:PutRule", rule_arn(call, name), std::move(context));
    return {};
}

Status check_rule(const EventRule& rule) {
    K3F_TRY(check_name(rule.name, "name"));
    if (rule.pattern.empty() && rule.schedule.empty())
        return invalid("Parameter(s) EventPattern or ScheduleExpression must be specified.");
    if (rule.pattern.size() > kMaxPattern)
        return invalid("Parameter EventPattern is not valid: it has more than 4096 characters.");
    if (!rule.pattern.empty())
        if (const std::string why = wrong_pattern(rule.pattern); !why.empty())
            return refuse("InvalidEventPatternException",
                          format("Event pattern is not valid. Reason: {}", why));
    if (!rule.schedule.empty() && !is_rate(rule.schedule) && !is_cron(rule.schedule))
        return invalid("Parameter ScheduleExpression is not valid.");
    if (!contains(kStates, std::string_view(rule.state)))
        return invalid(
            format("1 validation error detected: Value '{}' at 'state' failed to satisfy constraint: "
                   "Member must satisfy enum value set: [{}]",
                   rule.state, join({kStates.begin(), kStates.end()}, ", ")));
    if (rule.description.size() > 512)
        return invalid(
            "1 validation error detected: Value at 'description' failed to satisfy constraint: Member "
            "must have length less than or equal to 512");
    return {};
}

template <typename List>
Status check_tags(const List& added, const Tags& has) {
    if (repeats_key(added)) return invalid("Duplicate keys are not allowed.");
    if (const std::string why = wrong_tags(tags_in(added), has); !why.empty()) return invalid(why);
    return {};
}

// Sets everything: what is left out is empty then. Targets stay, and so do the tags of a rule that is there.
Result<events::PutRuleResponse> put_rule(Call& call, const events::PutRuleRequest& request) {
    EventRule rule{.name = *request.name,
                   .pattern = request.event_pattern.value_or(""),
                   .schedule = request.schedule_expression.value_or(""),
                   .state = request.state.value_or("ENABLED"),
                   .description = request.description.value_or("")};
    K3F_TRY(check_rule(rule));
    K3F_TRY(check_tags(request.tags, {}));
    auto& rules = call.account.event_rules.rules;
    if (const EventRule* before = look_up(call, rule.name)) {
        rule.targets = before->targets;
        rule.tags = before->tags;
    } else {
        if (rules.size() >= kMaxRules) return too_many();
        rule.tags = tags_in(request.tags);
    }
    const std::string arn = rule_arn(call, rule.name);
    rules.insert_or_assign(rule.name, std::move(rule));
    return events::PutRuleResponse{.rule_arn = arn};
}

Result<events::DescribeRuleResponse> describe(Call& call, const events::DescribeRuleRequest& request) {
    const EventRule& rule = *K3F_TRY(find_rule(call, *request.name));
    events::DescribeRuleResponse answer{.name = rule.name, .arn = rule_arn(call, rule.name)};
    if (!rule.pattern.empty()) answer.event_pattern = rule.pattern;
    if (!rule.schedule.empty()) answer.schedule_expression = rule.schedule;
    if (!rule.description.empty()) answer.description = rule.description;
    answer.state = rule.state;
    answer.event_bus_name = "default";
    answer.created_by = call.account.number;
    return answer;
}

Result<events::DeleteRuleResponse> delete_rule(Call& call, const events::DeleteRuleRequest& request) {
    const EventRule* rule = look_up(call, *request.name);
    if (rule == nullptr) return events::DeleteRuleResponse{};  // No error if it is not there.
    if (!rule->targets.empty()) return invalid("Rule can't be deleted since it has targets.");
    call.account.event_rules.rules.erase(*request.name);
    return events::DeleteRuleResponse{};
}

// Targets.

Status needs_put_targets(const Call& call, const events::PutTargetsRequest& request, Needs& needs) {
    const std::string name = name_of(request);
    iam::Context context = context_of(call, name);
    std::vector<std::string> arns;
    for (const auto& target : request.targets) {
        arns.push_back(target.arn.value_or(""));
        if (target.role_arn)
            needs.add("iam:PassRole", *target.role_arn, {{"iam:PassedToService", {"events.amazonaws.com"}}});
    }
    context.set("events:TargetArn", std::move(arns));
    needs.add("events:PutTargets", rule_arn(call, name), std::move(context));
    return {};
}

// Queues, topics, functions, log groups and streams need no role; what else there is, is not simulated.
Status check_arn(const Call& call, const std::string& arn) {
    const auto parts = split(arn, ':');
    if (parts.size() < 6 || parts[0] != "arn" || parts[1] != "aws")
        return invalid(
            format("Parameter {} is not valid. Reason: Provided Arn is not in correct format.", arn));
    constexpr std::array<std::string_view, 4> kServices = {"sqs", "sns", "lambda", "logs"};
    if (!contains(kServices, std::string_view(parts[2])))
        return refuse("InvalidParameterCombination", format("targets of {} are not simulated", parts[2]));
    if (parts[3] != call.account.region)
        return invalid(format("Parameter {} is not valid. Reason: Provided Arn is in another region.", arn));
    if (parts[4] != call.account.number)
        return invalid(format("Parameter {} is not valid. Reason: Cross-account targets need a role.", arn));
    if (arn.ends_with(".fifo") && parts[2] == "sqs")
        return refuse("InvalidParameterCombination", "targets that are FIFO queues are not simulated");
    return {};
}

Status check_input(const events::Target& target, const RuleTarget& read) {
    if (target.input.has_value() + target.input_path.has_value() + target.input_transformer.has_value() > 1)
        return invalid(
            format("Only one of Input, InputPath, or InputTransformer must be provided for target {}.",
                   target.id.value_or("")));
    if (target.input && !json::parse(read.input))
        return invalid(format("JSON syntax error in Input for target {}.", target.id.value_or("")));
    if (target.input_path && !read.input_path.starts_with('$'))
        return invalid(
            format("Invalid InputPath for target {} : {}.", target.id.value_or(""), read.input_path));
    if (target.input_transformer && read.input_template.empty())
        return invalid("Parameter InputTemplate is not valid. Reason: it is empty.");
    if (read.input_paths.size() > 100)
        return invalid("Parameter InputPathsMap is not valid. Reason: it has more than 100 entries.");
    for (const auto& [name, path] : read.input_paths)
        if (!path.starts_with('$'))
            return invalid(format("Invalid InputPath for target {} : {}.", target.id.value_or(""), path));
    return {};
}

Result<RuleTarget> read_target(const Call& call, const events::Target& target) {
    if (target.kinesis_parameters || target.run_command_parameters || target.ecs_parameters ||
        target.batch_parameters || target.sqs_parameters || target.http_parameters ||
        target.redshift_data_parameters || target.sage_maker_pipeline_parameters ||
        target.app_sync_parameters)
        return refuse("InvalidParameterCombination", "parameters of targets are not simulated");
    K3F_TRY(check_name(target.id.value_or(""), "targets.1.member.id"));
    RuleTarget read{.arn = target.arn.value_or(""),
                    .role = target.role_arn.value_or(""),
                    .input = target.input.value_or(""),
                    .input_path = target.input_path.value_or("")};
    if (const auto& transformer = target.input_transformer) {
        read.input_template = transformer->input_template.value_or("");
        read.input_paths.insert(transformer->input_paths_map.begin(), transformer->input_paths_map.end());
    }
    K3F_TRY(check_arn(call, read.arn));
    K3F_TRY(check_input(target, read));
    if (target.dead_letter_config) read.dead_letters = target.dead_letter_config->arn.value_or("");
    if (!read.dead_letters.empty() && !read.dead_letters.starts_with(call.arn("sqs", "")))
        return invalid(format("Parameter {} is not valid. Reason: it is no queue.", read.dead_letters));
    if (const auto& retry = target.retry_policy) {
        read.retries = retry->maximum_retry_attempts;
        read.oldest_seconds = retry->maximum_event_age_in_seconds;
        if (read.retries.value_or(0) < 0 || read.retries.value_or(0) > 185 ||
            read.oldest_seconds.value_or(60) < 60 || read.oldest_seconds.value_or(60) > 86'400)
            return invalid("Parameter RetryPolicy is not valid.");
    }
    return read;
}

Result<events::PutTargetsResponse> put_targets(Call& call, const events::PutTargetsRequest& request) {
    if (request.targets.empty() || request.targets.size() > 100)
        return invalid(
            "1 validation error detected: Value at 'targets' failed to satisfy constraint: Member must "
            "have length between 1 and 100");
    std::map<std::string, RuleTarget> read;
    for (const events::Target& target : request.targets)
        if (!read.emplace(target.id.value_or(""), K3F_TRY(read_target(call, target))).second)
            return invalid(format("Duplicate target id {}", target.id.value_or("")));
    EventRule& rule = *K3F_TRY(find_rule(call, *request.rule));
    std::map<std::string, RuleTarget> all = rule.targets;
    for (auto& [id, target] : read) all.insert_or_assign(id, std::move(target));
    if (all.size() > kMaxTargets) return too_many();
    rule.targets = std::move(all);
    events::PutTargetsResponse answer{.failed_entry_count = 0};
    answer.failed_entries.mark_present();
    return answer;
}

Result<events::RemoveTargetsResponse> remove_targets(Call& call,
                                                     const events::RemoveTargetsRequest& request) {
    EventRule& rule = *K3F_TRY(find_rule(call, *request.rule));
    for (const std::string& id : request.ids) rule.targets.erase(id);
    events::RemoveTargetsResponse answer{.failed_entry_count = 0};
    answer.failed_entries.mark_present();
    return answer;
}

events::Target show(const std::string& id, const RuleTarget& target) {
    events::Target shown{.id = id, .arn = target.arn};
    if (!target.role.empty()) shown.role_arn = target.role;
    if (!target.input.empty()) shown.input = target.input;
    if (!target.input_path.empty()) shown.input_path = target.input_path;
    if (!target.input_template.empty()) {
        auto& transformer = shown.input_transformer.emplace();
        transformer.input_template = target.input_template;
        transformer.input_paths_map.insert(target.input_paths.begin(), target.input_paths.end());
    }
    if (!target.dead_letters.empty()) shown.dead_letter_config.emplace().arn = target.dead_letters;
    if (target.retries || target.oldest_seconds)
        shown.retry_policy.emplace() = {.maximum_retry_attempts = target.retries,
                                        .maximum_event_age_in_seconds = target.oldest_seconds};
    return shown;
}

Result<events::ListTargetsByRuleResponse> list_targets(Call& call,
                                                       const events::ListTargetsByRuleRequest& request) {
    if (request.limit && (*request.limit < 1 || *request.limit > 100))
        return invalid(
            "1 validation error detected: Value at 'limit' failed to satisfy constraint: Member must "
            "have value between 1 and 100");
    const EventRule& rule = *K3F_TRY(find_rule(call, *request.rule));
    std::size_t limit = call.engine.suffers(FaultKind::ShortPages, "") ? kShortPage : kPage;
    if (request.limit) limit = std::min(limit, static_cast<std::size_t>(*request.limit));
    events::ListTargetsByRuleResponse answer;
    answer.targets.mark_present();
    for (auto at = rule.targets.upper_bound(request.next_token.value_or("")); at != rule.targets.end();
         ++at) {
        if (answer.targets.size() == limit) {
            answer.next_token = answer.targets.back().id;
            break;
        }
        answer.targets.push_back(show(at->first, at->second));
    }
    return answer;
}

// Tags.

template <typename Request>
Status needs_tags(const Call& call, const Request& request, Needs& needs) {
    iam::Context context = context_of(call, rule_in(call, request.resource_arn));
    if constexpr (requires { request.tags; }) set_request_tags(context, tags_in(request.tags));
    needs.add(format("events:{}", call.operation.name), request.resource_arn.value_or(""),
              std::move(context));
    return {};
}

Result<EventRule*> find_tagged(Call& call, const std::optional<std::string>& arn) {
    if (!arn.value_or("").starts_with("arn:aws:events:"))
        return invalid(format("Parameter {} is not valid. Reason: Provided Arn is not in correct format.",
                              arn.value_or("")));
    return find_rule(call, rule_in(call, arn));
}

Result<events::ListTagsForResourceResponse> list_tags(Call& call,
                                                      const events::ListTagsForResourceRequest& request) {
    events::ListTagsForResourceResponse answer;
    put_tags(K3F_TRY(find_tagged(call, request.resource_arn))->tags, answer.tags);
    return answer;
}

Result<events::TagResourceResponse> tag(Call& call, const events::TagResourceRequest& request) {
    EventRule& rule = *K3F_TRY(find_tagged(call, request.resource_arn));
    K3F_TRY(check_tags(request.tags, rule.tags));
    for (const auto& [key, value] : tags_in(request.tags)) rule.tags[key] = value;
    return events::TagResourceResponse{};
}

}  // namespace

TaggedThings tagged_rules(const Account& account) {
    TaggedThings all;
    for (const auto& [name, one] : account.event_rules.rules)
        all.push_back({.arn = arn_in(account, "events", "rule/" + name), .tags = one.tags, .since = {}});
    return all;
}

void add_event_rules(Handlers& handlers) {
    handlers.add<events::PutRuleRequest>(
        {"Name", "ScheduleExpression", "EventPattern", "State", "Description", "Tags"}, needs_put, put_rule);
    handlers.add<events::DescribeRuleRequest>({"Name"}, needs_rule, describe);
    handlers.add<events::DeleteRuleRequest>({"Name"}, needs_rule, delete_rule);
    handlers.add<events::PutTargetsRequest>({"Rule", "Targets"}, needs_put_targets, put_targets);
    handlers.add<events::RemoveTargetsRequest>({"Rule", "Ids"}, needs_rule, remove_targets);
    handlers.add<events::ListTargetsByRuleRequest>({"Rule", "NextToken", "Limit"}, needs_rule, list_targets);
    handlers.add<events::ListTagsForResourceRequest>({"ResourceARN"}, needs_tags, list_tags);
    handlers.add<events::TagResourceRequest>({"ResourceARN", "Tags"}, needs_tags, tag);
}

}  // namespace k3fleet::simcloud
