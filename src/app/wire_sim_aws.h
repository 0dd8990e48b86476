// A whole simulated AWS account as the ground that projects stand on: the same commands, adapters and
// programs as on AWS, and nothing is bought. Part of the wiring.
#pragma once

#include <memory>

#include "app/wire_aws.h"

namespace k3fleet::app {

// Kept below the state directory and made when it is first used. InvalidArgument: no state directory.
// `project` may be empty: then no functions are run while time passes. Its region, where none is chosen, is
// the simulated account's own.
Result<std::unique_ptr<AwsGround>> simulated_ground(const AccountSettings& settings,
                                                    const model::ProjectName& project);

// The account alone.
Result<std::unique_ptr<ports::AwsAccount>> simulated_account(const AccountSettings& settings);

}  // namespace k3fleet::app
