// IAM: roles with their inline policies, instance profiles.
#include "adapters/simcloud/aws/service.h"

namespace k3fleet::simcloud {

void add_roles(Handlers&) {}

}  // namespace k3fleet::simcloud
