// Lambda: functions, their code and settings. What belongs to a function besides is in function_parts.cc.
//
// A new function is Pending for some seconds, one in a VPC for longer; a changed one is being updated for as
// long, and takes no other change meanwhile. Nobody runs it.
//
// https://docs.aws.amazon.com/lambda/latest/dg/functions-states.html
// https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html
#include <algorithm>
#include <chrono>
#include <utility>

#include "adapters/simcloud/aws/function_common.h"
#include "adapters/simcloud/aws/function_interfaces.h"
#include "adapters/simcloud/aws/function_settings.h"
#include "adapters/simcloud/aws/tags.h"
#include "base/text.h"

namespace k3fleet::simcloud {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

constexpr std::size_t kPage = 50;

// AWS gives a minute for the interfaces of a VPC and promises nothing for the rest: "typically" seconds.
struct Span {
    Duration least;
    Duration most;
};
constexpr Span kMade{seconds{2}, seconds{8}};
constexpr Span kMadeInVpc{seconds{20}, seconds{90}};
constexpr Span kChanged{seconds{1}, seconds{5}};
constexpr Span kLeftVpc{seconds{2}, seconds{10}};
// How long interfaces stay behind. Those of a function that was deleted are the slowest to go.
constexpr Span kInterfacesLeft{minutes{5}, minutes{20}};
constexpr Span kInterfacesOrphaned{minutes{20}, minutes{45}};

Timestamp after(Call& call, std::string_view purpose, const std::string& name, Span span) {
    const std::string which = format("{}/{}", name, ++call.account.functions.made);
    return call.now + drawn(call, purpose, which, span.least, span.most);
}

std::string last_modified(Timestamp at) {  // "2026-11-20T13:00:00.000+0000"
    std::string text = to_rfc3339(at);
    const auto end = text.find_first_of("Z.");
    const auto millis = to_unix_millis(at) % 1000;
    return format("{}.{:03}+0000", text.substr(0, end), millis < 0 ? millis + 1000 : millis);
}

void show_state(const Call& call, const LambdaFunction& function, lambda::FunctionConfiguration& shown) {
    if (call.now < function.ready_at) {
        shown.state = "Pending";
        shown.state_reason = "The function is being created.";
        shown.state_reason_code = "Creating";
        return;
    }
    shown.state = "Active";
    if (call.now < function.settled_at) {
        shown.last_update_status = "InProgress";
        shown.last_update_status_reason = "The function is being created.";  // So it says.
        shown.last_update_status_reason_code = "Creating";
        return;
    }
    shown.last_update_status = "Successful";
    if (function.failure.empty()) return;
    const bool new_one = function.ready_at == function.settled_at;
    (new_one ? shown.state : shown.last_update_status) = "Failed";
    (new_one ? shown.state_reason : shown.last_update_status_reason) = "Lambda could not attach the function";
    (new_one ? shown.state_reason_code : shown.last_update_status_reason_code) = function.failure;
}

// What Lambda does while the function is Pending or being updated.
void attach(Call& call, LambdaFunction& function) {
    function.failure = add_interfaces(call, function) ? "" : "SubnetOutOfIPAddresses";
}

lambda::FunctionConfiguration show(const Call& call, const LambdaFunction& function) {
    lambda::FunctionConfiguration shown{.function_name = function.name,
                                        .function_arn = function_arn(call, function.name)};
    shown.runtime = function.runtime;
    shown.role = function.role;
    shown.handler = function.handler;
    shown.code_size = function.code_size;
    shown.description = function.description;
    shown.timeout = function.timeout;
    shown.memory_size = function.memory;
    shown.last_modified = last_modified(function.changed_at);
    shown.code_sha256 = function.code_digest;
    shown.version = "$LATEST";
    shown.revision_id = make_uuid(call, "lambda-revision", format("{}/{}", function.name, function.revision));
    shown.package_type = "Zip";
    shown.architectures = {function.architecture};
    shown.tracing_config.emplace().mode = function.tracing;
    shown.ephemeral_storage.emplace().size = function.storage;
    shown.snap_start.emplace() = {.apply_on = "None", .optimization_status = "Off"};
    if (!function.key.empty()) shown.kms_key_arn = function.key;
    if (!function.dead_letters.empty()) shown.dead_letter_config.emplace().target_arn = function.dead_letters;
    if (!function.variables.empty()) {
        auto& variables = shown.environment.emplace().variables;
        for (const auto& [name, value] : function.variables) variables.emplace(name, Secret(value));
    }
    if (!function.vpc.empty()) {
        auto& vpc = shown.vpc_config.emplace();
        vpc.subnet_ids = {function.subnets.begin(), function.subnets.end()};
        vpc.security_group_ids = {function.groups.begin(), function.groups.end()};
        vpc.vpc_id = function.vpc;
        vpc.ipv6_allowed_for_dual_stack = false;
    }
    auto& logging = shown.logging_config.emplace();
    logging.log_format = function.logging.format;
    logging.log_group = function.logging.group;
    if (!function.logging.application_level.empty()) {
        logging.application_log_level = function.logging.application_level;
        logging.system_log_level = function.logging.system_level;
    }
    show_state(call, function, shown);
    return shown;
}

void needs_role(Needs& needs, const std::optional<std::string>& role) {
    if (role) needs.add("iam:PassRole", *role, {{"iam:PassedToService", {"lambda.amazonaws.com"}}});
}

// The caller looks up what the function shall stand in, and Lambda's own keys say where that is.
void needs_network(const Call& call, Needs& needs, const lambda::VpcConfig& vpc, iam::Context& context) {
    if (vpc.subnet_ids.empty() && vpc.security_group_ids.empty()) return;
    for (const char* action : {"ec2:DescribeSecurityGroups", "ec2:DescribeSubnets", "ec2:DescribeVpcs"})
        needs.add(action, "*");
    context.set("lambda:SubnetIds", {vpc.subnet_ids.begin(), vpc.subnet_ids.end()});
    context.set("lambda:SecurityGroupIds", {vpc.security_group_ids.begin(), vpc.security_group_ids.end()});
    for (const std::string& id : vpc.subnet_ids)
        if (const auto found = call.account.ec2.subnets.find(id); found != call.account.ec2.subnets.end())
            context.set("lambda:VpcIds", {found->second.vpc});
}

void needs_object(Needs& needs, const std::optional<std::string>& bucket,
                  const std::optional<std::string>& key) {
    if (bucket) needs.add("s3:GetObject", format("arn:aws:s3:::{}/{}", *bucket, key.value_or("")));
}

Status needs_create(const Call& call, const lambda::CreateFunctionRequest& request, Needs& needs) {
    const std::string arn = function_arn(call, K3F_TRY(function_name(call, request.function_name)));
    iam::Context context;
    set_request_tags(context, tags_in(request.tags));
    if (!request.tags.empty()) needs.add("lambda:TagResource", arn, context);
    if (request.vpc_config) needs_network(call, needs, *request.vpc_config, context);
    needs_role(needs, request.role);
    if (request.code) needs_object(needs, request.code->s3_bucket, request.code->s3_key);
    needs.add("lambda:CreateFunction", arn, std::move(context));
    return {};
}

Status check_tags(const Tags& added, const Tags& has) {
    if (too_many_tags(added, has)) return bad_value("Number of tags exceeds resource tag limit.");
    if (const std::string why = wrong_tags(added, has); !why.empty()) return bad_value(why);
    return {};
}

Result<lambda::CreateFunctionResponse> create_function(Call& call,
                                                       const lambda::CreateFunctionRequest& request) {
    const std::string name = K3F_TRY(function_name(call, request.function_name));
    if (request.package_type.value_or("Zip") != "Zip")
        return refuse("InvalidParameterCombination", "functions of container images are not simulated");
    if (!request.runtime || !request.handler)
        return bad_value(
            "Runtime and Handler are mandatory parameters for functions created with deployment packages.");
    LambdaFunction function{.name = name, .changed_at = call.now};
    function.logging.group = "/aws/lambda/" + name;
    function.tracing = "PassThrough";
    K3F_TRY(check_architectures(request.architectures));
    function.architecture = request.architectures.empty() ? "x86_64" : request.architectures.front();
    function.tags = tags_in(request.tags);
    K3F_TRY(check_tags(function.tags, {}));
    K3F_TRY(apply_settings(call, settings_of(request), function));
    auto& all = call.account.functions.functions;
    if (all.contains(name)) return in_conflict(format("Function already exist: {}", name));
    const lambda::FunctionCode& code = *request.code;
    const FunctionPackage package =
        K3F_TRY(package_of(call, {code.zip_file, code.s3_bucket, code.s3_key, code.s3_object_version}));
    function.code_digest = package.digest;
    function.code_size = package.size;
    function.revision = ++call.account.functions.made;
    function.ready_at = after(call, "lambda-made", name, function.vpc.empty() ? kMade : kMadeInVpc);
    function.settled_at = function.ready_at;
    attach(call, function);
    return show(call, all.emplace(name, std::move(function)).first->second);
}

Result<lambda::GetFunctionConfigurationResponse> get_configuration(
    Call& call, const lambda::GetFunctionConfigurationRequest& request) {
    const LambdaFunction& function = *K3F_TRY(find_function(call, request.function_name));
    K3F_TRY(check_qualifier(call, function.name, request.qualifier));
    return show(call, function);
}

Status check_revision(const Call& call, const LambdaFunction& function,
                      const std::optional<std::string>& revision) {
    if (!revision || *revision == show(call, function).revision_id) return {};
    return refuse("PreconditionFailedException",
                  "The Revision Id provided does not match the latest Revision Id. Call the "
                  "GetFunction/GetAlias API to retrieve the latest Revision Id",
                  412);
}

void changed(Call& call, LambdaFunction& function, Span span) {
    function.changed_at = call.now;
    function.revision = ++call.account.functions.made;
    function.settled_at = after(call, "lambda-changed", function.name, span);
}

Status needs_code(const Call& call, const lambda::UpdateFunctionCodeRequest& request, Needs& needs) {
    needs_object(needs, request.s3_bucket, request.s3_key);
    return needs_function(call, request, needs);
}

Result<lambda::UpdateFunctionCodeResponse> update_code(Call& call,
                                                       const lambda::UpdateFunctionCodeRequest& request) {
    LambdaFunction& function = *K3F_TRY(find_function(call, request.function_name));
    K3F_TRY(check_revision(call, function, request.revision_id));
    K3F_TRY(check_architectures(request.architectures));
    K3F_TRY(check_idle(call, function));
    const FunctionPackage package = K3F_TRY(
        package_of(call, {request.zip_file, request.s3_bucket, request.s3_key, request.s3_object_version}));
    function.code_digest = package.digest;
    function.code_size = package.size;
    if (!request.architectures.empty()) function.architecture = request.architectures.front();
    changed(call, function, kChanged);
    return show(call, function);
}

Status needs_configuration(const Call& call, const lambda::UpdateFunctionConfigurationRequest& request,
                           Needs& needs) {
    const std::string name = K3F_TRY(function_name(call, request.function_name));
    iam::Context context = function_context(call, name);
    if (request.vpc_config) needs_network(call, needs, *request.vpc_config, context);
    needs_role(needs, request.role);
    needs.add("lambda:UpdateFunctionConfiguration", function_arn(call, name), std::move(context));
    return {};
}

Result<lambda::UpdateFunctionConfigurationResponse> update_configuration(
    Call& call, const lambda::UpdateFunctionConfigurationRequest& request) {
    LambdaFunction& function = *K3F_TRY(find_function(call, request.function_name));
    K3F_TRY(check_revision(call, function, request.revision_id));
    K3F_TRY(check_idle(call, function));
    LambdaFunction wanted = function;
    K3F_TRY(apply_settings(call, settings_of(request), wanted));
    const bool moved = wanted.subnets != function.subnets || wanted.groups != function.groups;
    if (moved) {
        leave_interfaces(call, function.name, kInterfacesLeft.least, kInterfacesLeft.most);
        attach(call, wanted);
    }
    function = std::move(wanted);
    changed(call, function, !moved ? kChanged : function.vpc.empty() ? kLeftVpc : kMadeInVpc);
    return show(call, function);
}

Result<lambda::DeleteFunctionResponse> delete_function(Call& call,
                                                       const lambda::DeleteFunctionRequest& request) {
    const LambdaFunction& function = *K3F_TRY(find_function(call, request.function_name));
    if (request.qualifier)
        return bad_value("$LATEST version cannot be deleted without deleting the function.");
    K3F_TRY(check_idle(call, function));
    const std::string name = function.name;
    leave_interfaces(call, name, kInterfacesOrphaned.least, kInterfacesOrphaned.most);
    call.account.functions.functions.erase(name);  // Event sources stay, as on AWS.
    return lambda::DeleteFunctionResponse{.status_code = 204};
}

Status needs_list(const Call&, const lambda::ListFunctionsRequest&, Needs& needs) {
    needs.add("lambda:ListFunctions", "*");
    return {};
}

Result<lambda::ListFunctionsResponse> list_functions(Call& call,
                                                     const lambda::ListFunctionsRequest& request) {
    const std::size_t limit = K3F_TRY(page_size_of(call, request.max_items, kPage));
    const auto& all = call.account.functions.functions;
    lambda::ListFunctionsResponse answer;
    answer.functions.mark_present();
    for (auto at = all.upper_bound(request.marker.value_or("")); at != all.end(); ++at) {
        if (answer.functions.size() == limit) {
            answer.next_marker = answer.functions.back().function_name;
            break;
        }
        answer.functions.push_back(show(call, at->second));
    }
    return answer;
}

// Of a function or of an event source, which has none here.
Result<LambdaFunction*> find_tagged(Call& call, const std::string& arn) {
    if (!arn.starts_with(call.arn("lambda", "function:")))
        return constraint(arn, "resource", "satisfy regular expression pattern of a function's ARN");
    return find_function(call, arn);
}

template <typename Request>
Status needs_tags(const Call& call, const Request& request, Needs& needs) {
    const std::string name = K3F_TRY(function_name(call, request.resource));
    iam::Context context = function_context(call, name);
    if constexpr (requires { request.tags; }) set_request_tags(context, tags_in(request.tags));
    needs.add(format("lambda:{}", call.operation.name), function_arn(call, name), std::move(context));
    return {};
}

Result<lambda::ListTagsResponse> list_tags(Call& call, const lambda::ListTagsRequest& request) {
    const LambdaFunction& function = *K3F_TRY(find_tagged(call, request.resource.value_or("")));
    lambda::ListTagsResponse answer;
    answer.tags.mark_present();
    answer.tags.insert(function.tags.begin(), function.tags.end());
    return answer;
}

Result<lambda::TagResourceResponse> tag(Call& call, const lambda::TagResourceRequest& request) {
    LambdaFunction& function = *K3F_TRY(find_tagged(call, request.resource.value_or("")));
    if (request.tags.empty()) return bad_value("An error occurred and the request cannot be processed.");
    const Tags added = tags_in(request.tags);
    K3F_TRY(check_tags(added, function.tags));
    for (const auto& [key, value] : added) function.tags[key] = value;
    return lambda::TagResourceResponse{};
}

}  // namespace

