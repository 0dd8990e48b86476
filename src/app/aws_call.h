// `aws call`: one operation of the table, by name, with helpful refusals.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "base/value.h"
#include "ports/aws_account.h"

namespace k3fleet::app {

// InvalidArgument if the table has no such operation; the message names what is near.
Result<ports::AwsOperation> find_operation(const std::vector<ports::AwsOperation>& operations,
                                           const std::string& service, const std::string& name);

// Of `service`, or all if it is empty. InvalidArgument if there is no such service.
Result<std::vector<ports::AwsOperation>> operations_of(const std::vector<ports::AwsOperation>& operations,
                                                       const std::string& service);

}  // namespace k3fleet::app
