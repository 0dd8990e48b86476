// The network interfaces that Lambda keeps in the subnets of functions in a VPC. They stay behind for a while
// when the function has left, and hold the subnet and its groups as long.
#pragma once

#include <string>

#include "adapters/simcloud/aws/functions_state.h"
#include "adapters/simcloud/aws/service.h"

namespace k3fleet::simcloud {

// The function's interfaces, one in each of its subnets. False: a subnet has no address left.
bool add_interfaces(Call& call, const LambdaFunction& function);
// Those that it has go within this time.
void leave_interfaces(Call& call, const std::string& function, Duration least, Duration most);
// Deletes those whose time has come. Costs nothing where none leaves.
void drop_left_interfaces(Account& account, Timestamp now);

}  // namespace k3fleet::simcloud
