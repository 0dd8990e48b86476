// The rights of a principal as statements: rows of the table with names filled in, and grouped so that the
// policy is small and allows exactly what the rows say, no pair of action and resource more.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/value.h"
#include "core/iam/permissions.h"
#include "core/model/ids.h"
#include "core/model/resource_names.h"

namespace k3fleet::iam {

// Keys of AWS's own, or of the customer (G-19): only those need rights.
enum class Keys : std::uint8_t { Aws, Customer };

// What policies are written for.
struct Site {
    model::Scope scope;  // Its cluster: whose role it is, of a role that each cluster has.
    // All clusters of the project: what roles of the project may touch. Sorted, for the same text each time.
    std::vector<model::ClusterName> clusters;
    Keys keys = Keys::Aws;
};

struct Statement {
    enum class On : std::uint8_t { Only, AllBut };

    std::string sid;  // Letters and digits, unique in the principal's policies.
    Effect effect = Effect::Allow;
    std::vector<std::string> actions;
    On on = On::Only;
    std::vector<std::string> resources;
    std::vector<std::uint16_t> conditions;  // Numbers in iam::conditions().
};

// What the principal is granted and denied, in the order of the table. A project's role without clusters has
// no statement on what only clusters have.
std::vector<Statement> statements_of(Principal who, const Site& site);

// As IAM writes it.
Value to_value(const Statement& statement, Principal who, const Site& site);
// {"Version": "2012-10-17", "Statement": [...]}.
Value document(Value statements);

// A pattern of the table with names filled in: one text for each cluster if it names one. None for a pattern
// of clusters if there is none.
std::vector<std::string> expand(std::string_view pattern, Principal who, const Site& site);

// As IAM counts a document: white space is free, and we write none.
std::size_t size_of(const Value& document);

}  // namespace k3fleet::iam
