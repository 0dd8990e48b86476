// Roles for tests of services that take them on.
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <string>

#include "aws/gen/iam.h"
#include "base/text.h"
#include "tests/support/bare_account.h"

namespace k3fleet::support {

inline constexpr const char* kEverything =
    R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]})";

inline std::string trusting(std::string_view service) {
    return format(
        R"({{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{{"Service":"{}"}},)"
        R"("Action":"sts:AssumeRole"}}]}})",
        service);
}

// Its ARN. It lets the service in, may do what the policy says (empty: nothing), and is known everywhere.
inline std::string make_role(BareAccount& bare, const std::string& name, std::string_view service,
                             const std::string& policy = kEverything) {
    const auto made = bare.api.call(
        aws::iam::CreateRoleRequest{.role_name = name, .assume_role_policy_document = trusting(service)});
    EXPECT_TRUE(made.has_value()) << (made ? "" : made.error().describe());
    if (!policy.empty()) {
        EXPECT_EQ(bare.refusal(aws::iam::PutRolePolicyRequest{
                      .role_name = name, .policy_name = "all", .policy_document = policy}),
                  "");
    }
    bare.pass(std::chrono::minutes{1});
    return made ? *made->role->arn : std::string();
}

}  // namespace k3fleet::support
