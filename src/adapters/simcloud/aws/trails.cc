// CloudTrail: trails.
#include "adapters/simcloud/aws/service.h"

namespace k3fleet::simcloud {

void add_trails(Handlers&) {}

}  // namespace k3fleet::simcloud
