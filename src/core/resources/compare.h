// Is what was read what we want? Property by property, in CloudFormation's words.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/value.h"
#include "core/resources/kinds.h"
#include "core/resources/resource.h"

namespace k3fleet::resources {

struct Difference {
    std::string path;  // "SecurityGroupEgress", "Tags.Name", "VersioningConfiguration.Status".
    Value wanted;
    Value found;  // Null: not set.
    friend bool operator==(const Difference&, const Difference&) = default;
};

// A property that was not read is no difference. Of what was read: objects must hold what is wanted (and may
// hold more: AWS fills in defaults), lists must be equal, those that are sets in any order; policies and
// texts of JSON are compared by meaning, and must hold nothing more. A reference that is left always differs.
// `wanted` with its references resolved as far as may be.
std::vector<Difference> differences(const Kind& kind, const Resource& wanted, const Observed& found);

// The same of one property, `name` one of CloudFormation's.
bool same_property(const Kind& kind, std::string_view name, const Value& wanted, const Value& found);

// Policies that mean the same have the same text: lists of one item are that item, lists have no order and
// no item twice, an account's number is its root, true is "true".
std::string canonical_policy(const Value& document);

}  // namespace k3fleet::resources
