// EventBridge: rules and their targets.
#include "adapters/simcloud/aws/service.h"

namespace k3fleet::simcloud {

void add_event_rules(Handlers&) {}

}  // namespace k3fleet::simcloud
