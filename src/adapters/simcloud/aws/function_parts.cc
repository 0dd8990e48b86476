// Lambda: what belongs to a function. Who may call it, how many of it may run at once, what becomes of calls
// for which nobody waits.
#include <algorithm>
#include <utility>

#include "adapters/simcloud/aws/function_common.h"
#include "base/json.h"
#include "base/text.h"
#include "base/value.h"

namespace k3fleet::simcloud {
namespace {

constexpr std::size_t kMaxPolicy = 20'480;
constexpr std::int32_t kUnreserved = 100;  // Of the account's concurrency: it stays for all other functions.
constexpr const char* kLatest = "$LATEST";

// Permissions.

bool is_id(std::string_view text) {
    const auto allowed = [](char c) { return is_letter_or_digit(c) || c == '-' || c == '_'; };
    return !text.empty() && text.size() <= 100 && std::ranges::all_of(text, allowed);
}
bool is_account(std::string_view text) {
    return text.size() == 12 && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}
bool is_action(std::string_view text) {
    if (text == "*" || text == "lambda:*") return true;
    if (!text.starts_with("lambda:") || text.size() == 7) return false;
    return std::ranges::all_of(text.substr(7), [](char c) { return lower(c) >= 'a' && lower(c) <= 'z'; });
}

Value principal_of(const std::string& principal) {
    if (principal == "*") return "*";
    if (principal.ends_with(".amazonaws.com")) return Value::object({{"Service", principal}});
    const std::string arn = is_account(principal) ? format("arn:aws:iam::{}:root", principal) : principal;
    return Value::object({{"AWS", arn}});
}

Value statement_of(const Call& call, const LambdaFunction& function, const FunctionPermission& permission) {
    Value statement = Value::object({{"Sid", permission.id},
                                     {"Effect", "Allow"},
                                     {"Principal", principal_of(permission.principal)},
                                     {"Action", permission.action},
                                     {"Resource", function_arn(call, function.name)}});
    Value condition = Value::object();
    if (!permission.source_account.empty())
        condition.set("StringEquals", Value::object({{"AWS:SourceAccount", permission.source_account}}));
    if (!permission.source_arn.empty())
        condition.set("ArnLike", Value::object({{"AWS:SourceArn", permission.source_arn}}));
    if (!condition.members().empty()) statement.set("Condition", condition);
    return statement;
}

std::string policy_of(const Call& call, const LambdaFunction& function) {
    Value statements = Value::array();
    for (const FunctionPermission& permission : function.permissions)
        statements.push(statement_of(call, function, permission));
    return json::write(
        Value::object({{"Version", "2012-10-17"}, {"Id", "default"}, {"Statement", statements}}));
}

std::string policy_revision(const Call& call, const LambdaFunction& function) {
    return make_uuid(call, "lambda-policy", format("{}/{}", function.name, function.policy_revision));
}

Status check_policy_revision(const Call& call, const LambdaFunction& function,
                             const std::optional<std::string>& revision) {
    if (!revision || *revision == policy_revision(call, function)) return {};
    return refuse("PreconditionFailedException",
                  "The Revision Id provided does not match the latest Revision Id. Call the GetPolicy API to "
                  "retrieve the latest Revision Id",
                  412);
}

// A policy belongs to the function, not to what it is now.
Status check_policy_qualifier(const std::optional<std::string>& qualifier) {
    if (!qualifier) return {};
    return bad_value("We currently do not support adding policies for $LATEST.");
}

Status needs_permission(const Call& call, const lambda::AddPermissionRequest& request, Needs& needs) {
    const std::string name = K3F_TRY(function_name(call, request.function_name));
    iam::Context context = function_context(call, name);
    context.set("lambda:Principal", {request.principal.value_or("")});
    needs.add("lambda:AddPermission", function_arn(call, name), std::move(context));
    return {};
}

Status check_permission(const FunctionPermission& permission) {
    if (!is_id(permission.id))
        return constraint(permission.id, "statementId",
                          "satisfy regular expression pattern: ([a-zA-Z0-9-_]+)");
    if (!is_action(permission.action))
        return constraint(permission.action, "action",
                          "satisfy regular expression pattern: (lambda:[*]|lambda:[a-zA-Z]+|[*])");
    if (!permission.source_account.empty() && !is_account(permission.source_account))
        return constraint(permission.source_account, "sourceAccount",
                          "satisfy regular expression pattern: \\d{12}");
    if (!permission.source_arn.empty() && !permission.source_arn.starts_with("arn:"))
        return constraint(permission.source_arn, "sourceArn", "satisfy regular expression pattern of an ARN");
    const std::string& who = permission.principal;
    if (who != "*" && !who.ends_with(".amazonaws.com") && !is_account(who) &&
        !who.starts_with("arn:aws:iam::"))
        return bad_value("The provided principal was invalid. Please check the principal and try again.");
    return {};
}

Result<lambda::AddPermissionResponse> add_permission(Call& call,
                                                     const lambda::AddPermissionRequest& request) {
    LambdaFunction& function = *K3F_TRY(find_function(call, request.function_name));
    K3F_TRY(check_policy_qualifier(request.qualifier));
    const FunctionPermission permission{.id = request.statement_id.value_or(""),
                                        .action = request.action.value_or(""),
                                        .principal = request.principal.value_or(""),
                                        .source_arn = request.source_arn.value_or(""),
                                        .source_account = request.source_account.value_or("")};
    K3F_TRY(check_permission(permission));
    K3F_TRY(check_policy_revision(call, function, request.revision_id));
    if (std::ranges::find(function.permissions, permission.id, &FunctionPermission::id) !=
        function.permissions.end())
        return in_conflict(
            format("The statement id ({}) provided already exists. Please provide a new statement id, or "
                   "remove the existing statement.",
                   permission.id));
    function.permissions.push_back(permission);
    if (const std::size_t size = policy_of(call, function).size(); size > kMaxPolicy) {
        function.permissions.pop_back();
        return refuse("PolicyLengthExceededException",
                      format("The final policy size ({}) is bigger than the limit ({}).", size, kMaxPolicy));
    }
    function.policy_revision = ++call.account.functions.made;
    return lambda::AddPermissionResponse{.statement = json::write(statement_of(call, function, permission))};
}

Result<lambda::RemovePermissionResponse> remove_permission(Call& call,
                                                           const lambda::RemovePermissionRequest& request) {
    const std::string name = K3F_TRY(function_name(call, request.function_name));
    LambdaFunction* function = look_up_function(call.account, name);
    if (function == nullptr) return not_there(format("No policy found for: {}", function_arn(call, name)));
    K3F_TRY(check_policy_qualifier(request.qualifier));
    if (function->permissions.empty()) return not_there("No policy is associated with the given resource.");
    K3F_TRY(check_policy_revision(call, *function, request.revision_id));
    const auto gone = std::erase_if(function->permissions, [&](const FunctionPermission& permission) {
        return permission.id == request.statement_id;
    });
    if (gone == 0)
        return not_there(
            format("Statement {} is not found in resource policy.", request.statement_id.value_or("")));
    function->policy_revision = ++call.account.functions.made;
    return lambda::RemovePermissionResponse{};
}

Result<lambda::GetPolicyResponse> get_policy(Call& call, const lambda::GetPolicyRequest& request) {
    const std::string name = K3F_TRY(function_name(call, request.function_name));
    const LambdaFunction* function = look_up_function(call.account, name);
    if (function == nullptr || request.qualifier || function->permissions.empty())
        return not_there("The resource you requested does not exist.");
    return lambda::GetPolicyResponse{.policy = policy_of(call, *function),
                                     .revision_id = policy_revision(call, *function)};
}

// Concurrency.

Result<lambda::PutFunctionConcurrencyResponse> put_concurrency(
    Call& call, const lambda::PutFunctionConcurrencyRequest& request) {
    LambdaFunction& function = *K3F_TRY(find_function(call, request.function_name));
    const std::int32_t wanted = request.reserved_concurrent_executions.value_or(0);
    if (wanted < 0)
        return constraint(std::to_string(wanted), "reservedConcurrentExecutions",
                          "have value greater than or equal to 0");
    K3F_TRY(check_idle(call, function));
    const auto& state = call.account.functions;
    std::int64_t reserved = wanted;
    for (const auto& [name, other] : state.functions)
        if (name != function.name) reserved += other.reserved.value_or(0);
    if (reserved > state.concurrency - kUnreserved)
        return bad_value(
            format("Specified ReservedConcurrentExecutions for function decreases account's "
                   "UnreservedConcurrentExecution below its minimum value of [{}].",
                   kUnreserved));
    function.reserved = wanted;
    return lambda::PutFunctionConcurrencyResponse{.reserved_concurrent_executions = wanted};
}

Result<lambda::GetFunctionConcurrencyResponse> get_concurrency(
    Call& call, const lambda::GetFunctionConcurrencyRequest& request) {
    const LambdaFunction& function = *K3F_TRY(find_function(call, request.function_name));
    return lambda::GetFunctionConcurrencyResponse{.reserved_concurrent_executions = function.reserved};
}

// Asynchronous calls.

std::string latest_arn(const Call& call, const std::string& name) {
    return format("{}:{}", function_arn(call, name), kLatest);
}

lambda::FunctionEventInvokeConfig show(const Call& call, const LambdaFunction& function) {
    const InvokeSettings& settings = *function.invoke;
    lambda::FunctionEventInvokeConfig shown{.last_modified = settings.changed_at,
                                            .function_arn = latest_arn(call, function.name)};
    shown.maximum_retry_attempts = settings.retries;
    shown.maximum_event_age_in_seconds = settings.oldest_seconds;
    auto& destinations = shown.destination_config.emplace();
    destinations.on_success.emplace();
    destinations.on_failure.emplace();
    if (!settings.on_success.empty()) destinations.on_success->destination = settings.on_success;
    if (!settings.on_failure.empty()) destinations.on_failure->destination = settings.on_failure;
    return shown;
}

Status check_destination(Call& call, const LambdaFunction& function, const std::string& arn) {
    if (arn.empty() || arn.starts_with(call.arn("sqs", "")) || arn.starts_with(call.arn("sns", "")) ||
        arn.starts_with(call.arn("events", "event-bus/")))
        return {};
    if (arn == function_arn(call, function.name))
        return bad_value("You can't specify the function as a destination for itself.");
    const std::string functions = function_arn(call, "");
    if (arn.starts_with(functions) && look_up_function(call.account, arn.substr(functions.size())) != nullptr)
        return {};
    return bad_value(format("The destination ARN {} is invalid.", arn));
}

// Replaces what was there.
Result<lambda::PutFunctionEventInvokeConfigResponse> put_invoke(
    Call& call, const lambda::PutFunctionEventInvokeConfigRequest& request) {
    const std::string name = K3F_TRY(function_name(call, request.function_name));
    LambdaFunction* function = look_up_function(call.account, name);
    if (function == nullptr) return not_there("The function doesn't exist.");
    K3F_TRY(check_qualifier(call, name, request.qualifier));
    if (!request.maximum_retry_attempts && !request.maximum_event_age_in_seconds &&
        !request.destination_config)
        return bad_value("You must specify at least one of error handling or destination setting.");
    K3F_TRY(in_range(request.maximum_retry_attempts, "maximumRetryAttempts", 0, 2));
    K3F_TRY(in_range(request.maximum_event_age_in_seconds, "maximumEventAgeInSeconds", 60, 21'600));
    InvokeSettings settings{.retries = request.maximum_retry_attempts,
                            .oldest_seconds = request.maximum_event_age_in_seconds,
                            .changed_at = call.now};
    if (const auto& destinations = request.destination_config) {
        if (destinations->on_success)
            settings.on_success = destinations->on_success->destination.value_or("");
        if (destinations->on_failure)
            settings.on_failure = destinations->on_failure->destination.value_or("");
    }
    for (const std::string& arn : {settings.on_success, settings.on_failure})
        K3F_TRY(check_destination(call, *function, arn));
    function->invoke = std::move(settings);
    return show(call, *function);
}

Result<LambdaFunction*> find_invoke(Call& call, const std::optional<std::string>& given,
                                    const std::optional<std::string>& qualifier) {
    const std::string name = K3F_TRY(function_name(call, given));
    LambdaFunction* function = look_up_function(call.account, name);
    const std::string which = qualifier.value_or(kLatest);
    if (function == nullptr || !function->invoke || which != kLatest)
        return not_there(
            format("The function {}:{} doesn't have an EventInvokeConfig", function_arn(call, name), which));
    return function;
}

Result<lambda::GetFunctionEventInvokeConfigResponse> get_invoke(
    Call& call, const lambda::GetFunctionEventInvokeConfigRequest& request) {
    return show(call, *K3F_TRY(find_invoke(call, request.function_name, request.qualifier)));
}

Result<lambda::DeleteFunctionEventInvokeConfigResponse> delete_invoke(
    Call& call, const lambda::DeleteFunctionEventInvokeConfigRequest& request) {
    K3F_TRY(find_invoke(call, request.function_name, request.qualifier))->invoke.reset();
    return lambda::DeleteFunctionEventInvokeConfigResponse{};
}

}  // namespace

void add_function_parts(Handlers& handlers) {
    handlers.add<lambda::AddPermissionRequest>({"FunctionName", "StatementId", "Action", "Principal",
                                                "SourceArn", "SourceAccount", "Qualifier", "RevisionId"},
                                               needs_permission, add_permission);
    handlers.add<lambda::RemovePermissionRequest>({"FunctionName", "StatementId", "Qualifier", "RevisionId"},
                                                  needs_function, remove_permission);
    handlers.add<lambda::GetPolicyRequest>({"FunctionName", "Qualifier"}, needs_function, get_policy);
    handlers.add<lambda::PutFunctionConcurrencyRequest>({"FunctionName", "ReservedConcurrentExecutions"},
                                                        needs_function, put_concurrency);
    handlers.add<lambda::GetFunctionConcurrencyRequest>({"FunctionName"}, needs_function, get_concurrency);
    handlers.add<lambda::PutFunctionEventInvokeConfigRequest>(
        {"FunctionName", "Qualifier", "MaximumRetryAttempts", "MaximumEventAgeInSeconds",
         "DestinationConfig"},
        needs_function, put_invoke);
    handlers.add<lambda::GetFunctionEventInvokeConfigRequest>({"FunctionName", "Qualifier"}, needs_function,
                                                              get_invoke);
    handlers.add<lambda::DeleteFunctionEventInvokeConfigRequest>({"FunctionName", "Qualifier"},
                                                                 needs_function, delete_invoke);
}

}  // namespace k3fleet::simcloud
