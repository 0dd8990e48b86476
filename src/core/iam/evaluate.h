// What identity policies say to a request: allowed, denied by a statement, or allowed by none. As IAM decides
// (IAM user guide, "Policy evaluation logic"), for the policies of one principal in its own account; the
// simulated cloud authorises its calls by it.
//
// A call that touches several resources, or needs several actions, is one request for each.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/value.h"
#include "core/iam/operators.h"
#include "core/iam/pattern.h"
#include "core/iam/permissions.h"

namespace k3fleet::iam {

struct Request {
    std::string action;          // "ec2:RunInstances"; case does not matter.
    std::string resource = "*";  // An ARN, or * for what acts on none.
    Context context;
};

enum class Verdict : std::uint8_t { Allowed, Denied, NotAllowed };

struct Decision {
    Verdict verdict = Verdict::NotAllowed;
    // What decided: the first denial, else the first permission. Empty and -1 if nothing did.
    std::string policy;
    std::string sid;
    int statement = -1;
    // If nothing allowed it: each statement that allows the action, with what kept it from matching.
    std::vector<std::string> misses;

    bool allowed() const { return verdict == Verdict::Allowed; }
    // "denied by NeverEc2UseAnyIfOwnCode of shopAutoscalerLambdaPolicy"
    std::string describe() const;
};

class IdentityPolicies {
public:
    // InvalidArgument names policy and statement. Stricter than IAM, which lets a value that can never match
    // pass: an unknown element, operator or version, a malformed number, date or address is an error, since a
    // policy that silently does nothing is one. On an error nothing is added.
    Status add(std::string_view name, const Value& policy);

    Decision evaluate(const Request& request) const;

    // Those statements that speak of this action: they decide the same about it, for who asks often.
    IdentityPolicies about(const std::string& action) const;

private:
    struct Statement {
        std::string policy;
        std::string sid;
        int number = 0;  // In its policy, from 0.
        Effect effect = Effect::Allow;
        bool all_actions_but = false;
        std::vector<Pattern> actions;
        bool all_resources_but = false;
        std::vector<Pattern> resources;
        std::vector<ConditionTest> tests;
    };

    static Result<Statement> parse(const Value& value, ConditionTest::Variables variables);
    static Status parse_conditions(const Value& value, ConditionTest::Variables variables, Statement& out);
    static bool acts(const Statement& statement, const Request& request);
    static bool reaches(const Statement& statement, const Request& request);

    std::vector<Statement> statements_;
};

}  // namespace k3fleet::iam
