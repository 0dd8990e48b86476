// EC2: flow logs of networks.
#include "adapters/simcloud/aws/service.h"

namespace k3fleet::simcloud {

void add_ec2_flow_logs(Handlers&) {}

}  // namespace k3fleet::simcloud
