#include "adapters/simcloud/aws/function_common.h"

#include <algorithm>
#include <utility>

#include "adapters/simcloud/aws/roles.h"
#include "base/text.h"

namespace k3fleet::simcloud {
namespace {

constexpr std::size_t kMaxName = 64;
constexpr std::size_t kMaxArn = 140;
constexpr std::string_view kLatest = "$LATEST";

bool is_name(std::string_view name) {
    return !name.empty() &&
           std::ranges::all_of(name, [](char c) { return is_letter_or_digit(c) || c == '-' || c == '_'; });
}

}  // namespace

std::unexpected<Error> bad_value(std::string message) {
    return refuse("InvalidParameterValueException", std::move(message));
}
std::unexpected<Error> not_there(std::string message) {
    return refuse("ResourceNotFoundException", std::move(message), 404);
}
std::unexpected<Error> in_conflict(std::string message) {
    return refuse("ResourceConflictException", std::move(message), 409);
}
std::string function_arn(const Call& call, std::string_view name) {
    return call.arn("lambda", format("function:{}", name));
}

Result<std::string> function_name(const Call& call, const std::optional<std::string>& given) {
    const std::string text = given.value_or("");
    if (text.size() > kMaxArn)
        return constraint(text, "functionName", "have length less than or equal to 140");
    std::vector<std::string> parts = split(text, ':');
    if (text.starts_with("arn:")) {
        if (parts.size() < 7 || parts[1] != "aws" || parts[2] != "lambda" || parts[5] != "function")
            return constraint(text, "functionName", "satisfy regular expression pattern of a function's ARN");
        if (parts[3] != call.account.region)
            return not_there(format("Functions from '{}' are not reachable in this region ('{}')", parts[3],
                                    call.account.region));
        if (parts[4] != call.account.number) return refuse("AccessDeniedException", "", 403);
        parts.erase(parts.begin(), parts.begin() + 6);
    } else if (parts.size() >= 3 && parts[0] == call.account.number && parts[1] == "function") {
        parts.erase(parts.begin(), parts.begin() + 2);
    }
    if (parts.size() > 2 || !is_name(parts[0]))
        return constraint(text, "functionName", "satisfy regular expression pattern [a-zA-Z0-9-_]+");
    if (parts[0].size() > kMaxName)
        return bad_value(
            format("1 validation error detected: Value '{}' at 'functionName' failed to satisfy constraint: "
                   "Member must have length less than or equal to 64",
                   parts[0]));
    if (parts.size() == 2) K3F_TRY(check_qualifier(call, parts[0], parts[1]));
    return parts[0];
}

Status check_qualifier(const Call& call, const std::string& name,
                       const std::optional<std::string>& qualifier) {
    if (!qualifier || *qualifier == kLatest) return {};
    return not_there(format("Function not found: {}:{}", function_arn(call, name), *qualifier));
}

LambdaFunction* look_up_function(Account& account, const std::string& name) {
    const auto found = account.functions.functions.find(name);
    return found == account.functions.functions.end() ? nullptr : &found->second;
}

Result<LambdaFunction*> find_function(Call& call, const std::optional<std::string>& given) {
    const std::string name = K3F_TRY(function_name(call, given));
    LambdaFunction* function = look_up_function(call.account, name);
    if (function == nullptr) return not_there(format("Function not found: {}", function_arn(call, name)));
    return function;
}

Status check_idle(const Call& call, const LambdaFunction& function) {
    if (call.now < function.ready_at)
        return in_conflict(
            "The operation cannot be performed at this time. The function is currently in the following "
            "state: Pending");
    if (call.now < function.settled_at)
        return in_conflict(format(
            "The operation cannot be performed at this time. An update is in progress for resource: {}",
            function_arn(call, function.name)));
    return {};
}

Status check_role_use(const Call& call, const std::string& role) {
    if (role_for(call, role, "lambda.amazonaws.com").as == RoleSeen::As::Usable) return {};
    return bad_value("The role defined for the function cannot be assumed by Lambda.");
}

Status check_role_may(const Call& call, const std::string& role, std::string_view service,
                      std::initializer_list<const char*> operations, const std::string& resource) {
    const RoleSeen seen = role_for(call, role, "lambda.amazonaws.com");
    for (const char* operation : operations) {
        const iam::Request request{.action = format("{}:{}", service, operation), .resource = resource};
        if (seen.role == nullptr || !role_may(call, *seen.role, request))
            return bad_value(format("The provided execution role does not have permissions to call {} on {}",
                                    operation, service == "ec2" ? "EC2" : "SQS"));
    }
    return {};
}

iam::Context function_context(const Call& call, const std::string& name) {
    iam::Context context;
    if (const LambdaFunction* function = look_up_function(call.account, name))
        set_resource_tags(context, function->tags);
    return context;
}

}  // namespace k3fleet::simcloud
