// CloudWatch Logs: groups of logs and their metric filters.
#include "adapters/simcloud/aws/service.h"

namespace k3fleet::simcloud {

void add_log_groups(Handlers&) {}

}  // namespace k3fleet::simcloud
