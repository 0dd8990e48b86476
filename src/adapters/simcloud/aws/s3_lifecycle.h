// When objects of a bucket end by themselves, as its rules say.
#pragma once

#include "adapters/simcloud/aws/s3_state.h"
#include "adapters/simcloud/aws/service.h"
#include "aws/gen/s3.h"

namespace k3fleet::simcloud {

// What every answer about rules says of objects that are too small to move to another class of storage.
inline constexpr const char* kSmallest = "all_storage_classes_128K";

// As S3 checks rules: MalformedXML, InvalidArgument, InvalidRequest. Rules without a name get one. Moving to
// other classes of storage is not simulated.
Status check_lifecycle(const Call& call, const S3Bucket& bucket,
                       aws::s3::BucketLifecycleConfiguration& wanted);

}  // namespace k3fleet::simcloud
