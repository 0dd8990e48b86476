// What DynamoDB's expressions come to on an item.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "adapters/simcloud/aws/dynamodb_expression.h"
#include "adapters/simcloud/aws/dynamodb_state.h"
#include "aws/gen/dynamodb.h"
#include "base/result.h"

namespace k3fleet::simcloud {

// What a request gives for the placeholders of its expressions.
struct Bindings {
    const aws::Map<std::string>& names;
    Attributes values;
};

Result<Bindings> read_bindings(const aws::Map<std::string>& names,
                               const aws::Map<aws::dynamodb::AttributeValue>& values);

// Everything that the expressions use is given, and what is given is used.
// InvalidArgument as DynamoDB says it.
struct Use {
    const Placeholders& used;
    std::string_view what;  // "ConditionExpression"
};
Status check_bindings(const Bindings& bindings, const std::vector<Use>& expressions);

// InvalidArgument: operands that can never be compared.
Result<bool> holds(const Condition& condition, const Attributes& item, const Bindings& bindings);

// What all changes together make of the item, each reading what was there before. `keys` cannot be changed.
Result<Attributes> updated(const UpdateExpression& update, const Attributes& item, const Bindings& bindings,
                           const std::set<std::string>& keys);

// The named parts alone, in the shape of the whole.
Attributes projected(const std::vector<Path>& paths, const Attributes& item, const Bindings& bindings);

// Top-level attributes that an update names.
std::set<std::string> changed_names(const UpdateExpression& update, const Bindings& bindings);

}  // namespace k3fleet::simcloud
