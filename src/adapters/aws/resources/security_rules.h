// Rules of security groups: CloudFormation's words here, EC2's SecurityGroupRule there. A rule is known by
// what it says, since EC2 keeps no two that say the same; whose it is, its tag k3fleet:id says.
#pragma once

#include <string>
#include <vector>

#include "adapters/aws/resources/ec2.h"

namespace k3fleet::resources {

enum class Direction { In, Out };

struct Rule {
    std::string id;    // sgr-...
    Value properties;  // CloudFormation's, without GroupId.
    Tags tags;
};

// Of a group that is not there: none.
Result<std::vector<Rule>> rules_in(Context& context, const std::string& group, Direction direction);
// Same protocol, ports and peer, whatever is said about it.
bool same_rule(const Value& a, const Value& b);

// A rule that is there already is no error. `owner` is what lists the rule: the group, or the rule itself.
Status authorize(Context& context, const std::string& group, const Value& rule, Direction direction,
                 const LogicalId& owner);
// The rule with this id becomes the wanted one.
Status rewrite(Context& context, const std::string& group, const std::string& id, const Value& wanted,
               Direction direction);
// Rules that are not there are no error.
Status revoke(Context& context, const std::string& group, const std::vector<std::string>& rules,
              Direction direction);

}  // namespace k3fleet::resources
