// What a bucket tells others of: events of its objects, to queues and topics.
#pragma once

#include <string>
#include <string_view>

#include "adapters/simcloud/aws/s3_state.h"
#include "adapters/simcloud/aws/service.h"
#include "aws/gen/s3.h"

namespace k3fleet::simcloud {

inline constexpr const char* kNotifications = "NotificationConfiguration";

// InvalidArgument as S3 says it: unknown events or rules, configurations that overlap, a target that is not
// there or whose policy does not let S3 in. S3 tries each target, so that queues get a test message:
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
Status check_notifications(const Call& call, const S3Bucket& bucket,
                           aws::s3::NotificationConfiguration& wanted);
void send_test_events(Call& call, const S3Bucket& bucket, const aws::s3::NotificationConfiguration& wanted);

// What happened to an object ("ObjectCreated:Put") goes to the queues that the bucket tells of it, usually
// within seconds. Topics are told nothing: nobody listens to them here.
void announce(Call& call, const S3Bucket& bucket, std::string_view event, const std::string& key,
              const S3Version& version);

}  // namespace k3fleet::simcloud
