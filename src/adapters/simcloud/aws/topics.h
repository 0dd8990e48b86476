// What the operations on SNS's topics and on what belongs to them share.
#pragma once

#include <optional>
#include <string>

#include "adapters/simcloud/aws/service.h"
#include "adapters/simcloud/aws/topics_state.h"

namespace k3fleet::simcloud {

// Of an ARN of this account and region; empty: it is another's.
std::string topic_name(const Call& call, const std::optional<std::string>& arn);
// NotFound.
Result<Topic*> find_topic(Call& call, const std::optional<std::string>& arn);

// Whether a topic can have this attribute with this value: InvalidParameter.
Status check_topic_attribute(const Call& call, const std::string& name, const std::string& value);

}  // namespace k3fleet::simcloud
