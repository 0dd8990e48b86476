// S3: the settings of buckets.
#include "adapters/simcloud/aws/service.h"

namespace k3fleet::simcloud {

void add_s3_settings(Handlers&) {}

}  // namespace k3fleet::simcloud
