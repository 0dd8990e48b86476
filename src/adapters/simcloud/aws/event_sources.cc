// Lambda: which queues wake which functions.
#include "adapters/simcloud/aws/service.h"

namespace k3fleet::simcloud {

void add_event_sources(Handlers&) {}

}  // namespace k3fleet::simcloud
