// Values of DynamoDB's items: from requests, into answers, compared and measured as DynamoDB does.
#pragma once

#include <compare>
#include <cstddef>
#include <string_view>

#include "adapters/simcloud/aws/dynamodb_state.h"
#include "aws/gen/dynamodb.h"
#include "base/result.h"

namespace k3fleet::simcloud {

// InvalidArgument, in DynamoDB's words: no value or two, an empty set, a number that is none, too deep.
Result<Datum> read_datum(const aws::dynamodb::AttributeValue& value);
Result<Attributes> read_attributes(const aws::Map<aws::dynamodb::AttributeValue>& values);
aws::dynamodb::AttributeValue show_datum(const Datum& datum);
aws::Map<aws::dynamodb::AttributeValue> show_attributes(const Attributes& attributes);

// "S", "NS", "BOOL" ...
std::string_view name_of(Datum::Kind kind);
bool has_order(Datum::Kind kind);  // Strings, numbers and binaries can be compared.
// Of two of one such kind.
std::strong_ordering compare(const Datum& a, const Datum& b);

// Puts values of a set in order and drops what is there twice.
void arrange_set(Datum& set);

// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html
std::size_t size_of(const Attributes& attributes);

}  // namespace k3fleet::simcloud
