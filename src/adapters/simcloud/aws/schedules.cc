// EventBridge Scheduler: schedules and their groups.
#include "adapters/simcloud/aws/service.h"

namespace k3fleet::simcloud {

void add_schedules(Handlers&) {}

}  // namespace k3fleet::simcloud
