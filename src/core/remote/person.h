// What a cluster calls a person who comes from AWS, and which groups may be asked for.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace k3fleet::remote {

// Groups that every cluster of ours binds (core/bootstrap/documents/rbac.yaml).
inline constexpr std::string_view kViewers = "k3fleet:viewers";      // See everything but secrets.
inline constexpr std::string_view kOperators = "k3fleet:operators";  // And change what lies in namespaces.
inline constexpr std::string_view kAdmins = "k3fleet:admins";        // Everything: cluster-admin.

// The user's name in Kubernetes: "aws:user/alice", "aws:role/Admin/alice@example.com", "aws:root". A name too
// long for a certificate keeps its end and gets a digest of the whole. InvalidArgument: no ARN of a person.
Result<std::string> user_of(std::string_view arn);

// "viewers", "operators" and "admins" are short for ours; others are taken as they are. Refused: Kubernetes'
// own (system:...), which no certificate of this way may name. InvalidArgument: cannot be in a certificate.
Result<std::string> group_of(std::string_view given);

}  // namespace k3fleet::remote
