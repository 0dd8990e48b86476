// The two calls of AWS's Security Token Service that turn one identity into another.
#pragma once

#include <optional>
#include <string>

#include "aws/credentials/credentials.h"

namespace k3fleet::credentials {

struct RoleRequest {
    std::string role_arn;
    std::string session_name;
    std::string external_id;           // Empty: none.
    std::string mfa_serial, mfa_code;  // Both or neither.
    std::optional<std::chrono::seconds> duration;
    std::string region;  // Of the endpoint.
};

class Sts {
public:
    virtual ~Sts() = default;
    // AssumeRole, signed with `source`. Repeating it does no harm.
    virtual Result<Credentials> assume_role(const RoleRequest& request, const Credentials& source) = 0;
    // AssumeRoleWithWebIdentity: not signed, the token is the proof.
    virtual Result<Credentials> assume_role_with_web_identity(const RoleRequest& request,
                                                              const Secret& token) = 0;
};

}  // namespace k3fleet::credentials
