// Which place is asked for credentials, and in which order: that of the AWS SDKs.
//
// 1. variables (not if a profile was asked for by option), 2. the profile's role, 3.
// web identity by variables,
// 4. the profile's web identity, SSO login, keys or credential_process, 5. the container's service, 6. the
// EC2 instance's role. The first that is set up gives the answer,
// also if the answer is that it does not work.
#pragma once

#include <memory>
#include <string>

#include "aws/credentials/credentials.h"
#include "aws/credentials/outside.h"
#include "aws/credentials/profiles.h"
#include "aws/credentials/sts.h"

namespace k3fleet::credentials {

struct ChainOptions {
    ProfileChoice profile;
    std::string region;  // Of STS, where a profile names no region of its own. May be empty: us-east-1.
};

// Everything handed in by reference must outlive the provider. InvalidArgument or NotFound, with file and
// line: the profile does not exist, contradicts itself, or assumes roles in a circle. Asks nobody yet.
Result<std::unique_ptr<Provider>> make_chain(const Outside& outside, Sts& sts, const Profiles& profiles,
                                             const ChainOptions& options);

}  // namespace k3fleet::credentials
