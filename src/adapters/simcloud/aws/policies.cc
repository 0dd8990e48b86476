// IAM: managed policies and groups.
#include "adapters/simcloud/aws/service.h"

namespace k3fleet::simcloud {

void add_policies(Handlers&) {}

}  // namespace k3fleet::simcloud
