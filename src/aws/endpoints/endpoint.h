// Where a service answers, and what its signature must say: AWS's endpoint rules for the partition `aws`.
//
// Standard and FIPS endpoints by region; iam is global and signed for us-east-1, pricing answers in three
// regions. S3 buckets stand in the host name where TLS and DNS allow it, else in the path. Dual-stack
// endpoints, access points, directory buckets and the other partitions are out of scope (SCOPE.md).
#pragma once

#include <functional>
#include <string>

#include "aws/operation.h"
#include "base/result.h"

namespace k3fleet::endpoints {

enum class Fips { Off, On };

// Auto: in the host name where that can work; in the path with an endpoint of somebody's own, as the AWS CLI.
enum class BucketStyle { Auto, Path, Virtual };

struct EndpointRules {
    Fips fips = Fips::Off;
    BucketStyle bucket_style = BucketStyle::Auto;
    // The URL that the user set for a service; empty: AWS's own. Null: none is set for any.
    std::function<std::string(const aws::Service&)> custom_url;
};

struct Endpoint {
    // "https://ec2.eu-west-1.amazonaws.com", no slash at its end; with the bucket, if given.
    std::string url;
    std::string signing_region;
    std::string signing_name;
    bool custom = false;
};

// `bucket` is that of an s3 request, else empty. InvalidArgument, with what to set: no region, or one that is
// none; a bucket that is no plain bucket name; a custom URL that is none or stands beside FIPS.
Result<Endpoint> find_endpoint(const aws::Service& service, const std::string& region,
                               const EndpointRules& rules, const std::string& bucket = "");

}  // namespace k3fleet::endpoints