TaggedThings tagged_functions(const Account& account) {
    TaggedThings all;
    for (const auto& [name, one] : account.functions.functions)
        all.push_back({.arn = arn_in(account, "lambda", "function:" + name), .tags = one.tags, .since = {}});
    return all;
}

void add_functions(Handlers& handlers) {
    handlers.add<lambda::CreateFunctionRequest>(
        {"FunctionName", "Runtime", "Role", "Handler", "Code", "Description", "Timeout", "MemorySize",
         "VpcConfig", "PackageType", "DeadLetterConfig", "Environment", "KMSKeyArn", "TracingConfig", "Tags",
         "Architectures", "EphemeralStorage", "LoggingConfig"},
        needs_create, create_function);
    handlers.add<lambda::GetFunctionConfigurationRequest>({"FunctionName", "Qualifier"}, needs_function,
                                                          get_configuration);
    handlers.add<lambda::UpdateFunctionCodeRequest>(
        {"FunctionName", "ZipFile", "S3Bucket", "S3Key", "S3ObjectVersion", "Architectures", "RevisionId"},
        needs_code, update_code);
    handlers.add<lambda::UpdateFunctionConfigurationRequest>(
        {"FunctionName", "Role", "Handler", "Description", "Timeout", "MemorySize", "VpcConfig",
         "Environment", "Runtime", "DeadLetterConfig", "KMSKeyArn", "TracingConfig", "RevisionId",
         "EphemeralStorage", "LoggingConfig"},
        needs_configuration, update_configuration);
    handlers.add<lambda::DeleteFunctionRequest>({"FunctionName", "Qualifier"}, needs_function,
                                                delete_function);
    handlers.add<lambda::ListFunctionsRequest>({"Marker", "MaxItems"}, needs_list, list_functions);
    handlers.add<lambda::TagResourceRequest>({"Resource", "Tags"}, needs_tags, tag);
    handlers.add<lambda::ListTagsRequest>({"Resource"}, needs_tags, list_tags);
    add_function_parts(handlers);
}

}  // namespace k3fleet::simcloud
