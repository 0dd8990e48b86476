// What the operations of Lambda share: names, the functions themselves, and rights.
#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

#include "adapters/simcloud/aws/functions_state.h"
#include "adapters/simcloud/aws/service.h"
#include "adapters/simcloud/aws/service_common.h"
#include "adapters/simcloud/aws/tags.h"
#include "aws/gen/lambda.h"

namespace k3fleet::simcloud {

namespace lambda = aws::lambda;

std::unexpected<Error> bad_value(std::string message);    // InvalidParameterValueException
std::unexpected<Error> not_there(std::string message);    // ResourceNotFoundException
std::unexpected<Error> in_conflict(std::string message);  // ResourceConflictException
std::string function_arn(const Call& call, std::string_view name);
// From a name, an ARN of this region and account, or a part of one; with "$LATEST" behind it or without.
// ValidationException: no such text; ResourceNotFoundException: of another region; AccessDeniedException: of
// another account.
Result<std::string> function_name(const Call& call, const std::optional<std::string>& given);
// Null: there is none.
LambdaFunction* look_up_function(Account& account, const std::string& name);
Result<LambdaFunction*> find_function(Call& call, const std::optional<std::string>& given);

// ResourceConflictException: it is being made, or changed.
Status check_idle(const Call& call, const LambdaFunction& function);

// InvalidParameterValueException: Lambda does not know such a role yet, or the role does not let it in.
Status check_role_use(const Call& call, const std::string& role);
// InvalidParameterValueException: the role that a function takes on may not do what Lambda does under it.
Status check_role_may(const Call& call, const std::string& role, std::string_view service,
                      std::initializer_list<const char*> operations, const std::string& resource);

// aws:ResourceTag/... of the function, if it is there.
iam::Context function_context(const Call& call, const std::string& name);
// The operation's own right on the function that the request names.
template <typename Request>
Status needs_function(const Call& call, const Request& request, Needs& needs) {
    const std::string name = K3F_TRY(function_name(call, request.function_name));
    needs.add(std::string("lambda:") + call.operation.name, function_arn(call, name),
              function_context(call, name));
    return {};
}

// Of a name or an ARN only the function's own is meant, no version and no alias of it.
Status check_qualifier(const Call& call, const std::string& name,
                       const std::optional<std::string>& qualifier);

// The rest of Lambda's operations; see functions.cc.
void add_function_parts(Handlers& handlers);

}  // namespace k3fleet::simcloud
