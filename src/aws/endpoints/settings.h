// How the user set up AWS: region, endpoints, retries, from variables and the profile, as the AWS CLI does.
#pragma once

#include <string>

#include "aws/credentials/outside.h"
#include "aws/credentials/profiles.h"
#include "aws/endpoints/endpoint.h"
#include "base/result.h"

namespace k3fleet::endpoints {

struct Settings {
    std::string region;  // Empty: none is set.
    EndpointRules rules;
    int max_tries = 3;  // AWS_MAX_ATTEMPTS, max_attempts.
};

// `region_option` counts before AWS_REGION, AWS_DEFAULT_REGION and the profile. InvalidArgument: a value that
// is none. Endpoint URLs: AWS_ENDPOINT_URL_SERVICE, AWS_ENDPOINT_URL, the profile's `services` section, its
// endpoint_url; none of them if AWS_IGNORE_CONFIGURED_ENDPOINT_URLS is true.
// `outside` must outlive the result.
Result<Settings> read_settings(const credentials::Outside& outside, const credentials::Profiles& profiles,
                               const std::string& profile, const std::string& region_option);

}  // namespace k3fleet::endpoints
