// Resource Groups Tagging API: what carries tags, whichever service it is of.
#include "adapters/simcloud/aws/service.h"

namespace k3fleet::simcloud {

void add_tagged(Handlers&) {}

}  // namespace k3fleet::simcloud
