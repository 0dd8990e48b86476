// EventBridge Scheduler: groups of schedules. A group that is deleted takes its schedules along and is there
// as DELETING for a while. Nothing is started here: the simulator starts its functions itself.
//
// https://docs.aws.amazon.com/scheduler/latest/APIReference/API_CreateSchedule.html
// https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-schedule-group-delete.html
#include <algorithm>
#include <chrono>
#include <utility>

#include "adapters/simcloud/aws/roles.h"
#include "adapters/simcloud/aws/schedule_expression.h"
#include "adapters/simcloud/aws/service.h"
#include "adapters/simcloud/aws/service_common.h"
#include "adapters/simcloud/aws/tags.h"
#include "aws/gen/scheduler.h"
#include "aws/value.h"
#include "base/json.h"
#include "base/text.h"

namespace k3fleet::simcloud {
namespace {

namespace scheduler = aws::scheduler;
using std::chrono::seconds;

constexpr const char* kDefault = "default";
constexpr std::size_t kMaxName = 64;
constexpr std::size_t kMaxGroups = 500;
constexpr std::int32_t kMaxAge = 86'400;
constexpr std::int32_t kMaxRetries = 185;
// AWS says "eventually"; the more schedules the longer.
constexpr Duration kSoonestGone = seconds{10};
constexpr Duration kLatestGone = seconds{60};

std::unexpected<Error> invalid(std::string message) {
    return refuse("ValidationException", std::move(message));
}
std::unexpected<Error> conflict(std::string message) {
    return refuse("ConflictException", std::move(message), 409);
}
std::unexpected<Error> no_group(std::string_view name) {
    return refuse("ResourceNotFoundException", format("Schedule group {} does not exist.", name), 404);
}

Status check_name(const std::string& name, std::string_view member) {
    const auto allowed = [](char c) { return is_letter_or_digit(c) || c == '.' || c == '-' || c == '_'; };
    if (!name.empty() && name.size() <= kMaxName && std::ranges::all_of(name, allowed)) return {};
    return constraint(name, member, "satisfy regular expression pattern: ^[0-9a-zA-Z-_.]+$");
}
Status check_token(const std::optional<std::string>& token) {
    const auto allowed = [](char c) { return is_letter_or_digit(c) || c == '-' || c == '_'; };
    if (!token || (!token->empty() && token->size() <= kMaxName && std::ranges::all_of(*token, allowed)))
        return {};
    return constraint(*token, "clientToken", "satisfy regular expression pattern: ^[a-zA-Z0-9-_]+$");
}

// All that the request says but its token.
template <typename Request>
std::string fingerprint(Request request) {
    request.client_token.reset();
    return json::write(aws::to_value(*Request::operation().input, &request));
}

std::string group_arn(const Call& call, std::string_view name) {
    return call.arn("scheduler", format("schedule-group/{}", name));
}
std::string schedule_arn(const Call& call, std::string_view group, std::string_view name) {
    return call.arn("scheduler", format("schedule/{}/{}", group, name));
}

void forget_deleted(Call& call) {
    std::erase_if(call.account.schedules.groups, [&](const auto& entry) {
        return entry.second.gone_at && *entry.second.gone_at <= call.now;
    });
}

Result<ScheduleGroup*> find_group(Call& call, const std::optional<std::string>& name) {
    forget_deleted(call);
    const std::string which = name.value_or(kDefault);
    auto& groups = call.account.schedules.groups;
    if (which == kDefault)
        return &groups.try_emplace(kDefault, ScheduleGroup{.name = kDefault}).first->second;
    const auto found = groups.find(which);
    if (found == groups.end()) return no_group(which);
    return &found->second;
}
Result<Schedule*> find_schedule(Call& call, const std::optional<std::string>& group,
                                const std::optional<std::string>& name) {
    ScheduleGroup& in = *K3F_TRY(find_group(call, group));
    const auto found = in.schedules.find(name.value_or(""));
    if (found == in.schedules.end())
        return refuse("ResourceNotFoundException", format("Schedule {} does not exist.", name.value_or("")),
                      404);
    return &found->second;
}

// Groups.

iam::Context context_of(const Call& call, const std::string& group) {
    iam::Context context;
    const auto found = call.account.schedules.groups.find(group);
    if (found != call.account.schedules.groups.end()) set_resource_tags(context, found->second.tags);
    return context;
}

template <typename Request>
Status needs_group(const Call& call, const Request& request, Needs& needs) {
    const std::string name = request.name.value_or(kDefault);
    iam::Context context = context_of(call, name);
    if constexpr (requires { request.tags; }) {
        set_request_tags(context, tags_in(request.tags));
        if (!request.tags.empty()) needs.add("scheduler:TagResource", group_arn(call, name), context);
    }
    needs.add(format("scheduler:{}", call.operation.name), group_arn(call, name), std::move(context));
    return {};
}

template <typename List>
Status check_tags(const List& added, const Tags& has) {
    if (repeats_key(added)) return invalid("Duplicate tag keys are not allowed.");
    const std::string why = wrong_tags(tags_in(added), has);
    return why.empty() ? Status() : invalid(why);
}

Result<scheduler::CreateScheduleGroupResponse> create_group(
    Call& call, const scheduler::CreateScheduleGroupRequest& request) {
    forget_deleted(call);
    const std::string& name = *request.name;
    K3F_TRY(check_name(name, "name"));
    K3F_TRY(check_token(request.client_token));
    K3F_TRY(check_tags(request.tags, {}));
    auto& groups = call.account.schedules.groups;
    ScheduleGroup group{.name = name,
                        .created_at = call.now,
                        .changed_at = call.now,
                        .token = request.client_token.value_or(""),
                        .fingerprint = fingerprint(request)};
    const auto there = groups.find(name);
    const bool again = there != groups.end() && !there->second.gone_at && !group.token.empty() &&
                       there->second.token == group.token && there->second.fingerprint == group.fingerprint;
    if (again) return scheduler::CreateScheduleGroupResponse{.schedule_group_arn = group_arn(call, name)};
    if (there != groups.end() && there->second.gone_at)
        return conflict(format("Schedule group {} is being deleted.", name));
    if (there != groups.end() || name == kDefault)
        return conflict(format("Schedule group {} already exists.", name));
    if (groups.size() >= kMaxGroups)
        return refuse("ServiceQuotaExceededException", "The account has as many schedule groups as it may.",
                      402);
    group.tags = tags_in(request.tags);
    groups.emplace(name, std::move(group));
    return scheduler::CreateScheduleGroupResponse{.schedule_group_arn = group_arn(call, name)};
}

Result<scheduler::GetScheduleGroupResponse> get_group(Call& call,
                                                      const scheduler::GetScheduleGroupRequest& request) {
    const ScheduleGroup& group = *K3F_TRY(find_group(call, request.name));
    scheduler::GetScheduleGroupResponse answer{.arn = group_arn(call, group.name), .name = group.name};
    answer.state = group.gone_at ? "DELETING" : "ACTIVE";
    if (group.name == kDefault) return answer;
    answer.creation_date = group.created_at;
    answer.last_modification_date = group.changed_at;
    return answer;
}

Result<scheduler::DeleteScheduleGroupResponse> delete_group(
    Call& call, const scheduler::DeleteScheduleGroupRequest& request) {
    K3F_TRY(check_token(request.client_token));
    ScheduleGroup& group = *K3F_TRY(find_group(call, request.name));
    if (group.name == kDefault) return invalid("Cannot delete default schedule group.");
    if (group.gone_at) return conflict(format("Schedule group {} is being deleted.", group.name));
    const std::string which = format("{}/{}", group.name, to_unix_millis(call.now));
    group.gone_at = call.now + drawn(call, "schedule-group", which, kSoonestGone, kLatestGone);
    group.changed_at = call.now;
    group.schedules.clear();
    return scheduler::DeleteScheduleGroupResponse{};
}

// Schedules.

template <typename Request>
Status needs_schedule(const Call& call, const Request& request, Needs& needs) {
    const std::string group = request.group_name.value_or(kDefault);
    needs.add(format("scheduler:{}", call.operation.name),
              schedule_arn(call, group, request.name.value_or("")), context_of(call, group));
    if constexpr (requires { request.target; }) {
        if (request.target)
            needs.add("iam:PassRole", request.target->role_arn.value_or(""),
                      {{"iam:PassedToService", {"scheduler.amazonaws.com"}}});
    }
    return {};
}

bool is_timezone(std::string_view zone) {
    const auto allowed = [](char c) {
        return is_letter_or_digit(c) || std::string_view("_/+-").find(c) != std::string_view::npos;
    };
    if (zone == "UTC" || zone == "GMT") return true;
    return zone.size() <= 50 && zone.find('/') != std::string_view::npos &&
           std::ranges::all_of(zone, allowed);
}

// Scheduler tries the role when a schedule is made, for the schedule's group.
Status check_role(const Call& call, const std::string& role, const std::string& group) {
    const auto parts = split(role, ':');
    if (parts.size() != 6 || parts[2] != "iam" || !parts[5].starts_with("role/"))
        return constraint(role, "target.roleArn", "satisfy regular expression pattern of a role's ARN");
    if (role_for(call, role, "scheduler.amazonaws.com", group_arn(call, group)).as == RoleSeen::As::Usable)
        return {};
    return invalid("The execution role you provide must allow AWS EventBridge Scheduler to assume the role.");
}

Status check_target(const Call& call, const scheduler::Target& target, const std::string& group) {
    if (target.ecs_parameters || target.event_bridge_parameters || target.kinesis_parameters ||
        target.sage_maker_pipeline_parameters || target.sqs_parameters)
        return refuse("InvalidParameterCombination", "parameters of targets are not simulated");
    const auto parts = split(target.arn.value_or(""), ':');
    if (parts.size() < 6 || parts[0] != "arn" || parts[1] != "aws")
        return invalid(format("Provided Arn is not in correct format: {}", target.arn.value_or("")));
    if (target.retry_policy) {
        K3F_TRY(in_range(target.retry_policy->maximum_event_age_in_seconds,
                         "target.retryPolicy.maximumEventAgeInSeconds", 60, kMaxAge));
        K3F_TRY(in_range(target.retry_policy->maximum_retry_attempts,
                         "target.retryPolicy.maximumRetryAttempts", 0, kMaxRetries));
    }
    if (target.dead_letter_config && target.dead_letter_config->arn &&
        !target.dead_letter_config->arn->starts_with(call.arn("sqs", "")))
        return invalid("The dead-letter queue must be a queue of this account and region.");
    return check_role(call, target.role_arn.value_or(""), group);
}

Result<std::optional<std::int32_t>> window_of(const scheduler::FlexibleTimeWindow& window) {
    const std::string mode = window.mode.value_or("");
    if (mode != "OFF" && mode != "FLEXIBLE")
        return constraint(mode, "flexibleTimeWindow.mode", "satisfy enum value set: [OFF, FLEXIBLE]");
    if (mode == "OFF" && window.maximum_window_in_minutes)
        return invalid("MaximumWindowInMinutes must not be set if the flexible time window is OFF.");
    if (mode == "FLEXIBLE" && !window.maximum_window_in_minutes)
        return invalid("MaximumWindowInMinutes must be set if the flexible time window is FLEXIBLE.");
    K3F_TRY(
        in_range(window.maximum_window_in_minutes, "flexibleTimeWindow.maximumWindowInMinutes", 1, 1'440));
    return window.maximum_window_in_minutes;
}

// What creating and changing have in common: what a request leaves out is as if it had never been set.
template <typename Request>
Result<Schedule> read(const Call& call, const Request& request) {
    K3F_TRY(check_name(*request.name, "name"));
    K3F_TRY(check_token(request.client_token));
    Schedule schedule{.name = *request.name, .expression = *request.schedule_expression};
    if (!is_rate(schedule.expression) && !is_cron(schedule.expression) && !is_at(schedule.expression))
        return invalid(format("Invalid Schedule Expression {}.", schedule.expression));
    schedule.timezone = request.schedule_expression_timezone.value_or("UTC");
    if (!is_timezone(schedule.timezone))
        return invalid(format("Invalid Schedule Expression Timezone {}.", schedule.timezone));
    schedule.state = request.state.value_or("ENABLED");
    if (schedule.state != "ENABLED" && schedule.state != "DISABLED")
        return constraint(schedule.state, "state", "satisfy enum value set: [ENABLED, DISABLED]");
    schedule.description = request.description.value_or("");
    if (schedule.description.size() > 512)
        return constraint(schedule.description, "description", "have length less than or equal to 512");
    schedule.window = K3F_TRY(window_of(*request.flexible_time_window));
    const scheduler::Target& target = *request.target;
    K3F_TRY(check_target(call, target, request.group_name.value_or(kDefault)));
    schedule.target = target.arn.value_or("");
    schedule.role = target.role_arn.value_or("");
    schedule.input = target.input.value_or("");
    if (target.dead_letter_config) schedule.dead_letters = target.dead_letter_config->arn.value_or("");
    if (const auto& retry = target.retry_policy) {
        schedule.oldest_seconds = retry->maximum_event_age_in_seconds.value_or(kMaxAge);
        schedule.retries = retry->maximum_retry_attempts.value_or(kMaxRetries);
    }
    return schedule;
}

Result<scheduler::CreateScheduleResponse> create(Call& call,
                                                 const scheduler::CreateScheduleRequest& request) {
    Schedule schedule = K3F_TRY(read(call, request));
    ScheduleGroup& group = *K3F_TRY(find_group(call, request.group_name));
    if (group.gone_at) return conflict(format("Schedule group {} is being deleted.", group.name));
    schedule.token = request.client_token.value_or("");
    schedule.fingerprint = fingerprint(request);
    schedule.created_at = call.now;
    schedule.changed_at = call.now;
    const std::string arn = schedule_arn(call, group.name, schedule.name);
    if (const auto there = group.schedules.find(schedule.name); there != group.schedules.end()) {
        const bool again = !schedule.token.empty() && there->second.token == schedule.token &&
                           there->second.fingerprint == schedule.fingerprint;
        if (!again) return conflict(format("Schedule {} already exists.", schedule.name));
        return scheduler::CreateScheduleResponse{.schedule_arn = arn};
    }
    const std::string name = schedule.name;
    group.schedules.emplace(name, std::move(schedule));
    return scheduler::CreateScheduleResponse{.schedule_arn = arn};
}

Result<scheduler::GetScheduleResponse> get(Call& call, const scheduler::GetScheduleRequest& request) {
    const std::string group = request.group_name.value_or(kDefault);
    const Schedule& schedule = *K3F_TRY(find_schedule(call, request.group_name, request.name));
    scheduler::GetScheduleResponse answer{.action_after_completion = "NONE",
                                          .arn = schedule_arn(call, group, schedule.name)};
    answer.creation_date = schedule.created_at;
    if (!schedule.description.empty()) answer.description = schedule.description;
    auto& window = answer.flexible_time_window.emplace();
    window.mode = schedule.window ? "FLEXIBLE" : "OFF";
    window.maximum_window_in_minutes = schedule.window;
    answer.group_name = group;
    answer.last_modification_date = schedule.changed_at;
    answer.name = schedule.name;
    answer.schedule_expression = schedule.expression;
    answer.schedule_expression_timezone = schedule.timezone;
    answer.state = schedule.state;
    auto& target = answer.target.emplace();
    target.arn = schedule.target;
    target.role_arn = schedule.role;
    if (!schedule.input.empty()) target.input = schedule.input;
    if (!schedule.dead_letters.empty()) target.dead_letter_config.emplace().arn = schedule.dead_letters;
    target.retry_policy.emplace() = {.maximum_event_age_in_seconds = schedule.oldest_seconds,
                                     .maximum_retry_attempts = schedule.retries};
    return answer;
}

Result<scheduler::UpdateScheduleResponse> update(Call& call,
                                                 const scheduler::UpdateScheduleRequest& request) {
    Schedule wanted = K3F_TRY(read(call, request));
    Schedule& schedule = *K3F_TRY(find_schedule(call, request.group_name, request.name));
    wanted.token = schedule.token;
    wanted.fingerprint = schedule.fingerprint;
    wanted.created_at = schedule.created_at;
    wanted.changed_at = call.now;
    schedule = std::move(wanted);
    return scheduler::UpdateScheduleResponse{
        .schedule_arn = schedule_arn(call, request.group_name.value_or(kDefault), schedule.name)};
}

Result<scheduler::DeleteScheduleResponse> remove(Call& call,
                                                 const scheduler::DeleteScheduleRequest& request) {
    K3F_TRY(check_token(request.client_token));
    K3F_TRY(find_schedule(call, request.group_name, request.name));
    K3F_TRY(find_group(call, request.group_name))->schedules.erase(*request.name);
    return scheduler::DeleteScheduleResponse{};
}

// Tags, of groups only.

std::string group_in(const Call& call, const std::optional<std::string>& arn) {
    const std::string ours = group_arn(call, "");
    return arn.value_or("").starts_with(ours) ? arn->substr(ours.size()) : std::string();
}

template <typename Request>
Status needs_tags(const Call& call, const Request& request, Needs& needs) {
    iam::Context context = context_of(call, group_in(call, request.resource_arn));
    if constexpr (requires { request.tags; }) set_request_tags(context, tags_in(request.tags));
    needs.add(format("scheduler:{}", call.operation.name), request.resource_arn.value_or(""),
              std::move(context));
    return {};
}

Result<ScheduleGroup*> find_tagged(Call& call, const std::optional<std::string>& arn) {
    const std::string name = group_in(call, arn);
    if (name.empty())
        return constraint(arn.value_or(""), "resourceArn",
                          "satisfy regular expression pattern of a schedule group's ARN");
    return find_group(call, name);
}

Result<scheduler::ListTagsForResourceResponse> list_tags(
    Call& call, const scheduler::ListTagsForResourceRequest& request) {
    scheduler::ListTagsForResourceResponse answer;
    put_tags(K3F_TRY(find_tagged(call, request.resource_arn))->tags, answer.tags);
    return answer;
}

Result<scheduler::TagResourceResponse> tag(Call& call, const scheduler::TagResourceRequest& request) {
    ScheduleGroup& group = *K3F_TRY(find_tagged(call, request.resource_arn));
    if (group.gone_at) return conflict(format("Schedule group {} is being deleted.", group.name));
    K3F_TRY(check_tags(request.tags, group.tags));
    for (const auto& [key, value] : tags_in(request.tags)) group.tags[key] = value;
    return scheduler::TagResourceResponse{};
}

}  // namespace

TaggedThings tagged_schedule_groups(const Account& account) {
    TaggedThings all;
    for (const auto& [name, one] : account.schedules.groups)
        all.push_back({.arn = arn_in(account, "scheduler", "schedule-group/" + name),
                       .tags = one.tags,
                       .since = one.created_at});
    return all;
}

void add_schedules(Handlers& handlers) {
    handlers.add<scheduler::CreateScheduleGroupRequest>({"ClientToken", "Name", "Tags"}, needs_group,
                                                        create_group);
    handlers.add<scheduler::GetScheduleGroupRequest>({"Name"}, needs_group, get_group);
    handlers.add<scheduler::DeleteScheduleGroupRequest>({"ClientToken", "Name"}, needs_group, delete_group);
    handlers.add<scheduler::CreateScheduleRequest>(
        {"ClientToken", "Description", "FlexibleTimeWindow", "GroupName", "Name", "ScheduleExpression",
         "ScheduleExpressionTimezone", "State", "Target"},
        needs_schedule, create);
    handlers.add<scheduler::GetScheduleRequest>({"GroupName", "Name"}, needs_schedule, get);
    handlers.add<scheduler::UpdateScheduleRequest>(
        {"ClientToken", "Description", "FlexibleTimeWindow", "GroupName", "Name", "ScheduleExpression",
         "ScheduleExpressionTimezone", "State", "Target"},
        needs_schedule, update);
    handlers.add<scheduler::DeleteScheduleRequest>({"ClientToken", "GroupName", "Name"}, needs_schedule,
                                                   remove);
    handlers.add<scheduler::ListTagsForResourceRequest>({"ResourceArn"}, needs_tags, list_tags);
    handlers.add<scheduler::TagResourceRequest>({"ResourceArn", "Tags"}, needs_tags, tag);
}

}  // namespace k3fleet::simcloud
