// EC2: the rules of security groups.
#include "adapters/simcloud/aws/service.h"

namespace k3fleet::simcloud {

void add_ec2_rules(Handlers&) {}

}  // namespace k3fleet::simcloud
