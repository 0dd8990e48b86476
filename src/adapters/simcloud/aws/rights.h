// Who may do what in the simulated account: the policies that production renders, asked as AWS asks them.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/result.h"
#include "core/iam/evaluate.h"
#include "core/iam/policies.h"

namespace k3fleet::simcloud {

class Rights {
public:
    // All policies of this principal: its own and those of AWS that it has attached.
    static Result<std::unique_ptr<Rights>> of(iam::Principal who, const iam::Site& site);

    // PermissionDenied with AWS's code for the service, and which statement said no or that none allowed it.
    // What every call has (region, account, caller) is added to the contexts.
    Status check(std::vector<iam::Request>& requests, std::string_view service) const;

    const std::string& arn() const { return arn_; }

private:
    // Policies are asked once for each different request: a simulation asks the same a million times.
    static constexpr std::size_t kRemembered = 20'000;
    static std::string describe(const iam::Request& request);

    std::string arn_;
    std::vector<std::pair<std::string, std::vector<std::string>>> general_;
    iam::IdentityPolicies policies_;
    mutable std::map<std::string, iam::IdentityPolicies> by_action_;
    mutable std::unordered_map<std::string, std::string> decided_;  // Why not; empty: it is allowed.
};

}  // namespace k3fleet::simcloud
