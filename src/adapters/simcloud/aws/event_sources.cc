// Lambda: which queues wake which functions. A mapping takes its time to be made, changed and deleted, and
// takes no other change meanwhile. Nobody polls here: the simulator's functions read their queues themselves.
//
// https://docs.aws.amazon.com/lambda/latest/api/API_CreateEventSourceMapping.html
// https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
#include <algorithm>
#include <charconv>
#include <chrono>
#include <utility>

#include "adapters/simcloud/aws/event_pattern.h"
#include "adapters/simcloud/aws/function_common.h"
#include "base/text.h"

namespace k3fleet::simcloud {
namespace {

using std::chrono::seconds;

constexpr std::size_t kPage = 100;
constexpr std::size_t kMaxFilters = 5;
constexpr std::size_t kMaxFilter = 4'096;
constexpr std::int32_t kQueueHides = 30;  // Seconds, unless the queue says otherwise.
constexpr Duration kSoonest = seconds{5};
constexpr Duration kLatest = seconds{40};

std::string mapping_arn(const Call& call, std::string_view id) {
    return call.arn("lambda", format("event-source-mapping:{}", id));
}

// What has been deleted long enough is gone.
void forget_deleted(Call& call) {
    std::erase_if(call.account.functions.sources, [&](const auto& entry) {
        return entry.second.changing == "Deleting" && entry.second.done_at <= call.now;
    });
}

// Null: there is none, or none any more.
EventSource* look_up(const Call& call, const std::optional<std::string>& id) {
    auto& sources = call.account.functions.sources;
    const auto found = sources.find(id.value_or(""));
    if (found == sources.end()) return nullptr;
    EventSource& source = found->second;
    return source.changing == "Deleting" && source.done_at <= call.now ? nullptr : &source;
}
Result<EventSource*> find_source(const Call& call, const std::optional<std::string>& id) {
    EventSource* source = look_up(call, id);
    if (source == nullptr) return not_there("The resource you requested does not exist.");
    return source;
}

std::string state_of(const Call& call, const EventSource& source) {
    if (call.now < source.done_at) return source.changing;
    return source.enabled ? "Enabled" : "Disabled";
}

lambda::EventSourceMappingConfiguration show(const Call& call, const EventSource& source) {
    lambda::EventSourceMappingConfiguration shown{.uuid = source.id};
    shown.batch_size = source.batch;
    shown.maximum_batching_window_in_seconds = source.window;
    shown.event_source_arn = call.arn("sqs", source.queue);
    shown.function_arn = function_arn(call, source.function);
    shown.last_modified = source.changed_at;
    shown.state = state_of(call, source);
    shown.state_transition_reason = "USER_INITIATED";
    shown.function_response_types = {source.response_types.begin(), source.response_types.end()};
    shown.function_response_types.mark_present();
    shown.event_source_mapping_arn = mapping_arn(call, source.id);
    if (source.concurrency) shown.scaling_config.emplace().maximum_concurrency = source.concurrency;
    if (!source.filters.empty()) {
        auto& filters = shown.filter_criteria.emplace().filters;
        for (const std::string& pattern : source.filters) filters.push_back({.pattern = pattern});
    }
    return shown;
}

Status check_visibility(const Call& call, const std::string& name, std::int32_t timeout) {
    const auto queue = call.account.queues.queues.find(name);
    if (queue == call.account.queues.queues.end())
        return bad_value(
            "Error occurred while ReceiveMessage. SQS Error Code: AWS.SimpleQueueService.NonExistentQueue. "
            "SQS "
            "Error Message: The specified queue does not exist.");
    std::int32_t hides = kQueueHides;
    if (const auto given = queue->second.attributes.find("VisibilityTimeout");
        given != queue->second.attributes.end())
        std::from_chars(given->second.data(), given->second.data() + given->second.size(), hides);
    if (hides >= timeout) return {};
    return bad_value(format("Queue visibility timeout: {} seconds is less than Function timeout: {} seconds",
                            hides, timeout));
}

Status check_filters(const std::vector<std::string>& filters) {
    if (filters.size() > kMaxFilters)
        return bad_value(format("An event source has up to {} filters", kMaxFilters));
    for (const std::string& filter : filters)
        if (filter.size() > kMaxFilter || !wrong_pattern(filter).empty())
            return bad_value("Invalid filter pattern definition.");
    return {};
}

// Members that making and changing have in common; what is absent stays.
template <typename Request>
Status apply(const Request& request, EventSource& source) {
    K3F_TRY(in_range(request.batch_size, "batchSize", 1, 10'000));
    K3F_TRY(in_range(request.maximum_batching_window_in_seconds, "maximumBatchingWindowInSeconds", 0, 300));
    source.batch = request.batch_size.value_or(source.batch);
    source.window = request.maximum_batching_window_in_seconds.value_or(source.window);
    if (source.batch > 10 && source.window == 0)
        return bad_value(
            "Maximum batch window in seconds must be greater than 0 if maximum batch size is greater than "
            "10");
    if (request.scaling_config) {
        source.concurrency = request.scaling_config->maximum_concurrency;
        K3F_TRY(in_range(source.concurrency, "scalingConfig.maximumConcurrency", 2, 1'000));
    }
    if (request.function_response_types.present()) {
        source.response_types.assign(request.function_response_types.begin(),
                                     request.function_response_types.end());
        for (const std::string& type : source.response_types)
            if (type != "ReportBatchItemFailures")
                return constraint(type, "functionResponseTypes",
                                  "satisfy enum value set: [ReportBatchItemFailures]");
    }
    if (request.filter_criteria) {
        source.filters.clear();
        for (const auto& filter : request.filter_criteria->filters)
            source.filters.push_back(filter.pattern.value_or(""));
        K3F_TRY(check_filters(source.filters));
    }
    source.enabled = request.enabled.value_or(source.enabled);
    return {};
}

Status check_function(const Call& call, const EventSource& source) {
    const LambdaFunction* function = look_up_function(call.account, source.function);
    if (function == nullptr) return bad_value("Function does not exist");
    if (source.concurrency && function->reserved && *source.concurrency > *function->reserved)
        return bad_value(format("MaximumConcurrency {} is more than the function's reserved concurrency {}",
                                *source.concurrency, *function->reserved));
    K3F_TRY(check_visibility(call, source.queue, function->timeout));
    return check_role_may(call, function->role, "sqs",
                          {"ReceiveMessage", "DeleteMessage", "GetQueueAttributes"},
                          call.arn("sqs", source.queue));
}

void begin(Call& call, EventSource& source, std::string_view change) {
    const std::string which = format("{}/{}", source.id, ++call.account.functions.made);
    source.changing = change;
    source.changed_at = call.now;
    source.done_at = call.now + drawn(call, "event-source", which, kSoonest, kLatest);
}

// The rights on a mapping are judged by its function.
void add_right(const Call& call, Needs& needs, std::string resource, const std::string& function) {
    iam::Context context;
    if (!function.empty()) context.set("lambda:FunctionArn", {function_arn(call, function)});
    needs.add(format("lambda:{}", call.operation.name), std::move(resource), std::move(context));
}

Status needs_create(const Call& call, const lambda::CreateEventSourceMappingRequest& request, Needs& needs) {
    add_right(call, needs, "*", K3F_TRY(function_name(call, request.function_name)));
    return {};
}

// Lambda learns from the mapping which function it is for: of one that is not there it says so to all.
template <typename Request>
Status needs_source(const Call& call, const Request& request, Needs& needs) {
    const EventSource& source = *K3F_TRY(find_source(call, request.uuid));
    add_right(call, needs, mapping_arn(call, source.id), source.function);
    return {};
}

Result<lambda::CreateEventSourceMappingResponse> create_source(
    Call& call, const lambda::CreateEventSourceMappingRequest& request) {
    forget_deleted(call);
    const std::string arn = request.event_source_arn.value_or("");
    const std::string queues = call.arn("sqs", "");
    if (!arn.starts_with(queues)) return bad_value("Unrecognized event source.");
    EventSource source{.queue = arn.substr(queues.size()),
                       .function = K3F_TRY(function_name(call, request.function_name))};
    K3F_TRY(apply(request, source));
    K3F_TRY(check_function(call, source));
    auto& state = call.account.functions;
    for (const auto& [id, other] : state.sources)
        if (other.queue == source.queue && other.function == source.function)
            return in_conflict(
                format("An event source mapping with SQS arn (\" {} \") and function (\" {} \") already "
                       "exists. Please update or delete the existing mapping with UUID {}",
                       arn, source.function, id));
    source.id =
        make_uuid(call, "event-source-id", format("{}/{}/{}", source.queue, source.function, ++state.made));
    begin(call, source, "Creating");
    return show(call, state.sources.emplace(source.id, source).first->second);
}

Result<lambda::GetEventSourceMappingResponse> get_source(
    Call& call, const lambda::GetEventSourceMappingRequest& request) {
    return show(call, *K3F_TRY(find_source(call, request.uuid)));
}

Status check_settled(const Call& call, const EventSource& source, std::string_view verb) {
    if (call.now >= source.done_at) return {};
    return refuse("ResourceInUseException",
                  format("Cannot {} the event source mapping because it is in use.", verb));
}

Result<lambda::UpdateEventSourceMappingResponse> update_source(
    Call& call, const lambda::UpdateEventSourceMappingRequest& request) {
    EventSource& source = *K3F_TRY(find_source(call, request.uuid));
    EventSource wanted = source;
    if (request.function_name) wanted.function = K3F_TRY(function_name(call, request.function_name));
    K3F_TRY(apply(request, wanted));
    K3F_TRY(check_settled(call, source, "update"));
    K3F_TRY(check_function(call, wanted));
    const std::string_view change = wanted.enabled == source.enabled ? "Updating"
                                    : wanted.enabled                 ? "Enabling"
                                                                     : "Disabling";
    source = std::move(wanted);
    begin(call, source, change);
    return show(call, source);
}

Result<lambda::DeleteEventSourceMappingResponse> delete_source(
    Call& call, const lambda::DeleteEventSourceMappingRequest& request) {
    EventSource& source = *K3F_TRY(find_source(call, request.uuid));
    K3F_TRY(check_settled(call, source, "delete"));
    begin(call, source, "Deleting");
    return show(call, source);
}

Status needs_list(const Call&, const lambda::ListEventSourceMappingsRequest&, Needs& needs) {
    needs.add("lambda:ListEventSourceMappings", "*");
    return {};
}

Result<lambda::ListEventSourceMappingsResponse> list_sources(
    Call& call, const lambda::ListEventSourceMappingsRequest& request) {
    forget_deleted(call);
    std::string function;
    if (request.function_name) function = K3F_TRY(function_name(call, request.function_name));
    const std::size_t limit = K3F_TRY(page_size_of(call, request.max_items, kPage));
    const auto& all = call.account.functions.sources;
    lambda::ListEventSourceMappingsResponse answer;
    answer.event_source_mappings.mark_present();
    for (auto at = all.upper_bound(request.marker.value_or("")); at != all.end(); ++at) {
        const EventSource& source = at->second;
        if (!function.empty() && source.function != function) continue;
        if (request.event_source_arn && *request.event_source_arn != call.arn("sqs", source.queue)) continue;
        if (answer.event_source_mappings.size() == limit) {
            answer.next_marker = answer.event_source_mappings.back().uuid;
            break;
        }
        answer.event_source_mappings.push_back(show(call, source));
    }
    return answer;
}

}  // namespace

void add_event_sources(Handlers& handlers) {
    handlers.add<lambda::CreateEventSourceMappingRequest>(
        {"EventSourceArn", "FunctionName", "Enabled", "BatchSize", "FilterCriteria",
         "MaximumBatchingWindowInSeconds", "FunctionResponseTypes", "ScalingConfig"},
        needs_create, create_source);
    handlers.add<lambda::GetEventSourceMappingRequest>({"UUID"}, needs_source, get_source);
    handlers.add<lambda::UpdateEventSourceMappingRequest>(
        {"UUID", "FunctionName", "Enabled", "BatchSize", "FilterCriteria", "MaximumBatchingWindowInSeconds",
         "FunctionResponseTypes", "ScalingConfig"},
        needs_source, update_source);
    handlers.add<lambda::DeleteEventSourceMappingRequest>({"UUID"}, needs_source, delete_source);
    handlers.add<lambda::ListEventSourceMappingsRequest>(
        {"EventSourceArn", "FunctionName", "Marker", "MaxItems"}, needs_list, list_sources);
}

}  // namespace k3fleet::simcloud
