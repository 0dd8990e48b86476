// EC2: elastic addresses, NAT gateways, VPC endpoints.
#include "adapters/simcloud/aws/service.h"

namespace k3fleet::simcloud {

void add_ec2_gateways(Handlers&) {}

}  // namespace k3fleet::simcloud
