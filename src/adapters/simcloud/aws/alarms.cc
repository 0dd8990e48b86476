// CloudWatch: alarms.
#include "adapters/simcloud/aws/service.h"

namespace k3fleet::simcloud {

void add_alarms(Handlers&) {}

}  // namespace k3fleet::simcloud
