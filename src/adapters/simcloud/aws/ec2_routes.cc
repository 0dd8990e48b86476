// EC2: route tables and internet gateways.
#include "adapters/simcloud/aws/service.h"

namespace k3fleet::simcloud {

void add_ec2_routes(Handlers&) {}

}  // namespace k3fleet::simcloud
