// Who holds rights on AWS: names, roles, and in which form AWS keeps their policies.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "core/iam/permissions.h"
#include "core/model/resource_names.h"

namespace k3fleet::iam {

// How a principal's policies are kept.
//   Inline   one document in the role: at most 10,240 characters without white space
//   Managed  policies of their own, numbered and attached: at most 6,144 characters each, ten to a role
//   Printed  for reference: a person's rights are given by whoever administers the account. Sized as Managed
enum class Form : std::uint8_t { Inline, Managed, Printed };

inline constexpr std::size_t kInlineLimit = 10'240;
inline constexpr std::size_t kManagedLimit = 6'144;
inline constexpr std::size_t kManagedPerRole = 10;

// One role for all clusters of a project, or one for each.
enum class Reach : std::uint8_t { Project, Cluster };

struct PrincipalFacts {
    Principal who;
    std::string_view name;   // As in the table of operations: "flow-logs".
    std::string_view about;  // Who that is, for people.
    Form form;
    Reach reach;
    Principals rights;  // Whose rows of the table it has.
};

// In the order of the enumeration.
std::span<const PrincipalFacts> principals();
const PrincipalFacts& facts_of(Principal who);
std::optional<Principal> parse_principal(std::string_view name);

// "node-fleetAutoscalerLambdaRole". Of the operator, who has none: what the printed policy would be called
// with Role for Policy.
std::string role_name(Principal who, const model::Scope& scope);

}  // namespace k3fleet::iam
