// A resource of AWS as data: what we want, and what is there.
//
// Types and properties have CloudFormation's names, so that the graph we make, the template we export and
// what cfn-lint judges are one thing. What CloudFormation has no type for is called K3fleet::....
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/strong.h"
#include "base/time.h"
#include "base/value.h"

namespace k3fleet::resources {

// Letters and digits, unique in its graph and the same for ever: "PublicSubnet1". Tag k3fleet:id holds it.
using LogicalId = StrongString<struct LogicalIdTag>;
using Tags = std::map<std::string, std::string>;
// Empty: there is none.
inline std::string tag_of(const Tags& tags, std::string_view key) {
    const auto tag = tags.find(std::string(key));
    return tag != tags.end() ? tag->second : "";
}

enum class Retain {
    No,
    UnlessPurged,  // `uninit` keeps it and says so: the audit trail.
    Always,        // It is the account's, others may need it: service-linked roles.
};

// Whose it is when something of that name is there already.
enum class Claim {
    Ours,      // Then its tags must say so, else it is refused.
    Accounts,  // Taken as it is, never changed: the unprefixed alarms, service-linked roles.
};

struct Resource {
    LogicalId id;
    std::string type;  // "AWS::EC2::VPC"; a row of kinds.h.
    // CloudFormation's properties without Tags. Text that is known only once another resource is there stands
    // as {"Ref": ID} (its Observed::physical_id) or {"Fn::GetAtt": [ID, NAME]} (of Observed::attributes);
    // there are no other functions: names are exact, account and region known, so ARNs are written out.
    Value properties = Value::object();
    Tags tags;                     // Of kinds that carry tags (kinds.h). Always all of G-13.
    std::vector<LogicalId> after;  // Must be there first, besides what the properties refer to.
    Retain retain = Retain::No;
    Claim claim = Claim::Ours;
    // Bytes that are no property: a function's zip. properties.Code.Sha256 (base64, as Lambda says it) is
    // theirs.
    std::shared_ptr<const std::string> content;
};

struct Observed {
    LogicalId id;  // Empty where neither tag nor question says which it is.
    std::string type;
    std::string physical_id;             // What CloudFormation's Ref of this type gives.
    Value attributes = Value::object();  // What Fn::GetAtt gives: {"Arn": ...}.
    Value properties = Value::object();  // In CloudFormation's words; only what was read.
    Tags tags;
    std::optional<Timestamp> created_at;  // Where AWS says it.
    bool pending = false;                 // Made, not usable yet: reading again will tell.
    std::string waiting_for;              // While pending: "the NAT gateway gets its address".
    bool ours = true;                     // Its tags say so, or it cannot carry any and its parent is ours.
    std::optional<Timestamp> kept_until;  // Deleted, but AWS keeps it until then; creating restores it.
};

}  // namespace k3fleet::resources
