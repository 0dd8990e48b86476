// References between resources: {"Ref": ID} and {"Fn::GetAtt": [ID, NAME]}, and nothing else.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>

#include "base/value.h"
#include "core/resources/resource.h"

namespace k3fleet::resources {

using ObservedById = std::map<LogicalId, Observed>;

struct Reference {
    LogicalId to;
    std::string attribute;  // Empty: Ref.
};
// Empty if the value is none.
std::optional<Reference> as_reference(const Value& value);

// All ids that the value refers to.
std::set<LogicalId> references_in(const Value& value);

// All ids that the properties refer to, and those of `after`.
std::set<LogicalId> needs_of(const Resource& resource);

// The same value with every reference replaced that names something in `there`; others stay.
Value resolve(const Value& value, const ObservedById& there);
// No reference is left in it.
bool is_resolved(const Value& value);

// The resource with what is there filled in.
Resource resolved(const Resource& resource, const ObservedById& there);

}  // namespace k3fleet::resources
