// Any operation of the table by its name, on any way to AWS.
#pragma once

#include <string>

#include "aws/api.h"
#include "base/result.h"
#include "base/value.h"

namespace k3fleet::aws {

// `request` and the answer by the member names of AWS's model. InvalidArgument: not in the table, or a member
// that does not exist or is missing. AWS's own refusals as `api` gives them.
Result<Value> call_by_name(Api& api, const std::string& service, const std::string& name,
                           const Value& request);

}  // namespace k3fleet::aws
