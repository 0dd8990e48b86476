// KMS: customer keys and their aliases.
#include "adapters/simcloud/aws/service.h"

namespace k3fleet::simcloud {

void add_keys(Handlers&) {}

}  // namespace k3fleet::simcloud
