// The part of JMESPath that AWS's paginators and waiters use, over answers that are walked by their schema:
// `A.B`, `A[].B` (lists are flattened), `length(A[].B) > `0``, with ==, !=, <, <=, > and >=.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "aws/schema.h"
#include "base/result.h"

namespace k3fleet::aws {

struct Found {
    const Type* type;
    const void* value;
};

// All values that a path of names leads to, in order; empty if there are none. InvalidArgument if the path
// has a name that the type has not, or is written otherwise: a mistake in the descriptor.
Result<std::vector<Found>> find_path(const Type& type, const void* structure, std::string_view path);

// The path leads through a list, so that it may have many values.
bool is_projection(std::string_view path);

// A path or a comparison of a length, as texts: booleans "true" and "false", numbers in decimal. What is
// absent is not among them.
Result<std::vector<std::string>> evaluate(const Type& type, const void* structure,
                                          std::string_view expression);

}  // namespace k3fleet::aws
