// The availability zones that machines can be started in.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "ports/aws_account.h"

namespace k3fleet::app {

// Those of the account's region that are open to it, sorted; local zones and Wavelength zones are none.
// NotFound: AWS names none.
Result<std::vector<std::string>> read_zones(ports::AwsAccount& account);

}  // namespace k3fleet::app
