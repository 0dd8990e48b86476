// Settings of buckets in CloudFormation's words, from and to S3's. Pure.
#pragma once

#include "base/value.h"

namespace k3fleet::resources {

Value encryption_from_aws(const Value& configuration);
Value encryption_to_aws(const Value& property);
// Of a rule: Id, Status, Prefix, ExpirationInDays, ExpiredObjectDeleteMarker, NoncurrentVersionExpiration,
// AbortIncompleteMultipartUpload.
Value lifecycle_from_aws(const Value& configuration);
Value lifecycle_to_aws(const Value& property);
// CloudFormation has one event for each configuration, S3 several.
Value notifications_from_aws(const Value& configuration);
Value notifications_to_aws(const Value& property);

}  // namespace k3fleet::resources
