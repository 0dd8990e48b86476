// What the operations of the simulated CloudTrail share: finding trails, and where they deliver to.
#pragma once

#include <optional>
#include <string>

#include "adapters/simcloud/aws/service.h"
#include "adapters/simcloud/aws/trails_state.h"
#include "aws/gen/cloudtrail.h"

namespace k3fleet::simcloud {

namespace cloudtrail = aws::cloudtrail;

// By name or ARN. TrailNotFoundException: there is none in this region.
Result<Trail*> find_trail(Call& call, const std::optional<std::string>& name_or_arn);
// The ARN of a trail of this name, whether it is there or not.
std::string named_trail(const Call& call, const std::optional<std::string>& name);

template <typename Request>
Status needs_trail(const Call& call, const Request& request, Needs& needs) {
    needs.add("cloudtrail:" + std::string(call.operation.name), named_trail(call, request.name));
    return {};
}

// May CloudTrail write where the trail says: is the bucket there, and does its policy let CloudTrail in; does
// the role trust it, and may it write to the log group; does the key let it in?
Status check_targets(const Call& call, const Trail& trail);

void add_trail_selectors(Handlers& handlers);

}  // namespace k3fleet::simcloud
