// The places credentials come from. Each states its own errors; all follow the contract of Provider.
// What is handed in by reference must outlive the provider.
#pragma once

#include <memory>
#include <string>

#include "aws/credentials/credentials.h"
#include "aws/credentials/outside.h"
#include "aws/credentials/profiles.h"
#include "aws/credentials/sts.h"

namespace k3fleet::credentials {

// AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN, AWS_CREDENTIAL_EXPIRATION.
// InvalidArgument if only one of the first two is set.
std::unique_ptr<Provider> environment_keys(const Outside& outside);

// aws_access_key_id and the rest, written in a profile.
std::unique_ptr<Provider> profile_keys(Section profile);

// `credential_process` of a profile: started without a shell, its answer neither logged nor shown.
std::unique_ptr<Provider> process_keys(const Outside& outside, Section profile);

// The container service of ECS, EKS Pod Identity and others: AWS_CONTAINER_CREDENTIALS_RELATIVE_URI or
// _FULL_URI. Plain HTTP is refused to any host but loopback and the link-local ones that AWS uses.
std::unique_ptr<Provider> container_keys(const Outside& outside);

// The role of the EC2 instance, by the metadata service version 2; version 1 is never asked. NotFound when
// nothing answers within the time limit (a second), or AWS_EC2_METADATA_DISABLED is true.
std::unique_ptr<Provider> instance_keys(const Outside& outside, Section profile);

// IAM Identity Center: the token that `aws sso login` left, exchanged for keys. A token that has expired is
// PermissionDenied, with the command to run.
struct SsoLogin {
    std::string profile;
    std::string session;  // Empty: the older form, all settings in the profile.
    std::string start_url;
    std::string region;
    std::string account;
    std::string role;
};
std::unique_ptr<Provider> sso_keys(const Outside& outside, SsoLogin login);

// AWS_WEB_IDENTITY_TOKEN_FILE and AWS_ROLE_ARN, or the same in a profile. The file is read each time.
struct WebIdentity {
    std::string token_file;
    RoleRequest role;
    std::string where;  // "variables", "profile dev".
};
std::unique_ptr<Provider> web_identity(const Outside& outside, Sts& sts, WebIdentity identity);

// A role assumed with the credentials of another place. With an MFA device the person is asked for a code and
// the session is kept below the cache folder, readable by its owner only.
struct AssumedRole {
    std::string profile;
    RoleRequest role;  // Without a code.
};
std::unique_ptr<Provider> assumed_role(const Outside& outside, Sts& sts, AssumedRole role,
                                       std::unique_ptr<Provider> source);

}  // namespace k3fleet::credentials
