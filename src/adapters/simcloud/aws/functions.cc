// Lambda: functions, their code, settings and permissions.
#include "adapters/simcloud/aws/service.h"

namespace k3fleet::simcloud {

void add_functions(Handlers&) {}

}  // namespace k3fleet::simcloud
