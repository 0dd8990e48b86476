// What the operations of the simulated S3 share: finding buckets, refusing as S3 does, and rights.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "adapters/simcloud/aws/s3_state.h"
#include "adapters/simcloud/aws/service.h"
#include "aws/gen/s3.h"

namespace k3fleet::simcloud {

// An answer without a body names no code: the client knows its status alone, which stands for the code.
std::unexpected<Error> refuse_without_body(int status, std::string message);

// NoSuchBucket, or AccessDenied if the caller expects another owner.
Result<S3Bucket*> find_bucket(Call& call, const std::optional<std::string>& name,
                              const std::optional<std::string>& expected_owner);

std::string bucket_arn(const std::optional<std::string>& bucket);
std::string object_arn(const std::optional<std::string>& bucket, const std::optional<std::string>& key);
// s3:ResourceAccount, which is known if the bucket is.
iam::Context s3_context(const Call& call);

// What CreateBucket and PutBucketTagging check: InvalidTag, BadRequest.
Status check_bucket_tags(const aws::List<aws::s3::Tag>& tags);

// The newest version; null: there is no object, or it was deleted.
const S3Version* current(const S3Bucket& bucket, const std::string& key);
// Writes in the manner of the bucket's versioning; the version that is there then.
const S3Version& store(Call& call, S3Bucket& bucket, const std::string& key, S3Version version);

// In quotes, of 32 hexadecimal digits: another one for other bytes. AWS calls it opaque: it is the MD5 of the
// bytes only of what is neither encrypted by KMS nor uploaded in parts.
std::string etag_of(std::string_view bytes);

// Pages: at most a thousand, fewer if asked for or if the world shows short ones. InvalidArgument: negative.
Result<std::size_t> page_size(const Call& call, const std::optional<std::int32_t>& wanted);

}  // namespace k3fleet::simcloud
