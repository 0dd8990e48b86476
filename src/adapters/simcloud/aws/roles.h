// What other services of the simulated account see of IAM: roles that they are told to take on, and instance
// profiles. They learn of what is made and changed some seconds after IAM has it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "adapters/simcloud/aws/roles_state.h"
#include "adapters/simcloud/aws/service.h"
#include "core/iam/evaluate.h"

namespace k3fleet::simcloud {

struct RoleSeen {
    // Missing: there is no such role. NotYet: it is too new. NotTrusting: its trust policy does not let the
    // service in. AWS says the same of all three where its answer does not show the difference.
    enum class As : std::uint8_t { Usable, Missing, NotYet, NotTrusting };
    As as = As::Missing;
    const IamRole* role = nullptr;  // Null if it is missing.
};

// The role of this ARN for "lambda.amazonaws.com". `source`: the ARN of what the service acts for, where it
// says so (Scheduler, flow logs); the trust policy is asked with it as aws:SourceArn, and with the account's
// number as aws:SourceAccount.
RoleSeen role_for(const Call& call, std::string_view arn, std::string_view service,
                  std::string_view source = "");

// What the role's own policies say, those that other services know of by now.
bool role_may(const Call& call, const IamRole& role, const iam::Request& request);

std::string role_arn(const Call& call, const IamRole& role);

// The instance profile as EC2 sees it; null: there is none, or it is too new.
const InstanceProfile* profile_for(const Call& call, const std::string& name);
// The ARN of the profile's role; empty: it has none.
std::string profile_role(const Call& call, const InstanceProfile& profile);

// Whether a policy may name it: a service, an account, or somebody in this account who exists and is known.
bool is_principal(const Call& call, std::string_view type, std::string_view id);

}  // namespace k3fleet::simcloud
