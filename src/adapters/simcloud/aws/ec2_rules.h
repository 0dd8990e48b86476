// What security groups and their rules share.
#pragma once

#include <string_view>

#include "adapters/simcloud/aws/ec2_common.h"

namespace k3fleet::simcloud {

// Letters, digits, spaces and ._-:/()#,@[]+=&;{}!$* only, as names and descriptions of groups and rules.
bool is_group_text(std::string_view text);

// The rule as DescribeSecurityGroups shows it: those of one protocol and ports as one.
void add_permission(const Call& call, aws::List<ec2::IpPermission>& shown, const GroupRule& rule);

}  // namespace k3fleet::simcloud
