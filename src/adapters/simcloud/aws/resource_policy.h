// Policies that name whom they let in: trust policies of roles, policies of keys, buckets and queues. Read as
// strictly as core/iam reads identity policies, and asked the same way.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/value.h"
#include "core/iam/evaluate.h"

namespace k3fleet::simcloud {

// Whom a statement names, or who asks: {"Service", "lambda.amazonaws.com"}, {"AWS", an ARN, an account's
// number or *}.
struct PolicyPrincipal {
    std::string type;
    std::string id;
};

class ResourcePolicy {
public:
    // A trust policy stands on the one role it belongs to and names no resource; others must.
    enum class On : std::uint8_t { Role, Resources };

    // InvalidArgument says what is wrong, in the order of the statements.
    static Result<ResourcePolicy> parse(std::string_view text, On on);

    // Of all statements, in their order.
    std::vector<PolicyPrincipal> principals() const;
    // What all statements for `who` say together: one denial is enough, else one permission. An account's
    // number or root stands for everybody in it.
    bool allows(const PolicyPrincipal& who, const iam::Request& request) const;

private:
    struct Statement {
        std::vector<PolicyPrincipal> whom;
        bool all_but = false;
        iam::IdentityPolicies says;
    };
    static Result<Statement> parse_statement(const Value& policy, const Value& statement, On on);

    std::vector<Statement> statements_;
};

// The number in an ARN or a number itself; empty: neither.
std::string account_of(std::string_view arn_or_number);

}  // namespace k3fleet::simcloud
